//! A visit: a request to a page, and the answers that pages give.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, EXPIRES, LOCATION, VARY,
};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode};
use identity::action::Authentication;
use identity::model::audit::EventKind;
use identity::model::csrf::{self, Binding, Forgery, Place};
use identity::model::principal::{Evidence, Principal};
use identity::model::proof::Presented;
use identity::model::refusal_log::Cause;
use identity::model::secret::Digest;
use identity::model::session;
use identity::{Context, Denial, Fault, Origin, Refusal};

use crate::dialect::Doorway;
use crate::door;
use crate::drf::form::Form;
use crate::drf::language::{Language, preferred};
use crate::drf::{State, caller, respond, time};

/// `Cache-Control` of all pages.
const NEVER_CACHED: &str = "max-age=0, no-cache, no-store, must-revalidate, private";
/// The methods of a page with a form.
pub const FORM: &str = "GET, POST, HEAD, OPTIONS";

/// A request to a page: what its handlers need to know of it.
pub struct Visit<'a> {
    /// What the endpoints share.
    pub state: &'a State,
    /// The request's head.
    pub parts: &'a Parts,
    /// Its id, address, door and time.
    pub context: &'a Context,
    /// How it came in.
    pub doorway: &'a Doorway,
    /// What it presents.
    pub presented: Presented,
    /// The language of the answer.
    pub language: Language,
}

impl<'a> Visit<'a> {
    /// Reads what is known about a request.
    pub fn new(state: &'a State, parts: &'a Parts) -> Result<Self, Box<Response>> {
        let (Some(context), Some(doorway)) =
            (parts.extensions.get::<Context>(), parts.extensions.get::<Doorway>())
        else {
            let fault = Fault::new(Origin::Internal, "a request came without its context");
            return Err(Box::new(caller::refuse(state, &fault.into(), parts)));
        };
        Ok(Self {
            state,
            parts,
            context,
            doorway,
            presented: state.dialect.read_proof(parts, doorway),
            language: preferred(&parts.headers),
        })
    }

