//! Portals: who gets into which part of Apprenda's platform (its contract section 2).

use super::sign_in::Entry;
use crate::authority::Authority;
use crate::denial::{Denial, Invalid, Refusal, Violation};
use crate::model::portal::Portal;
use crate::model::principal::{Principal, Subject};

impl Authority {
    /// Whether somebody who knows a password may have a session for a portal. Who belongs to several tenants
    /// names one of them, and nobody names one of others.
    pub(super) fn judge_entry(&self, subject: &Subject, entry: Entry<'_>) -> Result<(), Refusal> {
        if !self.may_enter(subject, entry.portal) {
            return Err(Denial::NotPermitted.into());
        }
        if entry.portal == Portal::Operations {
            return Ok(());
        }
        let mut own = subject.organizations.iter();
        match entry.tenant {
            Some(named) if !own.any(|it| it.name.eq_ignore_ascii_case(named)) => {
                Err(Denial::NotPermitted.into())
            }
            None if subject.organizations.len() > 1 => {
                Err(Invalid::field("tenantAlias", Violation::Required))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a user may use a portal: the list of Platform Operators guards operations, if it is switched on;
    /// the others are for those who belong to a tenant, and for administrators.
    pub(super) fn may_enter(&self, subject: &Subject, portal: Portal) -> bool {
        match portal {
            Portal::Operations => {
                let settings = self.settings();
                !settings.is_operations_guarded || settings.platform_operators.allows_subject(subject)
            }
            Portal::Developer | Portal::Account => {
                subject.user.is_superuser || !subject.organizations.is_empty()
            }
        }
    }

    /// The tenants that a principal belongs to, by name.
    pub fn tenants_of(&self, principal: &Principal) -> Vec<String> {
        principal.subject.organizations.iter().map(|it| it.name.clone()).collect()
    }
}
