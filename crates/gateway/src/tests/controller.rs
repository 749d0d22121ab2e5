//! A contract made for tests, with what only AWX's has: endpoints to spare, a prefix, sessions that end by
//! inactivity.

use std::sync::Arc;

use axum::Extension;
use bytes::Bytes;
use dialects::{ClientHalf, Dialect, Doorway, Help, Owned, Wire};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use identity::model::principal::Principal;
use identity::model::proof::Presented;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use identity::{Authority, Refusal};

pub struct Controller;

static WIRE: Wire = Wire {
    cookies: &["awx_sessionid", "userLoggedIn"],
    headers: &["x-ws-session-quiet"],
    keeps_cookies: false,
    secret_paths: &[],
};

impl Dialect for Controller {
    fn name(&self) -> &'static str {
        "awx"
    }

    fn owns(&self, path: &str) -> Owned {
        match path {
            "/api/v2/" | "/api/v2/ping/" => Owned::Public,
            "/api/v2/inventories/" => Owned::Spare,
            _ if path.starts_with("/api/v2/users/") => Owned::Yes,
            _ => Owned::No,
        }
    }

    fn routes(&self, _: Arc<Authority>) -> axum::Router {
        axum::Router::new().fallback(|Extension(doorway): Extension<Doorway>, uri: http::Uri| async move {
            format!("own <{}> {uri}", doorway.prefix)
        })
    }

    fn read_proof(&self, request: &Parts, doorway: &Doorway) -> Presented {
        let cookies = request.headers.get("cookie").and_then(|it| it.to_str().ok()).unwrap_or_default();
        let secret = cookies.split("; ").find_map(|it| it.strip_prefix("awx_sessionid="));
        Presented {
            session: secret.map(|it| (SessionKind::Gateway, Secret::new(it))),
            is_quiet: request.headers.contains_key("x-ws-session-quiet"),
            evidence: dialects::awx::Awx.read_proof(request, doorway).evidence,
            ..Presented::default()
        }
    }

    fn keep_alive(&self, presented: &Presented, _: &Principal, _: &Doorway, headers: &mut HeaderMap) {
        let Some((_, secret)) = &presented.session else { return };
        let cookie = format!("awx_sessionid={}; HttpOnly", secret.expose());
        headers.append("set-cookie", HeaderValue::from_str(&cookie).unwrap());
        headers.insert("session-timeout", HeaderValue::from_static("1800"));
    }

    fn refuse(&self, _: &Refusal, _: &Parts, _: &Doorway) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from_static(b"no"));
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        response
    }

    fn help(&self) -> &'static Help {
        dialects::awx::Awx.help()
    }

    fn wire(&self) -> &'static Wire {
        &WIRE
    }

    fn client(&self) -> &'static dyn ClientHalf {
        dialects::aap::Aap.client()
    }
}

/// The dialects of a gateway that has it.
pub const DIALECTS: [&dyn Dialect; 2] = [&dialects::aap::Aap, &Controller];
