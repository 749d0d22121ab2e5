//! The body of a request through a session: kept while it is under way, if it is short, so that the request can be sent
//! again when its session turns out to have ended.

use std::time::Duration;

use bytes::Bytes;
use http_body::Body as _;

use crate::body::Inbound;
use crate::body_memory::{self, Share};
use crate::forward::Failure;

/// Longest body that is kept, in bytes.
const KEPT_MAX: u64 = 1024 * 1024;

/// A body under way.
pub enum Cargo {
    /// There is none.
    Nothing,
    /// It is all there.
    Kept {
        /// Its bytes.
        bytes: Bytes,
        /// Their place in memory.
        _share: Share,
    },
    /// It goes on as it comes, once.
    Once(Option<Inbound>),
}

impl Cargo {
    /// Keeps a body, of which there is something, if it says how long it is, that is not much, and there is a place for it.
    pub async fn of(body: Inbound, mut share: Share, idle_timeout: Duration) -> Result<Self, Failure> {
        let Some(length) = body.size_hint().exact().filter(|it| *it <= KEPT_MAX) else {
            return Ok(Self::Once(Some(body)));
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (begun, rest, held) = body.into_parts();
        let Some(rest) = rest else { return Ok(Self::Kept { bytes: begun, _share: held.unwrap_or(share) }) };
        if share.grow(length).is_err() {
            return Ok(Self::Once(Some(Inbound::new(begun, Some(rest), held.unwrap_or(share)))));
        }
        drop(held);
        let bytes = body_memory::read_rest(begun, rest, length, idle_timeout).await?;
        Ok(Self::Kept { bytes, _share: share })
    }

    /// Whether there is nothing in it.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    /// Whether it can be sent more than once.
    pub fn is_repeatable(&self) -> bool {
        !matches!(self, Self::Once(_))
    }

    /// The body for one sending.
    pub fn take(&mut self) -> Inbound {
        match self {
            Self::Nothing => Inbound::kept(Bytes::new()),
            Self::Kept { bytes, .. } => Inbound::kept(bytes.clone()),
            Self::Once(body) => body.take().unwrap_or_else(|| Inbound::kept(Bytes::new())),
        }
    }
}
