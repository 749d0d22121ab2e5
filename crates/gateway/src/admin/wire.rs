//! Every name and shape of our own API: paths, keys, fixed texts.

use dialects::explain::explain;
use identity::action::ListedSession;
use identity::model::principal::{Evidence, Principal};
use identity::model::refusal_log::Refused;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use crate::upstream::session::{Report, SessionReport};

/// Everything below is ours.
pub const ROOT: &str = "/portcullis";
/// How the caller's own session stands.
pub const SESSION: &str = "/portcullis/v1/session";
/// How the sessions at services stand that the gateway keeps itself.
pub const UPSTREAMS: &str = "/portcullis/v1/upstreams";
/// The same and more for machines.
pub const METRICS: &str = "/portcullis/v1/metrics";
/// Below it, by a request's id, why that was refused.
pub const REFUSALS: &str = "/portcullis/v1/refusals/";

/// The challenge of a 401 (RFC 6750 section 3).
pub const CHALLENGE: &str = "Bearer realm=\"portcullis\"";
/// No refusal of this id.
pub const NO_SUCH_REFUSAL: &str = "no refusal of this request is kept: they are kept for 24 hours at most, in memory, and the \
     audit log has older ones";

/// Characters of a refusal's reason that are kept in the audit log.
pub const DETAIL_MAX: usize = 300;

/// A refusal, explained.
pub fn refusal(refused: &Refused) -> Map<String, Value> {
    let explanation = explain(refused);
    let facts: Map<String, Value> =
        explanation.facts.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut fields = Map::new();
    for (name, value) in [
        ("request_id", json!(refused.request_id)),
        ("rule", json!(explanation.rule)),
        ("what", json!(explanation.what)),
        ("facts", Value::Object(facts)),
        ("advice", json!(explanation.advice)),
        ("at", instant(refused.at)),
        ("method", json!(refused.method)),
        ("path", json!(refused.path)),
        ("status", json!(refused.status)),
        ("dialect", json!(refused.dialect)),
        ("service", json!(refused.service)),
        ("address", json!(refused.address)),
        ("username", json!(refused.username)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    fields
}

/// Who asks, and how its session stands if it showed one.
pub fn session(principal: &Principal, listed: Option<&ListedSession>, now: Timestamp) -> Value {
    json!({
        "username": principal.user().username,
        "proof": match principal.evidence {
            Evidence::Session(_) => "session",
            Evidence::Token(_) => "token",
            Evidence::Password => "password",
            Evidence::Operator => "operator",
        },
        "session": listed.map(|it| listed_session(it, now)),
    })
}

fn listed_session(listed: &ListedSession, now: Timestamp) -> Value {
    let session = &listed.session;
    let used_at = session.last_use.at();
    let is_endless = session.expires_at == Timestamp::MAX;
    json!({
        "id": session.id.0,
        "kind": session.kind.as_str(),
        "created_at": instant(session.created_at),
        "last_used_at": instant(used_at),
        // Without end is null.
        "expires_at": if is_endless { Value::Null } else { instant(session.expires_at) },
        "overall_seconds_left": (!is_endless).then(|| left(session.expires_at.duration_since(now))),
        "inactivity_timeout_seconds": session.inactivity_timeout.map(|it| it.as_secs()),
        "inactivity_seconds_left":
            session.inactivity_timeout.map(|most| left(most.saturating_sub(now.duration_since(used_at)))),
        // The place in the order in which sessions go when there are too many: 1 goes next.
        "place": listed.place,
    })
}

/// The sessions at services.
pub fn upstreams(reports: &[Report]) -> Value {
    json!({ "upstreams": reports.iter().map(upstream).collect::<Vec<Value>>() })
}

fn upstream(report: &Report) -> Value {
    let counts = |counts: &[(&str, u64)]| -> Map<String, Value> {
        counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect()
    };
    let trouble = report.state.trouble();
    json!({
        "service": report.service,
        "platform": report.platform,
        "account": report.username,
        "method": report.method,
        "nodes": report.nodes,
        "state": report.state.as_str(),
        "reason": trouble.map(|it| it.1),
        "next_attempt_at": trouble.map(|it| instant(*it.0)),
        "sessions": report.sessions.iter().map(upstream_session).collect::<Vec<Value>>(),
        "sessions_held": report.held,
        "sessions_max": report.sessions_max,
        "waiting": report.waiting,
        "waiting_max": report.queue_max,
        "counts": counts(&report.counts),
        "ends": counts(&report.ends),
        "last_reason": report.last_reason.as_ref().map(|it| &*it.1),
        "last_reason_at": report.last_reason.as_ref().map(|it| instant(it.0)),
    })
}

fn upstream_session(session: &SessionReport) -> Value {
    json!({
        "tenant": session.tenant,
        "state": session.state.as_str(),
        "reason": session.state.trouble().map(|it| it.1),
        "since": session.since.map(instant),
        "node": session.node,
        "expires_at": session.expires_at.map(instant),
        "last_used_at": session.used_at.map(instant),
        "version": session.version,
    })
}

fn left(span: SignedDuration) -> i64 {
    span.as_secs().max(0)
}

/// UTC, to the second.
fn instant(at: Timestamp) -> Value {
    format!("{at:.0}").into()
}
