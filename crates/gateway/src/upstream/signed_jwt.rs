//! The identity token (contract section E3): who asks and with which roles, signed for services.
//!
//! A signature costs about a millisecond, so a token is made once per user and used until half its life,
//! unless anything about the user changes: the store hands out a new subject then, and with it comes a new
//! token.

use std::sync::Arc;

use dialects::platform::claims;
use http::HeaderValue;
use identity::model::claims::Claims;
use identity::model::object::UserId;
use identity::model::principal::Subject;
use identity::{Fault, Origin};
use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::Cache;
use serde_json::{Map, Value, json};
use tokio::runtime::Handle;

use crate::Keys;

/// Tokens that are kept at most.
const TOKENS_MAX: usize = 20_000;

/// Makes identity tokens and keeps them.
pub struct SignedJwt {
    keys: Keys,
    control: Handle,
    tokens: Cache<UserId, Arc<Token>>,
}

/// How long a token lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// From its making to its end, in seconds.
    pub seconds: i64,
    /// Its last seconds, in which it is not used.
    pub buffer: i64,
}

struct Token {
    subject: Arc<Subject>,
    value: HeaderValue,
    life: Life,
    made_at: Timestamp,
    use_until: Timestamp,
}

impl Token {
    /// Whether it still says the truth about this subject, for as long as it may now.
    fn serves(&self, subject: &Arc<Subject>, now: Timestamp, life: Life) -> bool {
        // Before it was made, the clock has been set back, and its end lies further off than it may.
        let is_its_time = now >= self.made_at && now < self.use_until;
        Arc::ptr_eq(&self.subject, subject) && self.life == life && is_its_time
    }
}

impl SignedJwt {
    /// Signs with these keys, on the control runtime.
    pub fn new(keys: Keys, control: Handle) -> Self {
        Self { keys, control, tokens: Cache::new(TOKENS_MAX) }
    }

    /// The token of a subject.
    pub async fn value(
        &self,
        subject: &Arc<Subject>,
        now: Timestamp,
        life: Life,
    ) -> Result<HeaderValue, Fault> {
        let user = subject.user.id;
        if let Some(token) = self.tokens.get(&user)
            && token.serves(subject, now, life)
        {
            return Ok(token.value.clone());
        }
        // What is not usual lies on the heap, so that the future of a usual request stays small.
        Box::pin(self.replace(subject, now, life)).await
    }

    async fn replace(
        &self,
        subject: &Arc<Subject>,
        now: Timestamp,
        life: Life,
    ) -> Result<HeaderValue, Fault> {
        let user = subject.user.id;
        self.tokens.remove_if(&user, |token| !token.serves(subject, now, life));
        let token = self.tokens.get_or_insert_async(&user, self.make(subject, now, life)).await?;
        if token.serves(subject, now, life) {
            return Ok(token.value.clone());
        }
        // Somebody else's request filled the place with an older or newer subject at the same moment.
        Ok(self.make(subject, now, life).await?.value.clone())
    }

    async fn make(&self, subject: &Arc<Subject>, now: Timestamp, life: Life) -> Result<Arc<Token>, Fault> {
        let keys = self.keys.clone();
        let made_for = Arc::clone(subject);
        let expires_at = now.as_second().saturating_add(life.seconds);
        let text = self
            .control
            .spawn_blocking(move || {
                keys.sign_jwt(&body(&made_for, keys.service_id(), expires_at).to_string())
            })
            .await
            .map_err(|cause| Fault::caused(Origin::Internal, "cannot sign an identity token", cause))??;
        let value = HeaderValue::from_maybe_shared(bytes::Bytes::from(text))
            .map_err(|cause| Fault::caused(Origin::Internal, "an identity token is no header", cause))?;
        let use_for = (life.seconds / 2).min(life.seconds - life.buffer).max(0);
        let use_until = now.checked_add(SignedDuration::from_secs(use_for)).unwrap_or(now);
        Ok(Arc::new(Token { subject: Arc::clone(subject), value, life, made_at: now, use_until }))
    }
}

/// The claims of a token. Both sets are sent: old services read the roles, new ones their hash.
fn body(subject: &Subject, service_id: &str, expires_at: i64) -> Value {
    let user = &subject.user;
    let roles = Claims::of(subject);
    let mut body = Map::new();
    body.insert("iss".to_owned(), json!("ansible-issuer"));
    body.insert("aud".to_owned(), json!("ansible-services"));
    body.insert("exp".to_owned(), json!(expires_at));
    body.insert("sub".to_owned(), json!(user.stable_id.0));
    body.insert("version".to_owned(), json!("1"));
    body.insert("service_id".to_owned(), json!(service_id));
    body.insert(
        "user_data".to_owned(),
        json!({
            "username": user.username,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "email": user.email,
            "is_superuser": user.is_superuser,
        }),
    );
    body.insert("claims_hash".to_owned(), json!(claims::hash(&roles)));
    body.extend(claims::to_json(&roles));
    Value::Object(body)
}

#[cfg(test)]
mod tests;
