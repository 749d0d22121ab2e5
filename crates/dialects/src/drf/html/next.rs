//! Where a login page leads on to.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::target;
use crate::drf::form::Form;

/// What is escaped in an address that stands in another one's query.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The address of a login page that leads on to `next` (AWX contract section D4).
pub fn login(page: &str, next: &str) -> String {
    format!("{page}?next={}", utf8_percent_encode(next, QUOTED))
}

/// Where the form of a login page may lead in the end, for its policy. An application that needs no consent
/// is sent its code by the same chain of redirects that begins with the form.
pub fn targets(next: &str) -> String {
    let Some((path, query)) = next.split_once('?') else { return String::new() };
    if !path.ends_with("/o/authorize/") {
        return String::new();
    }
    let query = Form::urlencoded(query.as_bytes()).unwrap_or_default();
    match query.one("redirect_uri") {
        Ok(Some(address)) if !address.is_empty() => target(address),
        // Which of its addresses the application is sent to is known only when it is asked.
        _ => " https: http:".to_owned(),
    }
}
