//! Forms: pairs of names and values in a body or a query, in both encodings that browsers use.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::{Constraints, Multipart, SizeLimit};
use percent_encoding::percent_decode;

/// Most fields of a form.
const FIELDS_MAX: usize = 100;

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
    /// It cannot be decoded, is not UTF-8, or has more than [`FIELDS_MAX`] fields.
    Broken,
    /// A field that may be there once is there more often.
    Repeated,
}

impl Form {
    /// Reads a body as its content type says.
    pub async fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, FormError> {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::urlencoded(&body)
        } else if essence.eq_ignore_ascii_case("multipart/form-data") {
            Self::multipart(kind, body).await
        } else {
            Err(FormError::Kind)
        }
    }

    /// Reads `a=1&b=2`, percent-encoded, with `+` for a space.
    pub fn urlencoded(text: &[u8]) -> Result<Self, FormError> {
        let mut form = Self::default();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let value = pair.get(at + 1..).unwrap_or_default();
            form.push(decoded(&pair[..at])?, decoded(value)?)?;
        }
        Ok(form)
    }

    async fn multipart(kind: &str, body: Bytes) -> Result<Self, FormError> {
        let boundary = multer::parse_boundary(kind).map_err(|_| FormError::Broken)?;
        let limits = SizeLimit::new().whole_stream(body.len() as u64);
        let body = stream::once(std::future::ready(Ok::<_, Infallible>(body)));
        let mut parts = Multipart::with_constraints(body, boundary, Constraints::new().size_limit(limits));
        let mut form = Self::default();
        while let Some(field) = parts.next_field().await.map_err(|_| FormError::Broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            let value = field.bytes().await.map_err(|_| FormError::Broken)?;
            let value = String::from_utf8(value.to_vec()).map_err(|_| FormError::Broken)?;
            form.push(name, value)?;
        }
        Ok(form)
    }

    fn push(&mut self, name: String, value: String) -> Result<(), FormError> {
        if self.pairs.len() >= FIELDS_MAX {
            return Err(FormError::Broken);
        }
        self.pairs.push((name, value));
        Ok(())
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
