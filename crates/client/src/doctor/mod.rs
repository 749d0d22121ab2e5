//! A diagnosis: the way to a signed-in request, one step after the other, and what to do where it ends.

mod network;
mod session;
mod watch;

use dialects::{Dialect, Login};
use identity::port::Clock;

use crate::base::Base;
use crate::transport::Options;

/// Who is to be looked at.
#[derive(Clone)]
pub struct Patient {
    /// Where it is.
    pub base: Base,
    /// The path that the user typed after it.
    pub typed: Option<String>,
    /// How it is reached.
    pub options: Options,
    /// Its platform, if the user named it.
    pub dialect: Option<&'static dyn Dialect>,
    /// What to sign in with; none walks only the public part. It is tried at most once.
    pub login: Option<Login>,
}

/// A step of the way, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepName {
    /// The name of the host has an address.
    Name,
    /// Something listens at the port.
    Connection,
    /// The certificate is good.
    Certificate,
    /// It answers in HTTP.
    Http,
    /// Its clock and ours agree.
    Clock,
    /// It is a platform that is known here.
    Platform,
    /// The sign-in page, its CSRF token, the `Referer`.
    SignInPage,
    /// The sign-in itself.
    SignIn,
    /// Who we are there.
    Who,
    /// How many sessions there may be.
    Sessions,
    /// Whether a password may go with each request.
    Basic,
    /// The sign-out.
    SignOut,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Well.
    Ok,
    /// Well, and something should be looked at.
    Warning,
    /// Here the way ends.
    Failed,
    /// It was not tried.
    Skipped,
}

/// One step as it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// How it ended.
    pub outcome: Outcome,
    /// What was seen, without secrets.
    pub seen: String,
    /// What to do.
    pub advice: Option<String>,
}

impl StepName {
    /// In words, for a column of at most 12 characters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Connection => "connection",
            Self::Certificate => "certificate",
            Self::Http => "http",
            Self::Clock => "clock",
            Self::Platform => "platform",
            Self::SignInPage => "sign-in page",
            Self::SignIn => "sign-in",
            Self::Who => "who",
            Self::Sessions => "sessions",
            Self::Basic => "basic",
            Self::SignOut => "sign-out",
        }
    }
}

impl Outcome {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// Walks the way. Each step is told as soon as it is known, and all come back. The first failure of the network ends
/// the walk; what follows is told as skipped.
pub async fn walk(patient: Patient, clock: &dyn Clock, told: &mut (dyn FnMut(&Step) + Send)) -> Vec<Step> {
    let mut walk = Walk { steps: Vec::new(), told };
    if let Some(way) = network::walk(&patient, clock, &mut walk).await {
        session::walk(patient, way, &mut walk).await;
    }
    walk.finish()
}

/// The steps so far.
struct Walk<'a> {
    steps: Vec<Step>,
    told: &'a mut (dyn FnMut(&Step) + Send),
}

impl Walk<'_> {
    fn tell(&mut self, name: StepName, outcome: Outcome, seen: impl Into<String>, advice: Option<String>) {
        let step = Step { name, outcome, seen: seen.into(), advice };
        (self.told)(&step);
        self.steps.push(step);
    }

    fn ok(&mut self, name: StepName, seen: impl Into<String>) {
        self.tell(name, Outcome::Ok, seen, None);
    }

    fn warn(&mut self, name: StepName, seen: impl Into<String>, advice: impl Into<String>) {
        self.tell(name, Outcome::Warning, seen, Some(advice.into()));
    }

    fn fail(&mut self, name: StepName, seen: impl Into<String>, advice: impl Into<String>) {
        self.tell(name, Outcome::Failed, seen, Some(advice.into()));
    }

    fn skip(&mut self, name: StepName, why: impl Into<String>) {
        self.tell(name, Outcome::Skipped, why, None);
    }

    /// All that was not reached is told as skipped.
    fn finish(mut self) -> Vec<Step> {
        for name in ALL {
            if !self.steps.iter().any(|it| it.name == name) {
                self.skip(name, "not reached");
            }
        }
        self.steps
    }
}

/// All steps in order.
const ALL: [StepName; 12] = [
    StepName::Name,
    StepName::Connection,
    StepName::Certificate,
    StepName::Http,
    StepName::Clock,
    StepName::Platform,
    StepName::SignInPage,
    StepName::SignIn,
    StepName::Who,
    StepName::Sessions,
    StepName::Basic,
    StepName::SignOut,
];

impl std::fmt::Debug for Patient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Patient").field("base", &self.base).finish_non_exhaustive()
    }
}
