//! What the commands on a data directory share: where it is, how to reach its server, how to print.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use identity::model::password::BYTES_MAX;
use identity::model::secret::Secret;

use super::input::Kind;
use crate::config::{self, Config};
use crate::control::{Asked, Password, Request, Response, ask, execute};
use crate::data_dir::{DataDir, Held};
use crate::exit::{Exit, Outcome, Stop};
use crate::output::{self, Report};
use crate::{assemble, logging};

/// A password of somebody here.
pub const PASSWORD: Kind<'_> = Kind { name: "password", length_max: BYTES_MAX };

/// How long a command waits for another command that holds the data directory.
const HOLD_TIMEOUT: Duration = Duration::from_secs(10);

/// The data directory where none is named.
const DEFAULT_DATA_DIR: &str = "portcullis-data";

/// The configuration that is read where none is named.
const DEFAULT_CONFIG: &str = "portcullis.toml";

/// The part of a command's help with the options that others have too: its own come first.
const EVERYWHERE: &str = "Options of all commands on a data directory";

/// The options of every command on a data directory.
#[derive(Debug, clap::Args)]
pub struct Shell {
    /// The data directory of the gateway [default: portcullis-data]
    #[arg(
        long,
        value_name = "DIR",
        env = "PORTCULLIS_DATA_DIR",
        global = true,
        help_heading = EVERYWHERE
    )]
    data_dir: Option<PathBuf>,
    /// The configuration, for the cost of passwords and the life of tokens while no gateway runs
    #[arg(
        long,
        value_name = "FILE",
        env = "PORTCULLIS_CONFIG",
        global = true,
        help_heading = EVERYWHERE
    )]
    pub(super) config: Option<PathBuf>,
    /// How to print: a table, or JSON for scripts
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        value_enum,
        default_value_t,
        global = true,
        help_heading = EVERYWHERE
    )]
    output: output::Format,
}

impl Shell {
    /// Has a request carried out and prints what it brought.
    pub fn run(&self, request: Request) -> Outcome {
        let report = self.carry_out(request)?;
        output::print(&report, self.output)?;
        Ok(())
    }

    /// Whether the command line or the environment names a data directory.
    pub fn names_data_dir(&self) -> bool {
        self.data_dir.is_some()
    }

    /// The data directory that is meant, whether it is there or not.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.as_deref().unwrap_or(Path::new(DEFAULT_DATA_DIR))
    }

    /// How to print.
    pub fn format(&self) -> output::Format {
        self.output
    }

    /// The data directory, of a gateway that was started before.
    pub fn installation(&self) -> Outcome<DataDir> {
        let path = self.data_dir();
        let data_dir = DataDir::existing(path).map_err(|error| Stop { exit: Exit::Refused, error })?;
        if !data_dir.file(assemble::DATABASE).exists() {
            let shown = path.display();
            let message = format!("there is no gateway in {shown}; run `portcullis serve` once");
            return Err(Stop::new(Exit::Refused, message));
        }
        Ok(data_dir)
    }

    fn carry_out(&self, request: Request) -> Outcome<Report> {
        let data_dir = self.installation()?;
        let deadline = Instant::now() + HOLD_TIMEOUT;
        loop {
            match ask(data_dir.path(), &request) {
                Ok(Asked::Answer(response)) => return report(*response),
                Ok(Asked::NoServer) => {}
                Err(error) => {
                    let error = anyhow::Error::new(error).context("the running server does not answer");
                    return Err(Stop { exit: Exit::Unreachable, error });
                }
            }
            if let Some(held) = data_dir.try_hold()? {
                return self.carry_out_here(&data_dir, held, request);
            }
            // A server that is just starting or stopping, or another command.
            if Instant::now() > deadline {
                return Err(Stop::new(Exit::Unreachable, "another process holds the data directory"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn carry_out_here(&self, data_dir: &DataDir, held: Held, request: Request) -> Outcome<Report> {
        let (config, _) = configuration(self.config.as_deref())?;
        logging::start(&config::Log { level: config::Level::Warn, ..config.log.clone() });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let response = runtime.block_on(async {
            let installed = assemble::open(data_dir, &config).await?;
            let response = execute(&installed.authority, request).await;
            installed.close().await?;
            anyhow::Ok(response)
        })?;
        drop(held);
        report(response)
    }
}

/// What an answer has to tell, or how the program ends.
pub fn report(response: Response) -> Outcome<Report> {
    match response {
        Response::Done { report } => Ok(report),
        Response::Refused { message } => Err(Stop::new(Exit::Refused, message)),
        Response::Busy { message } => Err(Stop::new(Exit::Unreachable, message)),
        Response::Failed { message } => Err(Stop::new(Exit::Failed, message)),
    }
}

/// The configuration that a command line means, and the file it came from.
pub fn configuration(named: Option<&Path>) -> Outcome<(Config, Option<PathBuf>)> {
    let path = match named {
        Some(path) => path.to_owned(),
        None if Path::new(DEFAULT_CONFIG).exists() => PathBuf::from(DEFAULT_CONFIG),
        None => return Ok((Config::default(), None)),
    };
    let config = config::read(&path).map_err(|problems| {
        let count = problems.0.len();
        let many = if count == 1 { "a problem" } else { "problems" };
        Stop::usage(anyhow::anyhow!("the configuration has {many}:\n{problems}"))
    })?;
    Ok((config, Some(path)))
}

/// Where a new password comes from. Never the command line: other users of the machine can read that.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub struct PasswordSource {
    /// Read the password from standard input (one line)
    #[arg(long)]
    password_stdin: bool,
    /// Read the password from this file (one line)
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordSource {
    /// The password: from where the command line says, else asked for on the terminal.
    pub fn read(&self, username: &str) -> Outcome<Password> {
        let secret = if let Some(path) = &self.password_file {
            PASSWORD.read_file(path)?
        } else if self.password_stdin {
            PASSWORD.read_input()?
        } else if io::stdin().is_terminal() {
            prompt(username)?
        } else {
            return Err(Stop::usage(anyhow::anyhow!(
                "there is no terminal to ask for a password; use --password-stdin or --password-file"
            )));
        };
        Ok(Password(secret))
    }
}

fn prompt(username: &str) -> Outcome<Secret> {
    let shown = output::printable(username);
    let ask = |text: String| rpassword::prompt_password(text).context("cannot ask for the password");
    let first = PASSWORD.one_line(ask(format!("New password of {shown}: "))?).map_err(Stop::usage)?;
    let again = Secret::new(ask("The same again: ".to_owned())?);
    if first != again {
        return Err(Stop::usage(anyhow::anyhow!("the two passwords differ")));
    }
    Ok(first)
}
