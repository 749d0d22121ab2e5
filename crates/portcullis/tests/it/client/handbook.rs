//! What the program tells about itself: the overview, the manual, and what shells complete.

use std::process::Command;

use crate::support::need;
use crate::support::server::{new_folder, program};

fn printed(arguments: &[&str]) -> String {
    let output = program().args(arguments).env("COLUMNS", "80").output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_overview_is_one_screen() {
    let text = printed(&["--help"]);
    assert!(text.lines().count() <= 40, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for word in ["login", "exec", "serve", "Exit codes", "Examples", "Sign in and call"] {
        assert!(text.contains(word), "{word} in {text}");
    }
    assert_eq!(printed(&["-h"]), text);
    // Without a command it is what one is shown, as a mistake.
    let output = program().output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(2), text));
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let folder = new_folder("man");
    printed(&["man", folder.to_str().unwrap()]);
    let pages: Vec<_> = super::files(&folder);
    let names: Vec<_> = pages.iter().map(|it| it.file_name().unwrap().to_str().unwrap()).collect();
    for name in ["portcullis.1", "portcullis-login.1", "portcullis-exec.1", "portcullis-profile-use.1"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        assert!(text.contains(".TH ") && text.contains(".SH NAME"), "{}", page.display());
    }
    assert!(printed(&["man"]).contains(".SH NAME"));
    if need("every_command_has_a_page_of_the_manual", &["man"]) {
        let output = Command::new("man").arg(folder.join("portcullis-login.1")).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn four_shells_complete_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = printed(&["completions", shell]);
        for word in ["login", "whoami", "credential", "password-stdin", "client-secret-file"] {
            assert!(script.contains(word), "{word} is not completed in {shell}");
        }
    }
    // The one shell that is everywhere reads its script and knows the commands.
    let script = printed(&["completions", "bash"]);
    let test = "COMP_WORDS=(portcullis who); COMP_CWORD=1; _portcullis portcullis who portcullis; \
                printf %s \"${COMPREPLY[*]}\"";
    if need("four_shells_complete_the_commands", &["bash"]) {
        let output = Command::new("bash").args(["-c", &format!("{script}\n{test}")]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "whoami", "{output:?}");
    }
}
