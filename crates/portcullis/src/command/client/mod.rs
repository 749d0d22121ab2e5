//! The wanderer's shell: what the commands on a platform share. Which saved sign-in is meant, the connection that
//! belongs to it, what is held, and what goes wrong, as exit codes.

pub mod api;
pub mod asking;
pub mod chosen;
pub mod credential;
pub mod doctor;
pub mod env;
pub mod exec;
pub mod header;
pub mod interrupt;
pub mod login;
pub mod logout;
pub mod platform;
pub mod profile;
pub mod quoting;
pub mod refusal;
pub mod secrets;
pub mod side;
pub mod status;
pub mod token;
pub mod told;
pub mod whoami;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use client::saved::{Lock, Name, Profile, Profiles, SavedError};
use client::{Agent, CallError, Caller, Keeper, Options, Proxies, Transport, Trust};
use dialects::{ClientHalf, Dialect, Holding, Login, Method};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use identity::port::Clock as _;
use jiff::{SignedDuration, Timestamp};

pub use self::chosen::Chosen;
use self::refusal::Moment;
use crate::clock::SystemClock;
use crate::exit::{Exit, Outcome, Stop};
use crate::output;

/// How long before its end what is held is renewed before it is shown to another program.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// How long another process may have the lock before anybody is told.
const PATIENCE: Duration = Duration::from_secs(3);

/// How a command prints what it has to tell.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Printing {
    /// How to print: a table, or JSON for scripts
    #[arg(short = 'o', long = "output", value_name = "FORMAT", value_enum, default_value_t)]
    pub format: output::Format,
}

/// A saved sign-in with the connection that belongs to it.
pub struct Opened {
    /// Where it is saved.
    pub profiles: Profiles,
    /// Its name.
    pub name: Name,
    /// What was saved.
    pub profile: Profile,
    /// How the platform speaks.
    pub dialect: &'static dyn Dialect,
    /// The way to the platform.
    pub transport: Transport,
}

impl Opened {
    /// A saved sign-in, and the way to its platform. Warns if any certificate is taken there.
    pub fn of(profiles: Profiles, name: Name, profile: Profile) -> Outcome<Self> {
        let dialect = dialects::named(&profile.platform).with_context(|| {
            format!("the profile {name} is of a platform that this release does not know; sign in again")
        })?;
        let transport = transport(&profile)?;
        Ok(Self { profiles, name, profile, dialect, transport })
    }

    /// What the platform's dialect says as a client.
    pub fn half(&self) -> &'static dyn ClientHalf {
        self.dialect.client()
    }

    /// Who carries conversations there.
    pub fn agent(&self) -> Agent<'_> {
        Agent::new(self.half(), &self.transport)
    }

    /// How to tell what the platform refuses.
    pub fn moment(&self) -> Moment<'_> {
        Moment::Using { profile: self.name.as_str(), base: &self.profile.base }
    }

    /// What is held. A password that was not kept is asked for; where nothing is held, nobody is signed in.
    pub fn holding(&self) -> Outcome<Holding> {
        if let Some(holding) = &self.profile.holding {
            return Ok(holding.clone());
        }
        if self.profile.method == Method::Basic && !self.profile.keeps_password {
            if !secrets::is_attended() {
                let text = "the password of this sign-in is not kept, and there is no terminal to ask for it; sign in \
                            again with --store-password, or with another --method";
                return Err(Stop::usage(anyhow::anyhow!(text)));
            }
            let source = secrets::SecretSource::default();
            let password = source.password(&self.profile.username, &self.profile.base)?;
            let username = self.profile.username.clone();
            let proof = Proof::Password { username, password: password.clone() };
            let login = self.login_with(password);
            return Ok(Holding::new(&login, proof));
        }
        Err(refusal::over(self.name.as_str(), &self.profile.base))
    }

    /// What is held, renewed if it is about to end and can be renewed: for programs that cannot renew it themselves.
    pub async fn fresh(&self) -> Outcome<Holding> {
        let now = SystemClock.now();
        let held = self.holding()?;
        if !is_near_end(&held, now) {
            return Ok(held);
        }
        let over = || refusal::over(self.name.as_str(), &self.profile.base);
        // Whoever waits for the lock finds what another process has renewed, and goes on from there: what that
        // process has spent must not be shown again.
        let lock = match lock(&self.profiles, &self.name) {
            // Where nothing can be written what lives is used to its end.
            Err(SavedError::System { .. }) if held.expires_at.is_some_and(|end| end > now) => {
                return Ok(held);
            }
            lock => lock.map_err(saved)?,
        };
        let profile = lock.find().map_err(saved)?.filter(|it| it.base == self.profile.base);
        let Some((mut profile, held)) = profile.and_then(|it| it.holding.clone().map(|held| (it, held)))
        else {
            return Err(over());
        };
        if !is_near_end(&held, now) {
            return Ok(held);
        }
        let is_over = held.expires_at.is_some_and(|end| end <= now);
        let Some(renewal) = self.half().renew(&held, now) else {
            return if is_over { Err(over()) } else { Ok(held) };
        };
        // Found out before anything is spent.
        match lock.rehearse() {
            Err(error) if is_over => return Err(saved(error)),
            Err(_) => return Ok(held),
            Ok(()) => {}
        }
        match self.agent().talk(renewal, &mut client::Unwatched).await {
            Ok(won) => {
                profile.holding = Some(won.clone());
                lock.save(&profile).map_err(saved)?;
                Ok(won)
            }
            // What lives for a moment yet is used to its end.
            Err(client::TalkError::Refused(_)) if !is_over => Ok(held),
            Err(error) => Err(self.moment().talk(error)),
        }
    }

    /// Somebody who calls the platform with what is held.
    pub fn caller<'a>(&'a self, keeper: &'a dyn Keeper) -> Outcome<Caller<'a>> {
        let caller = Caller::new(self.half(), &self.transport, self.holding()?, keeper, &SystemClock);
        caller.map_err(|it: CallError| self.moment().call(it))
    }

    fn login_with(&self, password: Secret) -> Login {
        let profile = &self.profile;
        let mut login = Login::new(&*profile.base, &*profile.username, password, SystemClock.now());
        (login.method, login.portal) = (profile.method, profile.portal);
        login.tenant.clone_from(&profile.tenant);
        login
    }
}

