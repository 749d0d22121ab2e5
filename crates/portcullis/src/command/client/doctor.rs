//! `portcullis doctor`.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use client::doctor::{self, Outcome as StepOutcome, Patient, Step, StepName};
use client::{Options, Proxies};
use dialects::{Application, Credential, Login, Method};
use identity::port::Clock as _;
use serde_json::json;

use super::platform::{Door, Platform, TrustOptions, Way};
use super::secrets::{SecretSource, from_file, is_attended, username};
use super::{Chosen, Opened, Printing, block_on, say, told, trust, warn};
use crate::clock::SystemClock;
use crate::exit::{Exit, Outcome, Stop};
use crate::output::{self, Report};

/// What the table shows.
const COLUMNS: [&str; 4] = ["step", "outcome", "seen", "advice"];

/// Walks a sign-in step by step.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Looks at the name, the port, the certificate, the clock, the platform and its sign-in page; with a\n\
                  user or a token it signs in, once, looks around, and signs out again. A password is tried a single\n\
                  time, so that no account locks. Nothing that is shown opens a door. The exit code tells at which\n\
                  kind of step it failed: 4 the way, 7 the certificate, 6 the platform, 3 the sign-in.\n\n\
                  Examples:\n  \
                  portcullis doctor https://awx.example.com\n  \
                  portcullis doctor https://vmanage.example:8443 --user svc --password-file f --ca manager.pem\n  \
                  portcullis doctor --profile prod -o json"
)]
pub struct Doctor {
    /// Where the platform is; without it, where the saved sign-in is
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// Which platform it is
    #[arg(long, value_name = "PLATFORM", value_enum, default_value_t)]
    platform: Platform,
    /// Who signs in; without a user or a token only the public part is walked
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// How to sign in; the platform's usual way if it is not said
    #[arg(long, value_name = "METHOD", value_enum)]
    method: Option<Way>,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    trust: TrustOptions,
    /// The tenant to act for (Catalyst Manager, Apprenda)
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
    /// The portal to enter (Apprenda)
    #[arg(long, value_name = "PORTAL", value_enum)]
    portal: Option<Door>,
    #[command(flatten)]
    source: SecretSource,
    /// The application that tokens are asked for as (OAuth 2.0)
    #[arg(long, value_name = "CLIENT_ID")]
    client_id: Option<String>,
    /// The secret of the application, in this file (one line)
    #[arg(long, value_name = "FILE", requires = "client_id")]
    client_secret_file: Option<PathBuf>,
    #[command(flatten)]
    printing: Printing,
}

impl Doctor {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let patient = self.patient()?;
        let shows_progress = io::stderr().is_terminal();
        let mut told = |step: &Step| {
            if shows_progress {
                say(&format!("{:<8} {}", step.outcome.as_str(), step.name.as_str()));
            }
        };
        let steps = block_on(async { Ok(doctor::walk(patient, &SystemClock, &mut told).await) })?;
        output::print(&Report::list(&COLUMNS, steps.iter().map(row).collect()), self.printing.format)?;
        let failed = steps.iter().find(|it| it.outcome == StepOutcome::Failed);
        failed.map_or(Ok(()), |step| {
            let advice = step.advice.as_deref().unwrap_or("look at what it says");
            Err(Stop::new(exit(step.name), format!("{} fails: {advice}", step.name.as_str())))
        })
    }

    /// Who is to be looked at: an address of the command line, or the saved sign-in's.
    fn patient(&self) -> Outcome<Patient> {
        let opened = if self.url.is_none() { Some(self.chosen.open()?) } else { None };
        let address = match (&self.url, &opened) {
            (Some(url), _) => url.clone(),
            (None, Some(opened)) => opened.profile.base.clone(),
            (None, None) => String::new(),
        };
        let (base, typed) = client::base(&address).map_err(Stop::usage)?;
        let options = match &opened {
            Some(opened) if !self.trust.insecure && self.trust.ca.is_none() => {
                opened.transport.options().clone()
            }
            _ => {
                if self.trust.insecure {
                    warn("the certificate is not checked (--insecure)");
                }
                let trust = trust(self.trust.insecure, self.trust.ca.as_deref())?;
                Options { trust, proxies: Proxies::Environment, ..Options::default() }
            }
        };
        let dialect = self.platform.dialect().or(opened.as_ref().map(|it| it.dialect));
        let login = self.login(base.as_str(), opened.as_ref())?;
        Ok(Patient { base, typed, options, dialect, login })
    }

    /// What to sign in with; none without a user or a token, or where nobody can be asked for a password.
    fn login(&self, base: &str, opened: Option<&Opened>) -> Outcome<Option<Login>> {
        let saved = opened.map(|it| &it.profile);
        let has_secret = self.source.has_token() || self.source.has_password();
        let is_wanted = has_secret || self.user.is_some() || (saved.is_some() && is_attended());
        if !is_wanted {
            return Ok(None);
        }
        let credential = if self.source.has_token() {
            Credential::Token(self.source.token(base)?)
        } else {
            let saved = saved.map(|it| it.username.clone()).filter(|it| !it.is_empty());
            let username = username(self.user.clone().or(saved), base)?;
            let password = self.source.password(&username, base)?;
            Credential::Password { username, password }
        };
        let method = match (self.method.map(Method::from), &credential) {
            (Some(method), _) => method,
            (None, Credential::Token(_)) => Method::Token,
            (None, _) => {
                saved.map(|it| it.method).filter(|it| *it != Method::Device).unwrap_or(Method::Session)
            }
        };
        let secret = self.client_secret_file.as_deref();
        let secret = secret.map(|path| from_file(path, "secret of the application")).transpose()?;
        Ok(Some(Login {
            base: base.to_owned(),
            credential,
            method,
            tenant: self.tenant.clone().or_else(|| saved.and_then(|it| it.tenant.clone())),
            portal: self.portal.map(Into::into).or_else(|| saved.and_then(|it| it.portal)),
            application: self.client_id.clone().map(|id| Application { id, secret }),
            scope: None,
            description: None,
            now: SystemClock.now(),
        }))
    }
}

fn row(step: &Step) -> told::Row {
    told::row([
        ("step", json!(step.name.as_str())),
        ("outcome", json!(step.outcome.as_str())),
        ("seen", json!(step.seen)),
        ("advice", json!(step.advice)),
    ])
}

/// The exit code of a step that failed.
fn exit(step: StepName) -> Exit {
    match step {
        StepName::Name | StepName::Connection | StepName::Http => Exit::Unreachable,
        StepName::Certificate => Exit::Untrusted,
        StepName::Platform | StepName::SignInPage => Exit::Foreign,
        StepName::SignIn => Exit::Refused,
        StepName::Who => Exit::SignedOut,
        StepName::Clock | StepName::Sessions | StepName::Basic | StepName::SignOut => Exit::Failed,
    }
}
