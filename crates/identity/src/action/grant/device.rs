//! Devices without a browser: they show a short code, and a user types it where there is one (RFC 8628).

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::scope;

use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::application::Application;
use crate::model::audit::EventKind;
use crate::model::grant::{Decision, DeviceGrant, GrantDenial};
use crate::model::object::Noun;
use crate::model::principal::{Evidence, Principal};
use crate::model::scope::Scope;
use crate::model::secret::{ALPHANUMERIC, Digest, Secret, generate};
use crate::model::session::end_of;

/// Characters of a device code: 238 random bits.
const DEVICE_CODE_LENGTH: usize = 40;
/// Characters of a user code: 34 bits, which counted guesses and ten minutes protect (RFC 8628 section 5.1).
const USER_CODE_LENGTH: usize = 8;
/// Consonants that are not mistaken for each other and spell no word (RFC 8628 section 6.1).
const USER_CODE: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
/// How many user codes are tried before the gateway is too busy.
const TRIES_MAX: u32 = 5;
/// Characters of a typed code that are looked at.
const TYPED_MAX: usize = 40;

/// What a device is told.
#[derive(Debug)]
pub struct DeviceBegun {
    /// What it asks with.
    pub device_code: Secret,
    /// What it shows to the user: `BCDF-GHJK`.
    pub user_code: String,
    /// The life of both.
    pub expires_in: SignedDuration,
    /// How long it waits between two questions.
    pub interval: SignedDuration,
}

/// What a user is asked for a device.
#[derive(Clone, Debug)]
pub struct DeviceQuestion {
    /// Who asks.
    pub application: Arc<Application>,
    /// How far the token will reach.
    pub scope: Scope,
    /// The address that the device asked from.
    pub address: String,
    /// When it asked.
    pub created_at: Timestamp,
}

impl Authority {
    /// A device begins to ask.
    pub async fn begin_device(
        &self,
        context: &Context,
        application: &Arc<Application>,
        scope: Option<&str>,
    ) -> Result<DeviceBegun, Refusal> {
        if !application.allowances.device {
            return Err(Denial::Grant(GrantDenial::UnauthorizedClient).into());
        }
        let scope = scope::asked(scope)?;
        let policy = &self.grant_policy;
        for _ in 0..TRIES_MAX {
            let device_code = generate(&*self.world.random, ALPHANUMERIC, DEVICE_CODE_LENGTH);
            let user_code = generate(&*self.world.random, USER_CODE, USER_CODE_LENGTH);
            let device = DeviceGrant {
                device_digest: Digest::of(device_code.expose().as_bytes()),
                user_digest: user_digest(user_code.expose()),
                application: application.id,
                scope: scope.clone(),
                address: context.address.clone(),
                created_at: context.now,
                expires_at: end_of(context.now, policy.device_life),
                interval: policy.device_interval,
                polled_at: None,
                decision: Decision::Open,
            };
            if self.store.create_device(device).await? {
                let (left, right) = user_code.expose().split_at(USER_CODE_LENGTH / 2);
                return Ok(DeviceBegun {
                    device_code,
                    user_code: format!("{left}-{right}"),
                    expires_in: policy.device_life,
                    interval: policy.device_interval,
                });
            }
        }
        Err(Refusal::Busy(SignedDuration::from_secs(1)))
    }

    /// The question behind a user code, however it is typed. Refused with `Absent(Noun::Token)` if there is none
    /// that is open; guesses are counted like wrong passwords, and too many are refused with
    /// [`Denial::TooManyAttempts`]. Only a session may ask.
    pub async fn read_device(
        &self,
        context: &Context,
        principal: &Principal,
        user_code: &str,
    ) -> Result<DeviceQuestion, Refusal> {
        let device = self.open_device(context, principal, user_code).await?;
        let application =
            self.application_of(device.application).await?.ok_or(Refusal::Absent(Noun::Token))?;
        Ok(DeviceQuestion {
            application,
            scope: device.scope,
            address: device.address,
            created_at: device.created_at,
        })
    }

    /// The user's answer to the question behind a user code. Refused like [`Self::read_device`].
    pub async fn decide_device(
        &self,
        context: &Context,
        principal: &Principal,
        user_code: &str,
        is_allowed: bool,
    ) -> Result<(), Refusal> {
        let device = self.open_device(context, principal, user_code).await?;
        let user = principal.user();
        let decision = if is_allowed {
            self.check_external(user)?;
            Decision::Allowed(user.id)
        } else {
            Decision::Denied
        };
        if !self.store.decide_device(&device.user_digest, decision, context.now).await? {
            return Err(Refusal::Absent(Noun::Token));
        }
        if is_allowed {
            let detail = format!(
                "device at {} for application {} scope {}",
                device.address,
                device.application,
                device.scope.as_str()
            );
            self.audit(context, EventKind::Grant, Some(user), detail);
        }
        Ok(())
    }

    /// The open question of a user code. Every miss counts against the user and the address, and is counted
    /// before another guess beyond those that are left is looked at; a hit forgets nothing, since a guesser may
    /// have a code of its own.
    async fn open_device(
        &self,
        context: &Context,
        principal: &Principal,
        user_code: &str,
    ) -> Result<DeviceGrant, Refusal> {
        if !matches!(principal.evidence, Evidence::Session(_)) {
            return Err(Denial::NotPermitted.into());
        }
        let account = Digest::of_parts(&[b"user code", &principal.user().id.0.to_be_bytes()]);
        let address = Digest::of_parts(&[b"address", context.address.as_bytes()]);
        let turn = self.take_turn(context, account, &address).await;
        let _turn = turn.map_err(|refusal| match refusal {
            Refusal::Denied(Denial::Locked(until)) => {
                Denial::TooManyAttempts(until.duration_since(context.now)).into()
            }
            other => other,
        })?;
        let found = match typed(user_code) {
            Some(code) => self.store.find_device(&user_digest(&code)).await?,
            None => None,
        };
        let open = found.filter(|it| it.decision == Decision::Open && !it.is_over(context.now));
        if open.is_none() {
            self.store.attempt_failed(&account, &address, &self.attempt_policy, context.now).await?;
        }
        open.ok_or(Refusal::Absent(Noun::Token))
    }
}

/// A user code as it was made, however it is typed: in small letters, with hyphens or spaces.
fn typed(text: &str) -> Option<String> {
    let code: String = text
        .chars()
        .take(TYPED_MAX)
        .filter(|it| !matches!(it, '-' | ' '))
        .map(|it| it.to_ascii_uppercase())
        .collect();
    let is_fit = code.len() == USER_CODE_LENGTH && code.bytes().all(|it| USER_CODE.contains(&it));
    is_fit.then_some(code)
}

fn user_digest(code: &str) -> Digest {
    Digest::of_parts(&[b"user code", code.as_bytes()])
}
