//! `portcullis serve`.

mod first_start;
mod run;

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use clap::Args;
use clap::builder::FalseyValueParser;
use identity::model::secret::Secret;

use super::shell::{PASSWORD, configuration};
use crate::config::{self, Config};
use crate::control::is_served;
use crate::data_dir::{DataDir, Held};
use crate::exit::{Exit, Outcome, Stop};
use crate::{assemble, logging};

/// The variable with the administrator's first password.
const PASSWORD_VARIABLE: &str = "PORTCULLIS_ADMIN_PASSWORD";
/// How long a start waits for a command that is at work on the data directory.
const HOLD_TIMEOUT: Duration = Duration::from_secs(3);

/// Runs the gateway.
#[derive(Debug, Args)]
#[command(after_help = "\
No configuration is needed. The first start makes a data directory with a
database, a signing key and a self-signed certificate, and the user `admin`.
Its password comes from --admin-password-file or from the variable
PORTCULLIS_ADMIN_PASSWORD; without either it is random and printed once.

Signals:
  HUP        read configuration and certificates again, reopen the audit log
  TERM, INT  let running requests end, for limits.drain_timeout at most, and
             stop; the second one stops at once

Examples:
  portcullis serve
  portcullis serve --demo --listen 0.0.0.0:8443
  portcullis serve --config /etc/portcullis/portcullis.toml --data-dir /var/lib/portcullis")]
pub struct Serve {
    /// Address for https, such as 0.0.0.0:8443; can be repeated [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDR", env = "PORTCULLIS_LISTEN", value_delimiter = ',', value_parser = config::parse_address)]
    listen: Vec<SocketAddr>,
    /// Address for plain http, for loopback or behind a proxy; can be repeated [default: none]
    #[arg(long, value_name = "ADDR", env = "PORTCULLIS_LISTEN_HTTP", value_delimiter = ',', value_parser = config::parse_address)]
    listen_http: Vec<SocketAddr>,
    /// The configuration [default: portcullis.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "PORTCULLIS_CONFIG")]
    config: Option<PathBuf>,
    /// Where everything is kept; made if it is not there
    #[arg(long, value_name = "DIR", env = "PORTCULLIS_DATA_DIR", default_value = "portcullis-data")]
    data_dir: PathBuf,
    /// Mount an echo component at /api/controller/, /api/galaxy/, /api/eda/, /soc/, /developer/, /account/, and
    /// below /api/v2/ and /dataservice/, to see what services receive
    #[arg(long, env = "PORTCULLIS_DEMO", value_parser = FalseyValueParser::new())]
    demo: bool,
    /// A file with the first password of the administrator
    #[arg(long, value_name = "FILE", env = "PORTCULLIS_ADMIN_PASSWORD_FILE")]
    admin_password_file: Option<PathBuf>,
}

impl Serve {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let config = self.configuration()?;
        logging::start(&config.log);
        let data_dir = DataDir::prepare(&self.data_dir)?;
        let held = hold(&data_dir)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().thread_name("control").enable_all().build()?;
        if let Some(password) = password_from_environment()? {
            let file = self.admin_password_file.as_deref();
            runtime.block_on(prepare_administrator(&data_dir, &config, file, password))?;
            drop(runtime);
            drop(held);
            return Err(Stop::from(start_again_without_password()));
        }
        let outcome = runtime.block_on(run::run(&self, &data_dir, &config));
        runtime.shutdown_timeout(Duration::from_secs(1));
        drop(held);
        outcome
    }

    /// The configuration of the file, with what the command line says in its place.
    fn configuration(&self) -> Outcome<Config> {
        let (mut config, _) = configuration(self.config.as_deref())?;
        if !self.listen.is_empty() {
            config.listen.https = Some(self.listen.clone());
        }
        if !self.listen_http.is_empty() {
            config.listen.http = Some(self.listen_http.clone());
        }
        if self.demo {
            config::add_demo(&mut config.services);
        }
        Ok(config)
    }
}

fn hold(data_dir: &DataDir) -> Outcome<Held> {
    let deadline = Instant::now() + HOLD_TIMEOUT;
    loop {
        if let Some(held) = data_dir.try_hold()? {
            return Ok(held);
        }
        // A command holds the directory for a moment; a server holds it for good.
        if is_served(data_dir.path()) || Instant::now() > deadline {
            let shown = data_dir.path().display();
            return Err(Stop::new(
                Exit::Failed,
                format!("another gateway is running on the data directory {shown}"),
            ));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A password in the environment can be read by whoever may look at the process, for as long as it runs,
/// and a process cannot take it out of its own first environment. So it is used, and then the program
/// starts again in the same process without it.
async fn prepare_administrator(
    data_dir: &DataDir,
    config: &Config,
    file: Option<&Path>,
    password: Secret,
) -> Outcome {
    let installed = assemble::open(data_dir, config).await?;
    let source = first_start::Source { file, environment: Some(password) };
    let made = first_start::ensure_administrator(&installed.authority, source).await;
    installed.close().await?;
    made
}

fn password_from_environment() -> Outcome<Option<Secret>> {
    let Some(value) = std::env::var_os(PASSWORD_VARIABLE).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let usage = |error: anyhow::Error| Stop::usage(error.context(format!("in {PASSWORD_VARIABLE}")));
    let text = value.into_string().map_err(|_| usage(anyhow!("the password is not UTF-8")))?;
    PASSWORD.one_line(text).map(Some).map_err(usage)
}

fn start_again_without_password() -> anyhow::Error {
    let program = match std::env::current_exe() {
        Ok(program) if program.exists() => program,
        _ => PathBuf::from("/proc/self/exe"),
    };
    let mut arguments: Vec<OsString> = std::env::args_os().collect();
    let name = if arguments.is_empty() { OsString::from("portcullis") } else { arguments.remove(0) };
    let error: io::Error =
        process::Command::new(program).arg0(name).args(arguments).env_remove(PASSWORD_VARIABLE).exec();
    anyhow!(error).context("cannot start again without the password in the environment")
}
