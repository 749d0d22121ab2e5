//! Secrets that a command takes in: the only line of a file or of standard input. Never the command line: other users
//! of the machine can read that.

use std::io::{self, Read as _};
use std::path::Path;

use anyhow::Context as _;
use identity::model::secret::Secret;

use crate::config;
use crate::exit::{Outcome, Stop};

/// A kind of secret: what messages call it, and its greatest length in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Kind<'a> {
    /// What it is called, such as "password".
    pub name: &'a str,
    /// How long it may be, in bytes.
    pub length_max: usize,
}

impl Kind<'_> {
    /// One from a file: its only line.
    pub fn read_file(self, path: &Path) -> Outcome<Secret> {
        let text = config::read_file(path).map_err(|problem| Stop::usage(anyhow::Error::msg(problem)))?;
        self.one_line(text).with_context(|| format!("in {}", path.display())).map_err(Stop::usage)
    }

    /// One from standard input: its only line.
    pub fn read_input(self) -> Outcome<Secret> {
        let limit = self.length_max + 3;
        // Room for all of it at once: no copy is left where the text has grown.
        let mut bytes = Vec::with_capacity(limit + 1);
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        io::stdin().lock().take(limit).read_to_end(&mut bytes).context("cannot read standard input")?;
        self.of_bytes(bytes).context("on standard input").map_err(Stop::usage)
    }

    fn of_bytes(self, bytes: Vec<u8>) -> anyhow::Result<Secret> {
        let Self { name, length_max } = self;
        anyhow::ensure!(bytes.len() <= length_max + 2, "the {name} is longer than {length_max} bytes");
        let Ok(text) = String::from_utf8(bytes) else { anyhow::bail!("the {name} is no text in UTF-8") };
        self.one_line(text)
    }

    /// Takes the line feed off, and refuses what cannot be meant.
    pub fn one_line(self, text: String) -> anyhow::Result<Secret> {
        let Self { name, length_max } = self;
        let whole = Secret::new(text);
        let line = whole.expose();
        let line = line.strip_suffix("\r\n").or_else(|| line.strip_suffix('\n')).unwrap_or(line);
        anyhow::ensure!(!line.is_empty(), "the {name} is empty");
        anyhow::ensure!(line.len() <= length_max, "the {name} is longer than {length_max} bytes");
        anyhow::ensure!(!line.contains('\0'), "the {name} has a zero byte in it");
        anyhow::ensure!(!line.contains(['\n', '\r']), "the {name} is more than one line");
        Ok(Secret::new(line))
    }
}
