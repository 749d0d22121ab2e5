//! The request that a command line means: its method, its address at the one server, its headers and its body.

use std::fmt::Write as _;
use std::os::fd::AsFd as _;
use std::path::PathBuf;

use client::{Base, Payload};
use dialects::apprenda::wire as apprenda;
use dialects::catalyst::wire as catalyst;
use dialects::drf::wire as drf;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::{Map, Value};

use crate::exit::{Exit, Outcome, Stop};

/// Words that are no path.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// Headers that show a proof or say where a request goes.
const PROOF: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "host",
    drf::CSRF_HEADER,
    catalyst::XSRF_HEADER,
    catalyst::TENANT_HEADER,
    apprenda::TOKEN_HEADER,
];
/// Headers that say how long a body is and what the connection does; the connection writes them itself.
const FRAMING: [&str; 6] = ["content-length", "transfer-encoding", "connection", "upgrade", "te", "expect"];
/// What a body is unless a header says otherwise.
const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn wrong<T>(text: impl Into<String>) -> Outcome<T> {
    Err(Stop::usage(anyhow::Error::msg(text.into())))
}

/// The method and the path.
pub fn target(first: &str, second: Option<&str>, has_body: bool) -> Outcome<(Method, String)> {
    let Some(path) = second else {
        if METHODS.contains(&first) {
            return wrong("the path is missing; give it after the method");
        }
        return Ok((if has_body { Method::POST } else { Method::GET }, first.to_owned()));
    };
    let is_word = (1..=16).contains(&first.len()) && first.bytes().all(|it| it.is_ascii_alphabetic());
    match Method::from_bytes(first.to_ascii_uppercase().as_bytes()) {
        Ok(method) if is_word && !matches!(method, Method::CONNECT | Method::TRACE) => {
            Ok((method, path.to_owned()))
        }
        _ => wrong("the method must be a word such as GET or POST, and stand before the path"),
    }
}

/// The headers of the command line, without those that the proof is in.
pub fn headers(lines: &[String]) -> Outcome<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in lines {
        let parsed = line.split_once(':').and_then(|(name, value)| {
            Some((name.trim().parse::<HeaderName>().ok()?, value.trim().parse::<HeaderValue>().ok()?))
        });
        // The line may hold a secret, and so it is not repeated.
        let Some((name, value)) = parsed else { return wrong("a header is written as 'Name: value'") };
        if PROOF.iter().any(|it| it.eq_ignore_ascii_case(name.as_str())) {
            return Err(Stop::new(
                Exit::Refused,
                format!(
                    "the header {name} belongs to the proof, which the saved sign-in brings along; choose another \
                     sign-in with --profile, or sign in with another one by `portcullis login`"
                ),
            ));
        }
        if FRAMING.contains(&name.as_str()) {
            return wrong(format!("the header {name} is written by the connection itself; leave it out"));
        }
        headers.append(name, value);
    }
    Ok(headers)
}

/// The body of the command line.
pub fn body(data: Option<&str>, fields: &[String]) -> Outcome<Option<Payload>> {
    if !fields.is_empty() {
        let mut object = Map::new();
        for field in fields {
            let Some((key, value)) = field.split_once('=').filter(|(key, _)| !key.is_empty()) else {
                return wrong("a field is written as key=value");
            };
            object.insert(key.to_owned(), scalar(value));
        }
        return Ok(Some(Payload::Bytes(Value::Object(object).to_string().into())));
    }
    let Some(data) = data else { return Ok(None) };
    match data.strip_prefix('@') {
        None => Ok(Some(Payload::Bytes(data.to_owned().into()))),
        Some("-") => {
            let input = std::io::stdin().as_fd().try_clone_to_owned()?;
            Ok(Some(Payload::Reader(Box::new(tokio::fs::File::from_std(input.into())))))
        }
        Some(path) => {
            let path = PathBuf::from(path);
            let shown = path.display().to_string();
            let found = std::fs::metadata(&path)
                .map_err(|it| Stop::usage(anyhow::Error::new(it).context(format!("cannot read {shown}"))))?;
            if found.is_dir() {
                return wrong(format!("{shown} is a folder"));
            }
            if found.is_file() {
                return Ok(Some(Payload::File(path)));
            }
            // A pipe with a name, such as the shell's <( ), is read once.
            let file = std::fs::File::open(&path)
                .map_err(|it| Stop::usage(anyhow::Error::new(it).context(format!("cannot read {shown}"))))?;
            Ok(Some(Payload::Reader(Box::new(tokio::fs::File::from_std(file)))))
        }
    }
}

/// A value as JSON: numbers, truth and null are what they look like, the rest is text.
fn scalar(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => value,
        _ => Value::String(text.to_owned()),
    }
}

/// Where a path lies at the base, with further values in its query. A whole address is taken for the same base alone.
pub fn address(path: &str, root: &str, query: &[String], base: &Base) -> Outcome<Uri> {
    let path = path.split('#').next().unwrap_or_default();
    let path = if is_whole(path) { at_home(path, base)? } else { path.to_owned() };
    let slash = if path.starts_with('/') { "" } else { root };
    let mut whole = format!("{slash}{}", encoded(&path, false));
    for pair in query {
        let Some((key, value)) = pair.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return wrong("a value of the query is written as key=value");
        };
        let joint = if whole.contains('?') { '&' } else { '?' };
        let _ = write!(whole, "{joint}{}={}", encoded(key, true), encoded(value, true));
    }
    base.at(&whole).map_err(Stop::usage)
}

/// Whether a text is a whole address: it begins with a scheme.
fn is_whole(path: &str) -> bool {
    path.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|it| it.is_ascii_alphanumeric() || b"+-.".contains(&it))
    })
}

/// The path of a whole address, if that lies at the base.
fn at_home(address: &str, base: &Base) -> Outcome<String> {
    let uri: Option<Uri> = encoded(address, false).parse().ok();
    match uri {
        Some(uri) if base.holds(&uri) => {
            Ok(uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string))
        }
        _ => Err(Stop::new(
            Exit::Refused,
            format!(
                "this address is not at {base}, and the sign-in is shown nowhere else; give a path alone, or choose \
                 the sign-in of that server with --profile"
            ),
        )),
    }
}

/// A text whose bytes can stand in an address: those that cannot are written with a percent sign, and in a value so
/// are those that mean something there.
fn encoded(text: &str, is_value: bool) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_fit = byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
        if is_plain || (!is_value && is_fit) {
            written.push(char::from(byte));
        } else {
            let _ = write!(written, "%{byte:02X}");
        }
    }
    written
}

/// The request.
pub fn request(
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Option<Payload>,
) -> Outcome<Request<Payload>> {
    if body.is_some() {
        headers.entry(CONTENT_TYPE).or_insert(JSON);
    }
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json, */*;q=0.5"));
    let mut request = Request::builder().method(method).uri(uri).body(body.unwrap_or_else(Payload::empty))?;
    *request.headers_mut() = headers;
    Ok(request)
}