    /// The principal of the session that the request shows, if it lives. No other proof is looked at, and
    /// no forgery: a page judges that itself.
    pub async fn principal(&self) -> Result<Option<Principal>, Refusal> {
        let Some(session) = self.presented.session.clone() else { return Ok(None) };
        let alone = Presented {
            session: Some(session),
            is_safe: true,
            is_quiet: self.presented.is_quiet,
            charter: self.presented.charter,
            ..Presented::default()
        };
        let authority = &self.state.authority;
        let found = match authority.recall(&alone, self.context) {
            Some(found) => found,
            None => authority.authenticate(&alone, self.context).await,
        };
        match found {
            Ok(Authentication::Known(principal)) => Ok(Some(principal)),
            Ok(Authentication::Anonymous(_)) | Err(Refusal::Denied(_)) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// The digest of the session that the request shows, if it lives.
    pub async fn live_session(&self) -> Result<Option<Digest>, Refusal> {
        Ok(self.principal().await?.as_ref().and_then(session_digest))
    }

    /// The digest of the session whose secret the request holds, alive or not.
    fn held_digest(&self) -> Option<Digest> {
        self.presented.session.as_ref().map(|(kind, secret)| session::digest(*kind, secret))
    }

    /// Whether a login form may come from where it does.
    pub fn judge_sign_in(&self, form: &Form) -> Result<(), Forgery> {
        let field = match form.one(self.state.brand.csrf_field) {
            Ok(field) => field.map(str::to_owned),
            Err(_) => return Err(Forgery::TokenWrong(Place::Field)),
        };
        let evidence = csrf::Evidence { field, ..self.presented.evidence.clone() };
        self.state.authority.judge_sign_in_source(&evidence, self.held_digest().as_ref())
    }

    /// The CSRF token for a page: that of the live session. Without one, the token that the browser holds,
    /// if we made it for strangers, else a new one: two pages open at once so have the same token, and the
    /// first does not die of the second.
    pub fn token(&self, live: Option<&Digest>) -> String {
        let key = &self.state.authority.csrf_key;
        if let Some(digest) = live {
            return key.session_token(digest);
        }
        let held = self.presented.evidence.cookie.as_deref();
        held.and_then(|cookie| csrf::bare(cookie, Place::Cookie).ok())
            .filter(|token| key.accepts(token, Binding::Anonymous))
            .unwrap_or_else(|| key.anonymous_token(&*self.state.authority.world.random))
    }

    /// A token under a fresh mask, as pages carry it.
    pub fn mask(&self, token: &str) -> String {
        csrf::Key::mask(token, &*self.state.authority.world.random)
    }

    /// Whether a form comes from a page of this session: where it comes from, and the token in this field
    /// or in a header.
    pub fn judge_form(&self, field: Option<&str>, digest: &Digest) -> Result<(), Forgery> {
        let evidence = csrf::Evidence { field: field.map(str::to_owned), ..self.presented.evidence.clone() };
        let authority = &self.state.authority;
        let origins = &authority.settings().trusted_origins;
        csrf::check(&authority.csrf_key, &evidence, Binding::Session(digest), origins)
    }

    /// The dialect's answer to a refusal.
    pub fn refuse(&self, refusal: &Refusal) -> Response {
        caller::refuse(self.state, refusal, self.parts)
    }

    /// A page whose form, if it has one, stays with us.
    pub fn page(&self, status: StatusCode, text: String) -> Response {
        self.page_towards(status, text, "")
    }

    /// A page with the headers of AAP contract section B1, in its order. The answer to its form may redirect
    /// to these targets of [`super::policy`].
    pub fn page_towards(&self, status: StatusCode, text: String, targets: &str) -> Response {
        let mut response = self.empty(status, None);
        put(&mut response, CONTENT_SECURITY_POLICY, &super::policy(targets));
        *response.body_mut() = Body::from(text);
        response
    }

    /// 302.
    pub fn redirect(&self, location: &str) -> Response {
        self.empty(StatusCode::FOUND, Some(location))
    }

    fn empty(&self, status: StatusCode, location: Option<&str>) -> Response {
        let mut response = respond::plain(status);
        put(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
        if let Some(location) = location {
            put(&mut response, LOCATION, location);
        }
        put(&mut response, EXPIRES, &time::http_date(self.context.now));
        put(&mut response, CACHE_CONTROL, NEVER_CACHED);
        if self.language == Language::English {
            put(&mut response, VARY, "Cookie");
        } else {
            put(&mut response, VARY, "Cookie, Accept-Language");
            put(&mut response, CONTENT_LANGUAGE, self.language.tag());
        }
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            // Not `no-referrer`: browsers would then call the origin of our own forms `null`.
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            put(&mut response, HeaderName::from_static(name), value);
        }
        response
    }

    /// A page that says one sentence under the status's own title.
    pub fn sentence(&self, status: StatusCode, text: &str) -> Response {
        let title = status.canonical_reason().unwrap_or_default();
        self.page(status, super::sentence(self.language, title, text))
    }

    /// The page of a request that may be forged; told to the audit log.
    pub fn forbidden(&self, forgery: &Forgery) -> Response {
        let reason = crate::drf::csrf::reason(forgery);
        let detail = format!("{}: {reason}", self.parts.uri.path());
        self.state.authority.audit(self.context, EventKind::Refusal, None, detail);
        let page = self.page(StatusCode::FORBIDDEN, super::forbidden(self.language, &reason));
        self.marked(Denial::Forged(forgery.clone()), page)
    }

    /// An answer that says no in words of its own, marked so that somebody can ask about it.
    pub fn marked(&self, denial: Denial, mut response: Response) -> Response {
        door::mark(&denial.into(), None, &mut response);
        response
    }

    /// The login page after a form without a name or a password: a sign-in that failed like any other.
    pub fn marked_empty(&self, response: Response) -> Response {
        self.state.authority.refusals.note(&self.context.request_id, Cause::PasswordEmpty);
        self.marked(Denial::WrongPassword, response)
    }
}

/// The digest of a principal's session, if it showed one.
pub fn session_digest(principal: &Principal) -> Option<Digest> {
    match &principal.evidence {
        Evidence::Session(session) => Some(session.digest),
        Evidence::Token(_) | Evidence::Password | Evidence::Operator => None,
    }
}

/// The answer to OPTIONS at a page with a form.
pub async fn options() -> Response {
    let mut response = respond::plain(StatusCode::OK);
    put(&mut response, ALLOW, FORM);
    response
}

/// The answer to a method that a page with a form does not know.
pub async fn method_unknown(parts: Parts) -> Response {
    let text = format!("Method \"{}\" not allowed.", parts.method);
    let mut response = respond::detail(StatusCode::METHOD_NOT_ALLOWED, &text);
    put(&mut response, ALLOW, FORM);
    response
}

/// Adds a header to an answer.
pub fn put(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().append(name, value);
    }
}
