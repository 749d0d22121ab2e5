//! What commands tell of a sign-in: never anything that opens a door.

use client::saved::{Place, Profile};
use dialects::client_half::{Standing, Who};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Longest text of a server that is told, in characters.
const TEXT_MAX: usize = 400;
/// Most roles that are told.
const ROLES_MAX: usize = 1000;

/// A row of a report.
pub type Row = Map<String, Value>;

/// What is known of a profile without asking anybody.
pub fn profile(name: &str, is_current: bool, profile: &Profile, now: Timestamp) -> Row {
    let ends = profile.holding.as_ref().and_then(|it| it.expires_at);
    let state = match &profile.holding {
        None if profile.method == dialects::Method::Basic && !profile.keeps_password => {
            "asks for the password"
        }
        None => "signed out",
        Some(_) if ends.is_some_and(|end| end <= now) => "over",
        Some(_) => "held",
    };
    let version = profile.holding.as_ref().and_then(|it| it.version.clone());
    row([
        ("profile", json!(name)),
        ("is_current", json!(is_current)),
        ("platform", json!(profile.platform)),
        ("product", json!(profile.product)),
        ("version", json!(version)),
        ("base", json!(profile.base)),
        ("user", json!(profile.username)),
        ("method", json!(profile.method.as_str())),
        ("tenant", json!(profile.tenant)),
        ("portal", json!(profile.portal.map(portal))),
        ("state", json!(state)),
        ("expires_at", json!(ends.map(instant))),
        ("secret", json!(place(profile))),
        ("certificates", json!(trusted(profile))),
    ])
}

/// What is known of a profile that cannot be read or used.
pub fn unusable(name: &str, is_current: bool, why: &str) -> Row {
    row([
        ("profile", json!(name)),
        ("is_current", json!(is_current)),
        ("state", json!("cannot be used")),
        ("why", json!(why)),
    ])
}

/// What a server says of whom it takes us for.
pub fn who(who: &Who) -> Row {
    let short = |it: &Option<String>| it.as_deref().map(cut);
    row([
        ("username", json!(cut(&who.username))),
        ("id", json!(short(&who.id))),
        ("email", json!(short(&who.email))),
        ("is_superuser", json!(who.is_superuser)),
        ("roles", json!(who.roles.iter().take(ROLES_MAX).map(|it| cut(it)).collect::<Vec<_>>())),
        ("tenant", json!(short(&who.tenant))),
    ])
}

/// A stranger's text, as long as anybody would read.
pub fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_MAX) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text.to_owned(),
    }
}

/// How what is held stands at the server.
pub fn standing(standing: &Standing) -> Row {
    let place = match (standing.sessions, standing.sessions_max, standing.before_ours) {
        (None, ..) => None,
        (Some(sessions), most, before) => {
            let most = most.map(|it| format!(" of at most {it}")).unwrap_or_default();
            let before = match before {
                None => String::new(),
                Some(0) => ", this one goes first".to_owned(),
                Some(1) => ", 1 goes before this one".to_owned(),
                Some(before) => format!(", {before} go before this one"),
            };
            Some(format!("{sessions}{most}{before}"))
        }
    };
    row([
        ("place", json!(place)),
        ("sessions", json!(standing.sessions)),
        ("sessions_max", json!(standing.sessions_max)),
        ("before_ours", json!(standing.before_ours)),
    ])
}

/// An instant, to the second.
pub fn instant(at: Timestamp) -> String {
    at.round(jiff::Unit::Second).unwrap_or(at).to_string()
}

/// Keys and values in their order.
pub fn row<const N: usize>(fields: [(&str, Value); N]) -> Row {
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn portal(portal: identity::model::portal::Portal) -> &'static str {
    match portal {
        identity::model::portal::Portal::Operations => "soc",
        identity::model::portal::Portal::Developer => "developer",
        identity::model::portal::Portal::Account => "account",
    }
}

fn place(profile: &Profile) -> &'static str {
    match profile.place {
        _ if profile.holding.is_none() => "nothing is kept",
        Place::File => "a file that only you can read",
        Place::Keyring => "the system's keyring",
    }
}

fn trusted(profile: &Profile) -> String {
    match &profile.ca {
        _ if profile.is_insecure => "not checked (--insecure)".to_owned(),
        Some(file) => format!("those signed by {}", file.display()),
        None => "those that the system trusts".to_owned(),
    }
}
