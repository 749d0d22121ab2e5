//! Trails: what the activity stream tells of a change.

use crate::authority::Context;
use crate::model::application::{ClientType, GrantType};
use crate::model::entry::{Entry, FieldChange, Operation};
use crate::model::object::{EntryId, Noun, Object, UserId};
use crate::model::principal::Principal;
use crate::port::Trail;

/// Longest value that an entry shows, in characters.
const SHOWN_MAX: usize = 1000;

/// The trail of an object that was made.
pub(super) fn created(context: &Context, by: UserId, object: &Object) -> Trail {
    let changes = described(object)
        .into_iter()
        .map(|(field, value)| FieldChange { field: field.to_owned(), before: None, after: Some(value) })
        .collect();
    trail(context, by, entry(context, by, Operation::Create, object, changes))
}

/// The trail of an object that was changed.
pub(super) fn updated(
    context: &Context,
    principal: &Principal,
    before: &Object,
    after: &Object,
    has_new_password: bool,
) -> Trail {
    let mut changes: Vec<FieldChange> = described(before)
        .into_iter()
        .zip(described(after))
        .filter(|((_, old), (_, new))| old != new)
        .map(|((field, old), (_, new))| FieldChange {
            field: field.to_owned(),
            before: Some(old),
            after: Some(new),
        })
        .collect();
    if has_new_password {
        let masked = Some("$encrypted$".to_owned());
        changes.push(FieldChange { field: "password".to_owned(), before: masked.clone(), after: masked });
    }
    trail(
        context,
        principal.user().id,
        entry(context, principal.user().id, Operation::Update, after, changes),
    )
}

/// The trail of an object that was removed.
pub(super) fn deleted(context: &Context, principal: &Principal, object: &Object) -> Trail {
    let changes = described(object)
        .into_iter()
        .map(|(field, value)| FieldChange { field: field.to_owned(), before: Some(value), after: None })
        .collect();
    trail(
        context,
        principal.user().id,
        entry(context, principal.user().id, Operation::Delete, object, changes),
    )
}

/// The trail of a user attached to or detached from an object.
pub(super) fn associated(
    context: &Context,
    principal: &Principal,
    operation: Operation,
    (noun, object_id): (Noun, i64),
    (related_noun, related_id): (Noun, i64),
) -> Trail {
    let entry = Entry {
        id: EntryId::NEW,
        operation,
        changes: Vec::new(),
        noun,
        object_id: object_id.to_string(),
        related_noun: Some(related_noun),
        related_id: Some(related_id.to_string()),
        created_at: context.now,
        created_by: Some(principal.user().id),
    };
    trail(context, principal.user().id, entry)
}

fn trail(context: &Context, by: UserId, entry: Entry) -> Trail {
    Trail { at: context.now, by: Some(by), entries: vec![entry] }
}

fn entry(
    context: &Context,
    by: UserId,
    operation: Operation,
    object: &Object,
    changes: Vec<FieldChange>,
) -> Entry {
    Entry {
        id: EntryId::NEW,
        operation,
        changes,
        noun: object.noun(),
        // The store fills in the number of a new object.
        object_id: if object.id() == 0 { String::new() } else { object.id().to_string() },
        related_noun: None,
        related_id: None,
        created_at: context.now,
        created_by: Some(by),
    }
}

/// The fields that entries tell of, always the same ones in the same order for a kind.
fn described(object: &Object) -> Vec<(&'static str, String)> {
    let short = |text: &str| text.chars().take(SHOWN_MAX).collect::<String>();
    let optional = |number: Option<i64>| number.map_or_else(String::new, |it| it.to_string());
    match object {
        Object::User(it) => vec![
            ("username", short(&it.username)),
            ("email", short(&it.email)),
            ("first_name", short(&it.first_name)),
            ("last_name", short(&it.last_name)),
            ("is_superuser", it.is_superuser.to_string()),
            ("is_active", it.is_enabled.to_string()),
        ],
        Object::Organization(it) => {
            vec![("name", short(&it.name)), ("description", short(&it.description))]
        }
        Object::Team(it) => vec![
            ("name", short(&it.name)),
            ("organization", it.organization.to_string()),
            ("description", short(&it.description)),
        ],
        Object::Token(it) => vec![
            ("user", it.user.to_string()),
            ("application", optional(it.application.map(|it| it.0))),
            ("description", short(&it.description)),
            ("scope", it.scope.as_str().to_owned()),
            ("expires", it.expires_at.to_string()),
        ],
        Object::Application(it) => vec![
            ("name", short(&it.name)),
            ("description", short(&it.description)),
            ("client_id", it.client_id.clone()),
            ("client_type", client_type(it.client_type).to_owned()),
            ("authorization_grant_type", grant_type(it.grant_type).to_owned()),
            ("redirect_uris", short(&it.redirect_uris)),
            ("post_logout_redirect_uris", short(&it.post_logout_redirect_uris)),
            ("algorithm", it.algorithm.clone()),
            ("skip_authorization", it.skip_authorization.to_string()),
            ("app_url", it.app_url.as_deref().map_or_else(String::new, short)),
            ("organization", it.organization.to_string()),
            ("user", optional(it.user.map(|it| it.0))),
        ],
        Object::UserAssignment(it) => vec![
            ("role_definition", it.role.name().to_owned()),
            ("user", it.user.to_string()),
            ("object_id", optional(it.object_id)),
        ],
        Object::TeamAssignment(it) => vec![
            ("role_definition", it.role.name().to_owned()),
            ("team", it.team.to_string()),
            ("object_id", optional(it.object_id)),
        ],
        Object::Authenticator(_) | Object::RoleDefinition(_) | Object::Entry(_) => Vec::new(),
    }
}

fn client_type(it: ClientType) -> &'static str {
    match it {
        ClientType::Confidential => "confidential",
        ClientType::Public => "public",
    }
}

fn grant_type(it: GrantType) -> &'static str {
    match it {
        GrantType::AuthorizationCode => "authorization-code",
        GrantType::Password => "password",
    }
}
