//! Applications show themselves: in the `Authorization` header or in the form (RFC 6749 section 2.3.1).

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::request::Parts;
use identity::action::ApplicationProof;
use identity::model::application::Application;
use identity::model::grant::GrantDenial;
use identity::model::secret::{self, Secret};
use identity::{Context, Denial, Refusal};

use super::form::{self, Fields};
use super::{Site, wire};

/// What an application shows of itself: its public name, and its secret if it showed one.
#[derive(Debug)]
pub struct Shown {
    pub(super) client_id: String,
    pub(super) secret: Option<Secret>,
}

/// The application that a request shows.
pub async fn authenticate(
    site: &Site,
    context: &Context,
    parts: &Parts,
    fields: &Fields,
) -> Result<Arc<Application>, Refusal> {
    // The header's two readings are tried in their order; there is one of everything else.
    for shown in shown(parts, fields)? {
        let proof = ApplicationProof { client_id: &shown.client_id, secret: shown.secret.as_ref() };
        match site.state.authority.authenticate_application(context, Some(proof)).await {
            Err(Refusal::Denied(Denial::Grant(GrantDenial::InvalidClient))) => {}
            judged => return judged,
        }
    }
    Err(invalid_client())
}

/// What a request shows, in the readings that are to be tried in turn.
fn shown(parts: &Parts, fields: &Fields) -> Result<Vec<Shown>, Refusal> {
    let in_form = fields.get(wire::CLIENT_ID).map(|client_id| Shown {
        client_id: client_id.to_owned(),
        secret: fields.secret(wire::CLIENT_SECRET).cloned(),
    });
    let in_header = header(parts)?;
    if in_header.is_empty() {
        return Ok(in_form.into_iter().collect());
    }
    let in_form_secret = fields.secret(wire::CLIENT_SECRET);
    let is_same = |it: &Shown| {
        in_form.as_ref().is_none_or(|form| form.client_id == it.client_id)
            && in_form_secret.is_none_or(|form| {
                it.secret
                    .as_ref()
                    .is_some_and(|secret| secret::equal(form.expose().as_bytes(), secret.expose().as_bytes()))
            })
    };
    // RFC 6749 section 2.3: one method for each request. The same thing said twice is no second method.
    let agreed: Vec<Shown> = in_header.into_iter().filter(is_same).collect();
    if agreed.is_empty() {
        return Err(Denial::Grant(GrantDenial::InvalidRequest(wire::TWO_CLIENTS)).into());
    }
    Ok(agreed)
}

/// What stands in the header: as the standard wants it, form-encoded before it is put together, and as most
/// clients send it, plain. Schemes that show no application say nothing.
pub(super) fn header(parts: &Parts) -> Result<Vec<Shown>, Refusal> {
    let mut lines = parts.headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else { return Ok(Vec::new()) };
    if lines.next().is_some() || line.len() > wire::AUTHORIZATION_MAX {
        return Err(invalid_client());
    }
    let line = line.as_bytes().trim_ascii();
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (scheme, value) = line.split_at(end);
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return Ok(Vec::new());
    }
    let pair = STANDARD.decode(value.trim_ascii()).map_err(|_| invalid_client())?;
    let pair = Secret::new(String::from_utf8(pair).map_err(|_| invalid_client())?);
    let (client_id, secret) = pair.expose().split_once(':').ok_or_else(invalid_client)?;
    let shown = |client_id: String, secret: Secret| {
        let secret = (!secret.expose().is_empty()).then_some(secret);
        Shown { client_id, secret }
    };
    let mut readings = Vec::with_capacity(2);
    if let (Ok(client_id), Ok(secret)) =
        (form::decoded(client_id.as_bytes()), form::decoded(secret.as_bytes()).map(Secret::new))
    {
        readings.push(shown(client_id, secret));
    }
    if pair.expose().contains(['%', '+']) {
        readings.push(shown(client_id.to_owned(), Secret::new(secret)));
    }
    Ok(readings)
}

fn invalid_client() -> Refusal {
    Denial::Grant(GrantDenial::InvalidClient).into()
}
