//! Faults on demand: which there are, how they are written, and which of the armed ones a request meets.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::Platform;

/// Most faults that are armed at once.
const ARMED_MAX: usize = 100;
/// Longest wait of a slow answer, in seconds.
const SLOW_MAX: u64 = 3600;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The session or token that the request shows has just ended by its age.
    Expire,
    /// The session that the request shows has just made room for another.
    Evict,
    /// The CSRF token that the request shows is no longer good.
    Rotate,
    /// The login page, with 200.
    LoginPage,
    /// A redirect to the login or welcome page.
    Redirect,
    /// 401 without a body.
    EmptyUnauthorized,
    /// The answer, and beside it a cookie that ends the session at the client. The session has ended.
    Cookie,
    /// The answer, so much later.
    Slow(Duration),
    /// Half of the answer, and the connection breaks.
    Cut,
    /// No answer: the connection is closed before the request runs.
    DropBefore,
    /// No answer: the connection is closed after the request has run.
    DropAfter,
    /// An answer of this status.
    Status(u16),
    /// A right login is refused as if the password were wrong.
    RefuseLogin,
}

/// One armed fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// Only for paths that begin so; none is every resource, or every login.
    pub path: Option<String>,
    /// Only for this method.
    pub method: Option<Method>,
    /// How often still; none is until it is cleared.
    pub times: Option<u32>,
}

impl Kind {
    /// Reads a kind as it is written on the command line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once(':').map_or((text, None), |(name, value)| (name, Some(value)));
        let kind = match (name, value) {
            ("expire", None) => Self::Expire,
            ("evict", None) => Self::Evict,
            ("rotate", None) => Self::Rotate,
            ("login-page", None) => Self::LoginPage,
            ("redirect", None) => Self::Redirect,
            ("empty-401", None) => Self::EmptyUnauthorized,
            ("cookie", None) => Self::Cookie,
            ("cut", None) => Self::Cut,
            ("drop", Some("before")) => Self::DropBefore,
            ("drop", None | Some("after")) => Self::DropAfter,
            ("refuse-login", None) => Self::RefuseLogin,
            ("slow", Some(seconds)) => {
                let seconds = seconds.parse().ok().filter(|it| *it <= SLOW_MAX);
                Self::Slow(Duration::from_secs(
                    seconds.ok_or_else(|| format!("slow: wants 0 to {SLOW_MAX} seconds"))?,
                ))
            }
            ("status", Some(code)) => {
                let code = code.parse().ok().filter(|it| (400..=599).contains(it));
                Self::Status(code.ok_or("status: wants a status from 400 to 599, such as status:503")?)
            }
            _ => return Err(format!("{text:?} is no fault; there are {KINDS}")),
        };
        Ok(kind)
    }

    /// As it is written.
    pub fn name(self) -> String {
        match self {
            Self::Expire => "expire".to_owned(),
            Self::Evict => "evict".to_owned(),
            Self::Rotate => "rotate".to_owned(),
            Self::LoginPage => "login-page".to_owned(),
            Self::Redirect => "redirect".to_owned(),
            Self::EmptyUnauthorized => "empty-401".to_owned(),
            Self::Cookie => "cookie".to_owned(),
            Self::Slow(time) => format!("slow:{}", time.as_secs()),
            Self::Cut => "cut".to_owned(),
            Self::DropBefore => "drop:before".to_owned(),
            Self::DropAfter => "drop:after".to_owned(),
            Self::Status(code) => format!("status:{code}"),
            Self::RefuseLogin => "refuse-login".to_owned(),
        }
    }
}

/// All kinds, as messages list them.
pub const KINDS: &str = "expire, evict, rotate, login-page, redirect, empty-401, cookie, slow:SECONDS, cut, \
                         drop:before, drop:after, status:CODE, refuse-login";

/// Reads `KIND[@[METHOD:]PATH][xN]`: once, so many times, or until it is cleared (`x*`).
pub fn parse_fault(text: &str) -> Result<Fault, String> {
    let (text, times) = match text.rsplit_once('x') {
        Some((rest, "*")) => (rest, None),
        Some((rest, number)) if !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit()) => {
            (rest, Some(number.parse().ok().filter(|it| *it > 0).ok_or("xN wants a number from 1 on")?))
        }
        _ => (text, Some(1)),
    };
    let (kind, place) = text.split_once('@').map_or((text, None), |(kind, place)| (kind, Some(place)));
    let mut fault = Fault { kind: Kind::parse(kind)?, path: None, method: None, times };
    if let Some(place) = place {
        let (method, path) = match place.split_once(':') {
            Some((method, path)) if !method.contains('/') => (Some(method), path),
            _ => (None, place),
        };
        fault.method = method.map(parse_method).transpose()?;
        fault.path = Some(parse_path(path)?);
    }
    Ok(fault)
}

