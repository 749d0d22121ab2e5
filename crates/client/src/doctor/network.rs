//! The public part of the way: name, connection, certificate, HTTP, clock, platform.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use dialects::Dialect;
use http::header::DATE;
use http::{Request, Response};
use identity::port::Clock;
use identity::{Fault, Origin};
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;

use super::{Patient, StepName, Walk};
use crate::recognise::{Recognition, recognise};
use crate::transport::{Proxies, Transport, Trust};
use crate::trouble::Trouble;

/// Longest wait for names and connections.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Most addresses of one name that are tried.
const ADDRESSES_MAX: usize = 8;
/// How far two clocks may be apart.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(60);

/// What the public part has found.
pub struct Way {
    pub transport: Transport,
    pub dialect: &'static dyn Dialect,
}

/// Walks the public part; none where the way has ended.
pub async fn walk(patient: &Patient, clock: &dyn Clock, walk: &mut Walk<'_>) -> Option<Way> {
    if is_behind_proxy(patient) {
        walk.skip(StepName::Name, "a proxy from the environment may resolve it");
        walk.skip(StepName::Connection, "a proxy from the environment may connect");
    } else {
        let addresses = name(patient, walk).await?;
        connection(&addresses, walk).await?;
    }
    let transport = match Transport::with(patient.options.clone()) {
        Ok(transport) => transport,
        Err(fault) => {
            walk.fail(StepName::Certificate, root(&fault), fault.message);
            return None;
        }
    };
    let answer = http(patient, &transport, walk).await?;
    time(&answer, clock, walk);
    let dialect = platform(patient, &transport, walk).await?;
    Some(Way { transport, dialect })
}

fn is_behind_proxy(patient: &Patient) -> bool {
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    patient.options.proxies == Proxies::Environment
        && names.iter().any(|it| std::env::var_os(it).is_some_and(|it| !it.is_empty()))
}

async fn name(patient: &Patient, walk: &mut Walk<'_>) -> Option<Vec<SocketAddr>> {
    let host = patient.base.host().trim_matches(['[', ']']);
    let looked = tokio::time::timeout(TIMEOUT, tokio::net::lookup_host((host, patient.base.port()))).await;
    let found: Vec<SocketAddr> = match looked {
        Ok(Ok(found)) => found.take(ADDRESSES_MAX).collect(),
        Ok(Err(cause)) => {
            walk.fail(StepName::Name, cause.to_string(), Trouble::Name.to_string());
            return None;
        }
        Err(_) => Vec::new(),
    };
    if found.is_empty() {
        walk.fail(StepName::Name, format!("{host} has no address"), Trouble::Name.to_string());
        return None;
    }
    let shown: Vec<_> = found.iter().map(|it| it.ip().to_string()).collect();
    walk.ok(StepName::Name, format!("{host} is {}", shown.join(", ")));
    Some(found)
}

async fn connection(addresses: &[SocketAddr], walk: &mut Walk<'_>) -> Option<()> {
    let mut seen = Vec::new();
    let mut trouble = Trouble::Timeout;
    for address in addresses {
        match tokio::time::timeout(TIMEOUT, tokio::net::TcpStream::connect(address)).await {
            Ok(Ok(_)) if seen.is_empty() => {
                walk.ok(StepName::Connection, format!("{address} accepts connections"));
                return Some(());
            }
            Ok(Ok(_)) => {
                let advice = "some of its addresses do not answer; others are tried first each time";
                walk.warn(StepName::Connection, format!("{address} answers; {}", seen.join("; ")), advice);
                return Some(());
            }
            Ok(Err(cause)) => {
                let is_refused = cause.kind() == std::io::ErrorKind::ConnectionRefused;
                trouble = if is_refused { Trouble::Refused } else { Trouble::Connect };
                seen.push(format!("{address}: {cause}"));
            }
            Err(_) => seen.push(format!("{address}: no answer")),
        }
    }
    walk.fail(StepName::Connection, seen.join("; "), trouble.to_string());
    None
}

/// The first request tells of the certificate and of HTTP at once.
async fn http(patient: &Patient, transport: &Transport, walk: &mut Walk<'_>) -> Option<Response<Bytes>> {
    let asked = ask(patient, transport).await;
    let trouble = asked.as_ref().err().and_then(Trouble::of);
    if let (Err(fault), Some(Trouble::Certificate(_) | Trouble::NotTls | Trouble::Handshake)) =
        (&asked, trouble)
    {
        walk.fail(StepName::Certificate, root(fault), fault.message.clone());
        return None;
    }
    match asked {
        Ok(answer) => {
            certificate(patient, walk).await;
            walk.ok(StepName::Http, format!("GET / answers {}", answer.status().as_u16()));
            Some(answer)
        }
        Err(fault) => {
            walk.fail(StepName::Http, root(&fault), fault.message);
            None
        }
    }
}

