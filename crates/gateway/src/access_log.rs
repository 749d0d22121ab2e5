//! One line for every request: who asked for what and what became of it. No query, no header, no secret.

use std::borrow::Cow;
use std::time::Instant;

use dialects::{Dialect, shown_path};
use http::Method;

/// Characters of a path without a canonical form that are shown.
const UNFIT_MAX: usize = 200;
/// Times that a path is decoded to see what it stands for: some decode once more than they should.
const DECODINGS: usize = 3;

/// What is known of a request when its answer begins.
pub struct Line<'a> {
    /// When it came.
    pub began: Instant,
    /// Its method.
    pub method: &'a Method,
    /// Its path, as [`shown_path`] or [`shown_unfit`] have it. Asked for only where the line is written.
    pub path: &'a dyn Fn() -> Cow<'a, str>,
    /// The status of its answer.
    pub status: u16,
    /// The service, or the dialect that answered.
    pub service: &'a str,
    /// Who asked, if that was found out here.
    pub user: &'a str,
    /// The account of the gateway's through which the service was asked, if it was.
    pub upstream_user: Option<&'a str>,
    /// The client's address.
    pub address: &'a str,
    /// Its id.
    pub request_id: &'a str,
}

/// Writes the line.
pub fn record(line: &Line<'_>) {
    tracing::info!(
        target: "access",
        method = line.method.as_str(),
        path = &*(line.path)(),
        status = line.status,
        service = line.service,
        user = line.user,
        upstream_user = line.upstream_user,
        address = line.address,
        request_id = line.request_id,
        microseconds = u64::try_from(line.began.elapsed().as_micros()).unwrap_or(u64::MAX),
    );
}

/// How the path of a request that has no canonical form is shown: its beginning, escaped; and if some reading of it
/// leads to what secrets stand behind, only so far.
pub fn shown_unfit(path: &str) -> String {
    let mut bytes = path.as_bytes().to_vec();
    for _ in 0..DECODINGS {
        bytes = decoded(&bytes);
    }
    let plain = String::from_utf8_lossy(&bytes).replace('\\', "/").to_ascii_lowercase();
    let names = plain.split('/').map(|it| it.split(';').next().unwrap_or_default());
    let (mut all, mut walked) = (Vec::new(), Vec::new());
    for name in names.filter(|it| !matches!(*it, "" | ".")) {
        all.push(name);
        if name == ".." {
            walked.pop();
        } else {
            walked.push(name);
        }
    }
    let readings = [all, walked].map(|it| format!("/{}/", it.join("/")));
    let mut secret = dialects::ALL.iter().flat_map(|it: &&dyn Dialect| it.wire().secret_paths);
    if let Some(found) =
        secret.find(|it| readings.iter().any(|reading| reading.contains(&it.to_ascii_lowercase())))
    {
        return format!("{found}…");
    }
    let escaped: String = path.chars().take(UNFIT_MAX).flat_map(char::escape_default).collect();
    shown_path(&escaped).into_owned()
}

/// What is left when percent-encoded bytes stand for themselves.
pub fn decoded(bytes: &[u8]) -> Vec<u8> {
    let digit = |at: usize| bytes.get(at).and_then(|it| char::from(*it).to_digit(16));
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                at += 2;
                u8::try_from(high << 4 | low).unwrap_or(b'%')
            }
            (byte, _, _) => byte,
        };
        plain.push(byte);
        at += 1;
    }
    plain
}
