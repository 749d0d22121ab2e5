//! Tokens and applications as the contract shows them (contract sections A.4, A.5).

use identity::model::application::{Application, ClientType, GrantType};
use identity::model::object::Noun;
use identity::model::token::Token;
use serde_json::{Map, Value, json};

use super::{Keys, MASK, View, head, person, stamps};
use crate::drf::time;

pub(super) fn token(it: &Token, view: &View<'_>) -> Map<String, Value> {
    let id = it.id.0;
    let (mut related, mut summary) = (Keys::default(), Keys::default());
    related.add("user", view.place.user(it.user));
    if let Some(user) = person(view.references, it.user) {
        summary.add("user", user);
    }
    if let Some(application) = it.application {
        related.add("application", view.place.of(Noun::Application, application.0));
        let name = view.references.applications.get(&application);
        summary.add("application", json!({ "id": application.0, "name": name }));
    }
    related.below(view, "tokens", id, &["activity_stream"]);
    let mut keys = head(view, Noun::Token, "o_auth2_access_token", id);
    keys.add("related", related.0).add("summary_fields", summary.0);
    stamps(&mut keys, &it.stamp);
    keys.add("description", it.description.as_str())
        .add("user", it.user.0)
        .add("token", MASK)
        .add("refresh_token", it.refresh_digest.as_ref().map(|_| MASK))
        .add("application", it.application.map(|it| it.0))
        .add("expires", time::format(it.expires_at))
        .add("scope", it.scope.as_str());
    keys.0
}

pub(super) fn application(it: &Application, view: &View<'_>) -> Map<String, Value> {
    let id = it.id.0;
    let organization = view.references.organizations.get(&it.organization).map_or("", String::as_str);
    let mut related = Keys::default();
    related
        .named(view, Noun::Application, &it.name, Some(organization))
        .below(view, "applications", id, &["tokens", "activity_stream"])
        .add("organization", view.place.of(Noun::Organization, it.organization.0));
    let (count, first) = view.references.application_tokens.get(&it.id).cloned().unwrap_or_default();
    let first: Vec<Value> =
        first.iter().map(|(token, scope)| json!({ "id": token.0, "token": MASK, "scope": scope })).collect();
    let mut summary = Keys::default();
    summary
        .organization(view, it.organization)
        .capabilities(view)
        .add("tokens", json!({ "count": count, "results": first }));
    let mut keys = head(view, Noun::Application, "o_auth2_application", id);
    keys.add("related", related.0).add("summary_fields", summary.0);
    stamps(&mut keys, &it.stamp);
    keys.add("name", it.name.as_str())
        .add("description", it.description.as_str())
        .add("client_id", it.client_id.as_str());
    // A public application has no secret, and no key for one.
    let client_type = match it.client_type {
        ClientType::Confidential => {
            keys.add("client_secret", MASK);
            "confidential"
        }
        ClientType::Public => "public",
    };
    let grant_type = match it.grant_type {
        GrantType::AuthorizationCode => "authorization-code",
        GrantType::Password => "password",
    };
    keys.add("client_type", client_type)
        .add("redirect_uris", it.redirect_uris.as_str())
        .add("authorization_grant_type", grant_type)
        .add("skip_authorization", it.skip_authorization)
        .add("organization", it.organization.0);
    keys.0
}
