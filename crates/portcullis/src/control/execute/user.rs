//! Users from the shell.

use identity::Refusal;
use identity::action::{Fields, UserFields, Written};
use identity::model::object::{Noun, Object};
use identity::model::query::Query;
use identity::model::user::User;
use serde_json::{Map, Value, json};

use super::super::Password;
use super::{No, Operator, instant, object, optional_instant};
use crate::output::Report;

const COLUMNS: [&str; 6] = ["id", "username", "email", "is_superuser", "is_enabled", "last_login_at"];

/// The names of a new user.
pub struct Names {
    /// The name it signs in with.
    pub username: String,
    /// Its e-mail address.
    pub email: Option<String>,
    /// Its first name.
    pub first_name: Option<String>,
    /// Its last name.
    pub last_name: Option<String>,
}

impl Operator<'_> {
    pub(super) async fn add_user(
        &self,
        names: Names,
        is_superuser: bool,
        password: Option<Password>,
    ) -> Result<Report, No> {
        let fields = UserFields {
            username: Some(names.username),
            email: names.email,
            first_name: names.first_name,
            last_name: names.last_name,
            password: password.map(|password| password.0),
            is_superuser: Some(is_superuser),
            is_auditor: None,
            is_enabled: None,
        };
        let written =
            self.authority.create(&self.context, &self.principal, Fields::User(fields), false).await?;
        report(written, "added")
    }

    pub(super) async fn list_users(&self) -> Result<Report, No> {
        let listed = self.all(Noun::User, Query::default()).await?;
        let rows = listed.objects.iter().filter_map(|(object, _)| match object {
            Object::User(user) if !user.is_system() => Some(row(user)),
            _ => None,
        });
        Ok(listed.note(Report::list(&COLUMNS, rows.collect())))
    }

    pub(super) async fn change_password(&self, username: &str, password: Password) -> Result<Report, No> {
        let fields = UserFields { password: Some(password.0), ..UserFields::default() };
        self.update_user(username, fields, "has a new password").await
    }

    pub(super) async fn enable_user(&self, username: &str, is_enabled: bool) -> Result<Report, No> {
        let fields = UserFields { is_enabled: Some(is_enabled), ..UserFields::default() };
        self.update_user(username, fields, if is_enabled { "enabled" } else { "disabled" }).await
    }

    pub(super) async fn delete_user(&self, username: &str) -> Result<Report, No> {
        let subject = self.user(username).await?;
        let id = subject.user.id.0;
        self.authority.delete(&self.context, &self.principal, Noun::User, id).await?;
        Ok(Report::one(row(&subject.user)).with_note(format!("user {username} deleted")))
    }

    async fn update_user(&self, username: &str, fields: UserFields, done: &str) -> Result<Report, No> {
        let id = self.user(username).await?.user.id.0;
        let written =
            self.authority.update(&self.context, &self.principal, id, Fields::User(fields), false).await?;
        report(written, done)
    }
}

fn report(written: Option<Written>, done: &str) -> Result<Report, No> {
    match written.map(|written| written.object) {
        Some(Object::User(user)) => {
            let note = format!("user {} {done}", user.username);
            Ok(Report::one(row(&user)).with_note(note))
        }
        _ => Err(Refusal::Absent(Noun::User).into()),
    }
}

fn row(user: &User) -> Map<String, Value> {
    let row = json!({
        "id": user.id.0,
        "username": user.username,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "is_superuser": user.is_superuser,
        "is_enabled": user.is_enabled,
        "last_login_at": optional_instant(user.last_login_at),
        "created_at": instant(user.stamp.created_at),
        "stable_id": user.stable_id.0,
    });
    object(row)
}
