//! The command line on a gateway's data directory, as an operator types it.

use std::io::Write;
use std::process::{Output, Stdio};

use super::server::{Server, program};

impl Server {
    /// Runs a command on the data directory of this gateway and returns what it printed.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    pub fn shell(&self, arguments: &[&str]) -> String {
        let output = self.try_shell(arguments, "");
        assert!(
            output.status.success(),
            "{arguments:?}: {}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command and returns its JSON.
    ///
    /// # Panics
    /// If it fails or prints something else.
    #[track_caller]
    pub fn shell_json(&self, arguments: &[&str]) -> serde_json::Value {
        let text = self.shell(&[arguments, &["-o", "json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error} in {text:?}"))
    }

    /// Runs a command with this on its standard input.
    pub fn try_shell(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = program()
            .args(arguments)
            .arg("--data-dir")
            .arg(self.data_dir())
            .arg("--config")
            .arg(self.folder().join("portcullis.toml"))
            .current_dir(self.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }
}
