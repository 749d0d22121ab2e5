//! Members: users attached to organizations and teams and detached from them (contract section A2).

use axum::body::Body as Stream;
use axum::extract::Request;
use axum::response::Response;
use http::Method;
use identity::model::role::ManagedRole;
use serde_json::Value;

use super::serve::{Asked, Stop, accepted, answer};
use crate::drf::State;
use crate::drf::body::{self, Body, python_type};
use crate::drf::caller::Caller;
use crate::drf::respond;
use crate::drf::validate::{Errors, integer};

/// Most users in one request.
const INSTANCES_MAX: usize = 1000;

/// What happens to members at an endpoint.
pub(super) struct Change {
    role: ManagedRole,
    is_associated: bool,
}

macro_rules! change {
    ($path:literal, $role:ident, $is_associated:literal) => {
        (
            concat!("/api/gateway/v1/", $path),
            &Change { role: ManagedRole::$role, is_associated: $is_associated },
        )
    };
}

/// All changes of members, by their paths.
pub(super) static ALL: &[(&str, &Change)] = &[
    change!("organizations/{id}/users/associate/", OrganizationMember, true),
    change!("organizations/{id}/users/disassociate/", OrganizationMember, false),
    change!("organizations/{id}/admins/associate/", OrganizationAdmin, true),
    change!("organizations/{id}/admins/disassociate/", OrganizationAdmin, false),
    change!("teams/{id}/users/associate/", TeamMember, true),
    change!("teams/{id}/users/disassociate/", TeamMember, false),
    change!("teams/{id}/admins/associate/", TeamAdmin, true),
    change!("teams/{id}/admins/disassociate/", TeamAdmin, false),
];

/// Answers where members are attached or detached.
pub(super) async fn serve(
    change: &'static Change,
    state: State,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, stream) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = carry_out(&asked, change, stream).await;
    answer(&asked.state, &asked.parts, result)
}

async fn carry_out(asked: &Asked, change: &Change, stream: Stream) -> Result<Response, Stop> {
    if asked.parts.method == Method::OPTIONS {
        return Ok(asked.options(None));
    }
    let authority = &asked.state.authority;
    let (context, principal, id) = (&asked.caller.context, asked.principal()?, asked.id()?);
    // Whether the object is there, and may be changed, is told before anything about the body.
    if let Some(noun) = change.role.target() {
        let (object, _) = authority.get(principal, noun, id).await?;
        if !authority.may_change(principal, &object).await? {
            return Err(identity::Denial::NotPermitted.into());
        }
    }
    let users = instances(&body::read(&asked.parts, stream).await?)?;
    if asked.is_dry_run() {
        return Ok(accepted());
    }
    if change.is_associated {
        authority.associate(context, principal, change.role, id, &users).await?;
    } else {
        authority.disassociate(context, principal, change.role, id, &users).await?;
    }
    Ok(respond::no_content())
}

/// The numbers in `{"instances": [3, 4]}`.
fn instances(body: &Body) -> Result<Vec<i64>, Errors> {
    let wrong = |text: String| Errors::one("instances", text);
    let list = match body.list("instances") {
        Some(Value::Array(list)) => list,
        Some(Value::Null) => return Err(wrong("This field may not be null.".to_owned())),
        Some(other) => {
            let kind = python_type(&other);
            return Err(wrong(format!("Expected a list of items but got type \"{kind}\".")));
        }
        None => return Err(wrong("This field is required.".to_owned())),
    };
    if list.len() > INSTANCES_MAX {
        return Err(wrong(format!("Ensure this field has no more than {INSTANCES_MAX} elements.")));
    }
    list.iter()
        .map(|value| {
            let kind = python_type(value);
            let text = format!("Incorrect type. Expected pk value, received {kind}.");
            integer(value).ok_or_else(|| wrong(text))
        })
        .collect()
}
