//! Users (contract section A.7).

use http::StatusCode;
use identity::action::{AccountFields, UserFields};
use identity::model::object::{Noun, UserId};
use identity::{Invalid, Refusal, Violation};

use super::super::answer;
use super::account::{self, Groups};
use super::call::{Call, Outcome, Stop, invalid, no_user, wrong};
use super::given::Given;
use crate::catalyst::wire::admin::{self as wire, field};
use crate::drf::validate::is_username;

/// Longest name of a user, in characters.
pub(super) const USER_NAME_MAX: usize = 150;

/// The users, for those who may read everything.
pub(super) async fn list(call: &Call<'_>) -> Outcome {
    call.must_read()?;
    let organization = call.organization().await?;
    let accounts = call.authority().list_accounts(call.principal(), organization).await?;
    let version = &call.authority().manager_version;
    let users: Vec<wire::User<'_>> = accounts
        .iter()
        .map(|it| wire::User {
            name: &it.user.username,
            group: account::groups_of(it),
            about: account::about(it, version),
        })
        .collect();
    Ok(call.data(&users))
}

/// Makes a user. Who is in no group is in the one that gives nothing.
pub(super) async fn create(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let given = Given::of(call)?;
    let username = given.required(field::USER_NAME, USER_NAME_MAX)?;
    if !is_username(&username) {
        return Err(invalid("userName must have letters, digits and @.+-_ only"));
    }
    let password = given.required_password(&[field::PASSWORD])?;
    let mut fields = read(call, &given, None).await?;
    fields.user.username = Some(username.clone());
    fields.user.password = Some(password);
    match call.authority().create_account(call.context(), call.principal(), fields).await {
        Err(Refusal::Invalid(Invalid { violation: Violation::Duplicate(_), .. })) => {
            let details = format!("A user with name {username} exists already");
            Err(wrong(StatusCode::BAD_REQUEST, "Create user request failed", &details, wire::TAKEN))
        }
        outcome => {
            outcome?;
            Ok(answer::done())
        }
    }
}

/// Changes a user. A new password for oneself needs the old one, here as at the endpoint for passwords.
pub(super) async fn update(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let user = find(call, call.name()).await?;
    let given = Given::of(call)?;
    same_name(call, &given)?;
    let old = call.authority().find_annex(call.principal(), Noun::User, user.0).await?;
    let mut fields = read(call, &given, old.as_deref()).await?;
    fields.user.password = given.password(field::PASSWORD)?;
    fields.shown = given.password(field::CURRENT_PASSWORD)?;
    let changed = call.authority().update_account(call.context(), call.principal(), user, fields).await;
    changed.map_err(|refusal| call.wrong_password(refusal))?;
    Ok(answer::done())
}

/// Removes a user with all that is its own.
pub(super) async fn remove(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let user = find(call, call.name()).await?;
    call.authority().remove_account(call.context(), call.principal(), Noun::User, user.0).await?;
    Ok(answer::done())
}

/// Opens an account that failures have closed.
pub(super) async fn unlock(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let name = Given::of(call)?.required(field::USER_NAME, USER_NAME_MAX)?;
    match call.authority().unlock(call.context(), call.principal(), &name).await {
        Err(Refusal::Absent(_)) => Err(no_user(&name)),
        outcome => {
            outcome?;
            Ok(answer::done())
        }
    }
}

/// Closes an account: not here. A lock of the contract is opened by its `reset`, which must never open what was
/// disabled at another door; so nothing is locked by this, and the caller is told so.
pub(super) async fn lock(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    find(call, call.name()).await?;
    let details =
        "Locking is deprecated and not supported: disable or delete the user, or change its password";
    Err(wrong(StatusCode::BAD_REQUEST, "Lock user request failed", details, wire::NO_LOCK))
}

/// Whether one is an administrator, for everybody who is known.
pub(super) async fn role(call: &Call<'_>) -> Outcome {
    Ok(answer::plain(&wire::Role { is_admin: call.principal().is_superuser() }))
}

/// Who keeps one's password, for everybody who is known.
pub(super) async fn auth_type(call: &Call<'_>) -> Outcome {
    let source = call.principal().user().external_source().map(|_| "remote");
    Ok(answer::plain(&wire::AuthType { kind: source.unwrap_or(wire::LOCAL) }))
}

/// The user of a name.
pub(super) async fn find(call: &Call<'_>, name: &str) -> Result<UserId, Stop> {
    let found = call.authority().find_named(Noun::User, name, None).await?;
    found.map(UserId).ok_or_else(|| no_user(name))
}

/// Refuses a body that speaks of another user than the path does.
pub(super) fn same_name(call: &Call<'_>, given: &Given<'_>) -> Result<(), Stop> {
    match given.text(field::USER_NAME, USER_NAME_MAX)? {
        Some(name) if name != call.name() => Err(invalid("userName must be the name in the path")),
        _ => Ok(()),
    }
}

/// The fields that a user is made and changed with alike.
async fn read(call: &Call<'_>, given: &Given<'_>, old: Option<&str>) -> Result<AccountFields, Stop> {
    let annex = account::annex(given, old)?;
    let mut fields = AccountFields { annex, ..AccountFields::default() };
    if let Some(groups) = Groups::read(call, given).await? {
        fields.teams = groups.teams;
        fields.user = UserFields {
            is_superuser: Some(groups.is_superuser),
            is_auditor: Some(groups.is_auditor),
            ..UserFields::default()
        };
    }
    Ok(fields)
}
