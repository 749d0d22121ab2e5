//! `portcullis session`.

use clap::{Args, Subcommand};

use super::shell::Shell;
use super::token::WhichArgs;
use crate::control::Request;
use crate::exit::Outcome;

/// Lists and ends sessions.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Takes effect at once in a running gateway.\n\n\
                  Examples:\n  \
                  portcullis session list --user alice\n  \
                  portcullis session expire --all"
)]
pub struct Session {
    #[command(flatten)]
    shell: Shell,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List live sessions, the newest first
    List(List),
    /// End one session, those of a user, or all
    Expire(Expire),
}

#[derive(Debug, Args)]
struct List {
    /// Only those of this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

#[derive(Debug, Args)]
struct Expire {
    #[command(flatten)]
    which: WhichArgs,
}

impl Session {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        self.shell.run(match self.action {
            Action::List(List { user }) => Request::SessionList { username: user },
            Action::Expire(Expire { which }) => Request::SessionExpire { which: which.into() },
        })
    }
}
