//! What the gateway itself has to say when there is no answer to pass on: in the words of the contract that the
//! request was meant for, where that is known.

use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Response, StatusCode, Version};

use super::Exchange;
use crate::body::Answer;
use crate::canonical::Unfit;
use crate::forward::Failure;

impl Exchange<'_> {
    /// A short answer of our own: JSON, with `detail` where no contract is known.
    pub(super) fn text(&self, status: StatusCode, sentence: &str) -> Response<Answer> {
        let body = match self.dialect {
            Some(dialect) => dialect.failure(status, sentence),
            None => serde_json::json!({ "detail": sentence }).to_string().into(),
        };
        let mut response = Response::new(Answer::Text(body));
        *response.status_mut() = status;
        *response.version_mut() = Version::HTTP_11;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }

    /// The answer to a request that has no canonical form.
    pub(super) fn unfit(&self, unfit: Unfit) -> Response<Answer> {
        let mut response = self.text(unfit.status, unfit.reason);
        // Who sends such a request may not agree with us about where it ends.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }

    /// The answer where a service's is missing.
    pub(super) fn failure(&self, failure: Failure) -> Response<Answer> {
        let (status, sentence) = failure.answer();
        let mut response = self.text(status, sentence);
        if let Some(seconds) = failure.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if matches!(failure, Failure::TooLong | Failure::ClientIdle) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}
