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
use super::{No, Operator, counted, instant, optional_instant};
use crate::output::Report;

const COLUMNS: [&str; 7] =
    ["id", "username", "application", "scope", "description", "expires_at", "last_used_at"];

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

    pub(super) async fn revoke_tokens(&self, which: Which) -> Result<Report, No> {
        let user = match which {
            Which::One(id) => {
                match self.authority.delete(&self.context, &self.principal, Noun::Token, id).await {
                    Ok(()) => return Ok(counted(1, "token", "revoked")),
                    Err(Refusal::Absent(_)) => return Err(No::Words(format!("there is no token {id}"))),
                    Err(refusal) => return Err(refusal.into()),
                }
            }
            Which::User(username) => self.user_id(Some(&username)).await?,
            Which::All => None,
        };
        let count = self.authority.revoke_tokens(&self.context, &self.principal, user).await?;
        Ok(counted(count, "token", "revoked"))
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
    match row {
        Value::Object(row) => row,
        _ => Map::new(),
    }
}
