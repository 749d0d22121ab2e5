//! Signing in: by the form, by the JWT login, or with an API key (contract sections A.1, A.2, A.9 to A.11 and G).

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::read::{self, Place, Server};
use super::{Client, jwt, sign_out};
use crate::catalyst::wire::admin::{self, setting};
use crate::catalyst::wire::{self, told};
use crate::client_half::{Conversation, Credential, Holding, Login, Method as Way, Next, Rejection};
use crate::steps::{self, Step, Steps};

/// What a form field or a segment of a path keeps as it is.
pub const FIELD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How long a session lives unless the Manager says otherwise (section B).
const LIFE: SignedDuration = SignedDuration::from_hours(24);
const FORM: &str = "application/x-www-form-urlencoded";
pub const JSON: &str = "application/json";

/// Begins a login.
pub fn begin(login: &Login) -> Box<dyn Conversation<Holding>> {
    let first = match (login.method, &login.credential) {
        (Way::Session, Credential::Password { username, password }) => form(login, username, password),
        (Way::Token, Credential::Password { username, password }) => jwt::login(login, username, password),
        (Way::Token, Credential::Token(key)) => with_key(login, key),
        (Way::Session | Way::Token, _) => {
            Step::lost("a login at a Manager needs a name and a password, or an API key")
        }
        (Way::Basic | Way::Device, _) => Step::lost("a Manager has only the methods session and token"),
    };
    Steps::from(first)
}

/// The form goes without any cookie: an old one would make the server answer with a redirect (section A.1).
fn form(login: &Login, username: &str, password: &Secret) -> Step<Holding> {
    let fields = Secret::new(format!(
        "{}={}&{}={}",
        wire::USERNAME_FIELD,
        utf8_percent_encode(username, FIELD),
        wire::PASSWORD_FIELD,
        utf8_percent_encode(password.expose(), FIELD),
    ));
    let request = steps::request(&Method::POST, &login.base, wire::LOGIN, &[]);
    let login = without_password(login);
    Step::ask(steps::with_body(request, FORM, &fields), move |answer| posted(&login, answer))
}

/// What is still needed of a login once its form is sent.
fn without_password(login: &Login) -> Login {
    let mut login = login.clone();
    if let Credential::Password { password, .. } = &mut login.credential {
        *password = Secret::new("");
    }
    login
}

/// Success is 200, nothing in the body, and the cookie; a page is a refusal, whatever cookie it sets.
fn posted(login: &Login, answer: &Response<Bytes>) -> Step<Holding> {
    if read::wants_password_change(answer) {
        return Step::refused(Rejection::PasswordChange);
    }
    match answer.status() {
        StatusCode::OK if answer.body().is_empty() => match read::session(answer.headers()) {
            Some(secret) => {
                let holding = Holding::new(login, Proof::Session { secret, csrf: None });
                Entrant::new(login, holding).ask_token()
            }
            None => Step::lost("the login sets no session cookie"),
        },
        StatusCode::OK if read::is_page(answer.body()) || read::contains(answer.body(), "<html") => {
            Step::refused(Rejection::Password)
        }
        StatusCode::UNAUTHORIZED => Step::refused(Rejection::Password),
        // To where one signs in leads a refusal; anything else that came of a password is not understood.
        _ if steps::location(answer).is_some_and(|it| read::place(it) == Place::Entrance) => {
            Step::refused(Rejection::Password)
        }
        StatusCode::OK => Step::lost("the login answers with something else than a page"),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Step::refused(steps::too_many(answer.headers()))
        }
        status => Step::lost(format!("the login answers {}", status.as_u16())),
    }
}

/// An API key shows who asks by itself; the XSRF token is asked for with it.
fn with_key(login: &Login, key: &Secret) -> Step<Holding> {
    let mut holding = Holding::new(login, Proof::Bearer(key.clone()));
    holding.expires_at = read::end(&only_end(key), login.now);
    Entrant::new(login, holding).ask_token()
}

