//! `portcullis token`.

use clap::{Args, Subcommand};

use super::shell::Shell;
use crate::control::{Request, Which};
use crate::exit::Outcome;

/// Creates, lists and revokes access tokens.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Takes effect at once in a running gateway. A token's value is shown once, when\nit is created.\n\n\
                  Examples:\n  \
                  portcullis token create --user alice --scope read -o json\n  \
                  portcullis token revoke 17\n  \
                  portcullis token revoke --user alice"
)]
pub struct Token {
    #[command(flatten)]
    shell: Shell,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a personal token for a user and print it
    Create(Create),
    /// List tokens
    List(List),
    /// Revoke one token, those of a user, or all
    Revoke(Revoke),
}

#[derive(Debug, Args)]
struct Create {
    /// The user it speaks for
    #[arg(long, value_name = "NAME")]
    user: String,
    /// How far it reaches: read or write
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

#[derive(Debug, Args)]
struct List {
    /// Only those of this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

#[derive(Debug, Args)]
struct Revoke {
    #[command(flatten)]
    which: WhichArgs,
}

/// Exactly one of three ways to say which.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct WhichArgs {
    /// The one of this number
    #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
    id: Option<i64>,
    /// All of this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// All of everybody
    #[arg(long)]
    all: bool,
}

impl From<WhichArgs> for Which {
    fn from(which: WhichArgs) -> Self {
        match (which.id, which.user) {
            (Some(id), _) => Self::One(id),
            (None, Some(user)) => Self::User(user),
            (None, None) => Self::All,
        }
    }
}

impl Token {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        self.shell.run(match self.action {
            Action::Create(Create { user, scope, description }) => {
                Request::TokenCreate { username: user, scope, description }
            }
            Action::List(List { user }) => Request::TokenList { username: user },
            Action::Revoke(Revoke { which }) => Request::TokenRevoke { which: which.into() },
        })
    }
}
