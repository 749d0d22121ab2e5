//! Users as the contract shows them.

use identity::model::object::Noun;
use identity::model::user::User;
use identity::port::References;
use serde_json::{Map, Value, json};

use super::{MASK, Related, Summary, below, extend, head};
use crate::drf::time;
use crate::platform::object::address;

pub(super) fn show(it: &User, references: &References) -> Map<String, Value> {
    let id = it.id.0;
    let mut related = Related::new(Some(&it.stamp));
    for name in ["personal_tokens", "authorized_tokens", "tokens"] {
        related.first.push((name, below("users", id, name)));
    }
    related.activity(Noun::User, id);
    for name in ["authenticators", "organizations", "teams"] {
        related.below(name, "users", id);
    }
    let mut summary = Summary::new(&it.stamp, references);
    if let Some(authenticator) = it.last_login_from {
        related.add("last_login_from", address::of(Noun::Authenticator, authenticator.0).unwrap_or_default());
        summary.named("last_login_from", authenticator.0, references.authenticators.get(&authenticator));
    }
    summary.resource(&it.stable_id.0, "shared.user");
    let mut map = head(Noun::User, id, related, summary, &it.stamp);
    let authenticators: Vec<i64> = it.sources.iter().map(|source| source.authenticator.0).collect();
    let associated: Map<String, Value> = it
        .sources
        .iter()
        .map(|source| (source.authenticator.to_string(), json!({ "uid": source.uid, "email": source.email })))
        .collect();
    extend(
        &mut map,
        [
            ("username", json!(it.username)),
            ("email", json!(it.email)),
            ("first_name", json!(it.first_name)),
            ("last_name", json!(it.last_name)),
            ("last_login", json!(it.last_login_at.map(time::format))),
            ("last_login_from", json!(it.last_login_from.map(|it| it.0))),
            ("password", json!(MASK)),
            ("is_superuser", json!(it.is_superuser)),
            ("is_platform_auditor", json!(references.auditors.contains(&it.id))),
            ("managed", json!(it.is_managed)),
            ("last_login_results", json!({})),
            ("authenticators", json!(authenticators)),
            ("authenticator_uid", json!(it.sources.first().map_or("", |source| source.uid.as_str()))),
            ("associated_authenticators", Value::Object(associated)),
        ],
    );
    map
}
