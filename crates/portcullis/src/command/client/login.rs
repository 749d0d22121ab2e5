//! `portcullis login`.

mod again;
pub mod plan;
mod win;

use client::saved::{Name, Place, Profile, Profiles, SavedError};
use client::{Base, Recognition};
use dialects::client_half::Who;
use dialects::{Dialect, Holding, Method};
use identity::port::Clock as _;
use serde_json::{Value, json};

use self::plan::Plan;
use super::interrupt::{self, Patience};
use super::platform::Entry;
use super::refusal::broken;
use super::{Opened, Printing, block_on, lock, profiles, saved, say, told, transport, warn};
use crate::clock::SystemClock;
use crate::exit::{Exit, Outcome, Stop};
use crate::output::{self, Report, printable};

/// Signs in at a platform.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Which platform it is is asked of its public pages. The password is asked for, or read from\n\
                        standard input or a file; it is not kept, unless --method basic needs it and you agree.\n\
                        A sign-in under a name that is in use takes its place, and the old one is ended.\n\n\
                        Examples:\n  \
                        portcullis login https://awx.example.com\n  \
                        portcullis login --profile prod\n  \
                        portcullis login https://aap.example.com --method token --scope read --profile prod\n  \
                        printf %s \"$PASSWORD\" | portcullis login https://vmanage.example:8443 --user svc \\\n      \
                        --password-stdin --ca manager.pem\n  \
                        portcullis login https://apprenda.example.com --portal developer --tenant acme\n  \
                        portcullis login https://aap.example.com --method device --client-id CLIENT_ID"
)]
pub struct Signing {
    /// Where the platform is: its address, or host:port; without it, once more where the profile signed in
    #[arg(value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    entry: Entry,
    /// Save it under this name [default: the host's]
    #[arg(long, value_name = "PROFILE", env = "PORTCULLIS_PROFILE")]
    profile: Option<String>,
    /// How far a token reaches: read or write
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// What a token is for, as the platform lists it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Keep the secret in the system's keyring instead of a file
    #[arg(long)]
    keyring: bool,
    /// Keep the password of --method basic, which is otherwise asked for each time
    #[arg(long)]
    store_password: bool,
    #[command(flatten)]
    printing: Printing,
}

/// What was found at an address.
struct Found {
    dialect: &'static dyn Dialect,
    product: Option<String>,
    version: Option<String>,
}

