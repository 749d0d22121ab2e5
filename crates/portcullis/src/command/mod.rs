//! The command line, one file for each command.

mod application;
mod check;
mod completions;
mod explain;
mod import;
mod serve;
mod session;
mod setting;
mod shell;
mod token;
mod user;

#[cfg(test)]
mod tests;

use clap::{Parser, Subcommand};

use crate::exit::Outcome;

/// One authentication gateway for automation platforms.
#[derive(Debug, Parser)]
#[command(
    name = "portcullis",
    version,
    about = "One authentication gateway for automation platforms",
    after_help = AFTER_HELP,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    subcommand_required = true
)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Exit codes:
  0  done
  1  something broke
  2  the command line or the configuration is wrong
  3  refused, or there is no such thing
  4  the running server does not answer or is too busy

Examples:
  portcullis serve --demo                        a gateway to try out, on https://127.0.0.1:8443
  portcullis check --config portcullis.toml      is this configuration right?
  portcullis user add alice --superuser          asks for a password; works while the gateway runs
  portcullis token create --user alice -o json   a token for a script
  portcullis application create --help           let an application get tokens for users
  portcullis explain REQUEST_ID                  why was this request refused?
  portcullis import awx --help                   move here from an AWX";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway
    Serve(Box<serve::Serve>),
    /// Validate a configuration without starting
    Check(check::Check),
    /// Add, list and change users
    User(user::User),
    /// Create, list and revoke access tokens
    Token(token::Token),
    /// List and end sessions
    Session(session::Session),
    /// Create, list and delete the applications that get tokens for users (OAuth 2.0)
    Application(application::Application),
    /// Show and change stored settings
    Setting(setting::Setting),
    /// Take over users, applications and tokens of an AWX
    Import(import::Import),
    /// Tell why a request was refused, and what to send instead
    Explain(explain::Explain),
    /// Print a completion script for a shell
    Completions(completions::Completions),
}

/// Runs one command.
pub fn run(line: CommandLine) -> Outcome {
    match line.command {
        Command::Serve(it) => it.run(),
        Command::Check(it) => it.run(),
        Command::User(it) => it.run(),
        Command::Token(it) => it.run(),
        Command::Session(it) => it.run(),
        Command::Application(it) => it.run(),
        Command::Setting(it) => it.run(),
        Command::Import(it) => it.run(),
        Command::Explain(it) => it.run(),
        Command::Completions(it) => it.run(),
    }
}
