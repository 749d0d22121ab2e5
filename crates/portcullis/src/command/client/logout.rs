//! `portcullis logout`.

use client::saved::{Name, SavedError};
use client::{TalkError, Unwatched};
use dialects::{Holding, Method, Rejection};
use identity::model::proof::Proof;

use super::{Chosen, Opened, block_on, lock, profiles, saved, say, told};
use crate::exit::{Exit, Outcome, Stop};

/// Ends a sign-in at its platform and forgets it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Ends the session at the platform, or revokes the token if login made it, and forgets both.\n\
                        Where the platform cannot be reached it is forgotten here all the same, with code 4.\n\n\
                        Examples:\n  \
                        portcullis logout\n  \
                        portcullis logout --profile prod\n  \
                        portcullis logout --all"
)]
pub struct Logout {
    #[command(flatten)]
    chosen: Chosen,
    /// All saved sign-ins
    #[arg(long)]
    all: bool,
}

impl Logout {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        if !self.all {
            return leave(&self.chosen.open()?);
        }
        let profiles = profiles()?;
        let mut worst = None;
        for name in profiles.list().map_err(saved)? {
            if let Err(stop) = leave_named(&profiles, &name) {
                // Each is told; the last decides how the program ends.
                if let Some(Stop { error, .. }) = worst.replace(stop) {
                    say(&format!("portcullis: {error:#}"));
                }
            }
        }
        worst.map_or(Ok(()), Err)
    }
}

fn leave_named(profiles: &client::Profiles, name: &Name) -> Outcome {
    let profile = profiles.get(name).map_err(saved)?;
    if profile.holding.is_none() {
        profiles.remove(name).map_err(saved)?;
        say(&format!("{name}: nothing was held; it is forgotten"));
        return Ok(());
    }
    leave(&Opened::of(profiles.clone(), name.clone(), profile)?)
}

/// Ends one at its platform, and forgets it whatever the platform says.
fn leave(opened: &Opened) -> Outcome {
    let name = opened.name.clone();
    // Under the lock nobody renews what is about to end.
    let lock = match lock(&opened.profiles, &name) {
        // A disk that cannot be written to is no reason to leave the session open.
        Err(SavedError::System { path, cause }) => Err(SavedError::System { path, cause }),
        lock => Ok(lock.map_err(saved)?),
    };
    let held = match &lock {
        Ok(lock) => lock.find().map_err(saved)?.and_then(|it| it.holding),
        Err(_) => opened.profile.holding.clone(),
    };
    let ended = match &held {
        Some(held) => block_on(async { end(opened, held).await }),
        None => Ok(()),
    };
    let base = &opened.profile.base;
    if let Err(error) = lock.and_then(|lock| lock.remove()) {
        let at = if ended.is_ok() { "it is ended" } else { "it lives on" };
        let message = format!("{name}: {at} at {base}, but it cannot be forgotten here: {error}");
        return Err(Stop::new(Exit::Failed, message));
    }
    match (ended, held) {
        (Ok(()), Some(held)) if is_nothing_to_end(&held) => {
            let why = match held.method {
                Method::Basic => "there was no session to end",
                _ => "the token was made elsewhere and is still good at the server",
            };
            say(&format!("{name}: forgotten; {why}"));
            Ok(())
        }
        (Ok(()), None) => {
            say(&format!("{name}: nothing was held; it is forgotten"));
            Ok(())
        }
        (Ok(()), Some(_)) => {
            say(&format!("{name}: signed out of {base}"));
            Ok(())
        }
        (Err(stop), _) if stop.exit == Exit::SignedOut => {
            say(&format!("{name}: forgotten; it was over at {base} already"));
            Ok(())
        }
        (Err(stop), held) => {
            let is_token = held.as_ref().is_some_and(|it| matches!(it.proof, Proof::Bearer(_)));
            let advice = if is_token && stop.exit == Exit::Refused {
                " (a token that may only read cannot revoke itself: revoke it in the platform's pages, or signed in \
                 in another way)"
            } else {
                ""
            };
            let until = held.and_then(|it| it.expires_at).map(told::instant);
            let until = until.unwrap_or_else(|| "its end".to_owned());
            let message = format!(
                "{name}: forgotten here, but it lives on at {base} until {until}: {:#}{advice}",
                stop.error
            );
            Err(Stop::new(stop.exit, message))
        }
    }
}

/// Ends what is held at its server.
pub async fn end(opened: &Opened, holding: &Holding) -> Outcome {
    if is_nothing_to_end(holding) {
        return Ok(());
    }
    match opened.agent().talk(opened.half().sign_out(holding), &mut Unwatched).await {
        // What is not there any more is ended.
        Ok(()) | Err(TalkError::Refused(Rejection::Absent)) => Ok(()),
        Err(error) => Err(opened.moment().talk(error)),
    }
}

/// Whether the server keeps nothing that this sign-in has made.
pub fn is_nothing_to_end(holding: &Holding) -> bool {
    match &holding.proof {
        Proof::Password { .. } => true,
        // A ready token: this sign-in did not make it, and does not end it.
        Proof::Bearer(_) => {
            holding.token_id.is_none() && holding.renewal.is_none() && holding.application.is_none()
        }
        Proof::Session { .. } => false,
    }
}

/// Whether two hold the same proof.
pub fn is_same(left: &Holding, right: &Holding) -> bool {
    match (&left.proof, &right.proof) {
        (Proof::Bearer(left), Proof::Bearer(right))
        | (Proof::Session { secret: left, .. }, Proof::Session { secret: right, .. }) => left == right,
        _ => false,
    }
}
