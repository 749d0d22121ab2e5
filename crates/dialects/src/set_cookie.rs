//! What `Set-Cookie` says of one cookie (RFC 6265), as far as a client half wants to know it.

use http::HeaderMap;
use http::header::{DATE, SET_COOKIE};
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};

/// An answer without a date is taken for one of this day: what a cookie's end is measured by, the beginning of 2020.
const UNDATED: Timestamp = Timestamp::constant(1_577_836_800, 0);

/// One line of `Set-Cookie`.
#[derive(Clone, Copy, Debug)]
pub struct SetCookie<'a> {
    /// The value as it was written, perhaps in quotation marks.
    pub value: &'a str,
    attributes: &'a str,
    headers: &'a HeaderMap,
}

/// The lines of an answer that set or end the cookie of this name for the whole server. Those for some paths belong
/// to somebody else, such as a proxy on the way: they count only if there are no others and `strays` says so.
pub fn cookies<'a>(headers: &'a HeaderMap, name: &str, strays: Strays) -> Vec<SetCookie<'a>> {
    let lines = headers.get_all(SET_COOKIE).iter().filter_map(|line| {
        let line = line.to_str().ok()?;
        let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
        let (it, value) = pair.split_once('=')?;
        (it.trim() == name).then(|| SetCookie { value: value.trim(), attributes, headers })
    });
    let (own, others): (Vec<_>, Vec<_>) = lines.partition(SetCookie::is_for_all);
    if own.is_empty() && strays == Strays::Count { others } else { own }
}

/// Whether cookies for some paths count where there is none for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strays {
    /// They count: a login gives one, whatever path it names.
    Count,
    /// They do not: that one ends says nothing of ours.
    Pass,
}

impl<'a> SetCookie<'a> {
    /// The value without quotation marks.
    pub fn unquoted(&self) -> &'a str {
        let inner = self.value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        inner.unwrap_or(self.value)
    }

    /// Whether it ends the cookie: it has no value, or its time is over. `Max-Age` goes before `Expires` (section
    /// 5.3).
    pub fn is_over(&self) -> bool {
        if self.unquoted().is_empty() {
            return true;
        }
        match (self.max_age(), self.expires()) {
            (Some(age), _) => age <= 0,
            (None, Some(end)) => end <= self.sent_at().unwrap_or(UNDATED),
            (None, None) => false,
        }
    }

    /// How long it lives, by the server's own clock if that is known; none if it does not say it.
    pub fn life(&self, now: Timestamp) -> Option<SignedDuration> {
        let age = self.max_age().map(SignedDuration::from_secs);
        age.or_else(|| Some(self.expires()?.duration_since(self.sent_at().unwrap_or(now))))
    }

    fn max_age(&self) -> Option<i64> {
        self.attribute("max-age")?.parse().ok()
    }

    fn expires(&self) -> Option<Timestamp> {
        date(self.attribute("expires")?)
    }

    fn sent_at(&self) -> Option<Timestamp> {
        date(self.headers.get(DATE)?.to_str().ok()?)
    }

    fn is_for_all(&self) -> bool {
        // What does not begin with a slash is as good as nothing (section 5.2.4), and the paths of logins lie all over.
        self.attribute("path").is_none_or(|it| it == "/" || !it.starts_with('/'))
    }

    /// The last attribute of this name counts (section 5.3).
    fn attribute(&self, wanted: &str) -> Option<&'a str> {
        self.attributes.split(';').rev().find_map(|it| {
            let (name, value) = it.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches('"'))
        })
    }
}

/// A date in one of the spellings of cookies.
fn date(text: &str) -> Option<Timestamp> {
    // Servlet containers write `01-Jan-1970`.
    let text = text.replace('-', " ");
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(&text).ok()
}
