//! `portcullis completions`.

use std::io::{self, Write as _};

use clap_complete::Shell;

use crate::exit::Outcome;

/// Prints a completion script.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  portcullis completions bash > /etc/bash_completion.d/portcullis")]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::described(), "portcullis", &mut script);
        io::stdout().lock().write_all(&script)?;
        Ok(())
    }
}
