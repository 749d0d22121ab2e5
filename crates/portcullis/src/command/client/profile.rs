//! `portcullis profile`.

use clap::{Args, Subcommand};
use client::saved::{Name, SavedError};
use identity::port::Clock as _;

use super::{Printing, profiles, saved, say, told};
use crate::clock::SystemClock;
use crate::exit::{Exit, Outcome, Stop};
use crate::output::{self, Report};

/// Lists, chooses, shows and removes saved sign-ins.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Asks no server: `portcullis status` does. The current profile is the one that commands without\n\
                  --profile use.\n\n\
                  Examples:\n  \
                  portcullis profile list\n  \
                  portcullis profile use prod\n  \
                  portcullis profile remove old"
)]
pub struct Profile {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List saved sign-ins
    List(Listed),
    /// Make one the current one
    Use(Named),
    /// Forget one here; what it holds lives on at the server (logout ends it)
    Remove(Named),
    /// Show one, without its secrets
    Show(Shown),
}

#[derive(Debug, Args)]
struct Listed {
    #[command(flatten)]
    printing: Printing,
}

#[derive(Debug, Args)]
struct Named {
    /// Its name
    #[arg(value_name = "PROFILE")]
    name: String,
}

#[derive(Debug, Args)]
struct Shown {
    /// Its name; the current one if none is given
    #[arg(value_name = "PROFILE")]
    name: Option<String>,
    #[command(flatten)]
    printing: Printing,
}

impl Profile {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let profiles = profiles()?;
        match self.action {
            Action::List(Listed { printing }) => {
                let current = profiles.current().map_err(saved)?;
                let mut rows = Vec::new();
                for name in profiles.list().map_err(saved)? {
                    let is_current = current.as_ref() == Some(&name);
                    // One that cannot be read does not hide the others.
                    rows.push(match profiles.get(&name) {
                        Ok(it) => told::profile(name.as_str(), is_current, &it, SystemClock.now()),
                        Err(error) => told::unusable(name.as_str(), is_current, &error.to_string()),
                    });
                }
                let columns = ["profile", "is_current", "platform", "base", "user", "method", "state"];
                output::print(&Report::list(&columns, rows), printing.format)?;
            }
            Action::Use(Named { name }) => {
                let name = Name::parse(&name).map_err(saved)?;
                profiles.choose(&name).map_err(absent)?;
                say(&format!("{name} is the current profile now"));
            }
            Action::Remove(Named { name }) => {
                let name = Name::parse(&name).map_err(saved)?;
                if !profiles.remove(&name).map_err(saved)? {
                    return Err(absent(SavedError::Absent(name.to_string())));
                }
                say(&format!("{name} is forgotten here; what it held lives on at the server until its end"));
            }
            Action::Show(Shown { name, printing }) => {
                let current = profiles.current().map_err(saved)?;
                let Some(name) =
                    name.map(|it| Name::parse(&it)).transpose().map_err(saved)?.or_else(|| current.clone())
                else {
                    return Err(Stop::new(Exit::Refused, "there is no current profile; name one"));
                };
                let it = profiles.get(&name).map_err(absent)?;
                let is_current = current.as_ref() == Some(&name);
                let row = told::profile(name.as_str(), is_current, &it, SystemClock.now());
                output::print(&Report::one(row), printing.format)?;
            }
        }
        Ok(())
    }
}

/// Here a profile that is not there is no such thing, not somebody who is not signed in.
fn absent(error: SavedError) -> Stop {
    match error {
        SavedError::Absent(_) => Stop { exit: Exit::Refused, error: error.into() },
        other => saved(other),
    }
}
