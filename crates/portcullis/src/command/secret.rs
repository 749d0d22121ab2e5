//! `portcullis secret`.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use identity::model::secret::Secret as Value;
use identity::port::VAULT_SECRET_MAX;

use super::shell::Shell;
use crate::config;
use crate::control::{Password, Request};
use crate::exit::{Outcome, Stop};
use crate::output;

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
    Remove(Named),
    /// Seal everything under a new key
    Rekey(Rekey),
}

#[derive(Debug, Args)]
struct Named {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
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
            Action::Remove(Named { name }) => Request::SecretRemove { name },
            Action::Rekey(Rekey { forget }) => Request::SecretRekey { forgets: forget },
        };
        self.shell.run(request)
    }
}

impl Source {
    fn read(&self, name: &str) -> Outcome<Value> {
        let text = if let Some(path) = &self.file {
            config::read_file(path).map_err(|problem| Stop::usage(anyhow::Error::msg(problem)))?
        } else if self.stdin {
            let mut text = String::new();
            let limit = VAULT_SECRET_MAX as u64 + 3;
            io::stdin().lock().take(limit).read_to_string(&mut text).context("cannot read standard input")?;
            text
        } else if io::stdin().is_terminal() {
            let question = format!("Value of the secret {}: ", output::printable(name));
            rpassword::prompt_password(question).context("cannot ask for the secret")?
        } else {
            return Err(Stop::usage(anyhow::anyhow!(
                "there is no terminal to ask for the secret; use --stdin or --file"
            )));
        };
        one_line(text).map_err(Stop::usage)
    }
}

/// Takes the line end off, and refuses what cannot be meant as a password or a token.
fn one_line(text: String) -> anyhow::Result<Value> {
    let whole = Value::new(text);
    let line = whole.expose();
    let line = line.strip_suffix('\n').unwrap_or(line);
    let line = line.strip_suffix('\r').unwrap_or(line);
    anyhow::ensure!(!line.is_empty(), "the secret is empty");
    anyhow::ensure!(line.len() <= VAULT_SECRET_MAX, "the secret is longer than {VAULT_SECRET_MAX} bytes");
    anyhow::ensure!(!line.contains(['\n', '\r', '\0']), "the secret is more than one line");
    Ok(Value::new(line))
}
