//! How a profile looks in its file: JSON, version 1; and its secret part, in the file or in the keyring.

use std::path::{Path, PathBuf};

use dialects::{Application, Holding, Method};
use identity::model::portal::Portal;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::file::FILE_MAX;
use super::keyring::Text;
use super::{Place, Profile, SavedError};

/// The version that this release reads and writes.
const VERSION: u64 = 1;

/// Looked at before anything else.
#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

/// Looked at before a file is replaced.
#[derive(Deserialize)]
struct Placed {
    secret_in: String,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u64,
    base: String,
    platform: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    product: Option<String>,
    username: String,
    method: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    portal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ca: Option<PathBuf>,
    insecure: bool,
    secret_in: String,
    keeps_password: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    held: Option<Held>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<Hidden>,
}

/// What is held, without its secrets.
#[derive(Serialize, Deserialize)]
struct Held {
    username: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cookie: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<String>,
}

/// The secret part.
#[derive(Serialize, Deserialize)]
struct Hidden {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<Guarded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bearer: Option<Guarded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<Guarded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    csrf: Option<Guarded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renewal: Option<Guarded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<Guarded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<Guarded>,
}

/// A secret on its way into a file or out of it; wiped like every other.
struct Guarded(Secret);

impl Serialize for Guarded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Guarded {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|it| Self(Secret::new(it)))
    }
}

/// The text of the file, and the secret part that does not stand in it.
pub fn write(profile: &Profile) -> Result<(Text, Option<Text>), SavedError> {
    let kept = profile
        .holding
        .as_ref()
        .filter(|it| profile.keeps_password || !matches!(it.proof, Proof::Password { .. }));
    let hidden = kept.map(hide);
    let outside = match (profile.place, &hidden) {
        (Place::Keyring, Some(hidden)) => Some(text(hidden)?),
        _ => None,
    };
    let file = File {
        version: VERSION,
        base: profile.base.clone(),
        platform: profile.platform.clone(),
        product: profile.product.clone(),
        username: profile.username.clone(),
        method: profile.method.as_str().to_owned(),
        tenant: profile.tenant.clone(),
        portal: profile.portal.map(|it| portal_name(it).to_owned()),
        ca: profile.ca.clone(),
        insecure: profile.is_insecure,
        secret_in: place_name(profile.place).to_owned(),
        keeps_password: profile.keeps_password,
        held: kept.map(|it| Held {
            username: it.username.clone(),
            expires_at: it.expires_at.map(|it| it.to_string()),
            cookie: it.cookie.clone(),
            release: it.version.clone(),
            token_id: it.token_id.clone(),
            tenant: it.tenant.as_ref().map(|(name, _)| name.clone()),
            application: it.application.as_ref().map(|it| it.id.clone()),
        }),
        secret: hidden.filter(|_| profile.place == Place::File),
    };
    Ok((text(&file)?, outside))
}

fn hide(holding: &Holding) -> Hidden {
    let guard = |it: &Secret| Some(Guarded(it.clone()));
    let (mut password, mut bearer, mut session, mut csrf) = (None, None, None, None);
    match &holding.proof {
        Proof::Password { password: it, .. } => password = guard(it),
        Proof::Bearer(it) => bearer = guard(it),
        Proof::Session { secret, csrf: it } => {
            session = guard(secret);
            csrf = it.as_ref().and_then(guard);
        }
    }
    Hidden {
        password,
        bearer,
        session,
        csrf: csrf.or_else(|| holding.csrf.as_ref().and_then(guard)),
        renewal: holding.renewal.as_ref().and_then(guard),
        tenant: holding.tenant.as_ref().and_then(|(_, it)| guard(it)),
        application: holding.application.as_ref().and_then(|it| it.secret.as_ref()).and_then(guard),
    }
}

