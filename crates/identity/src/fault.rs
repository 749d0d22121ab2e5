//! What broke, where, and why.

use std::error::Error;

/// The part of the world in which something broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The database under the store.
    Store,
    /// Other people's user lists.
    Directory,
    /// A service behind the gateway.
    Upstream,
    /// Our own code or its configuration.
    Internal,
}

/// Something broke: an accident, never a decision. It is logged once, with its chain of causes, and the
/// client learns only that something broke.
#[derive(Debug, thiserror::Error)]
#[error("{origin:?}: {message}")]
pub struct Fault {
    /// Where it broke.
    pub origin: Origin,
    /// What failed, lower-case, without a full stop and without a secret.
    pub message: String,
    /// The cause, if another error caused it.
    #[source]
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault without a cause of its own.
    pub fn new(origin: Origin, message: impl Into<String>) -> Self {
        Self { origin, message: message.into(), cause: None }
    }

    /// A fault that another error caused.
    pub fn caused(
        origin: Origin,
        message: impl Into<String>,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { origin, message: message.into(), cause: Some(cause.into()) }
    }

    /// What failed with all its causes, for the log and for operators.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(it) = cause {
            text.push_str(": ");
            text.push_str(&it.to_string());
            cause = it.source();
        }
        text
    }
}
