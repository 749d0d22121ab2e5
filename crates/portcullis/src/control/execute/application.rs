//! Applications from the shell: what the contracts can say of them, and what only an operator gives.

use identity::action::{ApplicationFields, Fields};
use identity::model::application::{Allowances, Application, ClientType, GrantType};
use identity::model::catalog::{self, Field};
use identity::model::object::{Noun, Object};
use identity::model::query::{Comparison, Lookup, Query, Term, Value as Wanted};
use identity::model::redirect::{self, RedirectError};
use identity::port::References;
use identity::{Fault, Origin, Refusal};
use serde_json::{Map, Value, json};

use super::super::NewApplication;
use super::{No, Operator, instant, object};
use crate::output::Report;

const COLUMNS: [&str; 7] = ["id", "name", "organization", "client_type", "grant_type", "allows", "client_id"];

/// Longest name of an application, in characters (AWX contract section G5).
const NAME_MAX: usize = 255;

impl Operator<'_> {
    pub(super) async fn create_application(&self, wanted: NewApplication) -> Result<Report, No> {
        check(&wanted)?;
        let organization = self.named(Noun::Organization, &wanted.organization).await?;
        let user = match &wanted.user {
            Some(username) => Some(self.user(username).await?.user.id.0),
            None => None,
        };
        let fields = ApplicationFields {
            name: Some(wanted.name),
            description: wanted.description,
            client_type: Some(if wanted.is_public { ClientType::Public } else { ClientType::Confidential }),
            grant_type: Some(if wanted.uses_password {
                GrantType::Password
            } else {
                GrantType::AuthorizationCode
            }),
            redirect_uris: Some(wanted.redirect_uris.join(" ")),
            skip_authorization: Some(wanted.skip_authorization),
            allowances: Some(Allowances {
                client_credentials: wanted.allows_client_credentials,
                device: wanted.allows_device,
                introspection: wanted.allows_introspection,
            }),
            requires_pkce: wanted.requires_pkce,
            organization: Some(organization.id()),
            user: Some(user),
            ..ApplicationFields::default()
        };
        let fields = Fields::Application(fields);
        let written = self.authority.create(&self.context, &self.principal, fields, false).await?;
        let Some(written) = written else { return Err(Refusal::Absent(Noun::Application).into()) };
        let Object::Application(application) = &written.object else {
            return Err(Refusal::Absent(Noun::Application).into());
        };
        let mut row = row(application, &written.references);
        let Some(secret) = &written.client_secret else { return Ok(Report::one(row)) };
        row.insert("client_secret".to_owned(), secret.expose().into());
        Ok(Report::one(row).with_note("keep the secret now: it is not shown again"))
    }

    pub(super) async fn list_applications(&self) -> Result<Report, No> {
        let listed = self.all(Noun::Application, Query::default()).await?;
        let rows = listed.objects.iter().filter_map(|(object, references)| match object {
            Object::Application(application) => Some(row(application, references)),
            _ => None,
        });
        Ok(listed.note(Report::list(&COLUMNS, rows.collect())))
    }

    pub(super) async fn delete_application(&self, which: &str) -> Result<Report, No> {
        let by_client_id = self.where_text(Noun::Application, "client_id", which).await?.pop();
        let found = match by_client_id {
            Some(found) => found,
            None => self.named(Noun::Application, which).await?,
        };
        let id = found.id();
        self.authority.delete(&self.context, &self.principal, Noun::Application, id).await?;
        let name = match &found {
            Object::Application(it) => it.name.clone(),
            _ => id.to_string(),
        };
        let row = object(json!({ "id": id, "name": name }));
        Ok(Report::one(row).with_note(format!("application {name} deleted, with its tokens")))
    }

    /// The object of this number, or else of this name.
    async fn named(&self, noun: Noun, which: &str) -> Result<Object, No> {
        if let Ok(id) = which.parse::<i64>() {
            match self.authority.get(&self.principal, noun, id).await {
                Ok((found, _)) => return Ok(found),
                Err(Refusal::Absent(_)) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        let mut found = self.where_text(noun, "name", which).await?;
        let word = super::words::name(noun);
        match (found.pop(), found.pop()) {
            (Some(found), None) => Ok(found),
            (None, _) => Err(No::Words(format!("there is no such {word}: {which:?}"))),
            (Some(_), Some(_)) => {
                Err(No::Words(format!("there are several {word}s called {which:?}; give the number")))
            }
        }
    }

    async fn where_text(&self, noun: Noun, field: &str, text: &str) -> Result<Vec<Object>, No> {
        let missing = || Fault::new(Origin::Internal, "a field is missing from the catalog");
        let field: &'static Field = catalog::entry(noun).field(field).ok_or_else(missing)?;
        let value = Wanted::Text(text.to_owned());
        let term = Term {
            is_negated: false,
            path: Vec::new(),
            is_chained: false,
            comparison: Comparison::Field { field, lookup: Lookup::Exact, value },
        };
        let listed = self.all(noun, Query { all: vec![term], ..Query::default() }).await?;
        Ok(listed.objects.into_iter().map(|(object, _)| object).collect())
    }
}

/// What cannot be meant.
fn check(wanted: &NewApplication) -> Result<(), No> {
    let no = |text: &str| Err(No::Words(text.to_owned()));
    if wanted.name.trim().is_empty() || wanted.name.chars().count() > NAME_MAX {
        return Err(No::Words(format!("the name must have 1 to {NAME_MAX} characters")));
    }
    if wanted.is_public && (wanted.allows_client_credentials || wanted.allows_introspection) {
        return no("a public application has no secret to show: client-credentials and introspection \
                   need --type confidential");
    }
    if wanted.allows_client_credentials && wanted.user.is_none() {
        return no("client-credentials makes tokens for the owner of the application: give --user");
    }
    if wanted.redirect_uris.is_empty()
        && !wanted.uses_password
        && !wanted.allows_device
        && !wanted.allows_client_credentials
        && !wanted.allows_introspection
    {
        return no("an application that gets codes needs a --redirect-uri to get them at");
    }
    for uri in &wanted.redirect_uris {
        if uri.chars().any(char::is_whitespace) {
            return Err(No::Words(format!("{uri:?} holds a space; give --redirect-uri once for each")));
        }
        redirect::validate(uri).map_err(|error| {
            No::Words(match error {
                RedirectError::Malformed => {
                    format!("{uri:?} is no absolute URI without fragment and user name")
                }
                RedirectError::Scheme(scheme) => format!("{uri:?}: {scheme} is neither http nor https"),
            })
        })?;
    }
    Ok(())
}

fn row(it: &Application, references: &References) -> Map<String, Value> {
    let allows = [
        ("client-credentials", it.allowances.client_credentials),
        ("device", it.allowances.device),
        ("introspection", it.allowances.introspection),
    ];
    let allows: Vec<&str> = allows.iter().filter(|(_, is)| *is).map(|(word, _)| *word).collect();
    object(json!({
        "id": it.id.0,
        "name": it.name,
        "description": it.description,
        "organization": references.organizations.get(&it.organization),
        "client_id": it.client_id,
        "client_type": match it.client_type {
            ClientType::Confidential => "confidential",
            ClientType::Public => "public",
        },
        "grant_type": match it.grant_type {
            GrantType::AuthorizationCode => "authorization-code",
            GrantType::Password => "password",
        },
        "redirect_uris": it.redirect_uris.split_whitespace().collect::<Vec<_>>(),
        "allows": allows,
        "requires_pkce": it.requires_pkce,
        "skip_authorization": it.skip_authorization,
        "user": it.user.and_then(|user| references.users.get(&user)).map(|user| user.username.as_str()),
        "created_at": instant(it.stamp.created_at),
    }))
}
