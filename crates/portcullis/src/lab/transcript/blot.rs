//! Writes an exchange as text, with a placeholder in the place of whatever is secret or varies.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, DATE, HOST};
use http::{HeaderName, Response};
use serde_json::Value;

use super::super::door::Asked;
use super::super::people::PASSWORD;
use super::super::{Platform, wire};

/// The host that stands for every host.
const EXAMPLE: &str = "gateway.example.com";
/// The password that stands for the laboratory's, and one that stands for any other.
const PASSWORDS: [&str; 2] = ["correct horse", "wrong"];
/// Lengths of secrets that are all letters and digits.
const LENGTHS: [usize; 7] = [30, 32, 40, 64, 98, 100, 128];
/// Characters of a time in headers, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
const DATE_LENGTH: usize = 29;

/// The exchange.
pub fn exchange(platform: Platform, asked: &Asked, answer: &Response<Bytes>, most: usize) -> String {
    let host = asked.doorway().host;
    let mut text = request(platform, asked, most);
    if !host.is_empty() {
        text = text.replace(&host, EXAMPLE);
    }
    let mut told = spell(answer, most);
    if !host.is_empty() {
        told = told.replace(&host, EXAMPLE);
    }
    let told: Vec<String> = told.lines().map(blot).collect();
    format!("{}\n\n{}\n", text.trim_end(), told.join("\n").trim_end())
}

fn request(platform: Platform, asked: &Asked, most: usize) -> String {
    let parts = &asked.parts;
    let segment =
        |it: &str| if platform.dialect().is_secret(it) { "<session>".to_owned() } else { it.to_owned() };
    let path: Vec<String> = parts.uri.path().split('/').map(segment).collect();
    let query = parts.uri.query().map(|it| format!("?{it}")).unwrap_or_default();
    let mut text = format!("{} {}{query} HTTP/1.1\n", parts.method, path.join("/"));
    let session = platform.dialect().wire().cookies.first().copied().unwrap_or_default();
    let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|it| it.to_str().ok());
    let has_session = cookies.into_iter().any(|it| it.contains(&format!("{session}=")));
    let csrf = if has_session { "<csrf>" } else { "<anonymous>" };
    for (name, value) in &parts.headers {
        if [CONNECTION, CONTENT_LENGTH].contains(name) {
            continue;
        }
        let value = header(session, csrf, name, &String::from_utf8_lossy(value.as_bytes()));
        text.extend([&shown(name), ": ", &value, "\n"]);
    }
    if !asked.body.is_empty() {
        text.extend(["\n", &body(asked, csrf, most)]);
    }
    text
}

fn header(session: &str, csrf: &str, name: &HeaderName, value: &str) -> String {
    if *name == AUTHORIZATION {
        return match value.split_once(' ').map(|(scheme, _)| scheme) {
            Some(scheme) if scheme.eq_ignore_ascii_case("basic") => "Basic <basic>".to_owned(),
            Some(scheme) => format!("{scheme} <token>"),
            None => "<token>".to_owned(),
        };
    }
    if *name == COOKIE {
        let pair = |it: &str| match it.trim().split_once('=') {
            Some((name, _)) if name == session => format!("{name}=<session>"),
            Some((name, _)) if name == wire::CSRF_COOKIE => format!("{name}={csrf}"),
            Some((name, _)) => format!("{name}=<…>"),
            None => "<…>".to_owned(),
        };
        return value.split(';').map(pair).collect::<Vec<_>>().join("; ");
    }
    match name.as_str() {
        wire::CSRF_HEADER | wire::XSRF_HEADER => csrf.to_owned(),
        wire::APPRENDA_TOKEN => "<session>".to_owned(),
        _ => value.to_owned(),
    }
}