/// What a key says of its end; how long it lived when it was made says nothing now.
fn only_end(key: &Secret) -> serde_json::Map<String, serde_json::Value> {
    let mut claims = read::claims(key);
    claims.retain(|name, _| name == told::EXPIRES);
    claims
}

/// Somebody whom the server has let in, and who does not know all yet.
pub struct Entrant {
    holding: Holding,
    tenant: Option<String>,
    now: Timestamp,
}

impl Entrant {
    /// Somebody who holds this.
    pub fn new(login: &Login, holding: Holding) -> Self {
        Self { holding, tenant: login.tenant.clone(), now: login.now }
    }

    fn is_session(&self) -> bool {
        matches!(self.holding.proof, Proof::Session { .. })
    }

    fn request(&self, method: &Method, path: &str) -> Result<Request<Bytes>, &'static str> {
        let request =
            steps::request(method, &self.holding.base, path, &[(ACCEPT, "*/*"), (CONTENT_TYPE, JSON)]);
        steps::shown(&Client, &self.holding, request)
    }

    /// Asks for the XSRF token.
    fn ask_token(self) -> Step<Holding> {
        Step::ask(self.request(&Method::GET, wire::TOKEN), move |answer| self.hear_token(answer))
    }

    /// Releases before 19.2 have no token, and ask for none.
    fn hear_token(mut self, answer: &Response<Bytes>) -> Step<Holding> {
        let is_entrance = read::is_page(answer.body()) || answer.status().is_redirection();
        match answer.status() {
            _ if read::wants_password_change(answer) => {
                self.give_up(Next::Refused(Rejection::PasswordChange))
            }
            StatusCode::UNAUTHORIZED if !self.is_session() => Step::refused(Rejection::Token),
            // A release that knows no keys sees a request without a session.
            StatusCode::NOT_FOUND if !self.is_session() => Step::refused(Rejection::NoTokens),
            _ if is_entrance && !self.is_session() => Step::refused(Rejection::NoTokens),
            StatusCode::OK => match read::token(answer.body()) {
                Some(token) => {
                    self.keep_csrf(Secret::new(token));
                    self.ask_server()
                }
                None => self.give_up(lost("the server answers with something else than a token")),
            },
            StatusCode::NOT_FOUND => self.ask_server(),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                self.give_up(Next::Refused(steps::too_many(answer.headers())))
            }
            status => self.give_up(lost(&format!("the token's address answers {}", status.as_u16()))),
        }
    }

    fn keep_csrf(&mut self, token: Secret) {
        match &mut self.holding.proof {
            Proof::Session { csrf, .. } => *csrf = Some(token),
            Proof::Bearer(_) | Proof::Password { .. } => self.holding.csrf = Some(token),
        }
    }

    fn csrf(&self) -> Option<&Secret> {
        match &self.holding.proof {
            Proof::Session { csrf, .. } => csrf.as_ref(),
            Proof::Bearer(_) | Proof::Password { .. } => self.holding.csrf.as_ref(),
        }
    }

    /// Asks once who we are and what the server is (rule G.3).
    pub fn ask_server(self) -> Step<Holding> {
        Step::ask(self.request(&Method::GET, wire::SERVER), move |answer| self.hear_server(answer))
    }

    fn hear_server(mut self, answer: &Response<Bytes>) -> Step<Holding> {
        if read::wants_password_change(answer) {
            return self.give_up(Next::Refused(Rejection::PasswordChange));
        }
        let Some(server) = Server::read(answer) else { return self.miss_server(answer) };
        match (self.csrf(), &server.csrf) {
            (Some(own), Some(told)) if own != told => {
                return self.give_up(lost("the server names two different XSRF tokens for one session"));
            }
            (None, Some(told)) => self.keep_csrf(told.clone()),
            (Some(_) | None, _) => {}
        }
        if self.holding.username.is_empty() {
            self.holding.username.clone_from(&server.user);
        }
        self.holding.version.clone_from(&server.version);
        match self.tenant.take() {
            Some(wanted) => self.choose(wanted, &server),
            None => self.settle(&server),
        }
    }

    /// A Manager that restarts is there before it can say what it is; a very old one never says it.
    fn miss_server(self, answer: &Response<Bytes>) -> Step<Holding> {
        match answer.status() {
            StatusCode::UNAUTHORIZED if !self.is_session() => Step::refused(Rejection::Token),
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND if self.tenant.is_none() => self.settle(&Server::default()),
            StatusCode::TOO_MANY_REQUESTS => self.give_up(Next::Refused(steps::too_many(answer.headers()))),
            status => self.give_up(lost(&format!(
                "the server does not say what it is ({} answers {}); a Manager that restarts is like that for some \
                 minutes",
                wire::SERVER,
                status.as_u16()
            ))),
        }
    }

    /// Looks for the tenant to act for: only providers choose one.
    fn choose(self, wanted: String, server: &Server) -> Step<Holding> {
        if server.tenant.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(&wanted)) {
            return self.settle(server);
        }
        if server.is_single || !server.is_provider {
            return self.give_up(Next::Refused(Rejection::Tenant(wanted)));
        }
        let roles = server.roles.clone();
        Step::ask(self.request(&Method::GET, admin::TENANTS), move |answer| {
            let found = read::rows(answer).and_then(|rows| read::find_tenant(&rows, &wanted));
            match (answer.status(), found) {
                (_, Some(number)) => self.enter(wanted, &number, roles),
                (StatusCode::OK | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND, None) => {
                    self.give_up(Next::Refused(Rejection::Tenant(wanted)))
                }
                (status, None) => {
                    self.give_up(lost(&format!("the list of tenants answers {}", status.as_u16())))
                }
            }
        })
    }

    /// Gets what is shown for a tenant (section A.9).
    fn enter(mut self, wanted: String, number: &str, roles: Vec<String>) -> Step<Holding> {
        let number = utf8_percent_encode(number, FIELD).to_string();
        let path = admin::TENANT_SESSION.replace("{tenantId}", &number);
        let request = steps::with_body(self.request(&Method::POST, &path), JSON, &Secret::new("{}"));
        Step::ask(request, move |answer| {
            let told = steps::object(answer.body()).filter(|_| answer.status().is_success());
            match told.and_then(|it| read::secret(&it, told::TENANT_SESSION)) {
                Some(shown) => {
                    self.holding.tenant = Some((wanted, shown));
                    self.settle(&Server { roles, ..Server::default() })
                }
                None => self.give_up(Next::Refused(Rejection::Tenant(wanted))),
            }
        })
    }

    /// Finds out how long the session lives, if we are of those who may ask it.
    fn settle(mut self, server: &Server) -> Step<Holding> {
        if !self.is_session() {
            return Step::done(self.holding);
        }
        self.holding.expires_at = self.now.checked_add(LIFE).ok();
        if !server.roles.iter().any(|it| it == admin::NETADMIN) {
            return Step::done(self.holding);
        }
        Step::ask(self.request(&Method::GET, admin::LIFE_TIME), move |answer| {
            let minutes = read::minutes(answer, setting::LIFE_TIME.0).map(SignedDuration::from_mins);
            if let Some(end) = minutes.and_then(|it| self.now.checked_add(it).ok()) {
                self.holding.expires_at = Some(end);
            }
            Step::done(self.holding)
        })
    }

    /// Ends the session that was won for nothing: they are counted.
    fn give_up(self, end: Next<Holding>) -> Step<Holding> {
        if self.is_session() {
            sign_out::leave(&self.holding, move |_| Step::End(end))
        } else {
            Step::End(end)
        }
    }
}

fn lost(why: &str) -> Next<Holding> {
    Next::Lost(why.to_owned())
}

/// The body of a request in JSON.
pub fn body(value: &serde_json::Value) -> Secret {
    Secret::new(json!(value).to_string())
}
