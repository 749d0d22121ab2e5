//! `portcullis check`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use super::shell::configuration;
use crate::exit::Outcome;

/// Validates a configuration without starting.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Prints `ok`, or every problem with its file, line and key, and ends with code 2.\n\n\
                        Example:\n  portcullis check --config /etc/portcullis/portcullis.toml"
)]
pub struct Check {
    /// The configuration [default: portcullis.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "PORTCULLIS_CONFIG")]
    config: Option<PathBuf>,
}

impl Check {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let (config, path) = configuration(self.config.as_deref())?;
        for warning in &config.warnings {
            writeln!(io::stderr(), "warning: {warning}")?;
        }
        let mut out = io::stdout().lock();
        match path {
            Some(path) => writeln!(out, "{}: ok", path.display())?,
            None => writeln!(out, "ok (no configuration file; everything has its default)")?,
        }
        Ok(())
    }
}
