//! Authorize: whether a principal's request reaches as far as it asks.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::authority::{Authority, Context};
use crate::denial::Denial;
use crate::model::pace::Load;
use crate::model::principal::Principal;
use crate::model::proof::Presented;
use crate::model::refusal_log::Cause;

impl Authority {
    /// Whether a request may go on: its scope reaches what is safe (reads) or not (changes), its user may use
    /// the portal that it goes to, and has not made too many requests of late. Holds for our own endpoints and
    /// for forwarded requests alike; asked once for each request.
    pub fn authorize(
        &self,
        principal: &Principal,
        presented: &Presented,
        context: &Context,
    ) -> Result<(), Denial> {
        let scope = &principal.scope;
        if !(if presented.is_safe { scope.allows_read() } else { scope.allows_write() }) {
            self.refusals.note(&context.request_id, Cause::Scope(scope.as_str().to_owned()));
            return Err(Denial::MissingScope);
        }
        if let Some(portal) = presented.portal
            && !self.may_enter(&principal.subject, portal)
        {
            self.refusals.note(&context.request_id, Cause::Portal(portal));
            return Err(Denial::NotPermitted);
        }
        if presented.load == Load::Uncounted {
            return Ok(());
        }
        let (settings, paces) = (self.settings(), &principal.subject.paces);
        if presented.load == Load::Bulk {
            let taken = paces.bulk.take(settings.manager_bulk_rate, context.now);
            taken.map_err(|after| self.too_many(Load::Bulk, after, context))?;
        }
        let taken = paces.ordinary.take(settings.manager_rate, context.now);
        taken.map_err(|after| self.too_many(Load::Ordinary, after, context))
    }

    fn too_many(&self, load: Load, after: SignedDuration, context: &Context) -> Denial {
        self.refusals.note(&context.request_id, Cause::Pace(load));
        Denial::TooManyRequests(after)
    }

    /// The tenant that a request acts for, if it names one: only providers may, and only for tenants that are
    /// configured (Catalyst contract section A.9).
    pub(super) fn judge_tenant(
        &self,
        is_provider: bool,
        presented: &Presented,
        context: &Context,
    ) -> Result<Option<Arc<str>>, Denial> {
        let Some(named) = &presented.tenant else { return Ok(None) };
        let tenant = self.tenants.iter().find(|it| it.id == *named).filter(|_| is_provider);
        tenant.map(|it| Some(it.id.as_str().into())).ok_or_else(|| {
            self.refusals.note(&context.request_id, Cause::Tenant);
            Denial::NotPermitted
        })
    }
}
