//! Addresses: where objects live, and which number a path names.

use identity::model::catalog;
use identity::model::object::{Noun, UserId};

/// The root of the version. Addresses in answers are relative to the host.
pub(super) const V1: &str = "/api/gateway/v1/";

/// The address of an object; none for a kind without a collection.
pub(super) fn of(noun: Noun, id: i64) -> Option<String> {
    let name = match noun {
        Noun::User => "users",
        Noun::Organization => "organizations",
        Noun::Team => "teams",
        Noun::Token => "tokens",
        Noun::Application => "applications",
        Noun::Authenticator => "authenticators",
        Noun::RoleDefinition => "role_definitions",
        Noun::UserAssignment => "role_user_assignments",
        Noun::TeamAssignment => "role_team_assignments",
        Noun::Entry => "activitystream",
        Noun::Setting | Noun::Session => return None,
    };
    Some(format!("{V1}{name}/{id}/"))
}

/// The address of a user.
pub(super) fn user(id: UserId) -> String {
    format!("{V1}users/{id}/")
}

/// The address of an object's entries in the activity stream.
pub(super) fn activity(noun: Noun, id: i64) -> String {
    let content_type = catalog::content_type(noun);
    format!("{V1}activitystream/?content_type={content_type}&object_id={id}")
}

/// The number behind the collection's name in a path; none if there is none there.
pub(super) fn id_in(path: &str) -> Option<i64> {
    let segment = path.strip_prefix(V1)?.split('/').nth(1)?;
    let is_number = !segment.is_empty() && segment.bytes().all(|byte| byte.is_ascii_digit());
    segment.parse().ok().filter(|_| is_number)
}
