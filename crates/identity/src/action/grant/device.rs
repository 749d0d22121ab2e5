//! Devices without a browser: they show a short code, and a user types it where there is one (RFC 8628).

use std::sync::Arc;

use jiff::SignedDuration;

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::application::Application;
use crate::model::principal::Principal;
use crate::model::scope::Scope;
use crate::model::secret::Secret;

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
}

impl Authority {
    /// A device begins to ask.
    pub async fn begin_device(
        &self,
        context: &Context,
        application: &Arc<Application>,
        scope: Option<&str>,
    ) -> Result<DeviceBegun, Refusal> {
        let _ = (context, application, scope);
        todo!()
    }

    /// The question behind a user code, however it is typed. Refused with `Absent(Noun::Token)` if there is none
    /// that is open; guesses are counted like wrong passwords, and too many are refused with
    /// [`Denial::TooManyAttempts`](crate::Denial::TooManyAttempts). Only a session may ask.
    pub async fn read_device(
        &self,
        context: &Context,
        principal: &Principal,
        user_code: &str,
    ) -> Result<DeviceQuestion, Refusal> {
        let _ = (context, principal, user_code);
        todo!()
    }

    /// The user's answer to the question behind a user code. Refused like [`Self::read_device`].
    pub async fn decide_device(
        &self,
        context: &Context,
        principal: &Principal,
        user_code: &str,
        is_allowed: bool,
    ) -> Result<(), Refusal> {
        let _ = (context, principal, user_code, is_allowed);
        todo!()
    }
}
