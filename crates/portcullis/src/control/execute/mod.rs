//! Executes requests of the shell, as the operator and by the same actions that every door uses.

mod application;
mod explain;
mod import;
mod secret;
mod session;
mod setting;
mod token;
mod user;

use std::sync::Arc;

use identity::action::ImportOptions;
use identity::model::object::{Noun, Object, UserId};
use identity::model::principal::{Principal, Subject};
use identity::model::query::{PageRequest, Query};
use identity::port::References;
use identity::{Authority, Context, Refusal};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Request, Response, words};
use crate::output::Report;
use crate::random::uuid;

/// Objects of one reading of a list.
const PAGE: u64 = 500;
/// Most objects that one command lists.
const ROWS_MAX: usize = 200_000;

/// Why a request was not carried out.
pub enum No {
    /// The authority said so.
    Refusal(Refusal),
    /// What was named does not exist, or cannot be; in words.
    Words(String),
}

impl<R: Into<Refusal>> From<R> for No {
    fn from(refusal: R) -> Self {
        Self::Refusal(refusal.into())
    }
}

/// What a request needs to be carried out.
pub struct Operator<'a> {
    /// What decides.
    pub authority: &'a Authority,
    /// The operator.
    pub principal: Principal,
    /// What is known about the request.
    pub context: Context,
}

/// Carries a request out.
pub async fn execute(authority: &Authority, request: Request) -> Response {
    let response = match run(authority, request).await {
        Ok(report) => Response::Done { report },
        Err(No::Words(message)) => Response::Refused { message },
        Err(No::Refusal(refusal)) => words::refused(&refusal),
    };
    if let Response::Failed { message } = &response {
        tracing::error!("a request of the shell failed: {message}");
    }
    response
}

async fn run(authority: &Authority, request: Request) -> Result<Report, No> {
    let context = Context {
        request_id: uuid(authority.world.random.as_ref()),
        address: "local".to_owned(),
        door: "shell",
        now: authority.world.clock.now(),
    };
    let operator = Operator { authority, principal: authority.operator().await?, context };
    match request {
        Request::UserAdd { username, email, first_name, last_name, is_superuser, password } => {
            let names = user::Names { username, email, first_name, last_name };
            operator.add_user(names, is_superuser, password).await
        }
        Request::UserList => operator.list_users().await,
        Request::UserPassword { username, password } => operator.change_password(&username, password).await,
        Request::UserEnable { username, is_enabled } => operator.enable_user(&username, is_enabled).await,
        Request::UserDelete { username } => operator.delete_user(&username).await,
        Request::TokenCreate { username, scope, description } => {
            operator.create_token(&username, scope.as_deref(), description).await
        }
        Request::TokenList { username } => operator.list_tokens(username.as_deref()).await,
        Request::TokenRevoke { which, with_refresh } => operator.revoke_tokens(which, with_refresh).await,
        Request::TokenClean => operator.clean_tokens().await,
        Request::SessionList { username, kind } => {
            operator.list_sessions(username.as_deref(), kind.as_deref()).await
        }
        Request::SessionExpire { which } => operator.expire_sessions(which).await,
        Request::SessionClean => operator.clean_sessions().await,
        Request::ApplicationCreate(wanted) => operator.create_application(wanted).await,
        Request::ApplicationList => operator.list_applications().await,
        Request::ApplicationDelete { which } => operator.delete_application(&which).await,
        Request::SettingList => operator.list_settings(),
        Request::SettingGet { name } => operator.get_setting(&name),
        Request::SettingSet { name, value } => operator.set_setting(&name, &value).await,
        Request::SettingReset { name } => operator.reset_setting(&name).await,
        Request::SecretSet { name, secret } => operator.set_secret(&name, secret).await,
        Request::SecretList => operator.list_secrets().await,
        Request::SecretRemove { name } => operator.remove_secret(&name).await,
        Request::SecretRekey { forgets } => operator.change_vault_key(forgets).await,
        Request::Explain { request_id } => operator.explain(&request_id),
        Request::Import { extract, is_dry_run, overwrites } => {
            operator.import(extract, ImportOptions { is_dry_run, overwrites }).await
        }
    }
}

impl Operator<'_> {
    async fn user(&self, username: &str) -> Result<Arc<Subject>, No> {
        let found = self.authority.user_named(username).await?;
        found.ok_or_else(|| No::Words(format!("there is no such user: {username:?}")))
    }

    async fn user_id(&self, username: Option<&str>) -> Result<Option<UserId>, No> {
        match username {
            Some(username) => Ok(Some(self.user(username).await?.user.id)),
            None => Ok(None),
        }
    }

    /// All objects that a query asks for, page by page.
    async fn all(&self, noun: Noun, mut query: Query) -> Result<Listed, No> {
        query.is_count_disabled = true;
        let mut listed = Listed { objects: Vec::new(), is_cut: false };
        for number in 1.. {
            query.page = PageRequest { number, size: PAGE };
            let page = self.authority.list(&self.principal, noun, &query).await?;
            let Some(page) = page else { break };
            let count = page.objects.len() as u64;
            let references = Arc::new(page.references);
            listed.objects.extend(page.objects.into_iter().map(|object| (object, Arc::clone(&references))));
            if count < PAGE {
                break;
            }
            if listed.objects.len() >= ROWS_MAX {
                listed.is_cut = true;
                break;
            }
        }
        Ok(listed)
    }
}

/// Objects with the names of what they refer to.
struct Listed {
    objects: Vec<(Object, Arc<References>)>,
    is_cut: bool,
}

impl Listed {
    fn note(&self, report: Report) -> Report {
        if self.is_cut { report.with_note(format!("only the first {ROWS_MAX} are shown")) } else { report }
    }
}

/// An instant as JSON: UTC, to the second.
fn instant(at: Timestamp) -> Value {
    format!("{at:.0}").into()
}

fn optional_instant(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, instant)
}

/// A JSON object's fields.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// A report that says how many things an action concerned.
fn counted(count: u64, thing: &str, done: &str) -> Report {
    let mut row = Map::new();
    row.insert("count".to_owned(), count.into());
    let plural = if count == 1 { "" } else { "s" };
    Report::one(row).with_note(format!("{count} {thing}{plural} {done}"))
}