impl Fault {
    /// Whether it can happen at a platform at all; else why not.
    pub fn check(&self, platform: Platform) -> Result<(), String> {
        if self.kind == Kind::Cookie && platform.dialect().wire().cookies.is_empty() {
            return Err(format!("{} has no cookies: no answer of it can end one", platform.name()));
        }
        Ok(())
    }
}

/// Reads a fault from the control's JSON.
pub fn from_json(value: &Value) -> Result<Fault, String> {
    let text = |name: &str| match &value[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.as_str())),
        _ => Err(format!("{name} must be a text")),
    };
    let kind = text("kind")?.ok_or(format!("kind is missing: one of {KINDS}"))?;
    let mut fault = parse_fault(kind)?;
    if let Some(path) = text("path")? {
        fault.path = Some(parse_path(path)?);
    }
    if let Some(method) = text("method")? {
        fault.method = Some(parse_method(method)?);
    }
    match &value["times"] {
        Value::Null => {}
        Value::String(always) if always == "always" => fault.times = None,
        number => {
            let times = number.as_u64().and_then(|it| u32::try_from(it).ok()).filter(|it| *it > 0);
            fault.times = Some(times.ok_or("times must be a number from 1 on, or \"always\"")?);
        }
    }
    Ok(fault)
}

fn parse_method(text: &str) -> Result<Method, String> {
    let is_word = (1..=16).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_uppercase());
    let method = Method::from_bytes(text.as_bytes()).ok().filter(|_| is_word);
    method.ok_or_else(|| format!("{text:?} is no method such as POST"))
}

fn parse_path(text: &str) -> Result<String, String> {
    if !text.starts_with('/') || text.len() > 1024 {
        return Err(format!("{text:?} is no path such as /api/"));
    }
    Ok(text.to_owned())
}

/// What a request is, as far as faults choose by it.
pub struct Target<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its path.
    pub path: &'a str,
    /// Whether it is for a resource of the platform.
    pub is_resource: bool,
    /// Whether it signs somebody in.
    pub is_login: bool,
}

/// The armed faults.
#[derive(Debug)]
pub struct Arsenal(Vec<Fault>);

impl Arsenal {
    /// These are armed from the start.
    pub fn new(faults: Vec<Fault>) -> Self {
        Self(faults)
    }

    /// Arms one more. False if there are too many.
    pub fn arm(&mut self, fault: Fault) -> bool {
        let fits = self.0.len() < ARMED_MAX;
        if fits {
            self.0.push(fault);
        }
        fits
    }

    /// Disarms all.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes the fault that this request meets: the first that was armed.
    pub fn take(&mut self, target: &Target<'_>) -> Option<Kind> {
        let index = self.0.iter().position(|it| it.meets(target))?;
        let fault = &mut self.0[index];
        let kind = fault.kind;
        if let Some(times) = &mut fault.times {
            *times -= 1;
            if *times == 0 {
                self.0.remove(index);
            }
        }
        Some(kind)
    }

    /// What is armed.
    pub fn shown(&self) -> Value {
        let one = |it: &Fault| {
            json!({
                "kind": it.kind.name(),
                "path": it.path,
                "method": it.method.as_ref().map(Method::as_str),
                "times": it.times.map_or(json!("always"), |it| json!(it)),
            })
        };
        self.0.iter().map(one).collect()
    }
}

impl Fault {
    fn meets(&self, target: &Target<'_>) -> bool {
        let is_method = self.method.as_ref().is_none_or(|it| it == target.method);
        let is_place = match &self.path {
            Some(path) => target.path.starts_with(path.as_str()),
            None if self.kind == Kind::RefuseLogin => true,
            // A token is looked at only where something changes.
            None if self.kind == Kind::Rotate => target.is_resource && !target.method.is_safe(),
            None => target.is_resource,
        };
        is_method && is_place && (self.kind != Kind::RefuseLogin || target.is_login)
    }
}

#[cfg(test)]
mod tests;
