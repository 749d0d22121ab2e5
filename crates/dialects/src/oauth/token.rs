//! The token endpoint (RFC 6749 section 3.2; AWX contract section D3, AAP contract section C4).

use axum::body::Body;
use axum::extract::State as Extracted;
use axum::response::Response;
use http::request::Parts;
use identity::action::GrantRequest;
use identity::model::grant::GrantDenial;
use identity::{Denial, Refusal};

use super::form::Fields;
use super::wire::{self, TokenBody};
use super::{Arrival, Site, answer, application, denial};

/// Gives a token for what an application shows.
pub async fn post(Extracted(site): Extracted<Site>, arrival: Arrival, parts: Parts, body: Body) -> Response {
    grant(&site, &arrival, &parts, body)
        .await
        .unwrap_or_else(|refusal| denial::answer(&site, &refusal, &parts))
}

async fn grant(site: &Site, arrival: &Arrival, parts: &Parts, body: Body) -> Result<Response, Refusal> {
    let fields = Fields::read(parts, body).await?;
    let request = asked(&fields)?;
    let application = application::authenticate(site, &arrival.context, parts, &fields).await?;
    let granted = site.state.authority.grant(&arrival.context, &application, request).await?;
    let body = TokenBody {
        access_token: granted.value.expose(),
        expires_in: granted.expires_in.as_secs(),
        token_type: wire::BEARER,
        scope: granted.token.scope.as_str(),
        refresh_token: granted.refresh.as_ref().map(identity::model::secret::Secret::expose),
    };
    Ok(answer::json(site.flavour.granted, &body))
}

/// What is shown for a token. What is missing is told before anything is looked up.
fn asked(fields: &Fields) -> Result<GrantRequest<'_>, Refusal> {
    let scope = fields.get(wire::SCOPE);
    match fields.get(wire::GRANT_TYPE).unwrap_or_default() {
        wire::GRANT_PASSWORD => Ok(GrantRequest::Password {
            username: fields.needed(wire::USERNAME, wire::MISSING_USERNAME)?.expose(),
            password: fields.needed(wire::PASSWORD, wire::MISSING_PASSWORD)?,
            scope,
        }),
        wire::GRANT_CODE => Ok(GrantRequest::Code {
            code: fields.needed(wire::CODE, wire::MISSING_CODE)?,
            redirect_uri: fields.get(wire::REDIRECT_URI),
            verifier: fields.secret(wire::CODE_VERIFIER),
        }),
        wire::GRANT_REFRESH => Ok(GrantRequest::Refresh {
            token: fields.needed(wire::REFRESH_TOKEN, wire::MISSING_REFRESH)?,
            scope,
        }),
        wire::GRANT_APPLICATION => Ok(GrantRequest::Application { scope }),
        wire::GRANT_DEVICE => {
            Ok(GrantRequest::Device { code: fields.needed(wire::DEVICE_CODE, wire::MISSING_DEVICE_CODE)? })
        }
        _ => Err(Denial::Grant(GrantDenial::UnsupportedGrantType).into()),
    }
}
