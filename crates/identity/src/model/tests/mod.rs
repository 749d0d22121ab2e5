//! Tests of the nouns: tables and properties.

mod attempt;
mod csrf;
mod grant;
mod pace;
mod refusal_log;
mod session;
mod session_policy;
mod session_settings;
mod values;

use crate::port::Random;

/// Bytes that count up: repeatable, and different on each call.
#[derive(Default)]
pub(super) struct Counting(std::sync::atomic::AtomicU8);

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            *byte = self.0.fetch_add(37, std::sync::atomic::Ordering::Relaxed);
        }
    }
}
