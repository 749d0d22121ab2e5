//! The resources behind the laboratory's gateway: a few lists with pages, as each platform spells them. What is
//! made, changed or removed there is kept in memory and counted.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::ALLOW;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use super::body::{self, LabBody};
use super::counters::Counters;
use super::{Platform, outcome, wire};

mod page;

/// How many rows each list has at the start.
const ROWS: u64 = 60;
/// Most rows of one list.
const ROWS_MAX: usize = 10_000;
/// Largest row, in bytes.
const ROW_MAX: usize = 256 * 1024;

/// The rows of one list, by number.
type Rows = BTreeMap<u64, Value>;

/// All lists.
pub struct Resources {
    platform: Platform,
    counters: Arc<Counters>,
    lists: Mutex<BTreeMap<&'static str, Rows>>,
}

impl Resources {
    /// The lists of a platform, as they are at the start.
    pub fn new(platform: Platform, counters: Arc<Counters>) -> Self {
        let resources = Self { platform, counters, lists: Mutex::default() };
        resources.reset();
        resources
    }

    /// Makes all lists as they were at the start.
    pub fn reset(&self) {
        let lists = page::lists(self.platform).iter();
        let fresh = lists.map(|path| (*path, (1..=ROWS).map(|id| (id, self.row(path, id))).collect()));
        *self.lists.lock().unwrap_or_else(PoisonError::into_inner) = fresh.collect();
    }

    /// Answers one request, which has come through the gateway.
    fn answer(&self, request: &Parts, body: &Bytes) -> Response<Bytes> {
        let path = request.uri.path();
        let key = request.headers.get(wire::KEY_HEADER).and_then(|it| it.to_str().ok());
        self.counters.ran(request.method.as_str(), path, key);
        if path.ends_with("/_echo") || path.ends_with("/_echo/") {
            return echo(request, body);
        }
        let found = page::lists(self.platform).iter().find_map(|list| Some((*list, below(path, list)?)));
        let Some((list, rest)) = found else { return self.failure(StatusCode::NOT_FOUND, "Not found.") };
        match (&request.method, rest) {
            (&Method::GET | &Method::HEAD, "") => self.show_list(list, request),
            (&Method::POST, "") => self.make(list, body),
            (&Method::OPTIONS, rest) if page::describe(self.platform, false).is_some() => {
                self.describe(!rest.is_empty() && !rest.contains('/'))
            }
            (_, "") => self.failure(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed."),
            (method, rest) => match rest.split_once('/').unwrap_or((rest, "")) {
                (id, "") => match id.parse() {
                    Ok(id) => self.one(list, id, method, body),
                    Err(_) => self.failure(StatusCode::NOT_FOUND, "Not found."),
                },
                // Something done with a row, such as launching it.
                (id, action) if *method == Method::POST => self.act(list, id, action),
                _ => self.failure(StatusCode::NOT_FOUND, "Not found."),
            },
        }
    }

    fn show_list(&self, list: &'static str, request: &Parts) -> Response<Bytes> {
        let rows: Vec<Value> = self.with(list, |rows| rows.values().cloned().collect());
        outcome::json(StatusCode::OK, &page::show(self.platform, &rows, request))
    }

    /// What may be done, and with which fields: some clients ask for that first.
    fn describe(&self, is_row: bool) -> Response<Bytes> {
        let described = page::describe(self.platform, is_row).unwrap_or_default();
        let mut response = outcome::json(StatusCode::OK, &described);
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(page::allowed(is_row)));
        response
    }

    fn make(&self, list: &'static str, body: &Bytes) -> Response<Bytes> {
        let Some(fields) = fields(body) else {
            return self.failure(StatusCode::BAD_REQUEST, "The body must be a JSON object.");
        };
        let made = self.with(list, |rows| {
            if rows.len() >= ROWS_MAX {
                return None;
            }
            let id = rows.keys().next_back().map_or(1, |it| it + 1);
            let mut row = self.row(list, id);
            merge(&mut row, fields);
            rows.insert(id, row.clone());
            Some(row)
        });
        match made {
            Some(row) => outcome::json(page::made(self.platform), &row),
            None => self.failure(StatusCode::CONFLICT, "The list is full."),
        }
    }

