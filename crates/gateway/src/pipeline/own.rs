//! Our own endpoints: answered by the dialect on the control runtime, with the whole of a bounded body.

use bytes::Bytes;
use dialects::{Broken, Dialect};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use tower::ServiceExt as _;

use super::Exchange;
use crate::body::Answer;
use crate::body_memory::{self, Share};
use crate::canonical::Canonical;
use crate::config::Limits;
use crate::forward::Failure;

impl Exchange<'_> {
    pub(super) async fn own(
        &mut self,
        dialect: &'static dyn Dialect,
        router: &axum::Router,
        canonical: Canonical,
        body: Incoming,
    ) -> Response<Answer> {
        self.dialect = Some(dialect);
        self.context.door = dialect.name();
        let mut parts = *canonical.into_parts();
        let share = self.shared().body_memory.share(self.client.address);
        // It has its place in memory until the answer is there.
        let (body, _share) = match read(&parts.headers, body, &self.live.limits, share).await {
            Ok(read) => read,
            Err(failure) => return self.failure(failure),
        };
        parts.headers.remove(TRANSFER_ENCODING);
        parts.extensions.clear();
        parts.extensions.insert(self.context.clone());
        parts.extensions.insert(self.doorway.clone());
        let request = Request::from_parts(parts, axum::body::Body::from(body));
        let router = router.clone();
        match self.shared().control.spawn(router.oneshot(request)).await {
            Ok(Ok(mut response)) => {
                if let Some(broken) = response.extensions_mut().remove::<Broken>() {
                    tracing::error!(request_id = %self.context.request_id, "{}", broken.0);
                }
                response.map(Answer::Own)
            }
            Ok(Err(never)) => match never {},
            Err(cause) => {
                tracing::error!(request_id = %self.context.request_id, "an own endpoint broke: {cause}");
                self.text(StatusCode::INTERNAL_SERVER_ERROR, "A server error occurred.")
            }
        }
    }
}

/// The whole body, if it is not too long and comes in time.
async fn read(
    headers: &http::HeaderMap,
    body: Incoming,
    limits: &Limits,
    share: Share,
) -> Result<(Bytes, Share), Failure> {
    if body.is_end_stream() {
        return Ok((Bytes::new(), share));
    }
    let declared =
        headers.get(CONTENT_LENGTH).map(|it| it.to_str().ok().and_then(|it| it.parse::<usize>().ok()));
    if declared.is_some_and(|it| it.is_none_or(|it| it > limits.own_body_max)) {
        return Err(Failure::TooLong);
    }
    let whole = body_memory::read(body, limits.own_body_max as u64, limits.body_timeout, share).await?;
    if whole.rest.is_some() { Err(Failure::TooLong) } else { Ok((whole.bytes, whole.share)) }
}
