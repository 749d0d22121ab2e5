//! How the endpoints for applications say no: one total match (RFC 6749 section 5.2, RFC 8628 section 3.5).

use axum::response::Response;
use http::StatusCode;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use identity::model::grant::GrantDenial;
use identity::{Denial, Refusal};

use super::wire::{self, ErrorBody};
use super::{Site, answer};
use crate::dialect::Broken;
use crate::door;
use crate::drf::caller::Caller;
use crate::drf::wire::throttled;

/// The answer to a refused request. The audit log is told of it, unless it was already, or the device is merely
/// early.
pub fn answer(site: &Site, refusal: &Refusal, parts: &Parts) -> Response {
    let mut response = refuse(refusal);
    let principal = parts.extensions.get::<Caller>().and_then(|it| it.principal.as_ref());
    let grant = if let Refusal::Denied(Denial::Grant(grant)) = refusal { Some(grant) } else { None };
    match grant {
        Some(GrantDenial::AuthorizationPending | GrantDenial::SlowDown) => {}
        Some(GrantDenial::InvalidClient | GrantDenial::InvalidGrant(Some(_))) => {
            door::mark(refusal, principal, &mut response);
        }
        None
        | Some(
            GrantDenial::InvalidRequest(_)
            | GrantDenial::InvalidGrant(None)
            | GrantDenial::UnauthorizedClient
            | GrantDenial::UnsupportedGrantType
            | GrantDenial::InvalidScope
            | GrantDenial::AccessDenied
            | GrantDenial::ExpiredToken
            | GrantDenial::RefreshExpired,
        ) => site.state.door().tell(refusal, parts, principal, &mut response),
    }
    response
}

/// How a refusal is spelled. What broke is for the log, not for the client.
pub fn refuse(refusal: &Refusal) -> Response {
    let mut response = spelled(refusal);
    Broken::note(refusal, response.extensions_mut());
    response
}

fn spelled(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::Denied(denial) => denied(denial),
        // What is absent here is what the request named as its grant.
        Refusal::Absent(_) => bad("invalid_grant", None),
        Refusal::Invalid(_) => bad("invalid_request", None),
        Refusal::Busy(after) => {
            let mut response = error(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", None);
            answer::put(&mut response, RETRY_AFTER, &after.as_secs().max(1).to_string());
            response
        }
        Refusal::Broken(_) => error(StatusCode::INTERNAL_SERVER_ERROR, "server_error", None),
    }
}

/// Every denial in the standard's words. A user who may not sign in reads like a wrong password, so that nobody
/// learns which names exist.
fn denied(denial: &Denial) -> Response {
    match denial {
        Denial::Grant(denial) => grant(*denial),
        Denial::WrongPassword
        | Denial::Disabled
        | Denial::Locked(_)
        | Denial::TooManyAttempts(_)
        | Denial::MethodOff => bad("invalid_grant", Some(wire::WRONG_PASSWORD)),
        Denial::TooManyRequests(after) => {
            let (text, seconds) = throttled(*after);
            let mut response = error(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", Some(&text));
            answer::put(&mut response, RETRY_AFTER, &seconds.to_string());
            response
        }
        Denial::ExternalUser(source) => answer::text(StatusCode::FORBIDDEN, &wire::external_user(source)),
        Denial::NoProof(_) | Denial::MalformedProof(_) => grant(GrantDenial::InvalidClient),
        Denial::TokenRevoked | Denial::TokenExpired => bad("invalid_grant", None),
        Denial::MissingScope | Denial::NotPermitted | Denial::NotPermittedField(_) => {
            bad("unauthorized_client", None)
        }
        Denial::Forged(_) => bad("invalid_request", None),
    }
}

fn grant(denial: GrantDenial) -> Response {
    match denial {
        GrantDenial::InvalidRequest(text) => bad("invalid_request", Some(text)),
        GrantDenial::InvalidClient => {
            let mut response = error(StatusCode::UNAUTHORIZED, "invalid_client", None);
            answer::put(&mut response, WWW_AUTHENTICATE, wire::CHALLENGE);
            response
        }
        GrantDenial::InvalidGrant(text) => bad("invalid_grant", text),
        GrantDenial::UnauthorizedClient => bad("unauthorized_client", None),
        GrantDenial::UnsupportedGrantType => bad("unsupported_grant_type", None),
        GrantDenial::InvalidScope => bad("invalid_scope", None),
        GrantDenial::AccessDenied => bad("access_denied", None),
        GrantDenial::AuthorizationPending => bad("authorization_pending", None),
        GrantDenial::SlowDown => bad("slow_down", None),
        GrantDenial::ExpiredToken => bad("expired_token", None),
        GrantDenial::RefreshExpired => answer::text(StatusCode::FORBIDDEN, wire::REFRESH_EXPIRED),
    }
}

fn bad(word: &str, text: Option<&str>) -> Response {
    error(StatusCode::BAD_REQUEST, word, text)
}

fn error(status: StatusCode, word: &str, text: Option<&str>) -> Response {
    answer::json(status, &ErrorBody { error: word, error_description: text })
}
