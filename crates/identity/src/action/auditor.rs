//! Auditors: the role over everything, given to users and taken from them.

use crate::action::trail;
use crate::action::write::{Written, refused};
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::audit::EventKind;
use crate::model::entry::Operation;
use crate::model::object::{AssignmentId, Noun, Object, StableId, UserId};
use crate::model::principal::Principal;
use crate::model::role::{ManagedRole, UserAssignment};
use crate::port::{Change, Conflict, StoreError};

impl Authority {
    /// Makes a user an auditor of everything, or ends that. Only administrators do either.
    pub async fn set_auditor(
        &self,
        context: &Context,
        principal: &Principal,
        user: UserId,
        is_auditor: bool,
    ) -> Result<(), Refusal> {
        self.get(principal, Noun::User, user.0).await?;
        if !principal.is_superuser() {
            return Err(Denial::NotPermitted.into());
        }
        let role = ManagedRole::PlatformAuditor;
        let (change, operation) = if is_auditor {
            let assignment = UserAssignment {
                id: AssignmentId::NEW,
                role,
                user,
                user_stable_id: StableId(String::new()),
                object_id: None,
                object_stable_id: None,
                created_at: context.now,
                created_by: Some(principal.user().id),
            };
            (Change::Create(Object::UserAssignment(assignment), None), Operation::Associate)
        } else {
            let Some(found) = self.find_assignment(role, None, user.0).await? else { return Ok(()) };
            (Change::Delete(found), Operation::Disassociate)
        };
        let ends = ((Noun::RoleDefinition, role.id().0), (Noun::User, user.0));
        let trail = trail::associated(context, principal, operation, ends.0, ends.1);
        match self.store.apply(change, trail).await {
            Ok(_) => {
                let verb = if is_auditor { "associate" } else { "disassociate" };
                let detail = format!("{verb} {} user {user}", role.name());
                self.audit(context, EventKind::ObjectChange, Some(principal.user()), detail);
                Ok(())
            }
            // It is so already.
            Err(StoreError::Conflict(Conflict::Duplicate | Conflict::Stale)) => Ok(()),
            Err(error) => Err(refused(Noun::User, error)),
        }
    }

    /// Gives a user that was just written the role of an auditor, or takes it, as its fields said. Who asks
    /// was checked with the fields.
    pub(super) async fn apply_auditor(
        &self,
        context: &Context,
        principal: &Principal,
        written: &mut Written,
        is_auditor: bool,
    ) -> Result<(), Refusal> {
        let Object::User(user) = &written.object else { return Ok(()) };
        let (user, auditors) = (user.id, &mut written.references.auditors);
        if auditors.contains(&user) == is_auditor {
            return Ok(());
        }
        self.set_auditor(context, principal, user, is_auditor).await?;
        if is_auditor {
            auditors.push(user);
        } else {
            auditors.retain(|it| *it != user);
        }
        Ok(())
    }
}
