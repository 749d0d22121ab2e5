//! Forms of pages: their fields, each of which may be there once.

use bytes::Bytes;
use http::request::Parts;

use super::body::{self, Body};

/// The pairs of a form in their order.
#[derive(Clone, Default)]
pub struct Form {
    pairs: Vec<(String, String)>,
}

/// Why a body is no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormError {
    /// Its content type is another one.
    Kind,
    /// It cannot be decoded, is not UTF-8, or has too many fields.
    Broken,
    /// A field that may be there once is there more often.
    Repeated,
}

impl Form {
    /// Reads a body as its content type says, in both encodings that browsers use.
    pub async fn read(parts: &Parts, body: Bytes) -> Result<Self, FormError> {
        match body::parse(parts, body).await {
            Ok(Body::Form(pairs)) => Ok(Self { pairs }),
            Ok(Body::Json(_)) => Err(FormError::Kind),
            Err(_) => Err(FormError::Broken),
        }
    }

    /// Reads `a=1&b=2`, percent-encoded, with `+` for a space.
    pub fn urlencoded(text: &[u8]) -> Result<Self, FormError> {
        body::urlencoded(text).map(|pairs| Self { pairs }).map_err(|_| FormError::Broken)
    }

    /// The pairs, in their order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// The value of a field that may be there once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, FormError> {
        let mut found = self.pairs.iter().filter(|(it, _)| it == name);
        let value = found.next().map(|(_, value)| value.as_str());
        if found.next().is_some() { Err(FormError::Repeated) } else { Ok(value) }
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}