impl Signing {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let profiles = profiles()?;
        let signing = again::completed(self, &profiles)?;
        let (base, typed) = client::base(signing.url.as_deref().unwrap_or_default()).map_err(Stop::usage)?;
        signing.sign_in(profiles, &base, typed.as_deref())
    }

    fn sign_in(self, profiles: Profiles, base: &Base, typed: Option<&str>) -> Outcome {
        let name = plan::name(&self, &profiles, base)?;
        // Whether something can be saved here is found out before anybody is asked for a password.
        drop(lock(&profiles, &name).map_err(saved)?);
        let mut profile = self.blank(base)?;
        let transport = transport(&profile)?;
        let found = block_on(self.find(&transport, base, typed))?;
        tell_found(&found, base);
        found.dialect.name().clone_into(&mut profile.platform);
        profile.product = found.product;
        let opened = Opened { profiles, name, profile, dialect: found.dialect, transport };
        let plan = Plan::of(&self, &opened)?;
        let patience = plan.opens_something().then(Patience::begin);
        let (holding, who) = block_on(win::win(&opened, &plan))?;
        let outcome = self.keep(opened, holding, who.as_ref(), found.version);
        drop(patience);
        outcome
    }

    /// A profile of what the command line says, in which nothing is held.
    fn blank(&self, base: &Base) -> Outcome<Profile> {
        // A saved path has to be good from every folder.
        let ca = self.entry.trust.ca.as_ref().map(std::path::absolute).transpose()?;
        Ok(Profile {
            base: base.as_str().to_owned(),
            platform: String::new(),
            product: None,
            username: String::new(),
            method: Method::Session,
            tenant: self.entry.tenant.clone(),
            portal: self.entry.portal.map(Into::into),
            ca,
            is_insecure: self.entry.trust.insecure,
            place: if self.keyring { Place::Keyring } else { Place::File },
            keeps_password: false,
            holding: None,
        })
    }

    /// Which platform is at the address.
    async fn find(&self, transport: &client::Transport, base: &Base, typed: Option<&str>) -> Outcome<Found> {
        if let Some(dialect) = self.entry.platform.dialect() {
            return Ok(Found { dialect, product: None, version: None });
        }
        match client::recognise(transport, base, typed).await.map_err(|it| broken(&it))? {
            Recognition::Found(it) => {
                Ok(Found { dialect: it.dialect, product: Some(it.product), version: it.version })
            }
            Recognition::Foreign(foreign) => {
                let said = printable(&foreign.to_string());
                let message = format!("{said}; if you know better, say which it is with --platform");
                Err(Stop::new(Exit::Foreign, message))
            }
        }
    }

    /// Saves what was won, ends what was held before, and tells both.
    fn keep(
        self,
        mut opened: Opened,
        holding: Holding,
        who: Option<&Who>,
        version: Option<String>,
    ) -> Outcome {
        let mut holding = holding;
        if holding.version.is_none() {
            holding.version = version;
        }
        if let Some(who) = who.filter(|it| !it.username.is_empty()) {
            holding.username.clone_from(&who.username);
        }
        let profile = &mut opened.profile;
        profile.username.clone_from(&holding.username);
        profile.method = holding.method;
        profile.keeps_password =
            holding.method == Method::Basic && plan::keeps_password(&self, &opened.profiles)?;
        let profile = &mut opened.profile;
        profile.holding =
            (holding.method != Method::Basic || profile.keeps_password).then(|| holding.clone());
        let before = match replace(&opened) {
            Ok(before) if !interrupt::was_pressed() => before,
            outcome => {
                // Nobody would know of it any more, or it is not wanted.
                let _ = block_on(async { Ok(super::logout::end(&opened, &holding).await) });
                outcome.map_err(saved)?;
                interrupt::stop();
            }
        };
        // Whatever comes of the rest: the one before is ended, as nobody else knows of it now.
        let chosen = opened.profiles.choose(&opened.name).map_err(saved);
        if let Some(before) = before {
            end_before(&opened.profiles, &opened.name, before, &holding);
        }
        chosen?;
        let mut row = told::profile(opened.name.as_str(), true, &opened.profile, SystemClock.now());
        row.shift_remove("state");
        if let Some(who) = who {
            row.append(&mut told::who(who));
        }
        let mut report = Report::one(row);
        // People are not told what there is nothing to tell of; JSON has every key.
        let row = &report.rows[0];
        let is_told = |key: &String| !matches!(&row[key], Value::Null) && row[key] != json!([]);
        report.columns.retain(|key| is_told(key) && key != "username");
        output::print(&report, self.printing.format)?;
        Ok(())
    }
}

/// Saves the profile; what was there before.
fn replace(opened: &Opened) -> Result<Option<Profile>, SavedError> {
    let lock = lock(&opened.profiles, &opened.name)?;
    // A damaged one is replaced, too: it cannot be read to be ended.
    let before = lock.find().ok().flatten();
    if interrupt::was_pressed() {
        return Ok(before);
    }
    lock.save(&opened.profile)?;
    Ok(before)
}

/// Says what was found: "AWX 24.6.1 at ...".
fn tell_found(found: &Found, base: &Base) {
    let product = found.product.clone().unwrap_or_else(|| found.dialect.name().to_owned());
    let version = found.version.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
    say(&format!("{} at {base}", printable(&format!("{product}{version}"))));
}

/// Ends at its server what the profile held before. That this does not work is no reason to lose the new one.
fn end_before(profiles: &Profiles, name: &Name, before: Profile, now: &Holding) {
    let Some(old) = before.holding.clone() else { return };
    if super::logout::is_nothing_to_end(&old) || super::logout::is_same(&old, now) {
        return;
    }
    let ended = Opened::of(profiles.clone(), name.clone(), before)
        .and_then(|opened| block_on(async { super::logout::end(&opened, &old).await }));
    if let Err(stop) = ended
        && stop.exit != Exit::SignedOut
    {
        warn(&format!("what {name} held before lives on at {} until its end: {:#}", old.base, stop.error));
    }
}
