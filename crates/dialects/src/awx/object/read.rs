//! From the wire: what a body asks for becomes fields that `identity` understands.

use identity::action::{ApplicationFields, Fields, OrganizationFields, TeamFields, TokenFields, UserFields};
use identity::model::application::{ClientType, GrantType};
use identity::model::scope::Scope;
use identity::model::secret::Secret;

use crate::awx::wire::ENCRYPTED;
use crate::drf::validate::{Aim, Errors, Values, is_email};

/// Longest password, in characters.
const PASSWORD_MAX: usize = 128;

pub(super) fn user(mut values: Values, aim: Aim) -> Result<Fields, Errors> {
    let email = values.text("email");
    if email.as_deref().is_some_and(|it| !it.is_empty() && !is_email(it)) {
        return Err(Errors::one("email", "Enter a valid email address."));
    }
    // Nothing, or the mask sent back, means that the password stays.
    let given = values.text("password");
    let is_blank = given.as_deref() == Some("");
    let password = given.filter(|it| !it.is_empty() && it != ENCRYPTED);
    if aim == Aim::Make && password.is_none() {
        let text = if is_blank { "This field may not be blank." } else { "Password required for new User." };
        return Err(Errors::one("password", text));
    }
    if password.as_ref().is_some_and(|it| it.chars().count() > PASSWORD_MAX) {
        return Err(Errors::one("password", "Password max length is 128"));
    }
    // Flags that are not said in a whole new state, and those that are said to be nothing, are down.
    let flag = |name: &str| {
        let is_down = aim == Aim::Replace || values.is_null(name);
        values.boolean(name).or(is_down.then_some(false))
    };
    let (is_superuser, is_auditor) = (flag("is_superuser"), flag("is_system_auditor"));
    Ok(Fields::User(UserFields {
        username: values.text("username"),
        email,
        first_name: values.text("first_name"),
        last_name: values.text("last_name"),
        password: password.map(Secret::new),
        is_superuser,
        is_auditor,
        is_enabled: None,
    }))
}

/// The text of a description: nothing where a whole new state says nothing.
fn description(values: &mut Values, aim: Aim) -> Option<String> {
    values.text("description").or((aim == Aim::Replace).then(String::new))
}

pub(super) fn organization(mut values: Values, aim: Aim) -> Result<Fields, Errors> {
    if values.integer("max_hosts").is_some_and(|it| it < 0) {
        return Err(Errors::one("max_hosts", "Ensure this value is greater than or equal to 0."));
    }
    if let Some(id) = values.integer("default_environment") {
        let text = format!("Invalid pk \"{id}\" - object does not exist.");
        return Err(Errors::one("default_environment", text));
    }
    Ok(Fields::Organization(OrganizationFields {
        description: description(&mut values, aim),
        name: values.text("name"),
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "all readers of a collection have one shape")]
pub(super) fn team(mut values: Values, aim: Aim) -> Result<Fields, Errors> {
    Ok(Fields::Team(TeamFields {
        description: description(&mut values, aim),
        name: values.text("name"),
        organization: values.integer("organization"),
    }))
}

pub(super) fn token(mut values: Values, aim: Aim) -> Result<Fields, Errors> {
    let wrong = || {
        let text = "Must be a simple space-separated string with allowed scopes ['read', 'write'].";
        Errors::one("scope", text)
    };
    let scope = match values.nullable_text("scope") {
        Some(Some(text)) => Some(scope(&text).ok_or_else(wrong)?),
        Some(None) => return Err(wrong()),
        None => (aim == Aim::Replace).then(Scope::write),
    };
    Ok(Fields::Token(TokenFields {
        description: description(&mut values, aim),
        application: values.nullable_integer("application"),
        scope,
    }))
}

/// A scope of this contract, which knows two words only.
pub(super) fn scope(text: &str) -> Option<Scope> {
    Scope::parse(text).ok().filter(|it| it.as_str().split(' ').all(|word| word == "read" || word == "write"))
}

#[expect(clippy::unnecessary_wraps, reason = "all readers of a collection have one shape")]
pub(super) fn application(mut values: Values, aim: Aim) -> Result<Fields, Errors> {
    let client_type = values.text("client_type").map(|it| match it.as_str() {
        "public" => ClientType::Public,
        _ => ClientType::Confidential,
    });
    let grant_type = values.text("authorization_grant_type").map(|it| match it.as_str() {
        "password" => GrantType::Password,
        _ => GrantType::AuthorizationCode,
    });
    let skips = values.boolean("skip_authorization");
    Ok(Fields::Application(ApplicationFields {
        description: description(&mut values, aim),
        name: values.text("name"),
        client_type,
        grant_type,
        redirect_uris: values.text("redirect_uris"),
        skip_authorization: skips.or((aim == Aim::Replace).then_some(false)),
        organization: values.integer("organization"),
        ..ApplicationFields::default()
    }))
}
