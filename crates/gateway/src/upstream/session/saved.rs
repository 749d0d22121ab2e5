//! Upstream sessions as they lie sealed in the vault, so that those that a crash left behind are taken up again.

use std::time::Duration;

use dialects::client_half::{Application, Method};
use dialects::{Dialect, Holding};
use identity::model::portal::Portal;
use identity::model::proof::Proof;
use identity::model::secret::{Digest, Secret};
use identity::port::{Random, Vault};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::live::Live;
use crate::config::Account;

/// All records begin so.
pub(super) const PREFIX: &str = "upstream-session/";
/// How long the vault may take; no request waits for it longer.
const VAULT_TIMEOUT: Duration = Duration::from_secs(2);
/// A record of this age is of a session that nobody knows any more.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The form of the records; others are not read.
const FORM: u32 = 1;

/// One record.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    form: u32,
    platform: String,
    account: String,
    tenant: Option<Box<str>>,
    /// In microseconds, as every time here.
    since: i64,
    base: String,
    method: String,
    username: String,
    proof: SavedProof,
    #[serde(default)]
    cookie: Option<String>,
    csrf: Option<String>,
    expires_at: Option<i64>,
    renewal: Option<String>,
    chosen_tenant: Option<(String, String)>,
    portal: Option<String>,
    application: Option<(String, Option<String>)>,
    version: Option<String>,
    token_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum SavedProof {
    Bearer(String),
    Session { secret: String, csrf: Option<String> },
}

impl Record {
    /// The record of a session; none for what no server has to forget.
    pub(super) fn of(account: &Account, live: &Live) -> Option<Self> {
        let holding = &live.holding;
        let clear = |it: &Secret| it.expose().to_owned();
        let proof = match &holding.proof {
            // A password is nothing that a login won, and a token that was made elsewhere is not ours to end.
            Proof::Password { .. } => return None,
            Proof::Bearer(_) if account.is_token => return None,
            Proof::Bearer(token) => SavedProof::Bearer(clear(token)),
            Proof::Session { secret, csrf } => {
                SavedProof::Session { secret: clear(secret), csrf: csrf.as_ref().map(clear) }
            }
        };
        Some(Self {
            form: FORM,
            platform: account.platform.name().to_owned(),
            account: fingerprint(account),
            tenant: live.tenant.clone(),
            since: live.since.as_microsecond(),
            base: holding.base.clone(),
            method: holding.method.as_str().to_owned(),
            username: holding.username.clone(),
            proof,
            cookie: holding.cookie.clone(),
            csrf: holding.csrf.as_ref().map(clear),
            expires_at: holding.expires_at.map(Timestamp::as_microsecond),
            renewal: holding.renewal.as_ref().map(clear),
            chosen_tenant: holding.tenant.as_ref().map(|(name, shown)| (name.clone(), clear(shown))),
            portal: holding.portal.map(|it| portal_name(it).to_owned()),
            application: holding
                .application
                .as_ref()
                .map(|it| (it.id.clone(), it.secret.as_ref().map(clear))),
            version: holding.version.clone(),
            token_id: holding.token_id.clone(),
        })
    }

    /// The record of this text, if it is one.
    pub(super) fn parse(text: &Secret) -> Option<Self> {
        serde_json::from_str(text.expose()).ok().filter(|it: &Self| it.form == FORM)
    }

    fn to_text(&self) -> Option<Secret> {
        serde_json::to_string(self).ok().map(Secret::new)
    }

