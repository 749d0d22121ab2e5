//! How this contract says no: one total match, and the error objects of its section C.

use axum::body::Body;
use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE, WWW_AUTHENTICATE,
};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use identity::model::csrf::Forgery;
use identity::{Denial, Invalid, PasswordRule, Refusal, Violation};
use jiff::SignedDuration;

use super::wire;
use crate::dialect::{Doorway, ExpiredSession};

/// The codes of our error objects. Each stays what it is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// Nobody is known to have asked.
    Unauthorized,
    /// Who asked may not.
    Forbidden,
    /// The request may be forged.
    Forged,
    /// The caller has asked too often.
    TooMany,
    /// The request cannot be read.
    Request,
    /// A value is not possible.
    Invalid,
    /// There is no such object or address.
    Absent,
    /// The address does not know the method.
    Method,
    /// Too much is going on.
    Busy,
    /// Something broke.
    Broken,
    /// A server behind us did not answer.
    Upstream,
}

impl Code {
    /// As it stands in an answer.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthorized => "AUTH0001",
            Self::Forbidden => "AUTH0002",
            Self::Forged => "AUTH0003",
            Self::TooMany => "RATE0001",
            Self::Request => "REST0001",
            Self::Invalid => "REST0002",
            Self::Absent => "REST0003",
            Self::Method => "REST0004",
            Self::Busy => "SERV0001",
            Self::Broken => "SERV0002",
            Self::Upstream => "SERV0003",
        }
    }
}

/// An error answer with all three keys, which clients read without asking whether they are there.
pub fn error(status: StatusCode, message: &str, details: &str, code: &str) -> axum::response::Response {
    answer(status, message, details, code).map(Body::from)
}

/// The answer to a refused request.
pub fn refuse(refusal: &Refusal, request: &Parts, doorway: &Doorway) -> Response<Bytes> {
    match refusal {
        Refusal::Denied(denial) => match no(denial) {
            No::Unknown => unknown(request, doorway),
            No::Wrong => unauthorized("The credentials of the request are not valid"),
            No::Forbidden(details) => {
                answer(StatusCode::FORBIDDEN, "Forbidden", details, Code::Forbidden.as_str())
            }
            No::Forged(details) => {
                answer(StatusCode::FORBIDDEN, wire::XSRF_SENTENCE, details, Code::Forged.as_str())
            }
            No::TooMany(after) => {
                let details = "The rate limit of the API is reached";
                let status = StatusCode::TOO_MANY_REQUESTS;
                later(answer(status, wire::TOO_MANY, details, Code::TooMany.as_str()), after)
            }
        },
        Refusal::Absent(_) => {
            let details = "There is no such object, or not for this user";
            answer(StatusCode::NOT_FOUND, "Not found", details, Code::Absent.as_str())
        }
        Refusal::Invalid(invalid) => {
            answer(StatusCode::BAD_REQUEST, "Invalid request", &sentence(invalid), Code::Invalid.as_str())
        }
        Refusal::Busy(after) => {
            let details = "Too much is going on; try again later";
            let status = StatusCode::SERVICE_UNAVAILABLE;
            later(answer(status, "Service unavailable", details, Code::Busy.as_str()), *after)
        }
        Refusal::Broken(_) => {
            let details = "The request could not be answered";
            answer(StatusCode::INTERNAL_SERVER_ERROR, "Internal error", details, Code::Broken.as_str())
        }
    }
}

/// The body of a failure of the gateway itself.
pub fn failure(status: StatusCode, details: &str) -> Bytes {
    let code = match status {
        StatusCode::SERVICE_UNAVAILABLE => Code::Busy,
        status if status.is_server_error() => Code::Upstream,
        _ => Code::Request,
    };
    body(status.canonical_reason().unwrap_or("Error"), details, code.as_str())
}

