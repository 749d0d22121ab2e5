//! What signs in again once a session is over: a password from a file, or one that a terminal is asked for.

use std::path::{Path, PathBuf};

use client::saved::{Profile, ProfileKeeper};
use dialects::{Holding, Login, Method};
use identity::model::proof::Proof;
use identity::port::Clock as _;
use identity::{Fault, Origin};

use super::super::logout::is_nothing_to_end;
use super::super::secrets::{SecretSource, from_file, is_attended};
use super::super::{Opened, say};
use crate::clock::SystemClock;

/// Who keeps what is renewed. Nobody is asked for a password while standard input is the body.
pub fn keeper(opened: &Opened, password_file: Option<PathBuf>, reads_input: bool) -> ProfileKeeper {
    let profile = Profile { holding: None, ..opened.profile.clone() };
    let sign_in = move |died: &Holding| login(&profile, password_file.as_deref(), reads_input, died);
    ProfileKeeper::new(opened.profiles.clone(), opened.name.clone(), Some(Box::new(sign_in)))
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
