//! Cross-site request forgery: whether a request with a session comes from our own pages or clients.
//!
//! The order of the checks is the contract's (section B3). The token is bound: before sign-in to a value
//! that only we can make, after sign-in to the session, so a pair that somebody plants is worth nothing.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use super::object::UserId;
use super::secret::{ALPHANUMERIC, Digest, equal, generate};
use crate::port::Random;

/// Characters in a bare token.
pub const LENGTH: usize = 32;
/// Characters in a masked token: a mask and the token under it.
pub const MASKED_LENGTH: usize = 64;

/// Bytes of an origin that are kept.
const ORIGIN_MAX: usize = 300;
/// Characters of a token that travels in a header alone.
const HEADER_LENGTH: usize = 100;

/// What a request shows of where it comes from.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Whether the client's connection is encrypted.
    pub is_secure: bool,
    /// The host of the request, with its port if it has one, in lower case.
    pub host: String,
    /// `Origin`.
    pub origin: Option<String>,
    /// `Referer`.
    pub referer: Option<String>,
    /// Whether the browser says that another site made it (`Sec-Fetch-Site: cross-site`).
    pub is_cross_site: bool,
    /// The token's cookie.
    pub cookie: Option<String>,
    /// The token in a header.
    pub header: Option<String>,
    /// The token in a form field.
    pub field: Option<String>,
}

/// Why a request may be forged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// `Origin` is another one; its value.
    Origin(Page),
    /// No `Referer` on an encrypted connection.
    RefererAbsent,
    /// `Referer` is no absolute URL.
    RefererMalformed,
    /// `Referer` is a plain page.
    RefererInsecure,
    /// `Referer` is another site's; its value.
    Referer(Page),
    /// The browser says that another site made the request.
    CrossSite,
    /// No cookie with the token.
    CookieAbsent,
    /// The token is missing from the request.
    TokenAbsent,
    /// The token cannot be one; where it was found.
    TokenLength(Place),
    /// The token holds other characters than letters and digits.
    TokenCharacters(Place),
    /// The token is another one.
    TokenWrong(Place),
}

/// The address of a page, as a client tells it. Its `Debug` shows scheme and host alone: a secret may stand behind
/// them.
#[derive(Clone, PartialEq, Eq)]
pub struct Page(pub String);

impl Page {
    /// Scheme and host; at most 300 bytes.
    pub fn origin(&self) -> String {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("", &self.0));
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let origin = if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") };
        let end = (0..=ORIGIN_MAX.min(origin.len())).rev().find(|it| origin.is_char_boundary(*it));
        origin[..end.unwrap_or(0)].to_owned()
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.origin())
    }
}

/// Where a token was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In its cookie.
    Cookie,
    /// In a header.
    Header,
    /// In a form field.
    Field,
}

/// What a token must belong to.
#[derive(Clone, Copy, Debug)]
pub enum Binding<'a> {
    /// Nobody yet: any token that we made for a page before sign-in.
    Anonymous,
    /// This session.
    Session(&'a Digest),
}

