//! Where the fields of the catalog lie: an expression for each.

use identity::model::object::Noun;

/// The expression of a field of the table called `alias`; none if the field must not be compared or is
/// unknown.
pub(crate) fn expression(noun: Noun, field: &str, alias: &str) -> Option<String> {
    let column = match (noun, field) {
        (Noun::User, "is_platform_auditor") => {
            return Some(format!(
                "(EXISTS (SELECT 1 FROM user_assignments WHERE user_id = {alias}.id AND role_id = 1))"
            ));
        }
        (Noun::UserAssignment | Noun::TeamAssignment, "object_id") => {
            return Some(format!("CAST(NULLIF({alias}.object_id, 0) AS TEXT)"));
        }
        (_, "id") => "id",
        (_, "created") => "created_at",
        (_, "created_by") => "created_by",
        (Noun::UserAssignment | Noun::TeamAssignment | Noun::Entry, "modified" | "modified_by") => {
            return None;
        }
        (_, "modified") => "modified_at",
        (_, "modified_by") => "modified_by",
        (_, "managed") => "is_managed",
        (_, "name") => "name",
        (_, "description") => "description",
        (Noun::User, other) => user(other)?,
        (Noun::Team | Noun::Application, "organization") => "organization_id",
        (Noun::Token | Noun::Application | Noun::UserAssignment, "user") => "user_id",
        (Noun::Token, "application") => "application_id",
        (Noun::Token, "expires") => "expires_at",
        (Noun::Token, "last_used") => "last_used_at",
        (Noun::Token, "scope") => "scope",
        (Noun::Application, other) => application(other)?,
        (Noun::Authenticator, "enabled") => "is_enabled",
        (Noun::Authenticator, "type") => "plugin",
        (Noun::Authenticator, "order") => "place",
        (Noun::Authenticator, "slug") => "slug",
        (Noun::UserAssignment | Noun::TeamAssignment, "role_definition") => "role_id",
        (Noun::TeamAssignment, "team") => "holder_id",
        (Noun::Entry, other) => entry(other)?,
        _ => return None,
    };
    Some(format!("{alias}.{column}"))
}

fn user(field: &str) -> Option<&'static str> {
    Some(match field {
        "username" => "username",
        "email" => "email",
        "first_name" => "first_name",
        "last_name" => "last_name",
        "last_login" => "last_login_at",
        "last_login_from" => "last_login_from",
        "is_superuser" => "is_superuser",
        "is_active" => "is_enabled",
        _ => return None,
    })
}

fn application(field: &str) -> Option<&'static str> {
    Some(match field {
        "client_id" => "client_id",
        "client_type" => "client_type",
        "authorization_grant_type" => "grant_type",
        "redirect_uris" => "redirect_uris",
        "post_logout_redirect_uris" => "post_logout_redirect_uris",
        "algorithm" => "algorithm",
        "skip_authorization" => "skip_authorization",
        "app_url" => "app_url",
        _ => return None,
    })
}

fn entry(field: &str) -> Option<&'static str> {
    Some(match field {
        "operation" => "operation",
        "content_type" => "noun",
        "object_id" => "object_id",
        "related_content_type" => "related_noun",
        "related_object_id" => "related_id",
        _ => return None,
    })
}

/// The fields that a search looks at, of those that the kind has.
pub(crate) fn searched(noun: Noun, alias: &str) -> Vec<String> {
    let fields = identity::model::catalog::entry(noun);
    ["username", "first_name", "last_name", "email", "name", "description"]
        .into_iter()
        .filter(|name| fields.field(name).is_some())
        .filter_map(|name| expression(noun, name, alias))
        .collect()
}
