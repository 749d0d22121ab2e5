//! Active sessions (contract section A.8): listed and ended by administrators.

use std::collections::{HashMap, HashSet};

use identity::action::ListedSession;
use identity::model::object::SessionId;
use identity::model::principal::Evidence;
use identity::model::session::SessionKind;
use serde_json::Value;

use super::account;
use super::call::{Call, Outcome, Stop, invalid};
use super::given::Given;
use crate::catalyst::wire::TENANT_DEFAULT;
use crate::catalyst::wire::admin::{self as wire, field};

/// Most sessions that are ended at once.
const SESSIONS_MAX: usize = 1000;
/// Longest name of a session, in characters.
const UUID_MAX: usize = 64;
/// What stands before a session's number in its UUID. The number is twelve hexadecimal digits of it.
const UUID_START: &str = "00000000-0000-8000-8000-";

/// The live sessions of this contract but the one that asks.
pub(super) async fn list(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let authority = call.authority();
    let own = match &call.principal().evidence {
        Evidence::Session(session) => Some(session.id),
        Evidence::Token(_) | Evidence::Password | Evidence::Operator => None,
    };
    let organization = call.organization().await?;
    let accounts = authority.list_accounts(call.principal(), organization).await?;
    let accounts: HashMap<_, _> = accounts.iter().map(|it| (it.user.id, it)).collect();
    let listed = live(call).await?;
    let sessions: Vec<wire::ActiveSession<'_>> = listed
        .iter()
        .filter(|it| Some(it.session.id) != own)
        .map(|it| {
            let account = accounts.get(&it.session.user);
            let is_provider = !authority.tenants.is_empty() && account.is_some_and(|it| it.user.is_superuser);
            let groups = account.map(|it| account::groups_of(it)).unwrap_or_default();
            wire::ActiveSession {
                uuid: uuid(it.session.id),
                source: &it.session.address,
                host: &it.session.address,
                username: &it.username,
                number: it.session.id.to_string(),
                domain: "",
                groups: Value::from(groups).to_string(),
                mode: if is_provider { "provider" } else { "tenant" },
                created_at: it.session.created_at.as_millisecond(),
                tenant: TENANT_DEFAULT,
                used_at: it.session.last_use.at().as_millisecond(),
            }
        })
        .collect();
    Ok(call.data(&sessions))
}

/// Ends sessions: a list, or the same behind `data`. One that is over already is no error.
pub(super) async fn remove(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let wanted = wanted(&call.body)?;
    // A number is not taken at its word: this door ends no other door's sessions.
    let live: HashSet<SessionId> = live(call).await?.iter().map(|it| it.session.id).collect();
    let mut count = 0;
    for session in wanted.into_iter().filter(|it| live.contains(it)) {
        if call.authority().expire_session(call.context(), call.principal(), session).await? {
            count += 1;
        }
    }
    let message = match count {
        1 => "1 session was removed".to_owned(),
        count => format!("{count} sessions were removed"),
    };
    Ok(call.data(&wire::Message { message }))
}

async fn live(call: &Call<'_>) -> Result<Vec<ListedSession>, Stop> {
    let kind = Some(SessionKind::Manager);
    Ok(call.authority().list_sessions(call.context(), call.principal(), None, kind).await?)
}

/// The sessions that a body names. What is no number of a session names none.
fn wanted(body: &Value) -> Result<HashSet<SessionId>, Stop> {
    let list = match body {
        Value::Array(list) => Some(list.as_slice()).filter(|it| it.len() <= SESSIONS_MAX),
        Value::Object(_) => Given::from(body, "The body")?.list(field::DATA, SESSIONS_MAX)?,
        _ => None,
    };
    let text = format!("The body must be a list of at most {SESSIONS_MAX} sessions, or have one as data");
    let list = list.ok_or_else(|| invalid(&text))?;
    let mut wanted = HashSet::new();
    for session in list {
        let given = Given::from(session, "A session")?;
        let number = match given.text(field::UUID, UUID_MAX)? {
            Some(uuid) => number(&uuid),
            None => given.required(field::RAW_ID, UUID_MAX)?.parse().ok(),
        };
        wanted.extend(number.map(SessionId));
    }
    Ok(wanted)
}

/// The UUID of a session (version 8 of RFC 9562): its number, and nothing of its secret.
fn uuid(session: SessionId) -> String {
    format!("{UUID_START}{:012x}", session.0)
}

fn number(uuid: &str) -> Option<i64> {
    i64::from_str_radix(uuid.strip_prefix(UUID_START)?, 16).ok()
}
