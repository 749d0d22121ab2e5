//! Forms of pages: their fields, each of which may be there once.
//!
//! They are read as leniently as browsers and the framework read them: people type passwords into shells,
//! and a `%` that begins no escape is a `%`. Bodies of the API are read strictly, in [`body`].

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use percent_encoding::percent_decode;

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
        let kind = parts.headers.get(CONTENT_TYPE).map_or(&[][..], http::HeaderValue::as_bytes);
        let essence = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        if essence.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
            return Self::urlencoded(&body);
        }
        match body::parse(parts, body).await {
            Ok(Body::Form(pairs)) => Ok(Self { pairs }),
            Ok(Body::Json(_)) => Err(FormError::Kind),
            Err(_) => Err(FormError::Broken),
        }
    }

    /// Reads `a=1&b=2`, percent-encoded, with `+` for a space.
    pub fn urlencoded(text: &[u8]) -> Result<Self, FormError> {
        let mut form = Self::default();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if form.pairs.len() == body::FIELDS_MAX {
                return Err(FormError::Broken);
            }
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let value = pair.get(at + 1..).unwrap_or_default();
            form.pairs.push((decoded(&pair[..at])?, decoded(value)?));
        }
        Ok(form)
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

fn decoded(text: &[u8]) -> Result<String, FormError> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    String::from_utf8(percent_decode(&spaced).collect()).map_err(|_| FormError::Broken)
}
