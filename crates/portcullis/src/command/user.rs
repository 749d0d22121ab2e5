//! `portcullis user`.

use clap::{Args, Subcommand};

use super::shell::{PasswordSource, Shell};
use crate::control::Request;
use crate::exit::Outcome;

/// Adds, lists and changes users.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Takes effect at once in a running gateway; without one it changes the data\ndirectory itself.\n\n\
                  Examples:\n  \
                  portcullis user add alice --email alice@example.com\n  \
                  printf %s \"$PASSWORD\" | portcullis user add robot --password-stdin\n  \
                  portcullis user disable alice"
)]
pub struct User {
    #[command(flatten)]
    shell: Shell,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a user
    Add(Add),
    /// List all users
    List,
    /// Give a user a new password; its sessions end
    Passwd(Passwd),
    /// Keep a user from signing in; its sessions and tokens are dead at once
    Disable(Named),
    /// Let a disabled user sign in again
    Enable(Named),
    /// Remove a user with its sessions and tokens
    Delete(Named),
}

#[derive(Debug, Args)]
struct Add {
    /// The name it signs in with
    #[arg(value_name = "NAME")]
    username: String,
    /// Let it administer everything
    #[arg(long)]
    superuser: bool,
    /// Its e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Its first name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// Its last name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// Make it without a password: it can use tokens only
    #[arg(long, conflicts_with_all = ["password_stdin", "password_file"])]
    no_password: bool,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Debug, Args)]
struct Passwd {
    /// Its name
    #[arg(value_name = "NAME")]
    username: String,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Debug, Args)]
struct Named {
    /// Its name
    #[arg(value_name = "NAME")]
    username: String,
}

impl User {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let request = match self.action {
            Action::Add(add) => {
                let password = if add.no_password { None } else { Some(add.password.read(&add.username)?) };
                Request::UserAdd {
                    username: add.username,
                    email: add.email,
                    first_name: add.first_name,
                    last_name: add.last_name,
                    is_superuser: add.superuser,
                    password,
                }
            }
            Action::List => Request::UserList,
            Action::Passwd(Passwd { username, password }) => {
                let password = password.read(&username)?;
                Request::UserPassword { username, password }
            }
            Action::Disable(Named { username }) => Request::UserEnable { username, is_enabled: false },
            Action::Enable(Named { username }) => Request::UserEnable { username, is_enabled: true },
            Action::Delete(Named { username }) => Request::UserDelete { username },
        };
        self.shell.run(request)
    }
}
