//! Organizations, teams, tokens, applications and authenticators as the contract shows them.

use identity::model::application::{Application, ClientType, GrantType};
use identity::model::authenticator::Authenticator;
use identity::model::object::Noun;
use identity::model::organization::Organization;
use identity::model::team::Team;
use identity::model::token::Token;
use identity::port::References;
use serde_json::{Map, Value, json};

use super::{MASK, Related, Summary, below, extend, head};
use crate::drf::time;
use crate::platform::object::address;

pub(super) fn organization(it: &Organization, references: &References) -> Map<String, Value> {
    let id = it.id.0;
    let mut related = Related::new(Some(&it.stamp));
    related.activity(Noun::Organization, id);
    for name in ["admins", "teams", "users"] {
        related.below(name, "organizations", id);
    }
    let mut summary = Summary::new(&it.stamp, references);
    summary.resource(&it.stable_id.0, "shared.organization");
    let mut map = head(Noun::Organization, id, related, summary, &it.stamp);
    extend(
        &mut map,
        [("name", json!(it.name)), ("description", json!(it.description)), ("managed", json!(it.is_managed))],
    );
    map
}

pub(super) fn team(it: &Team, references: &References) -> Map<String, Value> {
    let id = it.id.0;
    let mut related = Related::new(Some(&it.stamp));
    related.activity(Noun::Team, id);
    for name in ["admins", "users"] {
        related.below(name, "teams", id);
    }
    related.add("organization", address_of(Noun::Organization, it.organization.0));
    let mut summary = Summary::new(&it.stamp, references);
    summary.named("organization", it.organization.0, references.organizations.get(&it.organization));
    summary.resource(&it.stable_id.0, "shared.team");
    let mut map = head(Noun::Team, id, related, summary, &it.stamp);
    extend(
        &mut map,
        [
            ("name", json!(it.name)),
            ("organization", json!(it.organization.0)),
            ("description", json!(it.description)),
        ],
    );
    map
}

pub(super) fn token(it: &Token, references: &References) -> Map<String, Value> {
    let id = it.id.0;
    let mut related = Related::new(Some(&it.stamp));
    related.activity(Noun::Token, id);
    related.user("user", Some(it.user));
    let mut summary = Summary::new(&it.stamp, references);
    summary.user("user", Some(it.user), references);
    if let Some(application) = it.application {
        related.add("application", address_of(Noun::Application, application.0));
        summary.named("application", application.0, references.applications.get(&application));
    }
    let mut map = head(Noun::Token, id, related, summary, &it.stamp);
    let refresh_token = it.refresh_digest.as_ref().map(|_| MASK);
    extend(
        &mut map,
        [
            ("expires", json!(time::format(it.expires_at))),
            ("user", json!(it.user.0)),
            ("application", json!(it.application.map(|it| it.0))),
            ("description", json!(it.description)),
            ("last_used", json!(it.last_used_at.map(time::format))),
            ("scope", json!(it.scope.as_str())),
            ("token", json!(MASK)),
            ("refresh_token", json!(refresh_token)),
        ],
    );
    map
}

pub(super) fn application(it: &Application, references: &References) -> Map<String, Value> {
    let id = it.id.0;
    let mut related = Related::new(Some(&it.stamp));
    related.add("access_tokens", below("applications", id, "tokens"));
    related.activity(Noun::Application, id);
    related.add("organization", address_of(Noun::Organization, it.organization.0));
    related.user("user", it.user);
    let mut summary = Summary::new(&it.stamp, references);
    summary.user("user", it.user, references);
    summary.named("organization", it.organization.0, references.organizations.get(&it.organization));
    let (count, first) = references.application_tokens.get(&it.id).cloned().unwrap_or_default();
    let first: Vec<Value> =
        first.iter().map(|(token, scope)| json!({ "id": token.0, "token": MASK, "scope": scope })).collect();
    summary.0.insert("tokens".to_owned(), json!({ "count": count, "results": first }));
    let mut map = head(Noun::Application, id, related, summary, &it.stamp);
    extend(
        &mut map,
        [
            ("name", json!(it.name)),
            ("client_id", json!(it.client_id)),
            ("redirect_uris", json!(it.redirect_uris)),
            ("post_logout_redirect_uris", json!(it.post_logout_redirect_uris)),
            ("algorithm", json!(it.algorithm)),
            ("user", json!(it.user.map(|it| it.0))),
            ("description", json!(it.description)),
            ("organization", json!(it.organization.0)),
            ("app_url", json!(it.app_url)),
        ],
    );
    // A public application has no secret, and no key for one.
    if it.client_type == ClientType::Confidential {
        extend(&mut map, [("client_secret", json!(MASK))]);
    }
    let client_type = match it.client_type {
        ClientType::Confidential => "confidential",
        ClientType::Public => "public",
    };
    let grant_type = match it.grant_type {
        GrantType::AuthorizationCode => "authorization-code",
        GrantType::Password => "password",
    };
    extend(
        &mut map,
        [
            ("client_type", json!(client_type)),
            ("skip_authorization", json!(it.skip_authorization)),
            ("authorization_grant_type", json!(grant_type)),
        ],
    );
    map
}

/// Everybody who is signed in may find an application, so nothing is told of the people behind it.
pub(super) fn app_url(it: &Application) -> Map<String, Value> {
    let mut map = head(Noun::Application, it.id.0, Related::new(None), Summary(Map::new()), &it.stamp);
    extend(
        &mut map,
        [
            ("created_by", Value::Null),
            ("modified_by", Value::Null),
            ("name", json!(it.name)),
            ("app_url", json!(it.app_url)),
        ],
    );
    map
}

pub(super) fn authenticator(it: &Authenticator, references: &References) -> Map<String, Value> {
    let id = it.id.0;
    let mut related = Related::new(Some(&it.stamp));
    for name in ["authenticator_maps", "users"] {
        related.below(name, "authenticators", id);
    }
    let summary = Summary::new(&it.stamp, references);
    let mut map = head(Noun::Authenticator, id, related, summary, &it.stamp);
    extend(
        &mut map,
        [
            ("name", json!(it.name)),
            ("enabled", json!(it.is_enabled)),
            ("create_objects", json!(true)),
            ("remove_users", json!(false)),
            ("configuration", json!({})),
            ("type", json!(it.plugin)),
            ("order", json!(it.order)),
            ("slug", json!(it.slug)),
            ("auto_migrate_users_to", Value::Null),
        ],
    );
    map
}

fn address_of(noun: Noun, id: i64) -> String {
    address::of(noun, id).unwrap_or_default()
}
