//! The answer of a service as its callers get it: without what the service says to the gateway alone.

use bytes::{Bytes, BytesMut};
use dialects::client_half::ClientHalf;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body_util::BodyExt as _;
use identity::model::principal::Evidence;

use super::super::Exchange;
use super::journey::{Arrived, is_plain};
use crate::body::Answer;
use crate::config::{Account, IdentityProof};
use crate::forward::{Failure, Returned};
use crate::headers;
use crate::service::{Entry, Permit};

/// Longest body that is changed on its way, in bytes.
const MASKED_MAX: usize = 1024 * 1024;

/// What is told of a body that is no longer the same.
const DIGESTS: [&str; 4] = ["digest", "content-digest", "repr-digest", "content-md5"];

/// What is put in the place of what an answer holds of the session.
pub struct Masked {
    half: &'static dyn ClientHalf,
    csrf: Option<String>,
}

impl Exchange<'_> {
    /// Whether the answer to a request is to be changed: then the whole of it is asked for.
    pub(super) fn masked(&self, account: &Account, parts: &mut Parts) -> Option<Masked> {
        let half = account.platform.client();
        if !half.is_masked(parts.uri.path()) {
            return None;
        }
        headers::session::ask_whole(&mut parts.headers);
        let session = self.principal.as_ref().and_then(|it| match &it.evidence {
            Evidence::Session(session) => Some(session),
            Evidence::Token(_) | Evidence::Password | Evidence::Operator => None,
        });
        let csrf = session.map(|it| self.shared().authority.session_token(it)).filter(|it| !it.is_empty());
        Some(Masked { half, csrf })
    }

    /// The answer as it goes on.
    pub(in crate::pipeline) async fn hand_on(
        &self,
        entry: &Entry,
        arrived: Arrived,
        masked: Option<Masked>,
        permit: Permit,
    ) -> Result<Response<Answer>, Failure> {
        let Arrived { mut returned, glimpse } = arrived;
        let status = returned.response.status();
        match status {
            // Nobody asked for that.
            StatusCode::SWITCHING_PROTOCOLS => return Err(Failure::Broken),
            StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                return Err(if self.principal.is_some() { Failure::Unaccepted } else { Failure::NoProof });
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE if is_page(&returned) => {
                return Ok(self.in_our_words(&returned));
            }
            _ => {}
        }
        self.clean(entry, returned.response.headers_mut());
        match masked {
            Some(masked) if status.is_success() => Box::pin(mask(returned, glimpse, masked)).await,
            _ => Ok(returned.into_answer_after(glimpse, permit)),
        }
    }

    /// Takes off the head of an answer what is not for callers.
    pub(in crate::pipeline) fn clean(&self, entry: &Entry, headers: &mut HeaderMap) {
        let named = match &entry.service.identity {
            IdentityProof::Session(account) => account.platform.client().session_headers(),
            IdentityProof::SignedJwt | IdentityProof::Headers | IdentityProof::None => &[],
        };
        headers::session::translate_response(headers, &self.shared().reserved, named, entry);
        headers.remove(&self.tuning.token_name);
    }

    /// That a service is asked too often, or not there, in the words of the caller's contract instead of a page.
    fn in_our_words(&self, returned: &Returned) -> Response<Answer> {
        let status = returned.response.status();
        let sentence = if status == StatusCode::TOO_MANY_REQUESTS {
            "The service is asked too often. Try again later."
        } else {
            "The service is not available."
        };
        let mut response = self.text(status, sentence);
        if let Some(after) = returned.response.headers().get(RETRY_AFTER) {
            response.headers_mut().insert(RETRY_AFTER, after.clone());
        }
        response
    }
}

fn is_page(returned: &Returned) -> bool {
    let kind = returned.response.headers().get(CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
    kind.get(..9).is_some_and(|it| it.eq_ignore_ascii_case(b"text/html"))
}

/// The answer with what whoever asked may see of it. What cannot be changed does not go on.
async fn mask(returned: Returned, glimpse: Bytes, masked: Masked) -> Result<Response<Answer>, Failure> {
    if !is_plain(returned.response.headers()) {
        return Err(Failure::Broken);
    }
    let timeout = returned.idle_timeout();
    let (mut head, mut body) = returned.into_switched().into_parts();
    let mut whole = BytesMut::from(&*glimpse);
    let deadline = tokio::time::Instant::now() + timeout;
    loop {
        match tokio::time::timeout_at(deadline, body.frame()).await {
            Ok(Some(Ok(frame))) => whole.extend_from_slice(frame.data_ref().map_or(&[], |it| &it[..])),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(Failure::Broken),
            Err(_) => return Err(Failure::Timeout),
        }
        if whole.len() > MASKED_MAX {
            return Err(Failure::Broken);
        }
    }
    let text = masked.half.mask(&whole, masked.csrf.as_deref()).ok_or(Failure::Broken)?;
    for name in [ETAG, LAST_MODIFIED] {
        head.headers.remove(name);
    }
    for name in DIGESTS {
        head.headers.remove(name);
    }
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    Ok(Response::from_parts(head, Answer::Text(text)))
}
