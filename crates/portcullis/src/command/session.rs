//! `portcullis session`.

use clap::{Args, Subcommand};
use identity::model::session::SessionKind;

use super::shell::Shell;
use crate::control::{Request, Which};
use crate::exit::Outcome;

/// Lists and ends sessions.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Takes effect at once in a running gateway; without one it changes the data\ndirectory itself.\n\n\
                  Examples:\n  \
                  portcullis session list --user alice\n  \
                  portcullis session list --kind manager\n  \
                  portcullis session expire --user alice\n  \
                  portcullis session expire --everybody"
)]
pub struct Session {
    #[command(flatten)]
    shell: Shell,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List live sessions, the newest first, with what is left of their timeouts and which go next
    List(List),
    /// End one session, those of a user, or everybody's
    Expire(Expire),
    /// Remove sessions whose life is over
    Clean,
}

#[derive(Debug, Args)]
struct List {
    /// Only those of this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Only those of this kind: AAP's and Astra's (gateway), AWX's (controller), Catalyst Manager's (manager, and the
    /// two tokens of a JWT login), or Apprenda's (cloud)
    #[arg(long, value_name = "KIND", value_parser = SessionKind::ALL.map(SessionKind::as_str))]
    kind: Option<String>,
}

/// Exactly one of three ways to say which.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Expire {
    /// The one of this number
    #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    id: Option<i64>,
    /// Those of this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Those of everybody
    #[arg(long, alias = "all")]
    everybody: bool,
}

impl From<Expire> for Which {
    fn from(which: Expire) -> Self {
        match (which.id, which.user) {
            (Some(id), _) => Self::One(id),
            (None, Some(user)) => Self::User(user),
            (None, None) => Self::All,
        }
    }
}

impl Session {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        self.shell.run(match self.action {
            Action::List(List { user, kind }) => Request::SessionList { username: user, kind },
            Action::Expire(which) => Request::SessionExpire { which: which.into() },
            Action::Clean => Request::SessionClean,
        })
    }
}
