//! Users as the contract shows them (contract section A.3).

use identity::model::object::Noun;
use identity::model::user::User;
use serde_json::{Map, Value, json};

use super::{Keys, View, head};
use crate::awx::wire::ENCRYPTED;
use crate::drf::time;

/// The source whose names are those of a directory.
const DIRECTORY: &str = "ldap";
/// The source of accounts elsewhere on the network.
const SOCIAL: &str = "social";

pub(super) fn show(it: &User, view: &View<'_>) -> Map<String, Value> {
    let id = it.id.0;
    let mut related = Keys::default();
    related.named(view, Noun::User, &it.username, None).below(
        view,
        "users",
        id,
        &[
            "teams",
            "organizations",
            "admin_of_organizations",
            "projects",
            "credentials",
            "roles",
            "activity_stream",
            "access_list",
            "tokens",
            "authorized_tokens",
            "personal_tokens",
        ],
    );
    let mut summary = Keys::default();
    summary.resource(&it.stable_id.0, "shared.user").capabilities(view);
    let external = it.external_source();
    let uid_of = |name: &str| it.sources.iter().find(|source| source.name == name).map(|it| it.uid.as_str());
    let social: Vec<Value> = it
        .sources
        .iter()
        .filter(|source| source.name == SOCIAL)
        .map(|source| {
            let (provider, uid) = source.uid.split_once(':').unwrap_or((SOCIAL, &source.uid));
            json!({ "provider": provider, "uid": uid })
        })
        .collect();
    let last_login = it.last_login_at.map(time::format);
    let mut keys = head(view, Noun::User, "user", id);
    keys.add("related", related.0)
        .add("summary_fields", summary.0)
        .add("created", time::format(it.stamp.created_at))
        // The contract knows no other change of a user than its last login.
        .add("modified", last_login.clone())
        .add("username", it.username.as_str())
        .add("first_name", it.first_name.as_str())
        .add("last_name", it.last_name.as_str())
        .add("email", it.email.as_str())
        .add("is_superuser", it.is_superuser)
        .add("is_system_auditor", view.references.auditors.contains(&it.id));
    // Who is known elsewhere has no password here, and no key for one.
    if external.is_none() {
        keys.add("password", ENCRYPTED);
    }
    keys.add("ldap_dn", uid_of(DIRECTORY).unwrap_or_default())
        .add("last_login", last_login)
        .add("external_account", external)
        .add("auth", social);
    keys.0
}
