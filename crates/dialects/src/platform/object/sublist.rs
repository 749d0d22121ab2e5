//! Lists below an object: the part of a collection that belongs to a parent. `identity` shows it only to
//! those who may see the parent, and of it only what they may see.

use axum::extract::Request;
use axum::response::Response;
use http::Method;
use identity::model::object::UserId;
use identity::model::query::{TokenSort, Within};
use identity::model::role::ManagedRole;

use super::collection::{self, Collection};
use super::serve::{Asked, Stop, answer, list};
use crate::drf::State;
use crate::drf::caller::Caller;

/// One list below an object.
pub(super) struct Sublist {
    collection: &'static Collection,
    within: fn(i64) -> Within,
}

macro_rules! sublist {
    ($path:literal, $collection:ident, $within:expr) => {
        (
            concat!("/api/gateway/v1/", $path),
            &Sublist { collection: &collection::$collection, within: $within },
        )
    };
}

/// All lists below objects, by their paths.
pub(super) static ALL: &[(&str, &Sublist)] = &[
    sublist!("users/{id}/authenticators/", AUTHENTICATORS, |id| Within::AuthenticatorsOf(UserId(id))),
    sublist!("users/{id}/organizations/", ORGANIZATIONS, |id| Within::OrganizationsOf(UserId(id))),
    sublist!("users/{id}/teams/", TEAMS, |id| Within::TeamsOf(UserId(id))),
    sublist!("users/{id}/tokens/", TOKENS, |id| Within::TokensOf(UserId(id), TokenSort::All)),
    sublist!("users/{id}/personal_tokens/", TOKENS, |id| {
        Within::TokensOf(UserId(id), TokenSort::Personal)
    }),
    sublist!("users/{id}/authorized_tokens/", TOKENS, |id| {
        Within::TokensOf(UserId(id), TokenSort::Authorized)
    }),
    sublist!("organizations/{id}/teams/", TEAMS, Within::TeamsIn),
    sublist!("organizations/{id}/users/", USERS, |id| {
        Within::Holding(ManagedRole::OrganizationMember, id)
    }),
    sublist!("organizations/{id}/admins/", USERS, |id| {
        Within::Holding(ManagedRole::OrganizationAdmin, id)
    }),
    sublist!("teams/{id}/users/", USERS, |id| Within::Holding(ManagedRole::TeamMember, id)),
    sublist!("teams/{id}/admins/", USERS, |id| Within::Holding(ManagedRole::TeamAdmin, id)),
    sublist!("applications/{id}/tokens/", TOKENS, Within::TokensFor),
    sublist!("authenticators/{id}/users/", USERS, Within::UsersFrom),
    sublist!("role_definitions/{id}/user_assignments/", USER_ASSIGNMENTS, Within::AssignmentsOf),
    sublist!("role_definitions/{id}/team_assignments/", TEAM_ASSIGNMENTS, Within::AssignmentsOf),
];

/// Answers at a list below an object.
pub(super) async fn serve(
    sublist: &'static Sublist,
    state: State,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = respond(&asked, sublist).await;
    answer(&asked.state, &asked.parts, result)
}

async fn respond(asked: &Asked, sublist: &Sublist) -> Result<Response, Stop> {
    if asked.parts.method == Method::OPTIONS {
        return Ok(asked.options(None));
    }
    let within = (sublist.within)(asked.id()?);
    list(asked, sublist.collection, Some(within)).await
}
