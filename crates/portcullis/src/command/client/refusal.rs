//! From what a platform, or the way to it, says to the sentence and the exit code of a command: wrong password, not
//! reachable, not this platform and signed out are told apart, and each says what to do.

use client::{CallError, TalkError, Trouble};
use dialects::Rejection;
use identity::{Fault, Origin};

use super::told;
use crate::exit::{Exit, Stop};
use crate::output;

/// For whom a platform said no.
#[derive(Clone, Copy, Debug)]
pub enum Moment<'a> {
    /// For somebody who was just signing in.
    SigningIn,
    /// For a saved sign-in: its name, and where it was won.
    Using {
        /// The name of the profile.
        profile: &'a str,
        /// The base of the server.
        base: &'a str,
    },
}

impl Moment<'_> {
    /// What a failed conversation comes to.
    pub fn talk(self, error: TalkError) -> Stop {
        match error {
            TalkError::Refused(rejection) => self.refused(&rejection),
            TalkError::Lost(why) => self.lost(&why),
            TalkError::Fault(fault) => broken(&fault),
        }
    }

    /// What a failed call comes to.
    pub fn call(self, error: CallError) -> Stop {
        match error {
            CallError::Refused(rejection) => self.refused(&rejection),
            CallError::Lost(why) => self.lost(&why),
            CallError::Fault(fault) => broken(&fault),
            CallError::Uncertain => Stop::new(Exit::Failed, error.to_string()),
            CallError::Elsewhere => Stop::new(Exit::Refused, error.to_string()),
        }
    }

    /// What a rejection comes to.
    pub fn refused(self, rejection: &Rejection) -> Stop {
        // What a server says is a stranger's text.
        let said = output::printable(&told::cut(&rejection.to_string()));
        match (self, rejection) {
            (_, Rejection::TooMany(wait)) => {
                let until = wait.map(|it| format!(" (the server says: {} s)", it.as_secs()));
                Stop::new(Exit::Unreachable, format!("{said}{}", until.unwrap_or_default()))
            }
            (Self::Using { profile, base }, Rejection::Over | Rejection::Token | Rejection::Password) => {
                over(profile, base)
            }
            _ => Stop::new(Exit::Refused, said),
        }
    }

    fn lost(self, why: &str) -> Stop {
        let why = output::printable(&told::cut(why));
        let help = match self {
            Self::SigningIn => "; is the address right, and --platform?",
            Self::Using { .. } => "; has the server been replaced? `portcullis login` looks again what it is",
        };
        Stop::new(Exit::Foreign, format!("this server does not answer as such a platform does: {why}{help}"))
    }
}

/// Nothing that is held opens the server any more.
pub fn over(profile: &str, base: &str) -> Stop {
    let message = format!(
        "the sign-in {} at {base} is over; run `portcullis login --profile {}` to sign in again",
        output::printable(profile),
        output::printable(profile)
    );
    Stop::new(Exit::SignedOut, message)
}

/// What an accident on the way comes to.
pub fn broken(fault: &Fault) -> Stop {
    let exit = match (Trouble::of(fault), fault.origin) {
        (Some(Trouble::Certificate(_)), _) => Exit::Untrusted,
        (Some(Trouble::Request | Trouble::Body), _) => Exit::Failed,
        (Some(_), _) | (None, Origin::Upstream) => Exit::Unreachable,
        (None, _) => Exit::Failed,
    };
    Stop::new(exit, fault.message.clone())
}
