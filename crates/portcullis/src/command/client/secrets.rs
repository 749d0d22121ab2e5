//! Where names, passwords and tokens come from: the terminal, standard input or a file. Never the command line,
//! which other users of the machine can read, and never the environment, which every child inherits.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use identity::model::secret::Secret;

use super::interrupt::{self, Patience};
use super::warn;
use crate::command::input::Kind;
use crate::exit::{Outcome, Stop};
use crate::output;

/// Longest secret, in bytes: JWTs of some platforms have several thousand.
const LENGTH_MAX: usize = 16 * 1024;
/// Longest user name, in bytes.
const NAME_MAX: usize = 1024;

/// Where the secret of a login comes from; without any of these it is asked for.
#[derive(Debug, Default, clap::Args)]
#[group(multiple = false)]
pub struct SecretSource {
    /// Read the password from standard input (one line)
    #[arg(long)]
    password_stdin: bool,
    /// Read the password from this file (one line)
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Sign in with a token that was made elsewhere, from standard input (one line)
    #[arg(long)]
    token_stdin: bool,
    /// Sign in with a token that was made elsewhere, from this file (one line)
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl SecretSource {
    /// Whether a ready token is given.
    pub fn has_token(&self) -> bool {
        self.token_stdin || self.token_file.is_some()
    }

    /// Whether a password is given.
    pub fn has_password(&self) -> bool {
        self.password_stdin || self.password_file.is_some()
    }

    /// The password: from where the command line says, else asked for.
    pub fn password(&self, username: &str, base: &str) -> Outcome<Secret> {
        if let Some(path) = &self.password_file {
            return from_file(path, "password");
        }
        if self.password_stdin {
            return kind("password").read_input();
        }
        ask_secretly(
            &format!("Password of {} at {base}: ", output::printable(username)),
            "the password",
            "--password-stdin or --password-file FILE",
        )
    }

    /// The token, from where the command line says.
    pub fn token(&self, base: &str) -> Outcome<Secret> {
        if let Some(path) = &self.token_file {
            return from_file(path, "token");
        }
        if self.token_stdin {
            return kind("token").read_input();
        }
        ask_secretly(&format!("Token for {base}: "), "the token", "--token-stdin or --token-file FILE")
    }
}

/// A secret from a file: its only line.
pub fn from_file(path: &Path, what: &str) -> Outcome<Secret> {
    let secret = kind(what).read_file(path)?;
    warn_of_others(path);
    Ok(secret)
}

/// A secret of this name, as it is taken in.
pub fn kind(name: &str) -> Kind<'_> {
    Kind { name, length_max: LENGTH_MAX }
}

/// Warns if other users can read a file with a secret.
fn warn_of_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let Ok(found) = std::fs::metadata(path) else { return };
    if found.is_file() && found.permissions().mode() & 0o077 != 0 {
        let shown = path.display();
        warn(&format!("{shown} can be read or changed by other users; run: chmod 600 '{shown}'"));
    }
}

/// Whether somebody can be asked.
pub fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn ask_secretly(question: &str, what: &str, instead: &str) -> Outcome<Secret> {
    if !is_attended() {
        return Err(Stop::usage(anyhow::anyhow!("there is no terminal to ask for {what}; use {instead}")));
    }
    // Ctrl-C must not end the program before the terminal shows again what is typed.
    let patience = Patience::begin();
    let answer = rpassword::prompt_password(question);
    if matches!(&answer, Err(cause) if cause.kind() == io::ErrorKind::Interrupted) {
        let _ = writeln!(io::stderr().lock());
        interrupt::stop();
    }
    drop(patience);
    let text = answer.with_context(|| format!("cannot ask for {what}"))?;
    kind(what.trim_start_matches("the ")).one_line(text).map_err(Stop::usage)
}

/// The name of the user: as given, else asked for, with the name that the system knows as the usual answer.
pub fn username(given: Option<String>, base: &str) -> Outcome<String> {
    let name = match given {
        Some(name) => name,
        None if is_attended() => {
            let usual = ["USER", "LOGNAME", "USERNAME"]
                .into_iter()
                .filter_map(|it| std::env::var(it).ok())
                .find(|it| !it.is_empty());
            let hint = usual.as_deref().map(|it| format!(" [{}]", output::printable(it))).unwrap_or_default();
            let answer = ask(&format!("User name at {base}{hint}: "))?;
            if answer.is_empty() { usual.unwrap_or_default() } else { answer }
        }
        None => {
            let text = "there is no terminal to ask for a user name; use --user NAME";
            return Err(Stop::usage(anyhow::anyhow!(text)));
        }
    };
    if name.is_empty() || name.len() > NAME_MAX || name.contains(char::is_control) {
        return Err(Stop::usage(anyhow::anyhow!("the user name is empty, too long, or not one line")));
    }
    Ok(name)
}

/// Asks a question that is answered by yes or no; anything but yes is no.
pub fn is_agreed(question: &str) -> Outcome<bool> {
    let answer = ask(&format!("{question} [y/N] "))?;
    Ok(matches!(&*answer.to_lowercase(), "y" | "yes"))
}

/// Asks for one line, which is shown while it is typed.
fn ask(question: &str) -> Outcome<String> {
    let mut out = io::stderr().lock();
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    let limit = u64::try_from(NAME_MAX).unwrap_or(u64::MAX) + 2;
    io::stdin().lock().take(limit).read_line(&mut line).context("cannot read the answer")?;
    Ok(line.trim().to_owned())
}
