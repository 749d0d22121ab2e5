//! The control of a laboratory, at one address below `/_lab/`: what a test asks and turns. All of it is JSON.

use std::sync::PoisonError;

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use identity::SessionEnd;
use identity::model::object::UserId;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::counters::SESSIONS_SHOWN;
use super::door::Asked;
use super::{Lab, fault, outcome, wire};

/// Why the control does not do something.
struct No(StatusCode, String);

/// What it answers.
type Said = Result<Response<Bytes>, No>;

/// Answers a request to the control.
pub async fn answer(lab: &Lab, asked: &Asked) -> Response<Bytes> {
    // Whoever has a browser open must not turn a laboratory by a page from elsewhere.
    let is_page = asked.parts.headers.contains_key(http::header::ORIGIN);
    let answered = if is_page {
        Err(No(StatusCode::FORBIDDEN, "the control is not for pages".to_owned()))
    } else {
        said(lab, asked).await
    };
    answered.unwrap_or_else(|No(status, text)| outcome::json(status, &json!({ "error": text })))
}

async fn said(lab: &Lab, asked: &Asked) -> Said {
    let word = asked.parts.uri.path().strip_prefix(wire::CONTROL).unwrap_or_default();
    let body = || -> Result<Value, No> {
        if asked.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&asked.body).map_err(|error| wrong(format!("the body is no JSON: {error}")))
    };
    match (&asked.parts.method, word) {
        (&Method::GET, "state") => state(lab).await,
        (&Method::GET, "clock") => Ok(shown(&json!({ "now": lab.inside.now().to_string() }))),
        (&Method::POST, "clock") => clock(lab, &body()?),
        (&Method::POST, "fault") => arm(lab, &body()?),
        (&Method::DELETE, "fault") => {
            lab.arsenal.lock().unwrap_or_else(PoisonError::into_inner).clear();
            Ok(shown(&json!({ "armed": [] })))
        }
        (&Method::POST, "expire") => end(lab, &body()?, SessionEnd::Overall).await,
        (&Method::POST, "evict") => end(lab, &body()?, SessionEnd::Evicted).await,
        (&Method::POST, "rotate") => {
            lab.rotation.lock().unwrap_or_else(PoisonError::into_inner).rotate();
            Ok(shown(&json!({ "rotated": true })))
        }
        (&Method::GET, "transcript") => Ok(lab.transcript(&asked.parts)),
        (&Method::DELETE, "transcript") => {
            lab.forget_transcript();
            Ok(shown(&json!({ "exchanges": [] })))
        }
        (&Method::POST, "reset") => reset(lab).await,
        _ => Err(No(
            StatusCode::NOT_FOUND,
            "there are GET state, GET and POST clock, POST and DELETE fault, POST expire, POST evict, POST rotate, \
             GET and DELETE transcript, POST reset"
                .to_owned(),
        )),
    }
}

async fn state(lab: &Lab) -> Said {
    let alive = lab.inside.sessions_alive().await.map_err(|error| broken(&error))?;
    let mut state = lab.counters.shown(alive);
    let armed = lab.arsenal.lock().unwrap_or_else(PoisonError::into_inner).shown();
    if let Value::Object(fields) = &mut state {
        fields.insert("platform".to_owned(), json!(lab.platform.name()));
        fields.insert("release".to_owned(), json!(lab.release));
        fields.insert("now".to_owned(), json!(lab.inside.now().to_string()));
        fields.insert("faults_armed".to_owned(), armed);
    }
    Ok(shown(&state))
}

fn clock(lab: &Lab, wanted: &Value) -> Said {
    let too_far = || wrong("that is more than ten years from now");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let now = if let Some(time) = text(&wanted["advance"]) {
        let span: SignedDuration = time
            .trim_start_matches('+')
            .parse()
            .map_err(|_| wrong(format!("{time:?} is no span of time such as 30m")))?;
        lab.inside.clock.advance(span).ok_or_else(too_far)?
    } else if let Some(time) = text(&wanted["set"]) {
        let at: Timestamp =
            time.parse().map_err(|_| wrong(format!("{time:?} is no time such as 2026-01-31T12:00:00Z")))?;
        lab.inside.clock.set(at).ok_or_else(too_far)?
    } else {
        return Err(wrong("write {\"advance\": \"30m\"} or {\"set\": \"2026-01-31T12:00:00Z\"}"));
    };
    Ok(shown(&json!({ "now": now.to_string() })))
}

fn arm(lab: &Lab, wanted: &Value) -> Said {
    let fault = fault::from_json(wanted).map_err(wrong)?;
    fault.check(lab.platform).map_err(wrong)?;
    let mut arsenal = lab.arsenal.lock().unwrap_or_else(PoisonError::into_inner);
    if !arsenal.arm(fault) {
        return Err(wrong("too many faults are armed"));
    }
    Ok(shown(&json!({ "armed": arsenal.shown() })))
}

async fn end(lab: &Lab, wanted: &Value, how: SessionEnd) -> Said {
    let user = wanted["user"].as_str();
    let count = lab.end_sessions(user, how).await.map_err(|error| broken(&error))?;
    let count = count.ok_or_else(|| No(StatusCode::NOT_FOUND, "there is no such user".to_owned()))?;
    Ok(shown(&json!({ "ended": count })))
}

async fn reset(lab: &Lab) -> Said {
    lab.arsenal.lock().unwrap_or_else(PoisonError::into_inner).clear();
    lab.rotation.lock().unwrap_or_else(PoisonError::into_inner).reset();
    lab.inside.clock.reset();
    lab.end_sessions(None, SessionEnd::Removed).await.map_err(|error| broken(&error))?;
    lab.resources.reset();
    lab.forget_transcript();
    lab.counters.reset();
    state(lab).await
}

impl Lab {
    /// Ends all sessions, of one user or of everybody; how many there were. None if there is no such user.
    pub(super) async fn end_sessions(
        &self,
        user: Option<&str>,
        how: SessionEnd,
    ) -> anyhow::Result<Option<usize>> {
        let (store, now) = (&self.inside.authority.store, self.inside.now());
        let mut of: Option<UserId> = None;
        if let Some(name) = user {
            match store.find_credential(name).await? {
                Some(found) => of = Some(found.user),
                None => return Ok(None),
            }
        }
        let mut count = 0;
        for (session, _) in store.list_sessions(of, None, now, SESSIONS_SHOWN).await? {
            count += usize::from(store.end_session(session.id, how, now).await?);
        }
        Ok(Some(count))
    }
}

fn shown(value: &Value) -> Response<Bytes> {
    outcome::json(StatusCode::OK, value)
}

fn wrong(text: impl Into<String>) -> No {
    No(StatusCode::BAD_REQUEST, text.into())
}

fn broken(error: &anyhow::Error) -> No {
    No(StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}"))
}
