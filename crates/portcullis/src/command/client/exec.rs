//! `portcullis exec`.

use std::ffi::OsString;
use std::process::Command;

use super::env::{strays, variables};
use super::{Chosen, block_on};
use crate::exit::{Exit, Outcome, Stop};

/// Runs a command with what other tools want to find in their environment.
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "The command takes the place of this program, and ends with its own code. It gets the address,\n\
                  the proof and the certificates to trust, under the names that the platform's tools look for;\n\
                  nothing of it is seen by other programs.\n\n\
                  Examples:\n  \
                  portcullis exec -- ansible-playbook site.yml\n  \
                  portcullis exec --profile prod -- awx jobs list\n  \
                  portcullis exec -- sh -c 'echo $CONTROLLER_HOST'"
)]
pub struct Exec {
    #[command(flatten)]
    chosen: Chosen,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

impl Exec {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let opened = self.chosen.open()?;
        let holding = block_on(opened.fresh())?;
        let Some((program, arguments)) = self.command.split_first() else { return Ok(()) };
        let mut command = Command::new(program);
        command.args(arguments);
        let found = variables(&opened, &holding);
        for name in strays(&found) {
            command.env_remove(name);
        }
        for (name, value) in found {
            command.env(name, value.expose());
        }
        let error = become_it(command);
        let shown = crate::output::printable(&program.to_string_lossy());
        Err(Stop::new(Exit::Failed, format!("cannot run {shown}: {error}")))
    }
}

/// Puts the command in the place of this process; it comes back only with an error.
#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Error {
    std::os::unix::process::CommandExt::exec(&mut command)
}

/// Waits for the command and ends with its code; it comes back only with an error.
#[cfg(not(unix))]
fn become_it(mut command: Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
