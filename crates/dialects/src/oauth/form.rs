//! Parameters: of a form or of a query, each of which may be there once (RFC 6749 sections 3.1 and 3.2).

use axum::body::Body;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::request::Parts;
use http_body_util::{BodyExt as _, Limited};
use identity::model::grant::GrantDenial;
use identity::model::secret::Secret;
use identity::{Denial, Refusal};
use percent_encoding::percent_decode;

use super::wire;

/// The parameters of a request. Any may be a secret, so all are kept like one.
#[derive(Default)]
pub struct Fields(Vec<(String, Secret)>);

/// Why parameters could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormError {
    /// They are too many or too long altogether, cannot be decoded, or broke off.
    Broken,
    /// A name or a value is too long.
    TooLong,
    /// One is there more than once; the sentence that says which.
    Repeated(&'static str),
    /// They stand in the address, where logs and histories keep them.
    InQuery,
}

impl FormError {
    /// What is told of it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Broken => wire::BROKEN_FORM,
            Self::TooLong => wire::TOO_LONG,
            Self::Repeated(text) => text,
            Self::InQuery => wire::IN_QUERY,
        }
    }
}

impl From<FormError> for Refusal {
    fn from(error: FormError) -> Self {
        Denial::Grant(GrantDenial::InvalidRequest(error.text())).into()
    }
}

impl Fields {
    /// Reads the body of a request to an endpoint that takes nothing from its address. A body of another kind
    /// than a form says nothing (contract sections 1.2 and C4).
    pub async fn read(parts: &Parts, body: Body) -> Result<Self, FormError> {
        if parts.uri.query().is_some_and(|query| !query.is_empty()) {
            return Err(FormError::InQuery);
        }
        Self::body(parts, body).await
    }

    /// Reads the body alone.
    pub async fn body(parts: &Parts, body: Body) -> Result<Self, FormError> {
        let whole = Limited::new(body, wire::BODY_MAX).collect().await.map_err(|_| FormError::Broken)?;
        if is_form(parts) { Self::urlencoded(&whole.to_bytes()) } else { Ok(Self::default()) }
    }

    /// Reads the query of a request.
    pub fn query(parts: &Parts) -> Result<Self, FormError> {
        let query = parts.uri.query().unwrap_or_default();
        if query.len() > wire::QUERY_MAX {
            return Err(FormError::TooLong);
        }
        Self::urlencoded(query.as_bytes())
    }

    /// Reads `a=1&b=2`, percent-encoded, with `+` for a space. A parameter without a value counts as absent,
    /// but not a second time.
    pub fn urlencoded(text: &[u8]) -> Result<Self, FormError> {
        let mut fields: Vec<(String, Secret)> = Vec::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == wire::FIELDS_MAX {
                return Err(FormError::Broken);
            }
            let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let name = decoded(&pair[..at])?;
            let value = Secret::new(decoded(pair.get(at + 1..).unwrap_or_default())?);
            if fields.iter().any(|(it, _)| *it == name) {
                return Err(FormError::Repeated(wire::duplicate(&name)));
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// The value of a parameter, if it is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(Secret::expose)
    }

    /// The same, still under guard.
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        let value = self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value);
        value.filter(|value| !value.expose().is_empty())
    }

    /// The value of a parameter that a request cannot do without; `missing` says so.
    pub fn needed(&self, name: &str, missing: &'static str) -> Result<&Secret, Refusal> {
        self.secret(name).ok_or_else(|| Denial::Grant(GrantDenial::InvalidRequest(missing)).into())
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Whether a body is said to be a form, once, and not encoded otherwise.
fn is_form(parts: &Parts) -> bool {
    let mut kinds = parts.headers.get_all(CONTENT_TYPE).iter();
    let (Some(kind), None) = (kinds.next(), kinds.next()) else { return false };
    let essence = kind.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    essence.eq_ignore_ascii_case(wire::FORM_TYPE.as_bytes()) && !parts.headers.contains_key(CONTENT_ENCODING)
}

/// Undoes `+` and `%xx`; what only looks like an escape stays as it is.
pub(super) fn decoded(text: &[u8]) -> Result<String, FormError> {
    if text.len() > 3 * wire::FIELD_MAX {
        return Err(FormError::TooLong);
    }
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let text = String::from_utf8(percent_decode(&spaced).collect()).map_err(|_| FormError::Broken)?;
    if text.len() > wire::FIELD_MAX { Err(FormError::TooLong) } else { Ok(text) }
}
