//! Addresses: where objects live, by number and by name (contract section 1.1).

use identity::model::object::{Noun, UserId};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Where the version's paths begin for routes. In answers a [`Place`] stands before them.
const V2: &str = "/api/v2/";

/// What of a name is escaped in an address.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What stands before the version in answers: `/api`, unless the request came under a prefix.
#[derive(Clone, Copy, Debug)]
pub struct Place(pub &'static str);

impl Place {
    /// The place of requests that came under this prefix; none if it is empty.
    pub fn under(prefix: &'static str) -> Self {
        Self(if prefix.is_empty() { "/api" } else { prefix })
    }

    /// The address of an object; empty for a kind without a collection.
    pub fn of(self, noun: Noun, id: i64) -> String {
        name_of(noun).map_or_else(String::new, |name| self.one(name, id))
    }

    /// The address of a user.
    pub fn user(self, id: UserId) -> String {
        self.one("users", id.0)
    }

    /// The address of an object in a collection.
    pub fn one(self, collection: &str, id: i64) -> String {
        format!("{}/v2/{collection}/{id}/", self.0)
    }

    /// The address of a list below an object.
    pub fn below(self, collection: &str, id: i64, list: &str) -> String {
        format!("{}/v2/{collection}/{id}/{list}/", self.0)
    }

    /// The address of an object by its name and perhaps that of its organization; none if nobody would come to
    /// the object by it.
    pub fn named(self, noun: Noun, name: &str, organization: Option<&str>) -> Option<String> {
        let spelled: Vec<String> = [Some(name), organization].into_iter().flatten().map(spelled).collect();
        let below = format!("/v2/{}/{}/", name_of(noun)?, spelled.join("++"));
        if [Some(name), organization].into_iter().flatten().any(is_unfit) {
            return None;
        }
        let leads_back = target(noun, &format!("/api{below}"))
            == Target::Name(name.to_owned(), organization.map(str::to_owned));
        leads_back.then(|| format!("{}{below}", self.0))
    }

    /// A request's path as its client knows it.
    pub fn path(self, path: &str) -> String {
        path.strip_prefix("/api").map_or_else(|| path.to_owned(), |rest| format!("{}{rest}", self.0))
    }
}

/// The name of a kind's collection.
pub fn name_of(noun: Noun) -> Option<&'static str> {
    match noun {
        Noun::User => Some("users"),
        Noun::Organization => Some("organizations"),
        Noun::Team => Some("teams"),
        Noun::Token => Some("tokens"),
        Noun::Application => Some("applications"),
        Noun::Entry => Some("activity_stream"),
        Noun::Authenticator
        | Noun::RoleDefinition
        | Noun::UserAssignment
        | Noun::TeamAssignment
        | Noun::Setting
        | Noun::Session => None,
    }
}

/// Whether a path with this name in it is refused before anybody looks at it: it could be another path to somebody.
fn is_unfit(name: &str) -> bool {
    let is_encoding = |it: &[u8]| it[0] == b'%' && it[1..].iter().all(u8::is_ascii_hexdigit);
    name.contains(['/', '\\', '#'])
        || name.contains(char::is_control)
        || matches!(name.split(';').next(), Some("." | ".."))
        || name.as_bytes().windows(3).any(is_encoding)
}

/// A name as it stands in an address: what could mean something there is escaped.
fn spelled(name: &str) -> String {
    let parts: Vec<String> =
        name.split('+').map(|part| utf8_percent_encode(part, ESCAPED).to_string()).collect();
    parts.join("[+]")
}

/// What stands behind the collection's name in a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A number.
    Id(i64),
    /// A name, and perhaps that of an organization.
    Name(String, Option<String>),
    /// Neither.
    Nothing,
}

/// The object that a path names.
pub fn target(noun: Noun, path: &str) -> Target {
    let segment = path.strip_prefix(V2).and_then(|rest| rest.split('/').nth(1)).unwrap_or_default();
    if segment.is_empty() {
        return Target::Nothing;
    }
    if segment.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that is too large is nobody's.
        return segment.parse().map_or(Target::Id(0), Target::Id);
    }
    let mut names = segment.split("++").map(read);
    let (first, second, third) = (names.next().flatten(), names.next(), names.next());
    match (noun, first, second, third) {
        (Noun::User | Noun::Organization, Some(name), None, None) => Target::Name(name, None),
        (Noun::Team | Noun::Application, Some(name), Some(Some(organization)), None) => {
            Target::Name(name, Some(organization))
        }
        _ => Target::Nothing,
    }
}

/// One name of an address; none if it is no UTF-8.
fn read(text: &str) -> Option<String> {
    let text = text.replace("[+]", "%2B").replace("%5B+%5D", "%2B").replace("%5b+%5d", "%2B");
    let text = text.replace("%5B%2B%5D", "%2B").replace("%5b%2b%5d", "%2B");
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}
