//! `portcullis credential`.

use std::io::{self, Write as _};

use clap::ValueEnum;
use client::saved::Name;

use super::asking::Question;
use super::{Opened, block_on, profiles, saved, warn};
use crate::exit::Outcome;

/// Answers programs that ask for a name and a password, in the language of git's credential helpers.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Reads key=value lines on standard input. Only a question about a server that somebody is signed in\n\
                  at, the same scheme, host and port, gets an answer; any other gets nothing. store and erase do\n\
                  nothing: login and logout do that.\n\n\
                  Examples:\n  \
                  git config --global credential.helper '!portcullis credential'\n  \
                  printf 'protocol=https\\nhost=awx.example.com\\n\\n' | portcullis credential get"
)]
pub struct Credential {
    /// Answer from this saved sign-in alone
    #[arg(long, value_name = "PROFILE", env = "PORTCULLIS_PROFILE")]
    profile: Option<String>,
    /// What is asked of the helper
    #[arg(value_name = "ACTION", value_enum)]
    action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Show the proof, if there is one for that server
    Get,
    /// Nothing: `portcullis login` saves
    Store,
    /// Nothing: `portcullis logout` forgets
    Erase,
}

impl Credential {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let question = Question::read()?;
        if self.action != Action::Get {
            return Ok(());
        }
        let profiles = profiles()?;
        let current = profiles.current().map_err(saved)?;
        let names: Vec<Name> = if let Some(name) = &self.profile {
            vec![Name::parse(name).map_err(saved)?]
        } else {
            let others =
                profiles.list().map_err(saved)?.into_iter().filter(|it| Some(it) != current.as_ref());
            current.iter().cloned().chain(others).collect()
        };
        for name in names {
            // One that cannot be read does not stand in the way of the others, but is told.
            let profile = match profiles.find(&name) {
                Ok(Some(profile)) => profile,
                Ok(None) => continue,
                Err(error) => {
                    warn(&error.to_string());
                    continue;
                }
            };
            // One that would ask for a password has no answer of its own.
            if profile.holding.is_none() || !question.is_about(&profile.base) {
                continue;
            }
            let opened = match Opened::of(profiles.clone(), name, profile) {
                Ok(opened) => opened,
                Err(stop) => {
                    warn(&format!("{:#}", stop.error));
                    continue;
                }
            };
            let Ok(holding) = block_on(opened.fresh()) else { continue };
            if let Some(answer) = question.answer(&holding) {
                io::stdout().lock().write_all(answer.as_bytes())?;
                return Ok(());
            }
        }
        Ok(())
    }
}
