//! `portcullis secret`.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use identity::model::secret::Secret as Value;
use identity::port::VAULT_SECRET_MAX;

use super::input::Kind;
use super::shell::Shell;
use crate::control::{Password, Request};
use crate::exit::{Outcome, Stop};
use crate::output;

/// A secret as it is taken in.
const SECRET: Kind<'_> = Kind { name: "secret", length_max: VAULT_SECRET_MAX };

/// Keeps secrets sealed in the data directory.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Takes effect at once in a running gateway; without one it changes the data\ndirectory itself. \
                  A secret goes in and is never shown again. The configuration\nnames it: \
                  password_stored = \"manager\".\n\n\
                  Examples:\n  \
                  portcullis secret set manager\n  \
                  pass show manager | portcullis secret set manager --stdin\n  \
                  portcullis secret rekey"
)]
pub struct Secret {
    #[command(flatten)]
    shell: Shell,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Store a secret, in the place of one of the same name
    Set(Set),
    /// List the names of all secrets
    List,
    /// Remove a secret
    Remove {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Seal everything under a new key
    Rekey(Rekey),
}

#[derive(Debug, Args)]
struct Set {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    source: Source,
}

/// Where the value comes from. Never the command line: other users of the machine can read that.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct Source {
    /// Read the value from standard input (one line)
    #[arg(long)]
    stdin: bool,
    /// Read the value from this file (one line)
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Rekey {
    /// Remove what does not open, because its key is lost
    #[arg(long)]
    forget: bool,
}

impl Secret {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let request = match self.action {
            Action::Set(Set { name, source }) => {
                let secret = Password(source.read(&name)?);
                Request::SecretSet { name, secret }
            }
            Action::List => Request::SecretList,
            Action::Remove { name } => Request::SecretRemove { name },
            Action::Rekey(Rekey { forget }) => Request::SecretRekey { forgets: forget },
        };
        self.shell.run(request)
    }
}

impl Source {
    fn read(&self, name: &str) -> Outcome<Value> {
        if let Some(path) = &self.file {
            return SECRET.read_file(path);
        }
        if self.stdin {
            return SECRET.read_input();
        }
        if !io::stdin().is_terminal() {
            let text = "there is no terminal to ask for the secret; use --stdin or --file";
            return Err(Stop::usage(anyhow::anyhow!(text)));
        }
        let question = format!("Value of the secret {}: ", output::printable(name));
        let text = rpassword::prompt_password(question).context("cannot ask for the secret")?;
        SECRET.one_line(text).map_err(Stop::usage)
    }
}
