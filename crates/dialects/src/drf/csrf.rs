//! How the framework words a refused request of a foreign page (contract section B3).

use http::HeaderMap;
use identity::model::csrf::{Forgery, Place};

/// The sentence that stands behind `detail`.
pub fn detail(forgery: &Forgery) -> String {
    format!("CSRF Failed: {}", reason(forgery))
}

/// Why the request may be forged.
pub fn reason(forgery: &Forgery) -> String {
    match forgery {
        Forgery::Origin(origin) => {
            format!("Origin checking failed - {} does not match any trusted origins.", origin.0)
        }
        Forgery::RefererAbsent => "Referer checking failed - no Referer.".to_owned(),
        Forgery::RefererMalformed => "Referer checking failed - Referer is malformed.".to_owned(),
        Forgery::RefererInsecure => {
            "Referer checking failed - Referer is insecure while host is secure.".to_owned()
        }
        Forgery::Referer(referer) => {
            format!("Referer checking failed - {} does not match any trusted origins.", referer.0)
        }
        Forgery::CrossSite => "Origin checking failed - the browser says that another site asks.".to_owned(),
        Forgery::CookieAbsent => "CSRF cookie not set.".to_owned(),
        Forgery::TokenAbsent => "CSRF token missing.".to_owned(),
        Forgery::TokenLength(place) => format!("{} has incorrect length.", token_at(*place)),
        Forgery::TokenCharacters(place) => format!("{} has invalid characters.", token_at(*place)),
        Forgery::TokenWrong(place) => format!("{} incorrect.", token_at(*place)),
    }
}

/// The framework capitalises a header's name in its own way, whatever the client wrote.
fn token_at(place: Place) -> &'static str {
    match place {
        Place::Cookie => "CSRF cookie",
        Place::Header => "CSRF token from the 'X-Csrftoken' HTTP header",
        Place::Field => "CSRF token from POST",
    }
}

/// Whether a page of another origin, a neighbour of our site too, has an address fetched as a part of itself. A
/// browser that is really sent there says that it navigates; one that says nothing is old, or no browser.
pub fn is_embedded(headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).map(http::HeaderValue::as_bytes);
    let is_foreign = matches!(said("sec-fetch-site"), Some(b"cross-site" | b"same-site"));
    let navigates = said("sec-fetch-mode").is_none_or(|mode| mode == b"navigate");
    let is_document = said("sec-fetch-dest").is_none_or(|destination| destination == b"document");
    is_foreign && !(navigates && is_document)
}
