//! The device authorization endpoint (RFC 8628 section 3.1).

use axum::body::Body;
use axum::extract::State as Extracted;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use identity::Refusal;

use super::form::Fields;
use super::wire::{self, DeviceBody};
use super::{Arrival, Site, answer, application, denial};

/// Gives a device its two codes.
pub async fn post(Extracted(site): Extracted<Site>, arrival: Arrival, parts: Parts, body: Body) -> Response {
    begin(&site, &arrival, &parts, body)
        .await
        .unwrap_or_else(|refusal| denial::answer(&site, &refusal, &parts))
}

async fn begin(site: &Site, arrival: &Arrival, parts: &Parts, body: Body) -> Result<Response, Refusal> {
    let fields = Fields::read(parts, body).await?;
    let application = application::authenticate(site, &arrival.context, parts, &fields).await?;
    let scope = fields.get(wire::SCOPE);
    let begun = site.state.authority.begin_device(&arrival.context, &application, scope).await?;
    let verification_uri = format!("{}/device/", site.issuer(&arrival.doorway));
    let body = DeviceBody {
        device_code: begun.device_code.expose(),
        user_code: &begun.user_code,
        // A user code is made of letters and a hyphen: nothing in it needs to be encoded.
        verification_uri_complete: format!("{verification_uri}?{}={}", wire::USER_CODE, begun.user_code),
        verification_uri,
        expires_in: begun.expires_in.as_secs(),
        interval: begun.interval.as_secs(),
    };
    Ok(answer::json(StatusCode::OK, &body))
}
