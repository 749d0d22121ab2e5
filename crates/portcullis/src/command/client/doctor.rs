//! `portcullis doctor`.

use std::io::{self, IsTerminal as _};

use client::doctor::{self, Outcome as StepOutcome, Patient, Step, StepName};
use client::{Options, Proxies};
use dialects::{Credential, Login, Method};
use identity::port::Clock as _;
use serde_json::json;

use super::interrupt::Patience;
use super::platform::Entry;
use super::secrets::{is_attended, username};
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
    #[command(flatten)]
    entry: Entry,
    #[command(flatten)]
    chosen: Chosen,
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
        // A session that it opens, it ends: Ctrl-C waits for that.
        let patience = patient.login.is_some().then(Patience::begin);
        let steps = block_on(async { Ok(doctor::walk(patient, &SystemClock, &mut told).await) })?;
        output::print(&Report::list(&COLUMNS, steps.iter().map(row).collect()), self.printing.format)?;
        drop(patience);
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
            Some(opened) if !self.entry.trust.insecure && self.entry.trust.ca.is_none() => {
                opened.transport.options().clone()
            }
            _ => {
                if self.entry.trust.insecure {
                    warn("the certificate is not checked (--insecure)");
                }
                let trust = trust(self.entry.trust.insecure, self.entry.trust.ca.as_deref())?;
                Options { trust, proxies: Proxies::Environment, ..Options::default() }
            }
        };
        let dialect = self.entry.platform.dialect().or(opened.as_ref().map(|it| it.dialect));
        let login = self.login(base.as_str(), opened.as_ref())?;
        Ok(Patient { base, typed, options, dialect, login })
    }

    /// What to sign in with; none without a user or a token, or where nobody can be asked for a password.
    fn login(&self, base: &str, opened: Option<&Opened>) -> Outcome<Option<Login>> {
        let saved = opened.map(|it| &it.profile);
        let has_secret = self.entry.source.has_token() || self.entry.source.has_password();
        let is_wanted = has_secret || self.entry.user.is_some() || (saved.is_some() && is_attended());
        if !is_wanted {
            return Ok(None);
        }
        let credential = if self.entry.source.has_token() {
            Credential::Token(self.entry.source.token(base)?)
        } else {
            let saved = saved.map(|it| it.username.clone()).filter(|it| !it.is_empty());
            let username = username(self.entry.user.clone().or(saved), base)?;
            let password = self.entry.source.password(&username, base)?;
            Credential::Password { username, password }
        };
        let method = match (self.entry.method.map(Method::from), &credential) {
            (Some(method), _) => method,
            (None, Credential::Token(_)) => Method::Token,
            (None, _) => {
                saved.map(|it| it.method).filter(|it| *it != Method::Device).unwrap_or(Method::Session)
            }
        };
        Ok(Some(Login {
            base: base.to_owned(),
            credential,
            method,
            tenant: self.entry.tenant.clone().or_else(|| saved.and_then(|it| it.tenant.clone())),
            portal: self.entry.portal.map(Into::into).or_else(|| saved.and_then(|it| it.portal)),
            application: self.entry.application()?,
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
