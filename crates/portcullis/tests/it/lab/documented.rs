//! The test that `docs/lab.md` prints for a shell, typed as it stands there.

use std::path::Path;
use std::process::Command;

use crate::support::need;
use crate::support::server::new_folder;

#[test]
fn the_test_in_a_shell_holds_as_printed() {
    if !need("the_test_in_a_shell_holds_as_printed", &["bash", "curl", "jq"]) {
        return;
    }
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lab.md")).unwrap();
    let script = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    assert!(script.contains("jq -e"), "{script}");
    let folder = new_folder("lab-page");
    let programs = Path::new(env!("CARGO_BIN_EXE_portcullis")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(&folder)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("HOME", &folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("TMPDIR", &folder)
        .env_remove("PORTCULLIS_PROFILE")
        .env_remove("PORTCULLIS_STATE_DIR")
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.trim_end().ends_with("true"), "{out}\n{err}");
    std::fs::remove_dir_all(folder).unwrap();
}
