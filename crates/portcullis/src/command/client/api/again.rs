//! What signs in again once a session is over: a password from a file, or one that a terminal is asked for.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use client::saved::{Profile, ProfileKeeper};
use client::{Keeper, Kept, Turn};
use dialects::{Holding, Login, Method};
use identity::model::proof::Proof;
use identity::port::Clock as _;
use identity::{Fault, Origin};

use super::super::interrupt::Patience;
use super::super::logout::is_nothing_to_end;
use super::super::secrets::{SecretSource, from_file, is_attended};
use super::super::{Opened, say};
use crate::clock::SystemClock;

/// Keeps what is renewed in the profile. Ctrl-C waits meanwhile: a session that was opened and not saved is one that
/// nobody knows of.
#[derive(Debug)]
pub struct PatientKeeper(ProfileKeeper);

/// The right to renew, and patience for as long as it lasts. The lock goes first: patience may end the program.
struct PatientTurn {
    lock: Box<dyn Turn>,
    _patience: Patience,
}

#[async_trait]
impl Keeper for PatientKeeper {
    async fn turn(&self) -> Result<Box<dyn Turn>, Fault> {
        let lock = self.0.turn().await?;
        Ok(Box::new(PatientTurn { lock, _patience: Patience::begin() }))
    }

    async fn login(&self, died: &Holding) -> Result<Option<Login>, Fault> {
        self.0.login(died).await
    }
}

#[async_trait]
impl Turn for PatientTurn {
    async fn kept(&self) -> Result<Kept, Fault> {
        self.lock.kept().await
    }

    async fn rehearse(&self) -> Result<(), Fault> {
        self.lock.rehearse().await
    }

    async fn keep(&self, holding: &Holding) -> Result<(), Fault> {
        self.lock.keep(holding).await
    }
}

/// Who keeps what is renewed. Nobody is asked for a password while standard input is the body.
pub fn keeper(opened: &Opened, password_file: Option<PathBuf>, reads_input: bool) -> PatientKeeper {
    let profile = Profile { holding: None, ..opened.profile.clone() };
    let sign_in = move |died: &Holding| login(&profile, password_file.as_deref(), reads_input, died);
    PatientKeeper(ProfileKeeper::new(opened.profiles.clone(), opened.name.clone(), Some(Box::new(sign_in))))
}

/// The login that replaces what has died; none where nobody has a password, or none helps.
fn login(
    profile: &Profile,
    password_file: Option<&Path>,
    reads_input: bool,
    died: &Holding,
) -> Result<Option<Login>, Fault> {
    // A ready token was not made with a password, and a refused password is not tried again.
    let is_replaceable = match &died.proof {
        Proof::Session { .. } => true,
        Proof::Bearer(_) => !is_nothing_to_end(died) && died.application.is_none(),
        Proof::Password { .. } => false,
    };
    let is_asked = password_file.is_some() || (is_attended() && !reads_input);
    if !is_replaceable || !is_asked || profile.username.is_empty() || profile.method == Method::Device {
        return Ok(None);
    }
    let password = if let Some(path) = password_file {
        from_file(path, "password")
    } else {
        say("the session is over; signing in again");
        SecretSource::default().password(&profile.username, &profile.base)
    };
    let password = password.map_err(|stop| Fault::new(Origin::Internal, format!("{:#}", stop.error)))?;
    let mut login = Login::new(&*profile.base, &*profile.username, password, SystemClock.now());
    (login.method, login.portal) = (profile.method, profile.portal);
    login.tenant.clone_from(&profile.tenant);
    Ok(Some(login))
}
