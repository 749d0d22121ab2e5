//! `portcullis lab`.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use gateway::Scheme;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Level, Log, parse_address};
use crate::exit::{Outcome, Stop};
use crate::lab::{self, Fault, Options, PASSWORD, PEOPLE, Platform, parse_fault, parse_release};
use crate::{logging, output};

/// Where a laboratory listens where nobody says.
const DEFAULT_HTTPS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8443);

/// Runs a stand-in platform for the tests of clients.
#[derive(Debug, Args)]
#[command(after_help = "\
It is no gateway for real use: its people and their password are known to
everybody. It keeps nothing; what it needs lies in a scratch folder that is
removed at its end.

Faults, as KIND[@[METHOD:]PATH][xN], once or N times or (x*) always:
  expire, evict           the session that the request shows has just ended
  rotate                  the CSRF token that it shows is no longer good
  login-page, redirect    200 with the login page, 302 to it
  empty-401               401 without a body
  cookie                  the answer with a cookie that ends the session
  slow:SECONDS            the answer, so much later
  cut                     half of the answer, then the connection breaks
  drop:before, drop:after no answer, before or after the request ran
  status:CODE             this status; 429 and 503 with Retry-After
  refuse-login            a right password is refused

Control: GET /_lab/state, POST /_lab/clock, /_lab/fault, /_lab/expire,
/_lab/evict, /_lab/rotate, /_lab/reset, GET and DELETE /_lab/transcript.

Examples:
  portcullis lab awx
  portcullis lab catalyst --release 20.9 --listen 127.0.0.1:0 -o json
  portcullis lab aap --fault login-page@/api/controller/x2 --record told")]
pub struct Lab {
    /// Which platform it stands for
    #[arg(value_enum)]
    platform: Platform,
    /// Address for https, such as 127.0.0.1:8443; can be repeated [default: 127.0.0.1:8443]
    #[arg(long, value_name = "ADDR", value_delimiter = ',', value_parser = parse_address)]
    listen: Vec<SocketAddr>,
    /// Address for plain http; can be repeated [default: none]
    #[arg(long, value_name = "ADDR", value_delimiter = ',', value_parser = parse_address)]
    listen_http: Vec<SocketAddr>,
    /// Which release of Catalyst Manager, such as 19.1, 20.11, 20.12 or 20.18 [default: 20.18.1]
    #[arg(long, value_name = "RELEASE", value_parser = parse_release)]
    release: Option<String>,
    /// A fault that is armed from the start; can be repeated
    #[arg(long, value_name = "FAULT", value_parser = parse_fault)]
    fault: Vec<Fault>,
    /// A folder for transcripts, one file for each exchange
    #[arg(long, value_name = "DIR")]
    record: Option<PathBuf>,
    /// Most sessions at once, as the platform counts them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    sessions_max: Option<u32>,
    /// How long a session lives, such as 30m
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    session_life: Option<Duration>,
    /// How long a session may rest, such as 10m
    #[arg(long, value_name = "TIME", value_parser = parse_span)]
    idle: Option<Duration>,
    /// A file for the certificate, for clients that check it
    #[arg(long, value_name = "FILE")]
    certificate_out: Option<PathBuf>,
    /// How to say that it is ready
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: output::Format,
}

impl Lab {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        logging::start(&Log { level: Level::Warn, ..Log::default() });
        if self.release.is_some() && self.platform != Platform::Catalyst {
            return Err(Stop::usage(anyhow::anyhow!("--release is for catalyst only")));
        }
        for fault in &self.fault {
            fault.check(self.platform).map_err(|it| Stop::usage(anyhow::Error::msg(it)))?;
        }
        let runtime =
            tokio::runtime::Builder::new_multi_thread().thread_name("control").enable_all().build()?;
        let outcome = runtime.block_on(self.serve());
        runtime.shutdown_timeout(Duration::from_secs(1));
        outcome
    }

    async fn serve(self) -> Outcome {
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let running = lab::start(self.options()).await?;
        self.say_ready(&running)?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(running.stop().await?)
    }

    fn options(&self) -> Options {
        let is_plain_only = self.listen.is_empty() && !self.listen_http.is_empty();
        let https =
            if self.listen.is_empty() && !is_plain_only { vec![DEFAULT_HTTPS] } else { self.listen.clone() };
        Options {
            platform: self.platform,
            release: self.release.clone().unwrap_or_else(|| self.platform.default_release().to_owned()),
            https,
            http: self.listen_http.clone(),
            certificate_out: self.certificate_out.clone(),
            faults: self.fault.clone(),
            record: self.record.clone(),
            sessions_max: self.sessions_max,
            session_life: self.session_life,
            idle: self.idle,
        }
    }

    fn say_ready(&self, running: &lab::Running) -> io::Result<()> {
        let open = running.addresses.iter().find(|(_, it)| !it.ip().is_loopback());
        if let Some((_, address)) = open {
            writeln!(
                io::stderr().lock(),
                "portcullis: warning: everybody who reaches {address} can sign in as anybody here"
            )?;
        }
        let mut out = io::stdout().lock();
        let addresses: Vec<String> =
            running.addresses.iter().map(|(scheme, it)| format!("{}://{it}", scheme.as_str())).collect();
        let certificate = running.certificate.display().to_string();
        if self.output == output::Format::Json {
            let people =
                PEOPLE.map(|it| json!({ "username": it.username, "password": PASSWORD, "role": it.role }));
            let ready = json!({
                "platform": self.platform.name(),
                "addresses": addresses,
                "certificate": certificate,
                "people": people,
            });
            writeln!(out, "{ready}")?;
        } else {
            writeln!(out, "A laboratory: no gateway for real use. Its people are known to everybody:")?;
            for person in PEOPLE {
                writeln!(out, "    {:10} {PASSWORD}   {}", person.username, person.role)?;
            }
            if running.addresses.iter().any(|(scheme, _)| *scheme == Scheme::Https) {
                writeln!(out, "certificate {certificate}")?;
            }
            for address in &addresses {
                writeln!(out, "listening on {address}")?;
            }
            writeln!(out, "ready")?;
        }
        out.flush()
    }
}

/// Reads a span of time: seconds, or with a unit such as `30m`.
fn parse_span(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let span = text.parse::<jiff::SignedDuration>().ok().and_then(|it| Duration::try_from(it).ok());
    span.filter(|it| it.as_secs() > 0).ok_or_else(|| format!("{text:?} is no span of time such as 30m"))
}
