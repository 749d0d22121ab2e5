//! What a browser brings to the authorization endpoint, kept so that the consent page can repeat it, and how
//! an answer is put onto a redirection URI.

use identity::action::AuthorizationRequest;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::form::Fields;
use super::wire;

/// Longest parameter, in bytes. Whatever an application keeps in `state` must fit into an address.
const PARAMETER_MAX: usize = 2048;
/// Longest parameters altogether, in bytes, so that the login page can lead back to them.
const ALL_MAX: usize = 4096;

/// What is escaped in a parameter (HTML standard, `application/x-www-form-urlencoded`), but for spaces.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*');

/// The parameters of an authorization request, in the order in which the form repeats them.
const REPEATED: [&str; 9] = [
    wire::REDIRECT_URI,
    wire::SCOPE,
    wire::NONCE,
    wire::CLIENT_ID,
    wire::STATE,
    wire::RESPONSE_TYPE,
    wire::CODE_CHALLENGE,
    wire::CODE_CHALLENGE_METHOD,
    wire::CLAIMS,
];

/// An authorization request as it came. No parameter in it is secret.
#[derive(Debug, Default)]
pub struct Question {
    values: [Option<String>; REPEATED.len()],
    /// Whether the user need not be asked who has consented before (`approval_prompt=auto`).
    pub is_auto: bool,
}

impl Question {
    /// Reads the parameters; what is wrong with them, if they cannot be used at all.
    pub fn read(fields: &Fields) -> Result<Self, &'static str> {
        let mut question = Self::default();
        let mut length = 0;
        for (name, place) in REPEATED.iter().zip(&mut question.values) {
            let Some(value) = fields.get(name) else { continue };
            length += value.len();
            if value.len() > PARAMETER_MAX || length > ALL_MAX {
                return Err(wire::TOO_LONG);
            }
            if value.chars().any(char::is_control) {
                return Err(wire::CONTROL_CHARACTER);
            }
            *place = Some(value.to_owned());
        }
        question.is_auto = fields.get(wire::APPROVAL_PROMPT) == Some("auto");
        Ok(question)
    }

    /// What the application gets back unread.
    pub fn state(&self) -> Option<&str> {
        self.value(wire::STATE)
    }

    /// Whether an application is named.
    pub fn names_application(&self) -> bool {
        self.value(wire::CLIENT_ID).is_some()
    }

    /// The parameters by name, in their order.
    pub fn pairs(&self) -> Vec<(&'static str, Option<&str>)> {
        REPEATED.iter().zip(&self.values).map(|(name, value)| (*name, value.as_deref())).collect()
    }

    /// The same in the words of identity.
    pub fn request(&self) -> AuthorizationRequest<'_> {
        AuthorizationRequest {
            response_type: self.value(wire::RESPONSE_TYPE),
            client_id: self.value(wire::CLIENT_ID),
            redirect_uri: self.value(wire::REDIRECT_URI),
            scope: self.value(wire::SCOPE),
            code_challenge: self.value(wire::CODE_CHALLENGE),
            code_challenge_method: self.value(wire::CODE_CHALLENGE_METHOD),
        }
    }

    fn value(&self, name: &str) -> Option<&str> {
        let at = REPEATED.iter().position(|it| *it == name)?;
        self.values[at].as_deref()
    }
}

/// An address with parameters behind those that it has already (RFC 6749 section 4.1.2). Parameters without a
/// value are left out.
pub fn append(address: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let mut text = address.to_owned();
    for (name, value) in pairs {
        let Some(value) = value else { continue };
        text.push(match text.split_once('?') {
            None => '?',
            Some((_, query)) if query.is_empty() || query.ends_with('&') => {
                push(&mut text, name, value);
                continue;
            }
            Some(_) => '&',
        });
        push(&mut text, name, value);
    }
    text
}

fn push(text: &mut String, name: &str, value: &str) {
    text.push_str(name);
    text.push('=');
    let mut is_first = true;
    for part in value.split(' ') {
        if !is_first {
            text.push('+');
        }
        is_first = false;
        text.extend(utf8_percent_encode(part, ESCAPED));
    }
}