    fn one(&self, list: &'static str, id: u64, method: &Method, body: &Bytes) -> Response<Bytes> {
        let absent = || self.failure(StatusCode::NOT_FOUND, "Not found.");
        match *method {
            Method::GET | Method::HEAD => {
                let row = self.with(list, |rows| rows.get(&id).cloned());
                row.map_or_else(absent, |row| outcome::json(StatusCode::OK, &row))
            }
            Method::PUT | Method::PATCH => {
                let Some(fields) = fields(body) else {
                    return self.failure(StatusCode::BAD_REQUEST, "The body must be a JSON object.");
                };
                let row = self.with(list, |rows| {
                    let row = rows.get_mut(&id)?;
                    merge(row, fields);
                    Some(row.clone())
                });
                row.map_or_else(absent, |row| outcome::json(StatusCode::OK, &row))
            }
            Method::DELETE => {
                let row = self.with(list, |rows| rows.remove(&id));
                row.map_or_else(absent, |_| outcome::empty(StatusCode::NO_CONTENT))
            }
            _ => self.failure(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed."),
        }
    }

    fn act(&self, list: &'static str, id: &str, action: &str) -> Response<Bytes> {
        let row = id.parse().ok().and_then(|id: u64| self.with(list, |rows| rows.get(&id).cloned()));
        match row {
            Some(row) => {
                let done = json!({ "done": action.trim_end_matches('/'), "with": row });
                outcome::json(page::made(self.platform), &done)
            }
            None => self.failure(StatusCode::NOT_FOUND, "Not found."),
        }
    }

    fn row(&self, list: &str, id: u64) -> Value {
        page::row(self.platform, list, id)
    }

    fn with<T>(&self, list: &'static str, change: impl FnOnce(&mut Rows) -> T) -> T {
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        change(lists.entry(list).or_default())
    }

    fn failure(&self, status: StatusCode, sentence: &str) -> Response<Bytes> {
        outcome::with_type(status, "application/json", self.platform.failure(status, sentence))
    }
}

/// Listens on loopback, for the gateway alone.
pub async fn listen(resources: Arc<Resources>) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let resources = Arc::clone(&resources);
            let service = service_fn(move |request| serve(Arc::clone(&resources), request));
            tokio::spawn(
                http1::Builder::new()
                    .timer(TokioTimer::new())
                    .preserve_header_case(true)
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    Ok(address)
}

async fn serve(
    resources: Arc<Resources>,
    request: Request<Incoming>,
) -> Result<Response<LabBody>, Infallible> {
    let (parts, incoming) = request.into_parts();
    let response = match body::read(incoming).await {
        Some(body) => resources.answer(&parts, &body),
        None => resources.failure(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large."),
    };
    Ok(response.map(LabBody::whole))
}

/// What stands in a path behind a list, without slashes around it. None if it is no path of the list.
fn below<'a>(path: &'a str, list: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(list.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_matches('/'))
}

/// The fields of a body; no body has none.
fn fields(body: &Bytes) -> Option<Map<String, Value>> {
    if body.is_empty() {
        return Some(Map::new());
    }
    serde_json::from_slice(body).ok().filter(|_| body.len() <= ROW_MAX)
}

fn merge(row: &mut Value, fields: Map<String, Value>) {
    if let Value::Object(row) = row {
        row.extend(fields);
    }
}

/// What came through the gateway, for tests that want to see it.
fn echo(request: &Parts, body: &Bytes) -> Response<Bytes> {
    let headers: Vec<Value> = request
        .headers
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
        .collect();
    let seen = json!({
        "method": request.method.as_str(),
        "target": request.uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(body),
    });
    outcome::json(StatusCode::OK, &seen)
}
