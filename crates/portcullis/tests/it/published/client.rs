//! What `docs/client.md` offers in the place of the published pages' lines, typed as it is printed there, against a
//! stand-in for each platform: read, and signed out behind it.

use std::process::Command;

use crate::support::lab::{Lab, PASSWORD};
use crate::support::need;
use crate::support::server::write_secret;

/// Makes of the program a function of the shell that is told where the password of a login is.
const SHELL: &str = r#"
set -euo pipefail
portcullis() {
    if [ "$1" = login ]; then
        "$PROGRAM" "$@" --password-file password >> logins
    else
        "$PROGRAM" "$@" < /dev/null
    fi
}
"#;

/// The commands of the last console block in a section of the document.
fn commands(heading: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/client.md");
    let text = std::fs::read_to_string(path).unwrap();
    let section = text.split("\n### ").find(|it| it.starts_with(heading)).expect(heading);
    let section = section.split("\n## ").next().unwrap();
    let block = section.split("```console\n").last().unwrap().split("```").next().unwrap();
    let commands: Vec<_> =
        block.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect();
    assert!(
        commands.len() > 2 && commands.iter().all(|it| it.starts_with("portcullis ")),
        "{heading}: {block}"
    );
    commands
}

/// Types the commands of a section at a laboratory; what they printed.
#[track_caller]
fn typed(lab: &Lab, heading: &str) -> Option<String> {
    if !need(heading, &["bash"]) {
        return None;
    }
    let folder = lab.folder();
    write_secret(&folder.join("password"), PASSWORD);
    std::fs::write(folder.join("template.json"), r#"{"host-name": "new"}"#).unwrap();
    std::fs::copy(lab.certificate(), folder.join("manager.pem")).unwrap();
    let mut command = Command::new("bash");
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().to_lowercase();
        if name.starts_with("portcullis_") || name.ends_with("_proxy") {
            command.env_remove(name.to_uppercase()).env_remove(name);
        }
    }
    let output = command
        .args(["-c", &format!("{SHELL}{}", commands(heading).join("\n"))])
        .current_dir(folder)
        .env("PROGRAM", env!("CARGO_BIN_EXE_portcullis"))
        .env("HOME", folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("SSL_CERT_FILE", lab.certificate())
        .env("A", lab.base())
        .env("U", "admin")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{heading}: {}\n{printed}\n{said}", output.status);
    assert!(said.contains("signed out of"), "{said}");
    let saved = std::fs::read_dir(folder.join("state/portcullis")).unwrap().flatten();
    let kept = saved.filter(|it| it.file_name().to_string_lossy().ends_with(".json")).count();
    assert_eq!(kept, 0, "something is still saved");
    Some(printed)
}

/// One login, one logout, and nothing left.
#[track_caller]
fn was_left_clean(lab: &Lab) {
    let counts = ["/logins", "/logouts", "/failed_logins", "/sessions/alive"].map(|it| lab.count(it));
    assert_eq!(counts, [1, 1, 0, 0]);
}

#[test]
fn the_session_of_the_platform() {
    let lab = Lab::start("aap");
    let Some(printed) = typed(&lab, "AAP") else { return };
    let status: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert!(status["services"].is_array(), "{printed}");
    was_left_clean(&lab);
}

#[test]
fn the_three_ways_of_astra() {
    let lab = Lab::start("astra");
    let Some(printed) = typed(&lab, "Astra") else { return };
    let lists: Vec<serde_json::Value> =
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lists.len(), &lists[1]["count"]), (2, &60.into()));
    was_left_clean(&lab);
}

#[test]
fn the_session_of_the_manager() {
    let lab = Lab::start("catalyst");
    let Some(printed) = typed(&lab, "Catalyst") else { return };
    assert!(printed.contains("HOST-NAME") && printed.contains("edge-60"), "{printed}");
    assert!(printed.contains(r#""host-name":"new""#), "{printed}");
    assert_eq!(lab.ran("POST", "/dataservice/template/feature"), 1);
    was_left_clean(&lab);
}

#[test]
fn the_session_of_apprenda() {
    let lab = Lab::start("apprenda");
    let Some(printed) = typed(&lab, "Apprenda") else { return };
    assert!(printed.contains("ALIAS") && printed.contains("nodes-1"), "{printed}");
    was_left_clean(&lab);
}

#[test]
fn the_token_of_awx() {
    let lab = Lab::start("awx");
    let Some(printed) = typed(&lab, "AWX") else { return };
    let answers: Vec<serde_json::Value> =
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&answers[0]["count"], &answers[1]["results"][0]["username"]), (&60.into(), &"admin".into()));
    let counts = ["/tokens/made", "/tokens/revoked", "/failed_logins", "/sessions/alive"];
    assert_eq!(counts.map(|it| lab.count(it)), [1, 1, 0, 0]);
}
