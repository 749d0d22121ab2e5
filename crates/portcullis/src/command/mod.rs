//! The command line, one file for each command.

mod application;
mod check;
mod client;
mod completions;
mod explain;
mod import;
pub mod input;
mod lab;
mod man;
mod overview;
mod secret;
mod serve;
mod session;
mod setting;
mod shell;
mod token;
mod user;

#[cfg(test)]
mod tests;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::exit::Outcome;

/// One authentication gateway for automation platforms.
#[derive(Debug, Parser)]
#[command(
    name = "portcullis",
    version,
    about = "One authentication gateway for automation platforms, and a client for them",
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
Commands on a platform use the saved sign-in that --profile names, else the current one; commands on a gateway's own \
data act at once, whether it runs or not. Every command that lists something prints JSON with -o json.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign in at a platform and keep what that wins
    Login(Box<client::login::Signing>),
    /// End a sign-in at its platform, and forget it
    Logout(client::logout::Logout),
    /// Ask the platform whom it takes you for
    Whoami(client::whoami::Whoami),
    /// Show what is held, until when, and how it stands
    Status(client::status::Status),
    /// List, choose, show and remove saved sign-ins
    Profile(client::profile::Profile),
    /// Send a request with the proof, and follow pages
    Api(Box<client::api::Api>),
    /// Walk a sign-in step by step, and say where it fails
    Doctor(Box<client::doctor::Doctor>),
    /// Print what other tools want to find in their environment
    Env(client::env::Env),
    /// Run a command with that in its environment
    Exec(client::exec::Exec),
    /// Print the header lines that show the proof, for curl
    Header(client::header::Header),
    /// Answer git and others that ask for a name and a password
    Credential(client::credential::Credential),
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
    /// Create, list and delete applications that get tokens for users
    Application(application::Application),
    /// Show and change stored settings
    Setting(setting::Setting),
    /// Keep secrets sealed in the data directory
    Secret(secret::Secret),
    /// Take over users, applications and tokens of an AWX
    Import(import::Import),
    /// Run a stand-in platform for the tests of clients
    Lab(Box<lab::Lab>),
    /// Tell why a request was refused, and what to send instead
    Explain(explain::Explain),
    /// Print a completion script for a shell
    Completions(completions::Completions),
    /// Print the manual, or write a page for each command
    Man(man::Man),
}

/// The description of the command line, with the overview as its help.
pub fn described() -> clap::Command {
    let command = CommandLine::command();
    let overview = overview::text(&command);
    command.override_help(overview)
}

/// Reads the command line of the process.
pub fn parse() -> Result<CommandLine, clap::Error> {
    CommandLine::from_arg_matches(&described().try_get_matches()?)
}

/// Runs one command.
pub fn run(line: CommandLine) -> Outcome {
    match line.command {
        Command::Login(it) => it.run(),
        Command::Logout(it) => it.run(),
        Command::Whoami(it) => it.run(),
        Command::Status(it) => it.run(),
        Command::Profile(it) => it.run(),
        Command::Api(it) => it.run(),
        Command::Doctor(it) => it.run(),
        Command::Env(it) => it.run(),
        Command::Exec(it) => it.run(),
        Command::Header(it) => it.run(),
        Command::Credential(it) => it.run(),
        Command::Serve(it) => it.run(),
        Command::Check(it) => it.run(),
        Command::User(it) => it.run(),
        Command::Token(it) => it.run(),
        Command::Session(it) => it.run(),
        Command::Application(it) => it.run(),
        Command::Setting(it) => it.run(),
        Command::Secret(it) => it.run(),
        Command::Import(it) => it.run(),
        Command::Lab(it) => it.run(),
        Command::Explain(it) => it.run(),
        Command::Completions(it) => it.run(),
        Command::Man(it) => it.run(),
    }
}