    /// The contract of the server.
    pub(super) fn platform(&self) -> Option<&'static dyn Dialect> {
        dialects::named(&self.platform)
    }

    /// Whether a session of this account would be the same.
    pub(super) fn is_of(&self, account: &Account) -> bool {
        self.account == fingerprint(account)
    }

    /// Whether it was won at one of these nodes, from a service of this account's platform.
    pub(super) fn is_at(&self, account: &Account, nodes: &[String]) -> bool {
        self.platform == account.platform.name() && nodes.contains(&self.base)
    }

    /// The tenant of its slot.
    pub(super) fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// Where it was won.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Whether the session can still be there.
    pub(super) fn is_recent(&self, now: Timestamp) -> bool {
        let age = now.as_microsecond().saturating_sub(self.since);
        let is_over = self.expires_at.is_some_and(|it| it <= now.as_microsecond());
        SignedDuration::from_micros(age) < KEPT_FOR && !is_over
    }

    /// What was won.
    pub(super) fn holding(self) -> Option<Holding> {
        Some(Holding {
            base: self.base,
            method: Method::parse(&self.method)?,
            username: self.username,
            proof: match self.proof {
                SavedProof::Bearer(token) => Proof::Bearer(Secret::new(token)),
                SavedProof::Session { secret, csrf } => {
                    Proof::Session { secret: Secret::new(secret), csrf: csrf.map(Secret::new) }
                }
            },
            cookie: self.cookie,
            csrf: self.csrf.map(Secret::new),
            expires_at: self.expires_at.and_then(|it| Timestamp::from_microsecond(it).ok()),
            renewal: self.renewal.map(Secret::new),
            tenant: self.chosen_tenant.map(|(name, shown)| (name, Secret::new(shown))),
            portal: match self.portal {
                Some(name) => Some(PORTALS.into_iter().find(|it| portal_name(*it) == name)?),
                None => None,
            },
            application: self
                .application
                .map(|(id, secret)| Application { id, secret: secret.map(Secret::new) }),
            version: self.version,
            token_id: self.token_id,
        })
    }
}

const PORTALS: [Portal; 3] = [Portal::Operations, Portal::Developer, Portal::Account];

fn portal_name(portal: Portal) -> &'static str {
    match portal {
        Portal::Operations => "operations",
        Portal::Developer => "developer",
        Portal::Account => "account",
    }
}

/// What tells one account from another, without its secret.
fn fingerprint(account: &Account) -> String {
    let portal = account.portal.map_or("", portal_name);
    let tenant = account.tenant.as_deref().unwrap_or_default();
    let source = format!("{:?}", account.secret);
    let kind = if account.is_token { "token" } else { "password" };
    let method = account.method.as_str();
    let name = account.platform.name();
    let parts: [&[u8]; 7] = [
        name.as_bytes(),
        method.as_bytes(),
        portal.as_bytes(),
        account.username.as_bytes(),
        tenant.as_bytes(),
        kind.as_bytes(),
        source.as_bytes(),
    ];
    Digest::of_parts(&parts).to_tagged()
}

/// A new name for a record of this service.
pub(super) fn record_name(service: &str, random: &dyn Random) -> String {
    let mut bytes = [0; 8];
    random.fill(&mut bytes);
    format!("{PREFIX}{service}/{:016x}", u64::from_be_bytes(bytes))
}

/// The service that a record's name speaks of.
pub(super) fn service_of(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)?.rsplit_once('/').map(|(service, _)| service)
}

/// Keeps a session's record. What goes wrong is told and harms nobody: after a crash the session is left to its end.
pub(super) async fn keep(vault: &dyn Vault, name: &str, record: &Record) -> Result<(), String> {
    let Some(text) = record.to_text() else { return Ok(()) };
    match tokio::time::timeout(VAULT_TIMEOUT, vault.put(name, &text)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(fault)) => Err(fault.to_string()),
        Err(_) => Err("the vault did not answer in time".to_owned()),
    }
}

/// Forgets a session's record.
pub(super) async fn forget(vault: &dyn Vault, name: &str) -> Result<(), String> {
    match tokio::time::timeout(VAULT_TIMEOUT, vault.remove(name)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(fault)) => Err(fault.to_string()),
        Err(_) => Err("the vault did not answer in time".to_owned()),
    }
}
