//! Checks a password: the one place where failures are counted, for every door.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::unlock::account_digest;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::attempt::Standing;
use crate::model::audit::EventKind;
use crate::model::object::UserId;
use crate::model::password;
use crate::model::principal::Subject;
use crate::model::refusal_log::Cause;
use crate::model::secret::{Digest, Secret};
use crate::model::user::SYSTEM_USERNAME;
use crate::port::{Credential, PasswordHash, Recalled, Verdict};
use crate::turn::Turn;

/// Longest name that is looked up, in bytes; a longer one is nobody's.
const NAME_MAX: usize = 1024;

/// Whether a right password may be remembered for the configured seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Memory {
    /// It may, under this key: for proofs that come with every request.
    Verdict(Digest),
    /// It may not: for sign-in.
    None,
}

impl Authority {
    /// The user that a name and a password belong to. An unknown name, a user without a password, a
    /// disabled user, a closed account and a wrong password look the same; all but the closed account,
    /// whose passwords nobody looks at, cost the same.
    pub(crate) async fn check_password(
        &self,
        context: &Context,
        username: &str,
        password: &Secret,
        memory: Memory,
    ) -> Result<Arc<Subject>, Refusal> {
        if password.expose().is_empty() || password.expose().len() > password::BYTES_MAX {
            let is_empty = password.expose().is_empty();
            let cause = if is_empty { Cause::PasswordEmpty } else { Cause::PasswordTooLong };
            self.refusals.note(&context.request_id, cause);
            return Err(Denial::WrongPassword.into());
        }
        let name = if username.len() > NAME_MAX { "" } else { username };
        let account = account_digest(name);
        let address = Digest::of_parts(&[b"address", context.address.as_bytes()]);
        let _turn = self.take_turn(context, account, &address).await?;
        if let Memory::Verdict(key) = memory
            && let Some(subject) = self.find_verdict(&key, context.now).await?
        {
            // Somebody with the same name and password had the turn before and was right.
            return Ok(subject);
        }

        let found = self.store.find_credential(name).await?.filter(|_| name != SYSTEM_USERNAME);
        let hash = found.as_ref().and_then(|credential| credential.hash.as_ref());
        let verdict = self.world.verifier.verify(password, hash).await?;
        let subject = match (&found, verdict) {
            (Some(credential), Verdict::Right | Verdict::RightButOutdated) => {
                self.store.find_subject(credential.user).await?.filter(|it| it.user.is_enabled)
            }
            (_, _) => None,
        };
        let Some(subject) = subject else {
            self.refusals.note(&context.request_id, cause_of(found.as_ref(), verdict));
            return self.count_failure(context, account, address).await;
        };
        if found.as_ref().is_some_and(|it| it.version != subject.user.credential_version) {
            // It was the right one when the looking began, and has been changed meanwhile.
            self.refusals.note(&context.request_id, Cause::Changed);
            return Err(Denial::WrongPassword.into());
        }
        self.store.attempt_succeeded(&account).await?;
        if let (Verdict::RightButOutdated, Some(old)) = (verdict, hash) {
            self.renew_hash(subject.user.id, old, password).await?;
        }
        if let Memory::Verdict(key) = memory {
            let credential_version = subject.user.credential_version;
            let verdict = Recalled { user: subject.user.id, credential_version };
            self.store.remember_verdict(key, verdict, context.now);
        }
        Ok(subject)
    }

    /// The user whose right password was remembered under this key, if nothing has changed since.
    async fn find_verdict(&self, key: &Digest, now: Timestamp) -> Result<Option<Arc<Subject>>, Refusal> {
        let Some(recalled) = self.store.recall_verdict(key, now) else { return Ok(None) };
        let subject = self.store.find_subject(recalled.user).await?;
        Ok(subject
            .filter(|it| it.user.is_enabled && it.user.credential_version == recalled.credential_version))
    }

    /// Takes a turn at the account's passwords. There are as many as the account has failures left;
    /// whoever comes later waits until those before have shown whether they fail.
    pub(super) async fn take_turn(
        &self,
        context: &Context,
        account: Digest,
        address: &Digest,
    ) -> Result<Turn<'_>, Refusal> {
        let busy = || Refusal::Busy(SignedDuration::from_secs(1));
        let checker = self.turns.enter(account).await.ok_or_else(busy)?;
        loop {
            let taken = checker.taken();
            let (account_standing, address_standing) =
                self.store.attempt_standing(&account, address, &self.attempt_policy, context.now).await?;
            if let Standing::Closed(until) = address_standing {
                self.refusals.note(&context.request_id, Cause::AddressClosed(until));
                return Err(Denial::TooManyAttempts(until.duration_since(context.now)).into());
            }
            match account_standing {
                Standing::Closed(until) => {
                    self.refusals.note(&context.request_id, Cause::AccountClosed(until));
                    return Err(Denial::Locked(until).into());
                }
                Standing::Open(places) if taken < places => return Ok(checker.take()),
                Standing::Open(_) => checker.given_back(taken).await,
            }
        }
    }

    /// Counts a failure and says no.
    async fn count_failure(
        &self,
        context: &Context,
        account: Digest,
        address: Digest,
    ) -> Result<Arc<Subject>, Refusal> {
        let standing =
            self.store.attempt_failed(&account, &address, &self.attempt_policy, context.now).await?;
        // The name may be a password typed into the wrong field: only a mark of it is logged.
        let mark: String = account.to_tagged().chars().skip(8).take(12).collect();
        self.audit(context, EventKind::SignInFailure, None, format!("account {mark}"));
        if let Standing::Closed(until) = standing {
            let detail = format!("account {mark} closed until {until}");
            self.audit(context, EventKind::Lock, None, detail);
        }
        Err(Denial::WrongPassword.into())
    }

    async fn renew_hash(&self, user: UserId, old: &PasswordHash, password: &Secret) -> Result<(), Refusal> {
        match self.world.verifier.hash(password).await {
            Ok(new) => Ok(self.store.upgrade_credential(user, old, new).await?),
            // The password was right; its hash can be renewed the next time.
            Err(Refusal::Busy(_)) => Ok(()),
            Err(refusal) => Err(refusal),
        }
    }
}

/// Why a password is not taken, for those who run the gateway. All of it was found out before, so that telling one
/// from another costs nothing more.
fn cause_of(found: Option<&Credential>, verdict: Verdict) -> Cause {
    match (found, verdict) {
        (None, _) => Cause::NoSuchUser,
        (Some(_), Verdict::Right | Verdict::RightButOutdated) => Cause::Disabled,
        (Some(credential), Verdict::Wrong) if credential.hash.is_none() => Cause::NoPassword,
        (Some(_), Verdict::Wrong) => Cause::WrongPassword,
    }
}
