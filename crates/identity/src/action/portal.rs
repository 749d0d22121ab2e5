//! Portals: who gets into which part of Apprenda's platform (its contract section 2).

use super::check_password::Memory;
use super::sign_in::Entry;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Invalid, Refusal, Violation};
use crate::model::object::Noun;
use crate::model::portal::Portal;
use crate::model::principal::{Principal, Subject};
use crate::model::refusal_log::Cause;
use crate::model::secret::Secret;

impl Authority {
    /// Whether somebody who knows a password may have a session for a portal. Who belongs to several tenants names
    /// one of them, and nobody names one of others; administrators name any that exists, or none. Platform
    /// operations know no tenants, so what is named there says nothing.
    pub(super) async fn judge_entry(
        &self,
        context: &Context,
        subject: &Subject,
        entry: Entry<'_>,
    ) -> Result<(), Refusal> {
        let no = |cause| {
            self.refusals.note(&context.request_id, cause);
            Refusal::from(Denial::NotPermitted)
        };
        if !self.may_enter(subject, entry.portal) {
            return Err(no(Cause::Portal(entry.portal)));
        }
        if entry.portal == Portal::Operations {
            return Ok(());
        }
        let is_superuser = subject.user.is_superuser;
        match entry.tenant {
            Some(named) if subject.organizations.iter().any(|it| it.name.eq_ignore_ascii_case(named)) => {
                Ok(())
            }
            Some(named) if is_superuser => {
                let found = self.find_named(Noun::Organization, named, None).await?;
                found.map(|_| ()).ok_or_else(|| no(Cause::Tenant))
            }
            Some(_) => Err(no(Cause::Tenant)),
            None if subject.organizations.len() > 1 && !is_superuser => {
                Err(Invalid::field("tenantAlias", Violation::Required))
            }
            None => Ok(()),
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
        names(&principal.subject)
    }

    /// The tenants of somebody who knows a password, which is checked and counted like that of a sign-in.
    pub async fn tenants_by_password(
        &self,
        context: &Context,
        username: &str,
        password: &Secret,
    ) -> Result<Vec<String>, Refusal> {
        let subject = self.check_password(context, username, password, Memory::None).await?;
        Ok(names(&subject))
    }
}

fn names(subject: &Subject) -> Vec<String> {
    subject.organizations.iter().map(|it| it.name.clone()).collect()
}