/// The key that tokens are made with. It lives with the store, so tokens survive restarts.
#[derive(Clone)]
pub struct Key(pub [u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A token for a page before sign-in: 16 random characters and 16 that only we can add.
    pub fn anonymous_token(&self, random: &dyn Random) -> String {
        let nonce = generate(random, ALPHANUMERIC, LENGTH / 2);
        let proof = self.characters(b"anonymous", nonce.expose().as_bytes(), LENGTH / 2);
        format!("{}{proof}", nonce.expose())
    }

    /// The token of a session.
    pub fn session_token(&self, session: &Digest) -> String {
        self.characters(b"session", &session.0, LENGTH)
    }

    /// The token of a session whose contract carries it in a header alone: 100 hexadecimal digits in upper case
    /// (Catalyst contract section A.2). `label` tells apart what it belongs to.
    fn header_token(&self, label: &[u8], parts: &[&[u8]]) -> String {
        let mut text = String::with_capacity(HEADER_LENGTH + 64);
        for round in 0_u8.. {
            if text.len() >= HEADER_LENGTH {
                break;
            }
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
            mac.update(&[round]);
            mac.update(label);
            for part in parts {
                mac.update(&(part.len() as u64).to_be_bytes());
                mac.update(part);
            }
            for byte in mac.finalize().into_bytes() {
                for nibble in [byte >> 4, byte & 0x0f] {
                    text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase());
                }
            }
        }
        text.truncate(HEADER_LENGTH);
        text
    }

    /// The XSRF token of a session of Catalyst Manager.
    pub fn manager_token(&self, session: &Digest) -> String {
        self.header_token(b"manager session", &[&session.0])
    }

    /// The XSRF token of a JWT login at Catalyst Manager. It is part of the JWT, so it belongs to what is known
    /// before the JWT is: whose the login is, and when it was.
    pub fn login_token(&self, user: UserId, created_at: Timestamp) -> String {
        let at = created_at.as_microsecond().to_be_bytes();
        self.header_token(b"manager login", &[&user.0.to_be_bytes(), &at])
    }

    /// The XSRF token that goes with an access token at Catalyst Manager's door. The contract hands one out;
    /// nothing asks for it, since a browser adds no `Authorization` by itself.
    pub fn bearer_token(&self, token: &Digest) -> String {
        self.header_token(b"manager key", &[&token.0])
    }

    /// Whether a bare token belongs to what it is bound to.
    pub fn accepts(&self, token: &str, binding: Binding<'_>) -> bool {
        match binding {
            Binding::Anonymous => token.split_at_checked(LENGTH / 2).is_some_and(|(nonce, proof)| {
                let wanted = self.characters(b"anonymous", nonce.as_bytes(), LENGTH / 2);
                equal(proof.as_bytes(), wanted.as_bytes())
            }),
            Binding::Session(digest) => equal(token.as_bytes(), self.session_token(digest).as_bytes()),
        }
    }

    /// The same token under a fresh mask, as pages carry it (so that compression betrays nothing).
    pub fn mask(token: &str, random: &dyn Random) -> String {
        let mask = generate(random, ALPHANUMERIC, LENGTH);
        let hidden: String = mask
            .expose()
            .bytes()
            .zip(token.bytes())
            .map(|(mask, plain)| {
                char::from(ALPHANUMERIC[(place_of(mask) + place_of(plain)) % ALPHANUMERIC.len()])
            })
            .collect();
        format!("{}{hidden}", mask.expose())
    }

    fn characters(&self, label: &[u8], input: &[u8], length: usize) -> String {
        let mut text = String::with_capacity(length);
        let mut round = 0_u8;
        while text.len() < length {
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
            mac.update(&[round]);
            mac.update(label);
            mac.update(input);
            for byte in mac.finalize().into_bytes() {
                // 248 is the largest multiple of 62 below 256: no character is likelier than another.
                if byte < 248 && text.len() < length {
                    text.push(char::from(ALPHANUMERIC[usize::from(byte) % ALPHANUMERIC.len()]));
                }
            }
            round = round.wrapping_add(1);
        }
        text
    }
}

/// Judges a request that changes something and shows a session, or signs in.
///
/// `trusted_origins` are the further origins of the setting `CSRF_TRUSTED_ORIGINS`, such as
/// `https://portal.example`, or `https://*.example` for every host below.
pub fn check(
    key: &Key,
    evidence: &Evidence,
    binding: Binding<'_>,
    trusted_origins: &[String],
) -> Result<(), Forgery> {
    check_source(evidence, trusted_origins)?;
    let cookie = evidence.cookie.as_deref().ok_or(Forgery::CookieAbsent)?;
    let cookie = bare(cookie, Place::Cookie)?;
    let (token, place) = match (&evidence.field, &evidence.header) {
        (Some(field), _) if !field.is_empty() => (field, Place::Field),
        (_, Some(header)) => (header, Place::Header),
        _ => return Err(Forgery::TokenAbsent),
    };
    let token = bare(token, place)?;
    if equal(token.as_bytes(), cookie.as_bytes()) && key.accepts(&token, binding) {
        Ok(())
    } else {
        Err(Forgery::TokenWrong(place))
    }
}

