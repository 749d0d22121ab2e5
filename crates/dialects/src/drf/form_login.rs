//! The form login of this family as a conversation, for client halves (AAP contract sections B1 and B2, AWX
//! contract section B3).

use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, REFERER, SET_COOKIE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::wire::{CSRF_COOKIE, CSRF_HEADER};
use crate::client_half::{Conversation, Holding, Login, Next, Rejection};

/// What a form field keeps as it is.
const FIELD: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Longest value of a cookie that a login believes, in bytes.
const COOKIE_MAX: usize = 4096;

/// Where a login's form is, and which cookie it gives.
#[derive(Debug)]
pub struct Door {
    /// The path of the page and of its form.
    pub path: &'static str,
    /// The cookie that carries a session's secret.
    pub session_cookie: &'static str,
}

/// A login under way.
pub struct FormLogin {
    login: Login,
    door: &'static Door,
    stage: Stage,
}

/// How far a login has come.
enum Stage {
    /// Nothing was sent.
    Begin,
    /// The page was asked for.
    Page,
    /// The form was sent, with this token.
    Form,
    /// It is over.
    Over,
}

impl FormLogin {
    /// A login that has not begun.
    pub fn new(login: Login, door: &'static Door) -> Self {
        Self { login, door, stage: Stage::Begin }
    }

    fn address(&self) -> String {
        format!("{}{}", self.login.base.trim_end_matches('/'), self.door.path)
    }

    fn ask(&mut self) -> Next<Holding> {
        match Request::builder().method(Method::GET).uri(self.address()).body(Bytes::new()) {
            Ok(request) => {
                self.stage = Stage::Page;
                Next::Send(request)
            }
            Err(_) => self.lost("the server's address is no URL"),
        }
    }

    fn send(&mut self, page: &Response<Bytes>) -> Next<Holding> {
        if page.status() != StatusCode::OK {
            return self.lost(format!("the login page answers {}", page.status().as_u16()));
        }
        let Some(cookie) = set_cookie(page.headers(), CSRF_COOKIE) else {
            return self.lost("the login page sets no csrftoken cookie");
        };
        // The page's own token is preferred; a page without one is satisfied with the cookie's.
        let token = page_token(page.body()).unwrap_or_else(|| cookie.clone());
        let Some((username, password)) = self.login.credential.pair() else {
            return self.lost("a login by form needs a name and a password");
        };
        let form = Secret::new(format!(
            "username={}&password={}",
            utf8_percent_encode(username, FIELD),
            utf8_percent_encode(password, FIELD),
        ));
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.address())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(REFERER, self.address())
            .header(COOKIE, format!("{CSRF_COOKIE}={cookie}"))
            .header(CSRF_HEADER, token)
            .body(Bytes::copy_from_slice(form.expose().as_bytes()));
        match request {
            Ok(request) => {
                self.stage = Stage::Form;
                Next::Send(request)
            }
            Err(_) => self.lost("the login page's token cannot stand in a header"),
        }
    }

    fn judge(&mut self, answer: &Response<Bytes>) -> Next<Holding> {
        match answer.status() {
            StatusCode::FOUND | StatusCode::SEE_OTHER | StatusCode::OK => {
                match set_cookie(answer.headers(), self.door.session_cookie) {
                    Some(secret) => {
                        self.stage = Stage::Over;
                        let csrf = set_cookie(answer.headers(), CSRF_COOKIE).map(Secret::new);
                        {
                            let proof = Proof::Session { secret: Secret::new(secret), csrf };
                            Next::Done(Holding::new(&self.login, proof))
                        }
                    }
                    None if answer.headers().contains_key(LOCATION) => {
                        self.lost("the login redirects without a session")
                    }
                    // Some servers answer a wrong password with the page again and 200.
                    None => self.refused(),
                }
            }
            StatusCode::UNAUTHORIZED => self.refused(),
            status => self.lost(format!("the login answers {}", status.as_u16())),
        }
    }

    fn refused(&mut self) -> Next<Holding> {
        self.stage = Stage::Over;
        Next::Refused(Rejection::Password)
    }

    fn lost(&mut self, why: impl Into<String>) -> Next<Holding> {
        self.stage = Stage::Over;
        Next::Lost(why.into())
    }
}

impl Conversation<Holding> for FormLogin {
    fn next(&mut self, response: Option<&Response<Bytes>>) -> Next<Holding> {
        match (&self.stage, response) {
            (Stage::Begin, _) => self.ask(),
            (Stage::Page, Some(page)) => self.send(page),
            (Stage::Form, Some(answer)) => self.judge(answer),
            (Stage::Page | Stage::Form, None) => self.lost("the server did not answer"),
            (Stage::Over, _) => self.lost("the login is over"),
        }
    }
}

/// The value that an answer gives to a cookie; none if it deletes it.
fn set_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(SET_COOKIE).iter().find_map(|line| {
        let pair = line.to_str().ok()?.split(';').next()?;
        let (it, value) = pair.split_once('=')?;
        let value = value.trim();
        let is_value = !value.is_empty() && value != "\"\"" && value.len() <= COOKIE_MAX;
        (it.trim() == name && is_value).then(|| value.to_owned())
    })
}

/// The token of the page's JSON island: letters and digits between quotes, behind `"csrfToken":`.
fn page_token(page: &[u8]) -> Option<String> {
    let page = std::str::from_utf8(page).ok()?;
    let (_, rest) = page.split_once("\"csrfToken\":")?;
    let (token, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    let is_token = !token.is_empty()
        && token.len() <= COOKIE_MAX
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_token.then(|| token.to_owned())
}
