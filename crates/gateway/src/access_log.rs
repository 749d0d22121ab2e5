//! One line for every request: who asked for what and what became of it. No query, no header, no secret.

use std::time::Instant;

use http::Method;

/// What is known of a request when its answer begins.
pub struct Line<'a> {
    /// When it came.
    pub began: Instant,
    /// Its method.
    pub method: &'a Method,
    /// Its path; of a request that has no canonical form the beginning, escaped.
    pub path: &'a str,
    /// The status of its answer.
    pub status: u16,
    /// The service, or the dialect that answered.
    pub service: &'a str,
    /// Who asked, if that was found out here.
    pub user: &'a str,
    /// The client's address.
    pub address: &'a str,
    /// Its id.
    pub request_id: &'a str,
}

/// Writes the line.
pub fn record(line: &Line<'_>) {
    let microseconds = u64::try_from(line.began.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(
        target: "access",
        method = line.method.as_str(),
        path = line.path,
        status = line.status,
        service = line.service,
        user = line.user,
        address = line.address,
        request_id = line.request_id,
        microseconds,
    );
}
