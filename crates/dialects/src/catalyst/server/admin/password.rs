//! Passwords (contract section A.7): whoever sets one shows its own, and a wrong one counts like one at a login.

use identity::model::object::UserId;
use identity::model::secret::Secret;

use super::super::answer;
use super::call::{Call, Outcome, invalid};
use super::given::Given;
use super::user::{find, same_name};
use crate::catalyst::wire::admin::{self as wire, field};

/// Gives a user a new password. Everybody may give itself one; the caller's own password is shown for it.
pub(super) async fn change(call: &Call<'_>) -> Outcome {
    let own = call.principal().user();
    let user = if call.name() == own.username {
        own.id
    } else {
        call.must_manage()?;
        find(call, call.name()).await?
    };
    let given = Given::of(call)?;
    same_name(call, &given)?;
    let new = given.required_password(&[field::PASSWORD])?;
    let shown = given.required_password(&[field::CURRENT_PASSWORD])?;
    set(call, user, &shown, new).await
}

/// Gives the caller a new password.
pub(super) async fn change_own(call: &Call<'_>) -> Outcome {
    let given = Given::of(call)?;
    let shown = given.required_password(&[field::OLD_PASSWORD, field::OLD_PASSWORD_CAMEL])?;
    let new = given.required_password(&[field::NEW_PASSWORD, field::NEW_PASSWORD_CAMEL])?;
    set(call, call.principal().user().id, &shown, new).await
}

/// Gives the administrator that the installation was made with a new password, at its own wish only. The contract
/// does not say how the fields are called; these are those of its neighbours.
pub(super) async fn change_admin(call: &Call<'_>) -> Outcome {
    if call.principal().user().username != wire::DEFAULT_ADMIN {
        let details = "Only the default administrator may change its password here";
        return Err(call.forbidden(details));
    }
    let given = Given::of(call)?;
    let shown = given.required_password(&[
        field::OLD_PASSWORD,
        field::OLD_PASSWORD_CAMEL,
        field::CURRENT_PASSWORD,
    ])?;
    let new = given.required_password(&[field::NEW_PASSWORD, field::NEW_PASSWORD_CAMEL, field::PASSWORD])?;
    set(call, call.principal().user().id, &shown, new).await
}

async fn set(call: &Call<'_>, user: UserId, shown: &Secret, new: Secret) -> Outcome {
    if user == call.principal().user().id && new.expose() == shown.expose() {
        return Err(invalid("The new password must be another one"));
    }
    let done = call.authority().change_password(call.context(), call.principal(), user, shown, new).await;
    done.map_err(|refusal| call.wrong_password(refusal))?;
    Ok(answer::done())
}
