//! What `portcullis --help` shows: all commands in groups, three examples and the exit codes, on one screen.

use std::fmt::Write as _;

use crate::exit::Exit;

/// The groups, with the commands in the order in which somebody comes to need them. A command that is in none is
/// shown in the last; the tests do not let that happen.
pub const GROUPS: [(&str, &[&str]); 5] = [
    ("Sign in and call", &["login", "logout", "whoami", "status", "profile", "api", "token", "doctor"]),
    ("For other tools", &["env", "exec", "header", "credential"]),
    ("Run a gateway", &["serve", "check", "explain", "import"]),
    ("Administer it", &["user", "session", "application", "setting", "secret"]),
    ("Lab and shell", &["lab", "completions", "man"]),
];

/// How the text begins.
const BEGINNING: &str = "\
One authentication gateway for automation platforms, and a client for them
Usage: portcullis COMMAND [OPTIONS]   (portcullis COMMAND --help tells the rest)
";

/// Three examples: one for each half, and one of the way between them.
const EXAMPLES: &str = "\
Examples:
  portcullis login https://awx.example.com && portcullis whoami
  portcullis exec -- ansible-playbook site.yml   with it in its environment
  portcullis serve --demo                        a gateway to try out
";

/// How wide a column of exit codes is, in characters.
const CODE_WIDTH: usize = 42;

/// The text for this command line.
pub fn text(command: &clap::Command) -> String {
    let mut text = BEGINNING.to_owned();
    for (at, (title, names)) in GROUPS.iter().enumerate() {
        let is_last = at + 1 == GROUPS.len();
        let mut shown: Vec<&clap::Command> = names
            .iter()
            .filter_map(|name| command.get_subcommands().find(|it| it.get_name() == *name))
            .collect();
        if is_last {
            shown.extend(
                command.get_subcommands().filter(|it| !is_grouped(it.get_name()) && !it.is_hide_set()),
            );
        }
        if shown.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{title}:");
        for it in shown {
            let about = it.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {:<12} {about}", it.get_name());
        }
    }
    text.push_str(EXAMPLES);
    text.push_str("Exit codes:\n");
    text.push_str(&codes());
    text
}

fn is_grouped(name: &str) -> bool {
    GROUPS.iter().any(|(_, names)| names.contains(&name))
}

/// The exit codes, in two columns.
fn codes() -> String {
    let mut text = String::new();
    for pair in Exit::ALL.chunks(2) {
        let mut cells = String::new();
        for (exit, words) in pair {
            let _ = write!(cells, "{:<CODE_WIDTH$}", format!("  {} {words}", exit.code()));
        }
        let _ = writeln!(text, "{}", cells.trim_end());
    }
    text
}
