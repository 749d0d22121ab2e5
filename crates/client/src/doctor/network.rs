//! The public part of the way: name, connection, certificate, HTTP, clock, platform.

use dialects::Dialect;
use identity::port::Clock;

use super::{Patient, StepName, Walk};
use crate::transport::Transport;

/// What the public part has found.
pub struct Way {
    pub transport: Transport,
    pub dialect: &'static dyn Dialect,
}

pub async fn walk(patient: &Patient, _: &dyn Clock, walk: &mut Walk<'_>) -> Option<Way> {
    let transport = Transport::with(patient.options.clone());
    match (transport, patient.dialect) {
        (Ok(transport), Some(dialect)) => {
            walk.ok(StepName::Http, "");
            Some(Way { transport, dialect })
        }
        _ => None,
    }
}
