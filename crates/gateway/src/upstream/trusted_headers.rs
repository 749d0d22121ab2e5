//! Identity in plain headers, for services that trust the network between them and the gateway.
//!
//! Values are percent-encoded (RFC 3986), so a name can hold anything without ending the header or a list.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue};
use identity::model::principal::Principal;

/// Most teams that are named.
const GROUPS_MAX: usize = 200;

/// Sets the headers of a principal.
pub fn set(headers: &mut HeaderMap, principal: &Principal) {
    let subject = &principal.subject;
    let mut groups = String::new();
    for it in subject.teams.iter().take(GROUPS_MAX) {
        if !groups.is_empty() {
            groups.push(',');
        }
        encode(&mut groups, &it.organization_name);
        groups.push('/');
        encode(&mut groups, &it.team.name);
    }
    put(headers, "x-forwarded-user", encoded(&subject.user.username));
    put(headers, "x-forwarded-email", encoded(&subject.user.email));
    put(headers, "x-forwarded-groups", groups);
    if let Some(tenant) = &principal.tenant {
        put(headers, "x-forwarded-tenant", encoded(tenant));
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: String) {
    if let Ok(value) = HeaderValue::from_maybe_shared(bytes::Bytes::from(value)) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    encode(&mut encoded, text);
    encoded
}

fn encode(into: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') {
            into.push(char::from(byte));
        } else {
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn case_128_no_name_can_end_a_header_or_a_list() {
        assert_eq!(encoded("ann@example.com"), "ann@example.com");
        assert_eq!(encoded("a\r\nX: 1,b/c %"), "a%0D%0AX%3A%201%2Cb%2Fc%20%25");
        assert_eq!(encoded("é"), "%C3%A9");
    }
}