/// Judges a request that changes something in a contract whose token travels in a header alone, and that no form
/// or foreign page can therefore carry (Catalyst contract rule 18).
pub fn check_header(evidence: &Evidence, wanted: &str) -> Result<(), Forgery> {
    if evidence.is_cross_site {
        return Err(Forgery::CrossSite);
    }
    let given = evidence.header.as_deref().filter(|it| !it.is_empty()).ok_or(Forgery::TokenAbsent)?;
    if equal(given.as_bytes(), wanted.as_bytes()) { Ok(()) } else { Err(Forgery::TokenWrong(Place::Header)) }
}

/// The bare form of a presented token: 32 characters as they are, 64 unmasked.
pub fn bare(token: &str, place: Place) -> Result<String, Forgery> {
    if token.len() != LENGTH && token.len() != MASKED_LENGTH {
        return Err(Forgery::TokenLength(place));
    }
    if !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Forgery::TokenCharacters(place));
    }
    if token.len() == LENGTH {
        return Ok(token.to_owned());
    }
    let (mask, hidden) = token.split_at(LENGTH);
    let count = ALPHANUMERIC.len();
    Ok(mask
        .bytes()
        .zip(hidden.bytes())
        .map(|(mask, hidden)| char::from(ALPHANUMERIC[(place_of(hidden) + count - place_of(mask)) % count]))
        .collect())
}

fn place_of(character: u8) -> usize {
    ALPHANUMERIC.iter().position(|it| *it == character).unwrap_or(0)
}

/// Checks 1 and 2 of the contract: where the request says it comes from. Also what a WebSocket
/// handshake with a session must pass, which no token can accompany.
pub fn check_source(evidence: &Evidence, trusted_origins: &[String]) -> Result<(), Forgery> {
    if let Some(origin) = &evidence.origin {
        let scheme = if evidence.is_secure { "https" } else { "http" };
        let own = format!("{scheme}://{}", evidence.host);
        if !origin.eq_ignore_ascii_case(&own) && !is_trusted(origin, trusted_origins) {
            return Err(Forgery::Origin(Page(origin.clone())));
        }
    } else if evidence.is_secure {
        let referer = evidence.referer.as_deref().ok_or(Forgery::RefererAbsent)?;
        let (scheme, rest) = referer.split_once("://").ok_or(Forgery::RefererMalformed)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() || host.contains('@') {
            return Err(Forgery::RefererMalformed);
        }
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(Forgery::RefererInsecure);
        }
        if !host.eq_ignore_ascii_case(&evidence.host)
            && !is_trusted(&format!("https://{host}"), trusted_origins)
        {
            return Err(Forgery::Referer(Page(referer.to_owned())));
        }
    }
    if evidence.is_cross_site && evidence.origin.is_none() {
        return Err(Forgery::CrossSite);
    }
    Ok(())
}

/// Whether a text can be a host, with or without a port. What holds a slash or an `@` is more than that,
/// and might only end like one.
pub fn is_host(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('.')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

fn is_trusted(origin: &str, trusted_origins: &[String]) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return false };
    trusted_origins.iter().any(|trusted| {
        let Some((trusted_scheme, trusted_host)) = trusted.split_once("://") else { return false };
        let trusted_host = trusted_host.trim_end_matches('/');
        scheme.eq_ignore_ascii_case(trusted_scheme)
            && match trusted_host.strip_prefix("*.") {
                Some(parent) => host
                    .len()
                    .checked_sub(parent.len() + 1)
                    .and_then(|at| host.split_at_checked(at))
                    .is_some_and(|(child, tail)| {
                        is_host(child)
                            && !child.contains(':')
                            && tail.starts_with('.')
                            && tail[1..].eq_ignore_ascii_case(parent)
                    }),
                None => host.eq_ignore_ascii_case(trusted_host),
            }
    })
}
