//! The door: every request is counted, may meet a fault, goes to the gateway byte for byte, and is recorded.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock, PoisonError};

use bytes::Bytes;
use dialects::Doorway;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::body::{self, LabBody};
use super::fault::Target;
use super::outcome::{self, Dropped};
use super::{Lab, control, play, release, rotation, wire};

/// Headers that belong to one connection and not to what is said on it.
const HOP: [HeaderName; 2] = [CONNECTION, TRANSFER_ENCODING];
/// Headers by which proxies speak for clients: only the door does, to the gateway behind it.
const FORWARDED: [HeaderName; 3] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-host"),
];

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The other end of its connection.
    pub peer: SocketAddr,
    /// Whether that is encrypted.
    pub is_secure: bool,
}

/// A request that was read to its end.
pub struct Asked {
    /// Its head.
    pub parts: Parts,
    /// Its body.
    pub body: Bytes,
    /// Where it came from.
    pub arrival: Arrival,
}

impl Asked {
    /// How it came in, in the words of dialects.
    pub fn doorway(&self) -> Doorway {
        let host = self.parts.headers.get(HOST).and_then(|it| it.to_str().ok()).unwrap_or_default();
        Doorway { is_secure: self.arrival.is_secure, host: host.to_ascii_lowercase(), ..Doorway::default() }
    }
}

/// Answers one request, or closes its connection.
pub async fn answer(
    lab: Arc<Lab>,
    arrival: Arrival,
    request: Request<Incoming>,
) -> Result<Response<LabBody>, Dropped> {
    let (parts, incoming) = request.into_parts();
    let Some(body) = body::read(incoming).await else {
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        let body = lab.platform.failure(status, "The body is too large for a laboratory.");
        return Ok(outcome::with_type(status, "application/json", body).map(LabBody::whole));
    };
    let asked = Asked { parts, body, arrival };
    if asked.parts.uri.path().starts_with(wire::CONTROL) {
        return Ok(control::answer(&lab, &asked).await.map(LabBody::whole));
    }
    let key = asked.parts.headers.get(wire::KEY_HEADER).and_then(|it| it.to_str().ok());
    lab.counters.asked(asked.parts.method.as_str(), asked.parts.uri.path(), key);
    let logins = lab.counters.logins();
    let played = serve(&lab, asked).await;
    if lab.counters.logins() != logins
        && let Ok(alive) = lab.inside.sessions_alive().await
    {
        lab.counters.alive(alive);
    }
    if let Ok(response) = &played {
        lab.counters.answered(response.status().as_u16());
    }
    played
}

async fn serve(lab: &Lab, mut asked: Asked) -> Result<Response<LabBody>, Dropped> {
    if let Some(response) = release::refuse(lab, &asked) {
        lab.record(&asked, &response);
        return Ok(response.map(LabBody::whole));
    }
    let kind = {
        let path = asked.parts.uri.path();
        let target = Target {
            method: &asked.parts.method,
            path,
            is_resource: lab.platform.is_resource(path),
            is_login: lab.platform.is_login(&asked.parts.method, path),
        };
        lab.arsenal.lock().unwrap_or_else(PoisonError::into_inner).take(&target)
    };
    rotation::spoil(lab, &mut asked.parts);
    release::help(lab, &mut asked).await;
    match kind {
        None => {
            let mut response = ask(lab, &asked).await;
            release::prune(lab, &asked, &mut response);
            rotation::refresh(lab, &asked.parts, &response);
            lab.record(&asked, &response);
            Ok(response.map(LabBody::whole))
        }
        Some(kind) => {
            lab.counters.played(&kind.name());
            play::play(lab, asked, kind).await
        }
    }
}

/// Asks the gateway what a client asked.
pub async fn ask(lab: &Lab, asked: &Asked) -> Response<Bytes> {
    let mut request = Request::new(Full::new(asked.body.clone()));
    *request.method_mut() = asked.parts.method.clone();
    *request.headers_mut() = asked.parts.headers.clone();
    // The spelling of names goes along.
    *request.extensions_mut() = asked.parts.extensions.clone();
    let target = asked.parts.uri.path_and_query().map_or("/", |it| it.as_str());
    let uri = format!("http://{}{target}", lab.inside.address).parse::<Uri>();
    let Ok(uri) = uri else { return outcome::empty(StatusCode::BAD_REQUEST) };
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    for name in HOP.iter().chain(&FORWARDED) {
        headers.remove(name);
    }
    if !asked.body.is_empty() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(asked.body.len()));
    }
    let [address, scheme, host] = FORWARDED;
    if let Ok(value) = HeaderValue::from_str(&asked.arrival.peer.ip().to_string()) {
        headers.insert(address, value);
    }
    headers.insert(scheme, HeaderValue::from_static(if asked.arrival.is_secure { "https" } else { "http" }));
    if let Some(value) = headers.get(HOST).cloned() {
        headers.insert(host, value);
    }
    send(lab, request).await
}

/// Asks the gateway something in the laboratory's own name.
pub async fn ask_for(lab: &Lab, asked: &Asked, method: Method, target: &'static str) -> Response<Bytes> {
    let mut parts = Request::new(()).into_parts().0;
    parts.method = method;
    parts.uri = Uri::from_static(target);
    for name in [HOST, http::header::COOKIE, http::header::ACCEPT] {
        if let Some(value) = asked.parts.headers.get(&name) {
            parts.headers.insert(name, value.clone());
        }
    }
    ask(lab, &Asked { parts, body: Bytes::new(), arrival: asked.arrival }).await
}

async fn send(lab: &Lab, request: Request<Full<Bytes>>) -> Response<Bytes> {
    let failure = |sentence: &str| {
        let status = StatusCode::BAD_GATEWAY;
        outcome::with_type(status, "application/json", lab.platform.failure(status, sentence))
    };
    let response = match client().request(request).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "the gateway of the laboratory does not answer");
            return failure("The laboratory's own gateway does not answer.");
        }
    };
    let (mut parts, incoming) = response.into_parts();
    let Some(body) = body::read(incoming).await else {
        return failure("The answer is too large for a laboratory.");
    };
    for name in &HOP {
        parts.headers.remove(name);
    }
    Response::from_parts(parts, body)
}

fn client() -> &'static Client<HttpConnector, Full<Bytes>> {
    static CLIENT: OnceLock<Client<HttpConnector, Full<Bytes>>> = OnceLock::new();
    CLIENT.get_or_init(|| {
        Client::builder(TokioExecutor::new())
            // A connection that the gateway closes while it rests would lose a request that must not be lost.
            .pool_max_idle_per_host(0)
            .http1_preserve_header_case(true)
            .set_host(false)
            .build(HttpConnector::new())
    })
}
