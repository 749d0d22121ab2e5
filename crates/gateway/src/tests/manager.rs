//! A contract made for tests, with what only the newer ones have: no cookies for its services, words of its own
//! for failures, reason phrases, and answers that tell how a request came in.

use std::sync::Arc;

use axum::Extension;
use bytes::Bytes;
use dialects::{ClientHalf, Dialect, Doorway, Help, Owned, Reason, Wire};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use identity::model::principal::Principal;
use identity::model::proof::Presented;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use identity::{Authority, Refusal};

pub struct Manager;

static WIRE: Wire = Wire {
    cookies: &["JSESSIONID"],
    headers: &["x-xsrf-token", "vsessionid", "apprendasessiontoken"],
    keeps_cookies: true,
    secret_paths: &[],
};

fn no(doorway: &Doorway) -> Response<Bytes> {
    let text = format!("{:?} {:?} {}", doorway.https_port, doorway.expired_session, doorway.is_secure);
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.extensions_mut().insert(Reason("Because we say so"));
    response
}

impl Dialect for Manager {
    fn name(&self) -> &'static str {
        "catalyst"
    }

    fn owns(&self, path: &str) -> Owned {
        if path.starts_with("/own/") { Owned::Yes } else { Owned::No }
    }

    fn routes(&self, _: Arc<Authority>) -> axum::Router {
        axum::Router::new().fallback(|Extension(doorway): Extension<Doorway>| async move {
            no(&doorway).map(axum::body::Body::from)
        })
    }

    /// A session in a cookie, and the tenant that it is for in a header.
    fn read_proof(&self, request: &Parts, _: &Doorway) -> Presented {
        let text = |name| request.headers.get(name).and_then(|it| it.to_str().ok());
        let secret =
            text("cookie").and_then(|it| it.split("; ").find_map(|it| it.strip_prefix("JSESSIONID=")));
        Presented {
            session: secret.map(|it| (SessionKind::Gateway, Secret::new(it))),
            tenant: text("vsessionid").map(str::to_owned),
            ..Presented::default()
        }
    }

    fn keep_alive(&self, _: &Presented, _: &Principal, _: &Doorway, headers: &mut HeaderMap) {
        headers.append("set-cookie", HeaderValue::from_static("JSESSIONID=ours"));
    }

    fn refuse(&self, _: &Refusal, _: &Parts, doorway: &Doorway) -> Response<Bytes> {
        no(doorway)
    }

    fn failure(&self, status: StatusCode, sentence: &str) -> Bytes {
        Bytes::from(format!(r#"{{"failed":{},"why":"{sentence}"}}"#, status.as_u16()))
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
pub const DIALECTS: [&dyn Dialect; 2] = [&dialects::aap::Aap, &Manager];
