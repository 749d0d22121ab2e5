//! The command line: what it takes, what it refuses, and the codes it ends with.

use clap::{CommandFactory as _, Parser as _};

use super::shell::PASSWORD;
use super::{CommandLine, described, overview};
use crate::control::Response;
use crate::exit::Exit;

fn is_taken(line: &str) -> bool {
    CommandLine::try_parse_from(line.split_whitespace()).is_ok()
}

#[test]
fn the_command_line_is_consistent() {
    CommandLine::command().debug_assert();
}

#[test]
fn every_documented_form_is_taken() {
    for line in [
        "portcullis serve",
        "portcullis serve --listen 127.0.0.1:0 --listen 0.0.0.0:8443 --listen-http localhost:8080 --demo",
        "portcullis serve --config c --data-dir d --admin-password-file f",
        "portcullis check --config c",
        "portcullis user add alice --superuser --email a@b --password-stdin",
        "portcullis user add alice --no-password",
        "portcullis user list -o json",
        "portcullis user list --data-dir d",
        "portcullis --version",
        "portcullis user passwd alice --password-file f",
        "portcullis user disable alice",
        "portcullis user enable alice",
        "portcullis user delete alice",
        "portcullis token create --user alice --scope read --description x",
        "portcullis token list --user alice",
        "portcullis token create",
        "portcullis token create --scope read --profile p",
        "portcullis token list --profile p",
        "portcullis token revoke 17 --profile p",
        "portcullis token revoke 17",
        "portcullis token revoke --user alice",
        "portcullis token revoke --everybody",
        "portcullis token revoke --everybody --all",
        "portcullis token revoke --everybody --revoke-refresh",
        "portcullis token revoke --user alice --revoke_refresh",
        "portcullis token revoke --user alice --all",
        "portcullis token revoke --all",
        "portcullis token clean",
        "portcullis session list",
        "portcullis session list --user alice --kind manager-token",
        "portcullis session expire 3",
        "portcullis session expire --user alice",
        "portcullis session expire --everybody",
        "portcullis session expire --all",
        "portcullis session clean",
        "portcullis application list -o json",
        "portcullis application create portal --organization Default --redirect-uri https://p/cb",
        "portcullis application create n --organization 1 --type public --grant password --allow device \
         --allow introspection --pkce optional --skip-authorization --user alice --description x",
        "portcullis application delete portal",
        "portcullis explain 6f1c6b8e-5a0e-4c57-9f0f-0d6a4c5f1b11",
        "portcullis explain 6f1c6b8e5a0e4c579f0f0d6a4c5f1b11 -o json --data-dir d",
        "portcullis setting set NAME -1",
        "portcullis secret set manager",
        "portcullis secret set manager --stdin",
        "portcullis secret set manager --file f --data-dir d",
        "portcullis secret list -o json",
        "portcullis secret remove manager",
        "portcullis secret rekey --forget",
        "portcullis setting reset NAME --output json",
        "portcullis completions zsh",
    ] {
        let is_version = line.ends_with("--version");
        assert_eq!(is_taken(line), !is_version, "{line}");
    }
}

#[test]
fn what_is_ambiguous_or_unsafe_is_refused() {
    for line in [
        "portcullis",
        "portcullis serve --listen 8443",
        "portcullis serve --listen https://127.0.0.1:8443",
        "portcullis serve --admin-password x",
        "portcullis user add alice --password secret",
        "portcullis user add alice --password-stdin --password-file f",
        "portcullis user add alice --no-password --password-stdin",
        "portcullis token revoke",
        "portcullis token revoke 1 --all",
        "portcullis token revoke 1 --revoke-refresh",
        "portcullis token revoke 1 --everybody",
        "portcullis token revoke --user a --everybody",
        "portcullis token clean --everybody",
        "portcullis session expire 1 --everybody",
        "portcullis session expire --user a --all",
        "portcullis application create n",
        "portcullis application create --organization Default",
        "portcullis application create n --organization Default --allow everything",
        "portcullis application create n --organization Default --pkce plain",
        "portcullis application delete",
        "portcullis token revoke 0",
        "portcullis explain",
        "portcullis explain a b",
        "portcullis session expire",
        "portcullis session list --kind browser",
        "portcullis user list -o xml",
        "portcullis completions cobol",
    ] {
        assert!(!is_taken(line), "{line}");
    }
}

#[test]
fn the_overview_fits_on_a_screen_and_tells_everything() {
    let command = described();
    let text = overview::text(&command);
    assert!(text.lines().count() <= 40, "{} lines:\n{text}", text.lines().count());
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line:?} is longer than 80 characters");
    }
    for it in command.get_subcommands() {
        assert!(text.contains(&format!("\n  {:<12} ", it.get_name())), "{} is not there", it.get_name());
        let places = overview::GROUPS.iter().filter(|(_, names)| names.contains(&it.get_name())).count();
        assert_eq!(places, 1, "{} is in {places} groups", it.get_name());
    }
    for (exit, words) in Exit::ALL {
        assert!(text.contains(&format!("  {} {words}", exit.code())), "{exit:?}");
    }
    assert_eq!(described().render_help().to_string().trim_end(), text.trim_end());
}

#[test]
fn every_command_has_examples() {
    for it in described().get_subcommands() {
        let help = it.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(help.contains("portcullis "), "{} shows no example", it.get_name());
    }
}

#[test]
fn each_answer_of_a_server_has_its_exit_code() {
    let message = || "m".to_owned();
    for (response, exit) in [
        (Response::Refused { message: message() }, Exit::Refused),
        (Response::Busy { message: message() }, Exit::Unreachable),
        (Response::Failed { message: message() }, Exit::Failed),
    ] {
        let stop = super::shell::report(response).unwrap_err();
        assert_eq!((stop.exit, stop.error.to_string()), (exit, message()));
    }
}

#[test]
fn a_password_is_one_line_of_bounded_length() {
    let taken = |text: &str| PASSWORD.one_line(text.to_owned()).map(|it| it.expose().to_owned());
    assert_eq!(taken("a b \n").unwrap(), "a b ");
    assert_eq!(taken("x\r\n").unwrap(), "x");
    assert_eq!(taken(" x").unwrap(), " x");
    for wrong in ["", "\n", "a\nb\n", "a\0b"] {
        assert!(taken(wrong).is_err(), "{wrong:?}");
    }
    assert!(taken(&"x".repeat(4096)).is_ok());
    assert!(taken(&"x".repeat(4097)).is_err());
}
