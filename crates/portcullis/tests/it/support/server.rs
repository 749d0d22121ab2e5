//! A running gateway, one per test, with a data directory of its own and passwords that cost little.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::http::Request;

/// The administrator's password in every test.
pub const ADMIN_PASSWORD: &str = "the gate stays shut 17";

/// How long a start may take on a busy machine before the test fails.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How a gateway is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether the echo component is mounted.
    pub demo: bool,
    /// What the configuration says beside the cost of passwords.
    pub config: String,
    /// Whether the data directory is empty instead of a copy of one that was started before.
    pub is_fresh: bool,
    /// Whether nobody chooses the administrator's first password.
    pub is_password_left_open: bool,
    /// Further arguments of `serve`.
    pub arguments: Vec<String>,
    /// Further variables of its environment.
    pub environment: Vec<(&'static str, String)>,
}

/// A running gateway. It is killed when the test ends, and its last words are shown if the test failed.
pub struct Server {
    child: Option<Child>,
    options: Options,
    folder: PathBuf,
    output: Arc<Mutex<Vec<String>>>,
    /// Where it listens for plain http.
    pub http: SocketAddr,
    /// Where it listens for https.
    pub https: SocketAddr,
}

impl Server {
    /// Starts one with the echo component.
    pub fn demo() -> Self {
        Self::start(Options { demo: true, ..Options::default() })
    }

    /// Starts one with this configuration.
    pub fn with_config(config: &str) -> Self {
        Self::start(Options { config: config.to_owned(), ..Options::default() })
    }

    /// Starts one.
    ///
    /// # Panics
    /// If it does not say where it listens in time.
    pub fn start(options: Options) -> Self {
        let folder = new_folder("server");
        // A fresh one makes its data directory itself.
        if !options.is_fresh {
            copy_folder(template(), &folder.join("data"));
        }
        Self::start_in(folder, options)
    }

    fn start_in(folder: PathBuf, options: Options) -> Self {
        write_inputs(&folder, &options);
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
        let mut server =
            Self { child: None, options, folder, output: Arc::default(), http: nowhere, https: nowhere };
        server.launch();
        server.wait_until_ready();
        server
    }

    /// Starts the process without waiting for it.
    pub fn launch(&mut self) {
        let mut child = serve_command(&self.folder, &self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        self.output = Arc::default();
        keep_lines(child.stdout.take().unwrap(), &self.output);
        keep_lines(child.stderr.take().unwrap(), &self.output);
        self.child = Some(child);
    }

    /// Waits until it says where it listens.
    ///
    /// # Panics
    /// If it ends first, or takes too long.
    pub fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let found =
                (self.find_address("listening on http://"), self.find_address("listening on https://"));
            if let (Some(http), Some(https)) = found {
                (self.http, self.https) = (http, https);
                return;
            }
            if let Some(status) = self.child.as_mut().unwrap().try_wait().unwrap() {
                std::thread::sleep(Duration::from_millis(100));
                panic!("the gateway ended with {status}:\n{}", self.output());
            }
            assert!(Instant::now() < deadline, "the gateway is not ready:\n{}", self.output());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn find_address(&self, mark: &str) -> Option<SocketAddr> {
        let output = self.output.lock().unwrap();
        output.iter().find_map(|line| line.split_once(mark)?.1.trim().trim_end_matches('/').parse().ok())
    }

    /// Begins a request to the plain listener.
    pub fn request(&self, method: &str, target: &str) -> Request {
        Request::new(self.http, method, target)
    }

    /// Begins a `GET`.
    pub fn get(&self, target: &str) -> Request {
        self.request("GET", target)
    }

    /// Begins a `POST`.
    pub fn post(&self, target: &str) -> Request {
        self.request("POST", target)
    }

    /// Begins a request to the encrypted listener; it is sent by `send_encrypted`.
    pub fn encrypted(&self, method: &str, target: &str) -> Request {
        Request::new(self.https, method, target)
    }

    /// Begins a request that the administrator's password goes with.
    pub fn as_admin(&self, method: &str, target: &str) -> Request {
        self.request(method, target).basic("admin", ADMIN_PASSWORD)
    }

    /// Its data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The folder of this test, for files of its own.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All that it has printed so far.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().join("\n")
    }

    /// Its process number.
    pub fn process_id(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Sends it a signal by name, such as `HUP`.
    pub fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.process_id());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success());
    }

    /// Ends it at once, as a power cut would end the process.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks it to end and waits for it.
    ///
    /// # Panics
    /// If it does not end in time.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        let mut child = self.child.take().unwrap();
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the gateway does not end:\n{}", self.output());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Starts it again on the same data directory.
    pub fn start_again(&mut self) {
        self.launch();
        self.wait_until_ready();
    }

    /// Replaces what the configuration says beside the cost of passwords; a signal or a restart makes it count.
    pub fn configure(&mut self, config: &str) {
        config.clone_into(&mut self.options.config);
        write_inputs(&self.folder, &self.options);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("---- the gateway's last words\n{}", self.output());
        } else {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// A new folder for one test.
pub fn new_folder(name: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    // Below the system's folder and not below `target`: the name of a Unix socket may have 107 bytes.
    let folder = std::env::temp_dir().join(format!("portcullis-{name}-{}-{number}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The command line of the program under test.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PORTCULLIS_") {
            command.env_remove(name);
        }
    }
    command
}

fn serve_command(folder: &Path, options: &Options) -> Command {
    let mut command = program();
    command.arg("serve").arg("--data-dir").arg(folder.join("data"));
    command.arg("--config").arg(folder.join("portcullis.toml"));
    if !options.is_password_left_open {
        command.arg("--admin-password-file").arg(folder.join("admin-password"));
    }
    command.args(["--listen", "127.0.0.1:0", "--listen-http", "127.0.0.1:0"]);
    if options.demo {
        command.arg("--demo");
    }
    command.args(&options.arguments).current_dir(folder);
    command.envs(options.environment.iter().map(|(name, value)| (name, value)));
    command
}

fn write_inputs(folder: &Path, options: &Options) {
    let is_cost_given = options.config.contains("[passwords]");
    let cost = if is_cost_given { "" } else { "[passwords]\nmemory_kib = 64\niterations = 1\n" };
    fs::write(folder.join("portcullis.toml"), format!("{cost}\n{}", options.config)).unwrap();
    write_secret(&folder.join("admin-password"), ADMIN_PASSWORD);
}

/// Writes a file that only its owner can read.
pub fn write_secret(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A data directory that was started once, with its keys made, so that tests need not make keys.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let mut server = Server::start(Options { is_fresh: true, ..Options::default() });
        server.stop();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("template");
        let _ = fs::remove_dir_all(&folder);
        copy_folder(&server.data_dir(), &folder);
        folder
    })
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            copy_folder(&entry.path(), &to.join(entry.file_name()));
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn keep_lines(pipe: impl Read + Send + 'static, output: &Arc<Mutex<Vec<String>>>) {
    let output = Arc::clone(output);
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
            output.lock().unwrap().push(String::from_utf8_lossy(&line).into_owned());
        }
    });
}