fn is_near_end(holding: &Holding, now: Timestamp) -> bool {
    holding.expires_at.is_some_and(|end| end.duration_since(now) < MARGIN)
}

/// The saved sign-ins of whoever runs the program.
pub fn profiles() -> Outcome<Profiles> {
    let folder = client::saved::folder(|name| std::env::var_os(name)).map_err(saved)?;
    Profiles::open(folder).map_err(saved)
}

/// Waits for the lock of a profile, and tells whoever waits long what for.
pub fn lock(profiles: &Profiles, name: &Name) -> Result<Lock, SavedError> {
    match profiles.lock_within(name, PATIENCE) {
        Err(SavedError::Busy(_)) => {
            say(&format!("another portcullis is busy with the profile {name}; waiting for it ..."));
            profiles.lock(name)
        }
        lock => lock,
    }
}

/// What goes wrong with saved sign-ins.
pub fn saved(error: SavedError) -> Stop {
    let exit = match &error {
        SavedError::Name | SavedError::Nowhere => Exit::Usage,
        SavedError::Absent(_) => Exit::SignedOut,
        SavedError::Busy(_) => Exit::Unreachable,
        _ => Exit::Failed,
    };
    if matches!(error, SavedError::System { .. }) {
        return Stop::new(exit, format!("{error}; another folder can be named by PORTCULLIS_STATE_DIR"));
    }
    Stop { exit, error: error.into() }
}

/// The way to the platform of a profile, through the proxies of the environment. Warns each time if any certificate
/// is taken.
pub fn transport(profile: &Profile) -> Outcome<Transport> {
    let trust = trust(profile.is_insecure, profile.ca.as_deref())?;
    if trust == Trust::Anybody {
        warn(&format!(
            "the certificate of {} is not checked (--insecure): whoever sits on the way can read and change everything",
            profile.base
        ));
    }
    let options = Options { trust, proxies: Proxies::Environment, ..Options::default() };
    Transport::with(options).map_err(|fault| Stop::usage(anyhow::Error::msg(fault.message)))
}

fn trust(is_insecure: bool, ca: Option<&Path>) -> Outcome<Trust> {
    match ca {
        _ if is_insecure => Ok(Trust::Anybody),
        None => Ok(Trust::System),
        Some(path) => {
            let read = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
            read.map(Trust::Ca).map_err(Stop::usage)
        }
    }
}

/// Runs what waits for a network.
pub fn block_on<T>(future: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcome = runtime.block_on(future);
    // A name that is still being looked up, or an input that nobody writes to, is not waited for.
    runtime.shutdown_background();
    outcome
}

/// Says something to people, beside the output.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", output::printable_lines(text));
}

/// Warns people.
pub fn warn(text: &str) {
    say(&format!("warning: {text}"));
}
