//! `portcullis token`.

use clap::{Args, Subcommand};

use super::shell::Shell;
use crate::control::{Request, Which};
use crate::exit::Outcome;

/// Creates, lists and revokes access tokens.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Takes effect at once in a running gateway; without one it changes the data\ndirectory itself. A \
                  token's value is shown once, when it is created;\nafterwards a token goes by its number.\n\n\
                  Examples:\n  \
                  portcullis token create --user alice --scope read -o json\n  \
                  portcullis token revoke 17\n  \
                  portcullis token revoke --user alice --all\n  \
                  portcullis token revoke --everybody --all\n  \
                  portcullis token clean"
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
    /// Revoke one access token, those of a user, or everybody's; with --all refresh tokens too
    Revoke(Revoke),
    /// Remove tokens whose life is over
    Clean,
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
#[command(override_usage = "portcullis token revoke [OPTIONS] <ID|--user <NAME>|--everybody|--all>")]
struct Revoke {
    /// The access token of this number
    #[arg(
        value_name = "ID",
        value_parser = clap::value_parser!(i64).range(1..),
        required_unless_present_any = ["user", "everybody", "all"],
        conflicts_with_all = ["user", "everybody", "all"]
    )]
    id: Option<i64>,
    /// The access tokens of this user
    #[arg(long, value_name = "NAME", conflicts_with = "everybody")]
    user: Option<String>,
    /// The access tokens of everybody
    #[arg(long)]
    everybody: bool,
    /// The refresh tokens too, so that no application fetches new ones; alone: of everybody
    #[arg(long, visible_alias = "revoke-refresh", alias = "revoke_refresh")]
    all: bool,
}

impl From<Revoke> for Request {
    fn from(revoke: Revoke) -> Self {
        let which = match (revoke.id, revoke.user) {
            (Some(id), _) => Which::One(id),
            (None, Some(user)) => Which::User(user),
            (None, None) => Which::All,
        };
        Self::TokenRevoke { which, with_refresh: revoke.all }
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
            Action::Revoke(revoke) => revoke.into(),
            Action::Clean => Request::TokenClean,
        })
    }
}
