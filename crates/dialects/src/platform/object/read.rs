//! From the wire: what a body asks for becomes fields that `identity` understands.

use identity::action::{
    ApplicationFields, AssignmentFields, Fields, OrganizationFields, TeamFields, TokenFields, UserFields,
};
use identity::model::application::{ClientType, GrantType};
use identity::model::scope::{Scope, ScopeError, WORDS};
use identity::model::secret::Secret;

use crate::drf::validate::{Errors, Values};

/// What stands for a secret that is not shown.
pub(super) const MASK: &str = "$encrypted$";

/// Why a body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// An object is to be made.
    Create,
    /// An object is to be changed.
    Update,
}

pub(super) fn user(mut values: Values, purpose: Purpose) -> Result<Fields, Errors> {
    let password = match values.text("password") {
        Some(text) if text == MASK && purpose == Purpose::Create => {
            return Err(Errors::one("password", "Can not be set to $encrypted$"));
        }
        // The mask sent back means that the password stays.
        Some(text) if text == MASK => None,
        text => text.map(Secret::new),
    };
    Ok(Fields::User(UserFields {
        username: values.text("username"),
        email: values.text("email"),
        first_name: values.text("first_name"),
        last_name: values.text("last_name"),
        password,
        is_superuser: values.boolean("is_superuser"),
        is_enabled: None,
        is_auditor: None,
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "all readers of a collection have one shape")]
pub(super) fn organization(mut values: Values, _purpose: Purpose) -> Result<Fields, Errors> {
    Ok(Fields::Organization(OrganizationFields {
        name: values.text("name"),
        description: values.text("description"),
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "all readers of a collection have one shape")]
pub(super) fn team(mut values: Values, _purpose: Purpose) -> Result<Fields, Errors> {
    Ok(Fields::Team(TeamFields {
        name: values.text("name"),
        organization: values.integer("organization"),
        description: values.text("description"),
    }))
}

pub(super) fn token(mut values: Values, _purpose: Purpose) -> Result<Fields, Errors> {
    let scope = values.text("scope").map(|text| scope(&text)).transpose()?;
    Ok(Fields::Token(TokenFields {
        application: values.nullable_integer("application"),
        description: values.text("description"),
        scope,
    }))
}

fn scope(text: &str) -> Result<Scope, Errors> {
    Scope::parse(text).map_err(|error| {
        let text = match error {
            ScopeError::Unknown(word) => {
                format!("Invalid scope: {word}. Must be one of: {}", WORDS.join(", "))
            }
            ScopeError::Shape => {
                let words = WORDS.map(|word| format!("'{word}'")).join(", ");
                format!("Must be a simple space-separated string with allowed scopes [{words}].")
            }
        };
        Errors::one("scope", text)
    })
}

#[expect(clippy::unnecessary_wraps, reason = "all readers of a collection have one shape")]
pub(super) fn application(mut values: Values, _purpose: Purpose) -> Result<Fields, Errors> {
    let client_type = values.text("client_type").map(|it| match it.as_str() {
        "public" => ClientType::Public,
        _ => ClientType::Confidential,
    });
    let grant_type = values.text("authorization_grant_type").map(|it| match it.as_str() {
        "password" => GrantType::Password,
        _ => GrantType::AuthorizationCode,
    });
    Ok(Fields::Application(ApplicationFields {
        name: values.text("name"),
        description: values.text("description"),
        client_type,
        grant_type,
        redirect_uris: values.text("redirect_uris"),
        post_logout_redirect_uris: values.text("post_logout_redirect_uris"),
        algorithm: values.text("algorithm"),
        skip_authorization: values.boolean("skip_authorization"),
        allowances: None,
        requires_pkce: None,
        app_url: values.nullable_text("app_url"),
        organization: values.integer("organization"),
        user: values.nullable_integer("user"),
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "all readers of a collection have one shape")]
pub(super) fn user_assignment(values: Values, _purpose: Purpose) -> Result<Fields, Errors> {
    Ok(Fields::UserAssignment(assignment(values, "user", "user_ansible_id")))
}

#[expect(clippy::unnecessary_wraps, reason = "all readers of a collection have one shape")]
pub(super) fn team_assignment(values: Values, _purpose: Purpose) -> Result<Fields, Errors> {
    Ok(Fields::TeamAssignment(assignment(values, "team", "team_ansible_id")))
}

fn assignment(mut values: Values, holder: &str, holder_stable_id: &str) -> AssignmentFields {
    AssignmentFields {
        role: values.integer("role_definition"),
        holder: values.integer(holder),
        holder_stable_id: values.text(holder_stable_id),
        object_id: values.integer("object_id"),
        object_stable_id: values.text("object_ansible_id"),
    }
}
