//! `portcullis man`.

use std::io::{self, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;
use clap_mangen::Man as Page;

use crate::exit::Outcome;

/// Prints or writes the manual.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
                        portcullis man | man -l -                      read the overview\n  \
                        portcullis man /usr/local/share/man/man1       a page for every command")]
pub struct Man {
    /// Write a page for every command into this folder; without it the overview goes to standard output
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

impl Man {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let command = super::described();
        let Some(folder) = self.folder else {
            let mut page = Vec::new();
            Page::new(command).manual("Portcullis").render(&mut page)?;
            io::stdout().lock().write_all(&page)?;
            return Ok(());
        };
        std::fs::create_dir_all(&folder)
            .and_then(|()| clap_mangen::generate_to(command, &folder))
            .with_context(|| format!("cannot write the pages into {}", folder.display()))?;
        Ok(())
    }
}