/// The profile in the text of a file; `outside` gets the secret part if that is in the keyring.
pub fn read(
    path: &Path,
    text: &[u8],
    outside: impl FnOnce() -> Result<Text, SavedError>,
) -> Result<Profile, SavedError> {
    let damaged = |why| SavedError::Damaged { path: path.to_owned(), why };
    let versioned: Versioned = serde_json::from_slice(text).map_err(|_| damaged("it is no profile"))?;
    if versioned.version != VERSION {
        return Err(SavedError::Version { path: path.to_owned(), version: versioned.version });
    }
    // What the parser says may repeat what it has read.
    let file: File =
        serde_json::from_slice(text).map_err(|_| damaged("something is missing or wrong in it"))?;
    let method = Method::parse(&file.method).ok_or_else(|| damaged("it names an unknown method"))?;
    let place = parse_place(&file.secret_in).ok_or_else(|| damaged("its secret is in an unknown place"))?;
    let portal = match file.portal.as_deref().map(parse_portal) {
        Some(None) => return Err(damaged("it names an unknown portal")),
        Some(portal) => portal,
        None => None,
    };
    let base = crate::base(&file.base).map_err(|_| damaged("its address is none"))?.0.as_str().to_owned();
    let holding = match file.held {
        None => None,
        Some(held) => {
            let hidden = match place {
                Place::File => file.secret,
                Place::Keyring => serde_json::from_slice(&outside()?).ok(),
            };
            let hidden = hidden.ok_or_else(|| damaged("its secret part is missing or damaged"))?;
            let held = show(held, hidden, &base, method, portal);
            Some(held.ok_or_else(|| damaged("its secret part is not whole"))?)
        }
    };
    Ok(Profile {
        base,
        platform: file.platform,
        product: file.product,
        username: file.username,
        method,
        tenant: file.tenant,
        portal,
        ca: file.ca,
        is_insecure: file.insecure,
        place,
        keeps_password: file.keeps_password,
        holding,
    })
}

fn show(held: Held, hidden: Hidden, base: &str, method: Method, portal: Option<Portal>) -> Option<Holding> {
    let open = |it: Option<Guarded>| it.map(|it| it.0);
    let mut csrf = open(hidden.csrf);
    let proof = match (hidden.password, hidden.bearer, hidden.session) {
        (Some(it), None, None) => Proof::Password { username: held.username.clone(), password: it.0 },
        (None, Some(it), None) => Proof::Bearer(it.0),
        // A session has its token in its proof, a token has it beside.
        (None, None, Some(it)) => Proof::Session { secret: it.0, csrf: csrf.take() },
        _ => return None,
    };
    let secret = open(hidden.application);
    Some(Holding {
        base: base.to_owned(),
        method,
        username: held.username,
        proof,
        cookie: held.cookie,
        csrf,
        // An end that cannot be read is an end that is not known.
        expires_at: held.expires_at.and_then(|it| it.parse::<Timestamp>().ok()),
        renewal: open(hidden.renewal),
        tenant: held.tenant.zip(open(hidden.tenant)),
        portal,
        application: held.application.map(|id| Application { id, secret }),
        version: held.release,
        token_id: held.token_id,
    })
}

/// Where the secret part of the profile in this text is; none if that cannot be read.
pub fn place(text: &[u8]) -> Option<Place> {
    parse_place(&serde_json::from_slice::<Placed>(text).ok()?.secret_in)
}

/// As JSON, in room that is large enough from the beginning: no copy of a secret is left behind.
fn text(value: &impl Serialize) -> Result<Text, SavedError> {
    let mut text = Zeroizing::new(Vec::with_capacity(FILE_MAX));
    serde_json::to_writer_pretty(&mut *text, value)
        .map_err(|cause| SavedError::System { path: PathBuf::from("profile"), cause: cause.into() })?;
    text.push(b'\n');
    Ok(text)
}

fn place_name(place: Place) -> &'static str {
    match place {
        Place::File => "file",
        Place::Keyring => "keyring",
    }
}

fn parse_place(name: &str) -> Option<Place> {
    [Place::File, Place::Keyring].into_iter().find(|it| place_name(*it) == name)
}

fn portal_name(portal: Portal) -> &'static str {
    match portal {
        Portal::Operations => "soc",
        Portal::Developer => "developer",
        Portal::Account => "account",
    }
}

fn parse_portal(name: &str) -> Option<Portal> {
    [Portal::Operations, Portal::Developer, Portal::Account].into_iter().find(|it| portal_name(*it) == name)
}