/// An answer before it is put into bytes.
enum No {
    /// Nobody is known, or no longer: the answer by which clients know that they have to log in (rule 12).
    Unknown,
    /// 401: what was shown is no good.
    Wrong,
    /// 403; why.
    Forbidden(&'static str),
    /// 403 with the sentence of the token filter; why.
    Forged(&'static str),
    /// 429; for how long.
    TooMany(SignedDuration),
}

/// Every denial in the contract's words. Whatever is wrong with a proof reads the same, so that nobody learns
/// which names exist.
fn no(denial: &Denial) -> No {
    match denial {
        Denial::NoProof(_) => No::Unknown,
        Denial::MalformedProof(_)
        | Denial::WrongPassword
        | Denial::Disabled
        | Denial::Locked(_)
        | Denial::TooManyAttempts(_)
        | Denial::TokenRevoked
        | Denial::TokenExpired
        | Denial::MethodOff
        // Applications are answered where their grants are; here they are just not let in.
        | Denial::Grant(_) => No::Wrong,
        Denial::MissingScope => No::Forbidden("The token does not allow changes"),
        Denial::NotPermitted => No::Forbidden("The user has no permission for this"),
        Denial::NotPermittedField(_) => No::Forbidden("The user has no permission to change one of the fields"),
        Denial::ExternalUser(_) => No::Forbidden("The user is kept by another system"),
        Denial::Forged(Forgery::CrossSite) => No::Forged("Another site made the request"),
        Denial::Forged(_) => No::Forged(wire::XSRF_DETAILS),
        Denial::TooManyRequests(after) => No::TooMany(*after),
    }
}

/// Rule 12 of the contract's section 0, unless the service wants one of the older ways (section A.5). Those are
/// for clients with a cookie: whoever sends `Authorization` reads errors and holds no cookie.
fn unknown(request: &Parts, doorway: &Doorway) -> Response<Bytes> {
    if request.headers.contains_key(AUTHORIZATION) {
        return unauthorized("The token is not valid or has expired");
    }
    let mut response = match doorway.expired_session {
        ExpiredSession::Unauthorized => unauthorized("Session expired or not authenticated"),
        ExpiredSession::LoginPage => login_page(),
        ExpiredSession::Redirect => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::FOUND;
            put(&mut response, LOCATION, wire::WELCOME);
            put(&mut response, CACHE_CONTROL, wire::NEVER_CACHED);
            response
        }
    };
    put(&mut response, SET_COOKIE, &wire::session_cookie_gone(doorway.is_secure));
    response
}

/// The login page with the status of success: how the contract says that a login failed (rule 2).
pub fn login_page() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(wire::LOGIN_HTML.as_bytes()));
    put(&mut response, CONTENT_TYPE, "text/html;charset=UTF-8");
    for (name, value) in wire::PAGE_HEADERS {
        put(&mut response, HeaderName::from_static(name), value);
    }
    response
}

fn unauthorized(details: &str) -> Response<Bytes> {
    let mut response = answer(StatusCode::UNAUTHORIZED, "Unauthorized", details, Code::Unauthorized.as_str());
    put(&mut response, WWW_AUTHENTICATE, wire::CHALLENGE);
    response
}

/// An answer that says when to come again, in whole seconds, at least one.
pub fn later<B>(mut response: Response<B>, after: SignedDuration) -> Response<B> {
    let whole = after.as_secs() + i64::from(after.subsec_nanos() > 0);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(whole.max(1)));
    response
}

fn answer(status: StatusCode, message: &str, details: &str, code: &str) -> Response<Bytes> {
    let mut response = Response::new(body(message, details, code));
    *response.status_mut() = status;
    put(&mut response, CONTENT_TYPE, "application/json");
    put(&mut response, CACHE_CONTROL, wire::NEVER_CACHED);
    put(&mut response, HeaderName::from_static("x-content-type-options"), "nosniff");
    response
}

fn body(message: &str, details: &str, code: &str) -> Bytes {
    let text = |it: &str| it.to_owned();
    let error = wire::ErrorBody { message: text(message), details: text(details), code: text(code) };
    // Three texts can always be written.
    Bytes::from(serde_json::to_vec(&wire::ErrorAnswer { error }).unwrap_or_default())
}

/// What is wrong with a value, in one sentence.
fn sentence(invalid: &Invalid) -> String {
    let what = match &invalid.violation {
        Violation::Duplicate(_) => "exists already".to_owned(),
        Violation::DuplicateTogether(fields) => format!("exists already with this {}", fields.join(" and ")),
        Violation::NoSuchObject(id) | Violation::NotAssociated(id) => format!("names no object: {id}"),
        Violation::Required => "is required".to_owned(),
        Violation::Immutable => "cannot be changed".to_owned(),
        Violation::PasswordRule(rule, number) => password_rule(*rule, *number),
        Violation::Rule(text) | Violation::Plain(text) => return text.clone(),
    };
    format!("{} {what}", invalid.field.unwrap_or("The value"))
}

fn password_rule(rule: PasswordRule, number: i64) -> String {
    match rule {
        PasswordRule::Length => format!("must be at least {number} characters long"),
        PasswordRule::Digits => format!("must contain at least {number} digits"),
        PasswordRule::Upper => format!("must contain at least {number} upper-case letters"),
        PasswordRule::Special => format!("must contain at least {number} special characters"),
        PasswordRule::Common => "is one that everybody tries first".to_owned(),
        PasswordRule::Longest => format!("must be at most {number} bytes long"),
    }
}

fn put(response: &mut Response<Bytes>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().append(name, value);
    }
}
