//! A PostgreSQL server of a test's own, below its folder, that ends with the test.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::server::new_folder;
use crate::support::tools::skip;

/// A running server with an empty database `awx` of the user `awx`.
pub struct Postgres {
    folder: PathBuf,
    programs: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts one, if its programs are installed.
    ///
    /// # Panics
    /// If they are not and none of the tests may be skipped, or if it does not start.
    pub fn start(test: &str) -> Option<Self> {
        let Some(programs) = programs() else {
            skip(test, "PostgreSQL (initdb, pg_ctl) is not installed");
            return None;
        };
        let folder = new_folder("postgres");
        if is_root() {
            // The server refuses to run as root; the package has made a user for it.
            assert!(Command::new("chown").arg("postgres").arg(&folder).status().unwrap().success());
        }
        // Free a moment ago; nobody else on this machine takes ports by number.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { folder, programs, port };
        let data = server.data();
        server.run(
            "initdb",
            &["-D", &data, "-U", "awx", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        );
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off"
        );
        let log = server.folder.join("log").display().to_string();
        server.run("pg_ctl", &["-D", &data, "-l", &log, "-o", &options, "-w", "-t", "60", "start"]);
        server.run("createdb", &["-h", "127.0.0.1", "-p", &port.to_string(), "-U", "awx", "awx"]);
        Some(server)
    }

    /// Where its database is.
    pub fn url(&self) -> String {
        format!("postgres://awx:unused-secret@127.0.0.1:{}/awx", self.port)
    }

    /// Runs statements.
    ///
    /// # Panics
    /// If one fails.
    pub fn execute(&self, statements: &str) {
        let file = self.folder.join("statements.sql");
        fs::write(&file, statements).unwrap();
        let file = file.display().to_string();
        self.run("psql", &["-q", "-v", "ON_ERROR_STOP=1", "-d", &self.url(), "-f", &file]);
    }

    /// A plain dump, or one in another format.
    pub fn dump(&self, format: &str, to: &Path) {
        let output = self.run("pg_dump", &["--format", format, "-d", &self.url()]);
        fs::write(to, output.stdout).unwrap();
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    #[track_caller]
    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let program = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // Its output goes to files: the server would keep a pipe open for as long as it runs.
        let (out, error) = (self.folder.join("out"), self.folder.join("error"));
        let status = command
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(std::process::Stdio::null())
            .stdout(fs::File::create(&out).unwrap())
            .stderr(fs::File::create(&error).unwrap())
            .status()
            .unwrap();
        let output = Output { status, stdout: fs::read(out).unwrap(), stderr: fs::read(error).unwrap() };
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(status.success(), "{arguments:?}: {words}{}", String::from_utf8_lossy(&output.stdout));
        output
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        if !std::thread::panicking() {
            self.run("pg_ctl", &["-D", &data, "-m", "immediate", "-w", "stop"]);
            let _ = fs::remove_dir_all(&self.folder);
            return;
        }
        // A second panic would hide the first.
        let stop = format!("{} -D {data} -m immediate -w stop", self.programs.join("pg_ctl").display());
        let stop = if is_root() { format!("runuser -u postgres -- {stop}") } else { stop };
        let _ = Command::new("sh").args(["-c", &stop]).output();
    }
}

/// The folder with the programs: Debian has them in none of the usual ones.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|it| it.path().join("bin"));
    let usual = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let all = ["initdb", "pg_ctl", "createdb", "psql", "pg_dump"];
    debian.chain(usual).find(|folder| all.iter().all(|it| folder.join(it).is_file()))
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}
