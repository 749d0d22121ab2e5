//! The introspection endpoint (RFC 7662).

use axum::body::Body;
use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use identity::Refusal;

use super::form::Fields;
use super::wire::{self, Inactive, IntrospectionBody};
use super::{Arrival, Site, answer, application, denial};

/// Tells an application of a token what it may know; of a dead one, only that.
pub async fn post(Extracted(site): Extracted<Site>, arrival: Arrival, parts: Parts, body: Body) -> Response {
    introspect(&site, &arrival, &parts, body)
        .await
        .unwrap_or_else(|refusal| denial::answer(&site, &refusal, &parts))
}

async fn introspect(site: &Site, arrival: &Arrival, parts: &Parts, body: Body) -> Result<Response, Refusal> {
    let fields = Fields::read(parts, body).await?;
    let value = fields.needed(wire::TOKEN, wire::MISSING_TOKEN)?;
    let application = application::authenticate(site, &arrival.context, parts, &fields).await?;
    let Some(it) = site.state.authority.introspect(&arrival.context, &application, value).await? else {
        return Ok(answer::json(StatusCode::OK, &Inactive { active: false }));
    };
    let body = IntrospectionBody {
        active: true,
        scope: it.scope.as_str(),
        client_id: it.client_id.as_deref(),
        username: &it.username,
        token_type: wire::BEARER,
        exp: it.expires_at.as_second(),
        iat: it.issued_at.as_second(),
        sub: &it.subject.0,
        iss: site.issuer(&arrival.doorway),
    };
    Ok(answer::json(StatusCode::OK, &body))
}
