//! Tokens from the shell.

use identity::action::{Fields, TokenFields};
use identity::model::object::{Noun, Object};
use identity::model::principal::{Charter, Evidence, Principal};
use identity::model::query::{Query, TokenSort, Within};
use identity::model::scope::{Scope, ScopeError, WORDS};
use identity::model::token::Token;
use identity::port::References;
use identity::{Denial, Refusal};
use serde_json::{Map, Value, json};

use super::super::Which;
use super::{No, Operator, instant, object, optional_instant};
use crate::output::Report;

const COLUMNS: [&str; 7] =
    ["id", "username", "application", "scope", "description", "expires_at", "last_used_at"];

/// Most tokens of a kind that are named one by one.
const NAMED_MAX: usize = 1000;

impl Operator<'_> {
    pub(super) async fn create_token(
        &self,
        username: &str,
        scope: Option<&str>,
        description: Option<String>,
    ) -> Result<Report, No> {
        let subject = self.user(username).await?;
        if !subject.user.is_enabled {
            return Err(Denial::Disabled.into());
        }
        let scope = scope.map(parse_scope).transpose()?;
        // A token always speaks for the principal that makes it: here the operator acts for the user.
        let principal = Principal {
            subject,
            scope: Scope::write(),
            evidence: Evidence::Operator,
            charter: Charter::Platform,
            tenant: None,
        };
        let fields = Fields::Token(TokenFields { application: None, description, scope });
        let written = self.authority.create(&self.context, &principal, fields, false).await?;
        let Some(written) = written else { return Err(Refusal::Absent(Noun::Token).into()) };
        let Object::Token(token) = &written.object else {
            return Err(Refusal::Absent(Noun::Token).into());
        };
        let mut row = row(token, &written.references);
        row.insert("username".to_owned(), username.into());
        if let Some(value) = &written.token {
            row.insert("token".to_owned(), value.expose().into());
        }
        Ok(Report::one(row).with_note("keep the token now: it is not shown again"))
    }

    pub(super) async fn list_tokens(&self, username: Option<&str>) -> Result<Report, No> {
        let user = self.user_id(username).await?;
        let within = user.map(|user| Within::TokensOf(user, TokenSort::All));
        let listed = self.all(Noun::Token, Query { within, ..Query::default() }).await?;
        let rows = listed.objects.iter().filter_map(|(object, references)| match object {
            Object::Token(token) => Some(row(token, references)),
            _ => None,
        });
        Ok(listed.note(Report::list(&COLUMNS, rows.collect())))
    }

    pub(super) async fn revoke_tokens(&self, which: Which, with_refresh: bool) -> Result<Report, No> {
        let user = match which {
            Which::One(id) => {
                match self.authority.delete(&self.context, &self.principal, Noun::Token, id).await {
                    Ok(()) => return Ok(revoked(&[id], &[])),
                    Err(Refusal::Absent(_)) => {
                        return Err(No::Words(format!("there is no such token: {id}")));
                    }
                    Err(refusal) => return Err(refusal.into()),
                }
            }
            Which::User(username) => self.user_id(Some(&username)).await?,
            Which::All => None,
        };
        let done = self.authority.revoke_tokens(&self.context, &self.principal, user, with_refresh).await?;
        let tokens: Vec<i64> = done.tokens.iter().map(|it| it.0).collect();
        let refresh_tokens: Vec<i64> = done.refresh_tokens.iter().map(|it| it.0).collect();
        Ok(revoked(&tokens, &refresh_tokens))
    }

    pub(super) async fn clean_tokens(&self) -> Result<Report, No> {
        let cleaned = self.authority.clean_tokens(&self.context, &self.principal).await?;
        let row = json!({ "tokens": cleaned.tokens, "refresh_tokens": cleaned.refresh_tokens });
        let note = format!(
            "removed what was over: {} and {}",
            several(cleaned.tokens, "access token"),
            several(cleaned.refresh_tokens, "refresh token")
        );
        Ok(Report::one(object(row)).with_note(note))
    }
}

fn parse_scope(text: &str) -> Result<Scope, No> {
    Scope::parse(text).map_err(|error| {
        No::Words(match error {
            ScopeError::Unknown(word) => format!("{word:?} is no scope; it can be {}", WORDS.join(", ")),
            ScopeError::Shape => "a scope is one or more words with single spaces, each once".to_owned(),
        })
    })
}

/// Tells which tokens were revoked, by their numbers: nobody can say their values.
fn revoked(tokens: &[i64], refresh_tokens: &[i64]) -> Report {
    let count = tokens.len() + refresh_tokens.len();
    let row = json!({ "count": count, "tokens": tokens, "refresh_tokens": refresh_tokens });
    let named = |kind, ids: &[i64]| -> Vec<String> {
        ids.iter().take(NAMED_MAX).map(|id| format!("revoked {kind} {id}")).collect()
    };
    let mut lines = named("access token", tokens);
    lines.extend(named("refresh token", refresh_tokens));
    if count > lines.len() {
        lines.push(format!("and {} more", count - lines.len()));
    }
    if lines.is_empty() {
        lines.push("there was no token to revoke".to_owned());
    }
    let mut report = Report::one(object(row)).with_note(lines.join("\n"));
    // For people the lines say it all.
    report.columns = vec!["count".to_owned()];
    report
}

fn several(count: u64, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

fn row(token: &Token, references: &References) -> Map<String, Value> {
    let row = json!({
        "id": token.id.0,
        "username": references.users.get(&token.user).map(|user| user.username.as_str()),
        "application": token.application.and_then(|it| references.applications.get(&it)),
        "scope": token.scope.as_str(),
        "description": token.description,
        "created_at": instant(token.stamp.created_at),
        "expires_at": instant(token.expires_at),
        "last_used_at": optional_instant(token.last_used_at),
    });
    object(row)
}
