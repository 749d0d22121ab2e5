//! `portcullis token`.

use clap::{Args, Subcommand};
use dialects::client_half::WantedToken;

use super::client::side::{Deed, Side, side};
use super::client::{Chosen, token as remote};
use super::shell::Shell;
use crate::control::{Request, Which};
use crate::exit::{Outcome, Stop};

/// Creates, lists and revokes access tokens.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Without --user, --everybody, --all and --data-dir it acts at the platform of the\nsaved sign-in, for \
                  whoever is signed in there, and says so. On a gateway's own\ndata it takes effect at once in a \
                  running gateway; without one it changes the\ndata directory itself. A token's value is shown once, \
                  when it is created;\nafterwards a token goes by its number.\n\n\
                  Examples:\n  \
                  portcullis token create --scope read\n  \
                  portcullis token list --profile prod\n  \
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
    /// The user of a gateway here that it speaks for; without it: you, at the platform
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// How far it reaches: read or write
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    #[command(flatten)]
    chosen: Chosen,
}

#[derive(Debug, Args)]
struct List {
    /// Only those of this user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[command(flatten)]
    chosen: Chosen,
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
    #[command(flatten)]
    chosen: Chosen,
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
        let Self { shell, action } = self;
        match action {
            Action::Create(it) => it.run(&shell),
            Action::List(it) => it.run(&shell),
            Action::Revoke(it) => it.run(&shell),
            Action::Clean => shell.run(Request::TokenClean),
        }
    }
}

impl Create {
    fn run(self, shell: &Shell) -> Outcome {
        let Self { user, scope, description, chosen } = self;
        match (side(Deed::Create, user.is_some(), &chosen, shell)?, user) {
            (Side::Platform(opened), _) => {
                remote::create(&opened, WantedToken { scope, description }, shell.format())
            }
            (Side::Store, Some(username)) => shell.run(Request::TokenCreate { username, scope, description }),
            (Side::Store, None) => {
                let text = "in a data directory a token is made for somebody; say for whom with --user NAME";
                Err(Stop::usage(anyhow::anyhow!(text)))
            }
        }
    }
}

impl List {
    fn run(self, shell: &Shell) -> Outcome {
        match side(Deed::List, self.user.is_some(), &self.chosen, shell)? {
            Side::Platform(opened) => remote::list(&opened, shell.format()),
            Side::Store => shell.run(Request::TokenList { username: self.user }),
        }
    }
}

impl Revoke {
    fn run(self, shell: &Shell) -> Outcome {
        let means_store = self.user.is_some() || self.everybody || self.all;
        match (side(Deed::Revoke, means_store, &self.chosen, shell)?, self.id) {
            (Side::Platform(opened), Some(id)) => remote::revoke(&opened, &id.to_string(), shell.format()),
            (Side::Platform(_), None) => {
                let text = "at a platform a token is revoked by its number; `portcullis token list` shows it";
                Err(Stop::usage(anyhow::anyhow!(text)))
            }
            (Side::Store, _) => shell.run(self.into()),
        }
    }
}
