//! Content negotiation: JSON for programs, a plain page around the same JSON for browsers (contract
//! section A0).

use axum::response::Response;
use http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use http_body_util::BodyExt as _;

use super::endpoint::Endpoint;
use super::respond;

/// The form in which an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// A page around it.
    Page,
}

/// Longest answer that is put on a page, in bytes.
const PAGE_MAX: usize = 4 * 1024 * 1024;
/// Most media ranges that are looked at in `Accept`.
const RANGES_MAX: usize = 32;

/// The form that a request wants, or the answer that says that there is none.
pub fn form(parts: &Parts) -> Result<Form, Box<Response>> {
    match format_of(parts.uri.query().unwrap_or_default()) {
        Some("json") => return Ok(Form::Json),
        Some("api") => return Ok(Form::Page),
        Some("") | None => {}
        Some(_) => return Err(Box::new(respond::detail(StatusCode::NOT_FOUND, "Not found."))),
    }
    let mut accepted = String::new();
    for value in parts.headers.get_all(ACCEPT) {
        accepted.push_str(value.to_str().unwrap_or_default());
        accepted.push(',');
    }
    choose(&accepted).ok_or_else(|| {
        let text = "Could not satisfy the request Accept header.";
        Box::new(respond::detail(StatusCode::NOT_ACCEPTABLE, text))
    })
}

fn format_of(query: &str) -> Option<&str> {
    query.split('&').find_map(|pair| pair.strip_prefix("format="))
}

/// The form that the most specific acceptable range names; JSON before a page among equals.
fn choose(accepted: &str) -> Option<Form> {
    let mut best: Option<(u8, Form)> = None;
    let mut is_empty = true;
    for range in accepted.split(',').take(RANGES_MAX) {
        let mut words = range.split(';').map(str::trim);
        let name = words.next().unwrap_or_default().to_ascii_lowercase();
        if name.is_empty() {
            continue;
        }
        is_empty = false;
        let is_refused = words.any(|word| matches!(word, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        let found = match name.as_str() {
            "application/json" => (2, Form::Json),
            "text/html" => (2, Form::Page),
            "application/*" => (1, Form::Json),
            "text/*" => (1, Form::Page),
            "*/*" => (0, Form::Json),
            _ => continue,
        };
        let is_better = best.is_none_or(|best| found.0 > best.0 || (found.0 == best.0 && is_json(found.1)));
        if !is_refused && is_better {
            best = Some(found);
        }
    }
    if is_empty { Some(Form::Json) } else { best.map(|(_, form)| form) }
}

fn is_json(form: Form) -> bool {
    form == Form::Json
}

/// A page that shows a JSON answer, with its status and its headers.
pub async fn page(response: Response, endpoint: &Endpoint, path: &str) -> Response {
    let is_json = response.headers().get(CONTENT_TYPE).is_some_and(|it| it == "application/json");
    if !is_json {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let body = http_body_util::Limited::new(body, PAGE_MAX).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let pretty = serde_json::from_slice::<serde_json::Value>(&body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_default();
    let title = respond::escape(endpoint.name);
    let path = respond::escape(path);
    let pretty = respond::escape(&pretty);
    let status = parts.status;
    let text = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n  <head>\n    <meta charset=\"utf-8\">\n    <title>{title}</title>\n  \
         </head>\n  <body>\n    <h1>{title}</h1>\n    <p>{path}</p>\n    <pre>HTTP {status}\n\n{pretty}</pre>\n  \
         </body>\n</html>\n"
    );
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    parts.headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        ),
    );
    parts.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(parts, text.into())
}
