//! Members: users and teams attached to organizations, teams and roles, and detached (contract sections 1.4,
//! A.3, A.6).

use axum::body::Body as Stream;
use axum::extract::Request;
use axum::response::Response;
use http::{Method, StatusCode};
use identity::model::object::{Noun, UserId};
use identity::model::query::Within;
use identity::model::role::ManagedRole;
use identity::{Denial, Invalid, Refusal, Violation};
use serde_json::{Map, Value, json};

use super::ask::Asked;
use super::collection::USERS;
use super::role::Numbered;
use super::{list, serve};
use crate::awx::body;
use crate::drf::State;
use crate::drf::body::Body;
use crate::drf::caller::Caller;
use crate::drf::respond;
use crate::drf::stop::Stop;

/// A list of the users that have a role on its parent.
pub(super) struct Members {
    parent: Noun,
    role: ManagedRole,
}

/// All such lists, by their paths.
pub(super) static ALL: &[(&str, &Members)] = &[
    (
        "/api/v2/organizations/{id}/users/",
        &Members { parent: Noun::Organization, role: ManagedRole::OrganizationMember },
    ),
    (
        "/api/v2/organizations/{id}/admins/",
        &Members { parent: Noun::Organization, role: ManagedRole::OrganizationAdmin },
    ),
    ("/api/v2/teams/{id}/users/", &Members { parent: Noun::Team, role: ManagedRole::TeamMember }),
];

/// Answers at a list of members.
pub(super) async fn serve(
    members: &'static Members,
    state: State,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, stream) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = match asked.parts.method {
        Method::OPTIONS => serve::describe_many(&asked, &USERS, None),
        Method::POST => change(&asked, members, stream).await,
        _ => match asked.id(members.parent).await {
            Ok(id) => list::serve(&asked, &USERS, Some(Within::Holding(members.role, id))).await,
            Err(stop) => Err(stop),
        },
    };
    asked.answer(result)
}

async fn change(asked: &Asked, members: &Members, stream: Stream) -> Result<Response, Stop> {
    let (authority, principal) = (&asked.state.authority, asked.principal()?);
    let id = asked.id(members.parent).await?;
    // Whether the parent is there, and may be changed, is told before anything about the body.
    let (parent, _) = authority.get(principal, members.parent, id).await?;
    if !authority.may_change(principal, &parent).await? {
        return Err(Denial::NotPermitted.into());
    }
    let Some(numbered) = Numbered::of(members.role, Some(id)) else {
        return Err(Denial::NotPermitted.into());
    };
    let body = body::read(&asked.parts, stream).await?;
    if let Some(Attach { id: user, is_on }) = read(&body)? {
        give(asked, numbered, user, is_on).await?;
        return Ok(respond::no_content());
    }
    if !authority.may_create(principal, Noun::User) {
        return Err(Denial::NotPermitted.into());
    }
    let Some(written) = serve::make_of(asked, &USERS, &body).await? else {
        return Ok(respond::no_content());
    };
    give(asked, numbered, written.object.id(), true).await?;
    serve::made(asked, &USERS, &written).await
}

/// An object to be attached or detached.
pub(super) struct Attach {
    /// Its number.
    pub id: i64,
    /// Whether it is to be attached.
    pub is_on: bool,
}

/// What a body says about an attachment; none if it names no object.
pub(super) fn read(body: &Body) -> Result<Option<Attach>, Stop> {
    let is_off = body.get("disassociate").is_some_and(|it| !matches!(it, Value::Null | Value::Bool(false)));
    match body.get("id") {
        None | Some(Value::Null) if is_off => Err(message("\"id\" is required to disassociate")),
        None | Some(Value::Null) => Ok(None),
        Some(id) => {
            let id = id.as_i64().ok_or_else(|| message("\"id\" field must be an integer."))?;
            Ok(Some(Attach { id, is_on: !is_off }))
        }
    }
}

/// 400 with a sentence about an attachment.
pub(super) fn message(text: &str) -> Stop {
    let said = Map::from_iter([("msg".to_owned(), json!(text))]);
    respond::json(StatusCode::BAD_REQUEST, &Value::Object(said)).into()
}

/// 400 because there is no such object.
pub(super) fn no_such(model: &str) -> Stop {
    respond::detail(StatusCode::BAD_REQUEST, &format!("{model} matching query does not exist.")).into()
}

/// Gives a role to a user, or takes it.
pub(super) async fn give(asked: &Asked, numbered: Numbered, user: i64, is_on: bool) -> Result<(), Stop> {
    let (authority, principal) = (&asked.state.authority, asked.principal()?);
    let context = &asked.caller.context;
    let changed = match (numbered.role.managed, numbered.object) {
        (Some(ManagedRole::PlatformAuditor), _) => {
            authority.set_auditor(context, principal, UserId(user), is_on).await
        }
        (Some(role), Some((_, id))) if is_on => {
            authority.associate(context, principal, role, id, &[user]).await
        }
        (Some(role), Some((_, id))) => authority.disassociate(context, principal, role, id, &[user]).await,
        _ => return Err(message("This role cannot be given: it has no effect here.")),
    };
    match changed {
        // Who is no member need not be detached.
        Ok(()) | Err(Refusal::Invalid(Invalid { violation: Violation::NotAssociated(_), .. })) => Ok(()),
        Err(Refusal::Invalid(Invalid { violation: Violation::NoSuchObject(_), .. })) => Err(no_such("User")),
        Err(refusal) => Err(refusal.into()),
    }
}
