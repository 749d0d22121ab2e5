//! An answer whose body is read while it comes.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Response, StatusCode, response};
use identity::Fault;
use tokio::sync::OwnedSemaphorePermit;

use crate::trouble::Trouble;

/// An answer of any size. Between two chunks the inactivity timeout of its transport may pass, no more.
pub struct Streamed {
    head: response::Parts,
    kept: VecDeque<Bytes>,
    rest: Option<reqwest::Response>,
    idle_timeout: Duration,
    _turn: OwnedSemaphorePermit,
}

impl Streamed {
    pub(crate) fn new(
        mut answer: reqwest::Response,
        idle_timeout: Duration,
        turn: OwnedSemaphorePermit,
    ) -> Self {
        let mut head = Response::new(()).into_parts().0;
        head.status = answer.status();
        head.version = answer.version();
        head.headers = std::mem::take(answer.headers_mut());
        Self { head, kept: VecDeque::new(), rest: Some(answer), idle_timeout, _turn: turn }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.head.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Status and headers.
    pub fn head(&self) -> &response::Parts {
        &self.head
    }

    /// The next piece of the body; none at its end. A body that is cut is a fault, not an end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        match self.kept.pop_front() {
            Some(kept) => Ok(Some(kept)),
            None => self.pull().await,
        }
    }

    /// The beginning of the body, at least this many bytes if there are so many. They come again from
    /// [`Self::chunk`].
    pub async fn glimpse(&mut self, least: usize) -> Result<Bytes, Fault> {
        let mut seen = BytesMut::new();
        for kept in &self.kept {
            seen.extend_from_slice(kept);
        }
        while seen.len() < least
            && let Some(chunk) = self.pull().await?
        {
            seen.extend_from_slice(&chunk);
            self.kept.push_back(chunk);
        }
        Ok(seen.freeze())
    }

    /// The whole answer, if its body has at most this many bytes.
    pub async fn whole(mut self, body_max: usize) -> Result<Response<Bytes>, Fault> {
        let mut body = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > body_max {
                return Err(Trouble::TooLong.fault());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response::from_parts(self.head, body.freeze()))
    }

    async fn pull(&mut self) -> Result<Option<Bytes>, Fault> {
        let Some(rest) = self.rest.as_mut() else { return Ok(None) };
        let pulled = tokio::time::timeout(self.idle_timeout, rest.chunk()).await;
        let chunk = pulled.map_err(|_| Trouble::Timeout.fault())?.map_err(|cause| {
            let cause = cause.without_url();
            Trouble::read(&cause).caused(cause)
        })?;
        if chunk.is_none() {
            self.rest = None;
        }
        Ok(chunk)
    }
}

impl std::fmt::Debug for Streamed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streamed").field("status", &self.head.status).finish_non_exhaustive()
    }
}