/// What is to be said of a certificate that was taken.
async fn certificate(patient: &Patient, walk: &mut Walk<'_>) {
    let name = StepName::Certificate;
    if !patient.base.is_encrypted() {
        let advice = "passwords and tokens can be read on the way; use https:// if the server has it";
        return walk.warn(name, "plain http has none", advice);
    }
    match patient.options.trust {
        Trust::System => walk.ok(name, "trusted by this system, for this name, and in its time"),
        Trust::Ca(_) => walk.ok(name, "signed by the given certificates, for this name, and in its time"),
        Trust::Anybody => {
            let mut options = patient.options.clone();
            options.trust = Trust::System;
            let asked = match Transport::with(options) {
                Ok(transport) => ask(patient, &transport).await,
                Err(fault) => Err(fault),
            };
            let advice = "checking is off: whoever sits on the way can read everything; leave --insecure out";
            match asked {
                Ok(_) => walk.warn(name, "it would be trusted", advice),
                Err(fault) => walk.warn(name, root(&fault), fault.message),
            }
        }
    }
}

fn time(answer: &Response<Bytes>, clock: &dyn Clock, walk: &mut Walk<'_>) {
    let date = answer.headers().get(DATE).and_then(|it| it.to_str().ok());
    let Some(theirs) = date.and_then(|it| DateTimeParser::new().parse_timestamp(it).ok()) else {
        return walk.skip(StepName::Clock, "the server does not say what time it has");
    };
    let apart = clock.now().duration_since(theirs);
    if apart.abs() <= SKEW_MAX {
        return walk.ok(StepName::Clock, "both clocks agree within a minute");
    }
    let seconds = apart.abs().as_secs();
    let side = if apart.is_positive() { "behind" } else { "ahead of" };
    let advice = "set both clocks by NTP; otherwise sessions and tokens end at the wrong time";
    walk.warn(StepName::Clock, format!("the server's clock is {seconds} seconds {side} ours"), advice);
}

async fn platform(
    patient: &Patient,
    transport: &Transport,
    walk: &mut Walk<'_>,
) -> Option<&'static dyn Dialect> {
    let found = match recognise(transport, &patient.base, patient.typed.as_deref()).await {
        Ok(Recognition::Found(found)) => found,
        Ok(Recognition::Foreign(foreign)) => {
            if let Some(dialect) = patient.dialect {
                let advice =
                    "it does not look like the platform that was named; going on with it all the same";
                walk.warn(StepName::Platform, foreign.to_string(), advice);
                return Some(dialect);
            }
            let advice = "is this the right address and port? name the platform with --platform";
            walk.fail(StepName::Platform, foreign.to_string(), advice);
            return None;
        }
        Err(fault) => {
            walk.fail(StepName::Platform, root(&fault), fault.message);
            return None;
        }
    };
    let version = found.version.as_deref().map(|it| format!(" {it}")).unwrap_or_default();
    let seen = format!("{}{version} (platform {})", found.product, found.dialect.name());
    match patient.dialect {
        Some(named) if named.name() != found.dialect.name() => {
            let advice = format!("it was named {}; leave --platform out, or name the other", named.name());
            walk.warn(StepName::Platform, seen, advice);
            Some(named)
        }
        _ => {
            walk.ok(StepName::Platform, seen);
            Some(found.dialect)
        }
    }
}

async fn ask(patient: &Patient, transport: &Transport) -> Result<Response<Bytes>, Fault> {
    let request = Request::get(format!("{}/", patient.base)).body(Bytes::new());
    let request = request.map_err(|it| Fault::caused(Origin::Internal, "the address is none", it))?;
    transport.send(request).await
}

/// What the deepest cause of a fault says: the most exact of all.
pub fn root(fault: &Fault) -> String {
    let mut deepest: Option<&(dyn Error + 'static)> = fault.cause.as_deref().map(|it| it as _);
    while let Some(next) = deepest.and_then(Error::source) {
        deepest = Some(next);
    }
    deepest.map_or_else(|| fault.message.clone(), ToString::to_string)
}