/// A body with its secrets blotted out.
fn body(asked: &Asked, csrf: &str, most: usize) -> String {
    let Some(text) = readable(&asked.body, most) else { return "<…>".to_owned() };
    let kind = asked.parts.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if let Ok(mut value) = serde_json::from_str::<Value>(&text) {
        if let Some(fields) = value.as_object_mut() {
            for (name, value) in fields {
                if let (Some(given), false) = (value.as_str(), name.is_empty())
                    && let Some(stand_in) = stand_in(name, given, csrf)
                {
                    *value = Value::from(stand_in);
                }
            }
        }
        return value.to_string();
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return text;
    }
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, given)) => match stand_in(name, given, csrf) {
            Some(stand_in) => format!("{name}={}", stand_in.replace(' ', "+")),
            None => pair.to_owned(),
        },
        None => pair.to_owned(),
    };
    text.split('&').map(pair).collect::<Vec<_>>().join("&")
}

/// What stands in the place of a member's value, if that is a secret.
fn stand_in(name: &str, value: &str, csrf: &str) -> Option<String> {
    let [right, wrong] = PASSWORDS;
    let lower = name.to_ascii_lowercase();
    if wire::PASSWORD_FIELDS.contains(&lower.as_str()) {
        return Some(if value == PASSWORD { right } else { wrong }.to_owned());
    }
    if lower == wire::CSRF_FIELD {
        return Some(csrf.to_owned());
    }
    let is_secret =
        lower.contains("token") || lower.contains("secret") || lower == "refresh" || lower == "code";
    is_secret.then(|| "<token>".to_owned())
}

fn spell(answer: &Response<Bytes>, most: usize) -> String {
    let status = answer.status();
    let mut text = format!("HTTP/1.1 {} {}\n", status.as_u16(), status.canonical_reason().unwrap_or("Said"));
    for (name, value) in answer.headers() {
        if ![CONTENT_LENGTH, CONNECTION, DATE].contains(name) {
            text.extend([name.as_str(), ": ", &String::from_utf8_lossy(value.as_bytes()), "\n"]);
        }
    }
    text.push('\n');
    text.push_str(&readable(answer.body(), most).unwrap_or_else(|| "<…>".to_owned()));
    text
}

/// A body as text, if it is one and not too long.
fn readable(body: &Bytes, most: usize) -> Option<String> {
    let text = std::str::from_utf8(body).ok().filter(|it| it.len() <= most)?;
    match (text.split_once("<style>"), text.split_once("</style>")) {
        (Some((before, _)), Some((_, after))) => Some(format!("{before}<style></style>{after}")),
        _ => Some(text.to_owned()),
    }
}

/// A header's name with the capitals that documents give it.
fn shown(name: &HeaderName) -> String {
    if *name == HOST {
        return "Host".to_owned();
    }
    let part = |it: &str| {
        let mut letters = it.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.as_str().split('-').map(part).collect::<Vec<_>>().join("-")
}

/// A line with what varies blotted out.
fn blot(line: &str) -> String {
    if let Some(at) = line.find(" GMT").filter(|at| *at + 4 >= DATE_LENGTH) {
        let start = at + 4 - DATE_LENGTH;
        if let (Some(before), Some(date)) = (line.get(..start), line.get(start..at))
            && date.contains(", ")
        {
            return format!("{}<date>{}", blot(before), blot(&line[at + 4..]));
        }
    }
    if let Some((before, after)) = line.split_once("\"eyJ") {
        let after = after.split_once('"').map_or("", |(_, after)| after);
        return format!("{}\"<jwt>\"{}", blot(before), blot(after));
    }
    let mut blotted = String::new();
    let mut word = String::new();
    for it in line.chars().chain(['\n']) {
        if it.is_ascii_alphanumeric() || (matches!(it, '-' | '_') && !word.is_empty()) {
            word.push(it);
            continue;
        }
        blotted.push_str(&stand_in_for(&word));
        word.clear();
        if it != '\n' {
            blotted.push(it);
        }
    }
    blotted
}

fn stand_in_for(word: &str) -> String {
    let has_digit = word.bytes().any(|it| it.is_ascii_digit());
    let is_plain = word.bytes().all(|it| it.is_ascii_alphanumeric());
    if word.len() == 36 && word.bytes().filter(|it| *it == b'-').count() == 4 {
        "<uuid>".to_owned()
    } else if LENGTHS.contains(&word.len()) && is_plain && has_digit {
        format!("<{}>", word.len())
    } else if word.len() == 40 && has_digit {
        "<key>".to_owned()
    } else {
        word.to_owned()
    }
}
