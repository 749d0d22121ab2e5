//! The revocation endpoint (RFC 7009).

use axum::body::Body;
use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use identity::Refusal;

use super::form::Fields;
use super::{Arrival, Site, answer, application, denial, wire};

/// Revokes one of an application's own tokens. Nobody is told whether there was one.
pub async fn post(Extracted(site): Extracted<Site>, arrival: Arrival, parts: Parts, body: Body) -> Response {
    match revoke(&site, &arrival, &parts, body).await {
        Ok(()) => answer::text(StatusCode::OK, ""),
        Err(refusal) => denial::answer(&site, &refusal, &parts),
    }
}

async fn revoke(site: &Site, arrival: &Arrival, parts: &Parts, body: Body) -> Result<(), Refusal> {
    let fields = Fields::read(parts, body).await?;
    // The hint (`token_type_hint`) says where to look first, and both places are looked at anyway.
    let value = fields.needed(wire::TOKEN, wire::MISSING_TOKEN)?;
    let application = application::authenticate(site, &arrival.context, parts, &fields).await?;
    site.state.authority.revoke_for(&arrival.context, &application, value).await
}
