//! How our own API says no: one total match. As everywhere, the client learns no more than it may; who runs the gateway
//! can ask.

use http::StatusCode;
use identity::{Denial, Refusal};
use jiff::SignedDuration;

/// What the client is told.
pub struct Told {
    /// The status.
    pub status: StatusCode,
    /// The sentence.
    pub text: &'static str,
    /// The seconds after which to ask again.
    pub retry_after: Option<i64>,
}

/// How a refusal is spelled. What broke is for the log.
pub fn told(refusal: &Refusal) -> Told {
    match refusal {
        Refusal::Denied(denial) => denied(denial),
        Refusal::Absent(_) | Refusal::Invalid(_) => tell(StatusCode::NOT_FOUND, "there is no such thing"),
        Refusal::Busy(after) => later(StatusCode::SERVICE_UNAVAILABLE, "too busy; try again later", *after),
        Refusal::Broken(_) => tell(StatusCode::INTERNAL_SERVER_ERROR, "something broke; the log has more"),
    }
}

fn denied(denial: &Denial) -> Told {
    match denial {
        Denial::NoProof(_) => {
            tell(StatusCode::UNAUTHORIZED, "show who you are, by the proof of any contract")
        }
        Denial::MalformedProof(_) => tell(StatusCode::UNAUTHORIZED, "the proof cannot be read"),
        Denial::WrongPassword | Denial::Disabled | Denial::Locked(_) => {
            tell(StatusCode::UNAUTHORIZED, "the name and the password do not belong together")
        }
        Denial::TokenRevoked | Denial::TokenExpired => {
            tell(StatusCode::UNAUTHORIZED, "the token is not valid")
        }
        Denial::TooManyAttempts(after) | Denial::TooManyRequests(after) => {
            later(StatusCode::TOO_MANY_REQUESTS, "too many; try again later", *after)
        }
        Denial::MissingScope => tell(StatusCode::FORBIDDEN, "the token does not reach this far"),
        Denial::NotPermitted
        | Denial::NotPermittedField(_)
        | Denial::ExternalUser(_)
        | Denial::Forged(_)
        | Denial::MethodOff
        | Denial::Grant(_) => {
            tell(StatusCode::FORBIDDEN, "only administrators and auditors may ask for this")
        }
    }
}

fn tell(status: StatusCode, text: &'static str) -> Told {
    Told { status, text, retry_after: None }
}

fn later(status: StatusCode, text: &'static str, after: SignedDuration) -> Told {
    Told { status, text, retry_after: Some(after.as_secs().max(1)) }
}
