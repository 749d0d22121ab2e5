//! What a login needs beside the address: a name for it, a way, and a credential; asked for where it is not said.

use client::Base;
use client::saved::{Name, Profile, Profiles};
use dialects::{Application, Credential, Dialect, Login, Method};
use jiff::Timestamp;

use super::super::secrets::{is_agreed, is_attended, username};
use super::super::{Opened, saved, say};
use super::Signing;
use crate::exit::{Outcome, Stop};
use crate::output;

/// Longest name that a profile can have, in bytes.
const NAME_MAX: usize = 64;

/// How to sign in.
pub struct Plan {
    method: Method,
    credential: Credential,
    application: Option<Application>,
    scope: Option<String>,
    description: Option<String>,
}

impl Plan {
    /// What the command line says, and what the user answers to the rest.
    pub fn of(signing: &Signing, opened: &Opened) -> Outcome<Self> {
        let method = method(signing, opened)?;
        let base = &opened.profile.base;
        let credential = match method {
            Method::Device => Credential::None,
            _ if signing.entry.source.has_token() => Credential::Token(signing.entry.source.token(base)?),
            _ => {
                let username = username(signing.entry.user.clone(), base)?;
                let password = signing.entry.source.password(&username, base)?;
                Credential::Password { username, password }
            }
        };
        let application = signing.entry.application()?;
        let (scope, description) = (signing.scope.clone(), signing.description.clone());
        Ok(Self { method, credential, application, scope, description })
    }

    /// Whether the server keeps something of this login, which has to be ended if nobody wants it.
    pub fn opens_something(&self) -> bool {
        self.method != Method::Basic && !matches!(self.credential, Credential::Token(_))
    }

    /// The login itself.
    pub fn login(&self, profile: &Profile, now: Timestamp) -> Login {
        Login {
            base: profile.base.clone(),
            credential: self.credential.clone(),
            method: self.method,
            tenant: profile.tenant.clone(),
            portal: profile.portal,
            application: self.application.clone(),
            scope: self.scope.clone(),
            description: self.description.clone(),
            now,
        }
    }
}

/// How to sign in: as the command line says, if that fits together and the platform has it.
fn method(signing: &Signing, opened: &Opened) -> Outcome<Method> {
    let wrong = |text: String| Err(Stop::usage(anyhow::Error::msg(text)));
    let has_token = signing.entry.source.has_token();
    let known = opened.half().methods();
    let method = wanted_method(signing).or(known.first().copied()).unwrap_or(Method::Session);
    if !known.contains(&method) {
        let names: Vec<_> = known.iter().map(|it| it.as_str()).collect();
        let (platform, known) = (opened.dialect.name(), names.join(", "));
        return wrong(format!("{platform} has no --method {}; it has {known}", method.as_str()));
    }
    if has_token && method != Method::Token {
        return wrong("a ready token goes with --method token alone".to_owned());
    }
    if method == Method::Device && signing.entry.client_id.is_none() {
        return wrong("--method device needs --client-id: the application that may do so".to_owned());
    }
    if method == Method::Device && signing.entry.source.has_password() {
        return wrong("--method device takes no password: you let it in elsewhere".to_owned());
    }
    Ok(method)
}

/// How the command line wants to sign in, if it says so.
fn wanted_method(signing: &Signing) -> Option<Method> {
    let ready = signing.entry.source.has_token().then_some(Method::Token);
    signing.entry.method.map(Method::from).or(ready)
}

/// Whether the password of `--method basic` may be kept: if the command line says so, or the user.
pub fn keeps_password(signing: &Signing, profiles: &Profiles) -> Outcome<bool> {
    if signing.store_password {
        return Ok(true);
    }
    let place = if signing.keyring {
        "the system's keyring".to_owned()
    } else {
        format!("a file that only you can read, in {}", profiles.path().display())
    };
    if is_attended() {
        return is_agreed(&format!("Basic needs the password with every request. Keep it in {place}?"));
    }
    say("the password is not kept, and will be asked for each time; --store-password keeps it");
    Ok(false)
}

/// The name of the profile: as said; else of the one that holds such a sign-in already, the current one first; else
/// one that the host gives. Another way to sign in, or another platform, tenant or portal, takes no sign-in's place: a
/// token may be in use elsewhere.
pub fn name(signing: &Signing, profiles: &Profiles, base: &Base) -> Outcome<Name> {
    if let Some(name) = &signing.profile {
        return Name::parse(name).map_err(saved);
    }
    let entry = &signing.entry;
    let user = entry.user.as_deref();
    let wanted = wanted_method(signing).unwrap_or(Method::Session);
    let platform = entry.platform.dialect().map(Dialect::name);
    let fits = |name: &Name| {
        profiles.find(name).ok().flatten().is_some_and(|it| {
            let is_same_platform = platform.is_none_or(|platform| it.platform == platform);
            let is_same_place = it.base == base.as_str() && is_same_platform && it.tenant == entry.tenant;
            let is_same_user = user.is_none_or(|user| it.username.is_empty() || it.username == user);
            let is_same_portal = it.portal == entry.portal.map(Into::into);
            is_same_place && is_same_user && is_same_portal && it.method == wanted
        })
    };
    if let Some(current) = profiles.current().map_err(saved)?
        && fits(&current)
    {
        return Ok(current);
    }
    let names = profiles.list().map_err(saved)?;
    if let Some(found) = names.iter().find(|it| fits(it)) {
        return Ok(found.clone());
    }
    let further = [None, user, platform, entry.tenant.as_deref(), Some(wanted.as_str())];
    let candidates = further.iter().enumerate().filter(|(at, it)| *at == 0 || it.is_some());
    let free = candidates
        .map(|(_, further)| of_host(base, *further))
        .find(|name| names.iter().all(|it| *it.as_str() != **name));
    let Some(free) = free else {
        let name = output::printable(&of_host(base, None));
        let text = format!(
            "there is a profile {name} already, of another sign-in; name the new one with --profile, or sign in again \
             there with --profile {name}"
        );
        return Err(Stop::usage(anyhow::Error::msg(text)));
    };
    Name::parse(&free).map_err(saved)
}

/// A name from a host, and what tells its sign-ins apart where it has several.
pub fn of_host(base: &Base, further: Option<&str>) -> String {
    let whole = base.as_str().split_once("://").map_or(base.as_str(), |(_, rest)| rest);
    let whole = further.map_or_else(|| whole.to_owned(), |further| format!("{whole}-{further}"));
    let plain: String = whole
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-') { it } else { '-' })
        .take(NAME_MAX)
        .collect();
    let plain = plain.trim_matches(['-', '.']);
    if plain.is_empty() { "default".to_owned() } else { plain.to_owned() }
}
