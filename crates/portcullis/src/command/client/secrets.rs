//! Where names, passwords and tokens come from: the terminal, standard input or a file. Never the command line,
//! which other users of the machine can read, and never the environment, which every child inherits.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use identity::model::secret::Secret;

use super::interrupt::{self, Patience};
use super::warn;
use crate::config;
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
            return from_input("password");
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
            return from_input("token");
        }
        ask_secretly(&format!("Token for {base}: "), "the token", "--token-stdin or --token-file FILE")
    }
}

/// A secret from a file: its only line.
pub fn from_file(path: &Path, what: &str) -> Outcome<Secret> {
    let text = config::read_file(path).map_err(|problem| Stop::usage(anyhow::Error::msg(problem)))?;
    warn_of_others(path);
    one_line(text, what).with_context(|| format!("in {}", path.display())).map_err(Stop::usage)
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

fn from_input(what: &str) -> Outcome<Secret> {
    let limit = LENGTH_MAX + 3;
    // Room for all of it at once: no copy is left where the text has grown.
    let mut bytes = Vec::with_capacity(limit + 1);
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    io::stdin().lock().take(limit).read_to_end(&mut bytes).context("cannot read standard input")?;
    of_bytes(bytes, what).context("on standard input").map_err(Stop::usage)
}

/// A secret in bytes that somebody else has written.
pub fn of_bytes(bytes: Vec<u8>, what: &str) -> anyhow::Result<Secret> {
    anyhow::ensure!(bytes.len() <= LENGTH_MAX + 2, "the {what} is longer than {LENGTH_MAX} bytes");
    let Ok(text) = String::from_utf8(bytes) else { anyhow::bail!("the {what} is no text in UTF-8") };
    one_line(text, what)
}

/// Takes the line feed off, and refuses what cannot be meant.
pub fn one_line(text: String, what: &str) -> anyhow::Result<Secret> {
    let whole = Secret::new(text);
    let line = whole.expose();
    let line = line.strip_suffix("\r\n").or_else(|| line.strip_suffix('\n')).unwrap_or(line);
    anyhow::ensure!(!line.is_empty(), "the {what} is empty");
    anyhow::ensure!(line.len() <= LENGTH_MAX, "the {what} is longer than {LENGTH_MAX} bytes");
    anyhow::ensure!(!line.contains('\0'), "the {what} has a zero byte in it");
    anyhow::ensure!(!line.contains(['\n', '\r']), "the {what} is more than one line");
    Ok(Secret::new(line))
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
    one_line(text, what.trim_start_matches("the ")).map_err(Stop::usage)
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
