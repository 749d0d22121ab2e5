//! What a login needs beside the address: a name for it, a way, and a credential; asked for where it is not said.

use client::Base;
use client::saved::{Name, Profile, Profiles};
use dialects::{Application, Credential, Login, Method};
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
    let method = match signing.entry.method.map(Method::from) {
        Some(method) => method,
        None if has_token => Method::Token,
        None => known.first().copied().unwrap_or(Method::Session),
    };
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

/// The name of the profile: as said; else of the one that this user has at this server, the current one first; else
/// one that the host gives.
pub fn name(profiles: &Profiles, said: Option<&str>, base: &Base, user: Option<&str>) -> Outcome<Name> {
    if let Some(name) = said {
        return Name::parse(name).map_err(saved);
    }
    let fits = |name: &Name| {
        profiles.find(name).ok().flatten().is_some_and(|it| {
            it.base == base.as_str() && user.is_none_or(|user| it.username.is_empty() || it.username == user)
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
    let name = of_host(base, user.filter(|_| names.iter().any(|it| *it.as_str() == *of_host(base, None))));
    if names.iter().any(|it| *it.as_str() == *name) {
        let text = format!(
            "there is a profile {} already, of another server or user; name the new one with --profile",
            output::printable(&name)
        );
        return Err(Stop::usage(anyhow::Error::msg(text)));
    }
    Name::parse(&name).map_err(saved)
}

/// A name from a host, and a user where one host has several.
pub fn of_host(base: &Base, user: Option<&str>) -> String {
    let whole = base.as_str().split_once("://").map_or(base.as_str(), |(_, rest)| rest);
    let whole = user.map_or_else(|| whole.to_owned(), |user| format!("{whole}-{user}"));
    let plain: String = whole
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-') { it } else { '-' })
        .take(NAME_MAX)
        .collect();
    let plain = plain.trim_matches(['-', '.']);
    if plain.is_empty() { "default".to_owned() } else { plain.to_owned() }
}
