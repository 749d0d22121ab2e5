//! A call of an administrators' endpoint: who asks, the name in its path, its body; and how it stops short.

use axum::body::Body;
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use identity::model::object::{Noun, OrganizationId};
use identity::model::principal::Principal;
use identity::{Authority, Context, Denial, Refusal};
use serde_json::Value;

use super::super::body;
use super::super::visit::Visit;
use crate::catalyst::denial::{self, Code};
use crate::catalyst::wire::admin as wire;
use crate::door::Door;

/// The variable part of a path, decoded; whatever cannot be decoded names nothing.
pub(super) type Name = Result<Path<String>, PathRejection>;

/// What an endpoint comes to.
pub(super) type Outcome = Result<Response, Stop>;

/// Why a call does not do what it was asked.
pub(super) enum Stop {
    /// A decision, or an accident.
    Refused(Refusal),
    /// An error that is spelled already.
    Wrong(Box<Response>),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A call.
pub(super) struct Call<'a> {
    visit: Visit<'a>,
    name: Option<String>,
    /// The body; null if there is none.
    pub(super) body: Value,
}

impl<'a> Call<'a> {
    /// Finds out who asks, and reads the body of what changes something.
    pub(super) async fn new(
        door: &'a Door,
        parts: &'a Parts,
        name: Name,
        body: Body,
    ) -> Result<Self, Box<Response>> {
        let visit = Visit::new(door, parts).await?;
        let body = if parts.method.is_safe() { Value::Null } else { body::json(parts, body).await? };
        Ok(Self { visit, name: name.ok().map(|Path(name)| name), body })
    }

    /// The answer to a call that stopped short.
    pub(super) fn answer(&self, stop: Stop) -> Response {
        match stop {
            Stop::Refused(refusal) => self.visit.refuse(&refusal),
            Stop::Wrong(response) => *response,
        }
    }

    /// The variable part of the path.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Who decides.
    pub(super) fn authority(&self) -> &Authority {
        self.visit.authority()
    }

    /// The request's id, address, door and time.
    pub(super) fn context(&self) -> &Context {
        self.visit.context()
    }

    /// Who asks.
    pub(super) fn principal(&self) -> &Principal {
        &self.visit.principal
    }

    /// 200 with the value behind `data`.
    pub(super) fn data(&self, value: &impl serde::Serialize) -> Response {
        super::super::answer::data(&self.visit, value)
    }

    /// Refuses who may not change accounts and settings.
    pub(super) fn must_manage(&self) -> Result<(), Stop> {
        Ok(self.authority().manage_accounts(self.principal())?)
    }

    /// Refuses who may not look at accounts.
    pub(super) fn must_read(&self) -> Result<(), Stop> {
        if self.authority().may_read_settings(self.principal()) {
            return Ok(());
        }
        Err(Refusal::from(Denial::NotPermitted).into())
    }

    /// The organization whose teams are the groups, unless somebody has removed or renamed it.
    pub(super) async fn organization(&self) -> Result<Option<OrganizationId>, Stop> {
        let found = self.authority().find_named(Noun::Organization, wire::ORGANIZATION, None).await?;
        Ok(found.map(OrganizationId))
    }

    /// Stops because the caller has no right to this, for a reason of this endpoint.
    pub(super) fn forbidden(&self, details: &str) -> Stop {
        let mut response =
            denial::error(StatusCode::FORBIDDEN, "Forbidden", details, Code::Forbidden.as_str());
        let refusal = Denial::NotPermitted.into();
        self.visit.door.tell(&refusal, self.visit.parts, Some(self.principal()), &mut response);
        Stop::Wrong(Box::new(response))
    }

    /// The answer to a wrong current password. Not 401: clients take that for the end of their session, and would
    /// sign in anew and ask once more with the same wrong password.
    pub(super) fn wrong_password(&self, refusal: Refusal) -> Stop {
        let (status, details) = match &refusal {
            Refusal::Denied(Denial::WrongPassword | Denial::Locked(_)) => {
                (StatusCode::FORBIDDEN, "The current password is not correct")
            }
            Refusal::Denied(Denial::TooManyAttempts(_)) => {
                (StatusCode::TOO_MANY_REQUESTS, "Too many wrong passwords; try again later")
            }
            _ => return refusal.into(),
        };
        let mut response = denial::error(status, "Password update failed", details, wire::WRONG_PASSWORD);
        if let Refusal::Denied(Denial::TooManyAttempts(after)) = &refusal {
            response = denial::later(response, *after);
        }
        self.visit.door.tell(&refusal, self.visit.parts, Some(self.principal()), &mut response);
        Stop::Wrong(Box::new(response))
    }
}

/// Stops with an error of this status.
pub(super) fn wrong(status: StatusCode, message: &str, details: &str, code: &str) -> Stop {
    Stop::Wrong(Box::new(denial::error(status, message, details, code)))
}

/// Stops because a value of the body is not possible.
pub(super) fn invalid(details: &str) -> Stop {
    wrong(StatusCode::BAD_REQUEST, "Invalid request", details, Code::Invalid.as_str())
}

/// Stops because there is no user of this name.
pub(super) fn no_user(name: &str) -> Stop {
    let details = format!("No user with name {name} was found");
    wrong(StatusCode::NOT_FOUND, "User not found", &details, wire::NO_USER)
}

/// Stops because there is no group of this name.
pub(super) fn no_group(status: StatusCode, name: &str) -> Stop {
    wrong(status, "Group not found", &format!("No group with name {name} was found"), wire::NO_GROUP)
}
