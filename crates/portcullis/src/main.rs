//! The program: parses the command line, runs one command, prints the chain of causes once and chooses the
//! exit code.

mod assemble;
mod audit_log;
mod clock;
mod command;
mod config;
mod control;
mod data_dir;
mod exit;
mod lab;
mod logging;
mod output;
mod random;

use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::exit::{Exit, Stop};

fn main() -> ExitCode {
    let line = match command::parse() {
        Ok(line) => line,
        Err(error) => {
            // Help and version are no errors; clap prints each where it belongs.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            let _ = error.print();
            return exit.into();
        }
    };
    match command::run(line) {
        Ok(()) => Exit::Done.into(),
        Err(stop) if is_broken_pipe(&stop) => Exit::Done.into(),
        Err(Stop { exit, error }) => {
            let _ = writeln!(
                io::stderr().lock(),
                "portcullis: {}",
                output::printable_lines(&format!("{error:#}"))
            );
            exit.into()
        }
    }
}

/// Whoever reads our output may stop reading: `portcullis user list | head`.
fn is_broken_pipe(stop: &Stop) -> bool {
    stop.error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}
