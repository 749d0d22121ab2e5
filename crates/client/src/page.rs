//! Lists that come in pages: the answer to one page says where the next is.

use std::collections::HashSet;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri, request};
use serde_json::Value;

use crate::caller::{CallError, Caller};

/// Most pages of one list that are followed, unless the caller wants fewer.
pub const PAGES_MAX: usize = 10_000;

/// One page of a list.
#[derive(Debug)]
pub struct Page {
    /// The answer as it came.
    pub answer: Response<Bytes>,
    /// Its body, if that is JSON.
    pub value: Option<Value>,
    /// Whether there would be more, and the limit forbids it.
    pub is_cut: bool,
}

/// The pages of a list, one after another.
#[derive(Debug)]
pub struct Pages<'a, 'b> {
    caller: &'a mut Caller<'b>,
    headers: HeaderMap,
    next: Option<Uri>,
    seen: HashSet<String>,
    left: usize,
}

impl<'b> Caller<'b> {
    /// The pages that begin at a GET request; at most `pages_max`.
    pub fn pages(&mut self, request: &request::Parts, pages_max: usize) -> Pages<'_, 'b> {
        let left = pages_max.min(PAGES_MAX);
        // The first one may have been asked for by its path alone.
        let first = self.address(&request.uri).unwrap_or_else(|_| request.uri.clone());
        let seen = HashSet::from([first.to_string()]);
        Pages { caller: self, headers: request.headers.clone(), next: Some(first), seen, left }
    }
}

impl Pages<'_, '_> {
    /// The next page; none after the last. A page that is no success is the last.
    pub async fn next(&mut self) -> Result<Option<Page>, CallError> {
        let Some(uri) = self.next.take().filter(|_| self.left > 0) else { return Ok(None) };
        self.left -= 1;
        let mut request = Request::get(uri.clone()).body(Bytes::new());
        if let Ok(request) = request.as_mut() {
            request.headers_mut().clone_from(&self.headers);
        }
        let request = request.map_err(|_| CallError::Lost("a page's address is no URL".to_owned()))?;
        let answer = self.caller.fetch(request).await?;
        let value = serde_json::from_slice(answer.body()).ok();
        if answer.status().is_success()
            && let Some(value) = &value
            && let Some(next) = self.caller.half.next_page(&uri, value)
        {
            let next = self.caller.base.at(&next).map_err(|it| CallError::Lost(it.to_string()))?;
            if !self.seen.insert(next.to_string()) {
                return Err(CallError::Lost("the pages of this list go in a circle".to_owned()));
            }
            self.next = Some(next);
        }
        let is_cut = self.left == 0 && self.next.is_some();
        Ok(Some(Page { answer, value, is_cut }))
    }
}
