//! Stored secrets from the shell. They go in and never come out.

use identity::model::audit::EventKind;
use identity::port::{VAULT_SECRET_MAX, vault_name};
use serde_json::json;

use super::{No, Operator, object};
use crate::control::Password;
use crate::output::Report;

/// How the names of what the gateway itself keeps begin.
const OWN: &str = "upstream-session/";

impl Operator<'_> {
    pub(super) async fn set_secret(&self, name: &str, secret: Password) -> Result<Report, No> {
        vault_name(name).map_err(|problem| No::Words(problem.to_owned()))?;
        if name.starts_with(OWN) {
            return Err(No::Words(format!("names that begin with {OWN:?} are the gateway's own")));
        }
        if secret.0.expose().is_empty() || secret.0.expose().len() > VAULT_SECRET_MAX {
            return Err(No::Words(format!("a secret has 1 to {VAULT_SECRET_MAX} bytes")));
        }
        self.authority.world.vault.put(name, &secret.0).await?;
        self.tell(format!("secret {name:?} set"));
        Ok(Report::one(object(json!({"name": name, "state": "stored"}))))
    }

    pub(super) async fn list_secrets(&self) -> Result<Report, No> {
        let names = self.authority.world.vault.names("").await?;
        let owner = |name: &str| if name.starts_with(OWN) { "gateway" } else { "operator" };
        let row = |name: &String| object(json!({"name": name, "owner": owner(name)}));
        Ok(Report::list(&["name", "owner"], names.iter().map(row).collect()))
    }

    pub(super) async fn remove_secret(&self, name: &str) -> Result<Report, No> {
        if !self.authority.world.vault.remove(name).await? {
            return Err(No::Words(format!("there is no such secret: {name:?}")));
        }
        self.tell(format!("secret {name:?} removed"));
        Ok(Report::one(object(json!({"name": name, "state": "removed"}))))
    }

    pub(super) async fn change_vault_key(&self, forgets: bool) -> Result<Report, No> {
        let (resealed, forgotten) = self.authority.world.vault.change_key(forgets).await?;
        self.tell(format!("vault key changed: {resealed} resealed, {forgotten} forgotten"));
        Ok(Report::one(object(json!({"resealed": resealed, "forgotten": forgotten}))))
    }

    fn tell(&self, detail: String) {
        self.authority.audit(&self.context, EventKind::SettingChange, Some(self.principal.user()), detail);
    }
}
