//! `portcullis setting`.

use clap::{Args, Subcommand};

use super::shell::Shell;
use crate::control::Request;
use crate::exit::Outcome;

/// Shows and changes stored settings.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Takes effect at once in a running gateway; without one it changes the data\ndirectory itself. \
                  Settings of one contract alone begin with its name:\nawx. (and oauth2.), catalyst., \
                  apprenda.; portcullis. is for all of them.\n\n\
                  Examples:\n  \
                  portcullis setting list\n  \
                  portcullis setting set SESSION_COOKIE_AGE 3600\n  \
                  portcullis setting set awx.SESSIONS_PER_USER 3\n  \
                  portcullis setting set apprenda.platform_operators administrators,team:Default/Operators\n  \
                  portcullis setting set CSRF_TRUSTED_ORIGINS https://portal.example.com,https://ui.example.com\n  \
                  portcullis setting reset SESSION_COOKIE_AGE"
)]
pub struct Setting {
    #[command(flatten)]
    shell: Shell,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List all settings and their values
    List,
    /// Show one setting
    Get(Named),
    /// Set one setting
    Set(Set),
    /// Give one setting its default again
    Reset(Named),
}

#[derive(Debug, Args)]
struct Named {
    /// Its name, in its exact case
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(Debug, Args)]
struct Set {
    /// Its name, in its exact case
    #[arg(value_name = "NAME")]
    name: String,
    /// The new value; lists are separated by commas
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: String,
}

impl Setting {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        self.shell.run(match self.action {
            Action::List => Request::SettingList,
            Action::Get(Named { name }) => Request::SettingGet { name },
            Action::Set(Set { name, value }) => Request::SettingSet { name, value },
            Action::Reset(Named { name }) => Request::SettingReset { name },
        })
    }
}
