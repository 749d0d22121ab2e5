//! Members: users attached to organizations and teams, as members or administrators.

use crate::action::trail;
use crate::action::write::refused;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Invalid, Refusal, Violation};
use crate::model::audit::EventKind;
use crate::model::catalog;
use crate::model::entry::Operation;
use crate::model::object::{AssignmentId, Noun, Object, StableId, UserId};
use crate::model::principal::Principal;
use crate::model::query::{Comparison, Lookup, PageRequest, Query, Sight, Term, Value};
use crate::model::role::{ManagedRole, UserAssignment};
use crate::port::{Change, Conflict, StoreError};

/// Most users in one request.
const INSTANCES_MAX: usize = 1000;

impl Authority {
    /// Gives users a role on the object that the role is for. Those that have it keep it.
    pub async fn associate(
        &self,
        context: &Context,
        principal: &Principal,
        role: ManagedRole,
        object_id: i64,
        users: &[i64],
    ) -> Result<(), Refusal> {
        let noun = self.member_target(principal, role, object_id, users).await?;
        for user in users {
            self.see(principal, Noun::User, "instances", *user).await?;
        }
        for user in users {
            let assignment = UserAssignment {
                id: AssignmentId::NEW,
                role,
                user: UserId(*user),
                user_stable_id: StableId(String::new()),
                object_id: Some(object_id),
                object_stable_id: None,
                created_at: context.now,
                created_by: Some(principal.user().id),
            };
            let change = Change::Create(Object::UserAssignment(assignment), None);
            let ends = ((noun, object_id), (Noun::User, *user));
            let trail = trail::associated(context, principal, Operation::Associate, ends.0, ends.1);
            match self.store.apply(change, trail).await {
                Ok(_) => {
                    let detail = format!("associate {} {object_id} user {user}", role.name());
                    self.audit(context, EventKind::ObjectChange, Some(principal.user()), detail);
                }
                // It has the role already.
                Err(StoreError::Conflict(Conflict::Duplicate)) => {}
                Err(StoreError::Conflict(Conflict::Dangling | Conflict::Stale)) => {
                    return Err(Invalid::field("instances", Violation::NoSuchObject(*user)));
                }
                Err(error @ (StoreError::Fault(_) | StoreError::Conflict(Conflict::LastAdministrator))) => {
                    return Err(refused(noun, error));
                }
            }
        }
        Ok(())
    }

    /// Takes a role on an object from users, all of whom must have it.
    pub async fn disassociate(
        &self,
        context: &Context,
        principal: &Principal,
        role: ManagedRole,
        object_id: i64,
        users: &[i64],
    ) -> Result<(), Refusal> {
        let noun = self.member_target(principal, role, object_id, users).await?;
        let mut assignments = Vec::new();
        for user in users {
            let found = self.find_assignment(role, Some(object_id), *user).await?;
            let assignment =
                found.ok_or_else(|| Invalid::field("instances", Violation::NotAssociated(*user)))?;
            assignments.push((*user, assignment));
        }
        for (user, assignment) in assignments {
            let ends = ((noun, object_id), (Noun::User, user));
            let trail = trail::associated(context, principal, Operation::Disassociate, ends.0, ends.1);
            match self.store.apply(Change::Delete(assignment), trail).await {
                Ok(_) => {
                    let detail = format!("disassociate {} {object_id} user {user}", role.name());
                    self.audit(context, EventKind::ObjectChange, Some(principal.user()), detail);
                }
                // Somebody else has just taken it.
                Err(StoreError::Conflict(Conflict::Stale)) => {}
                Err(error) => return Err(refused(noun, error)),
            }
        }
        Ok(())
    }

    async fn member_target(
        &self,
        principal: &Principal,
        role: ManagedRole,
        object_id: i64,
        users: &[i64],
    ) -> Result<Noun, Refusal> {
        let noun = role.target().ok_or_else(|| Refusal::from(Denial::NotPermitted))?;
        self.get(principal, noun, object_id).await?;
        if !self.may_assign(principal, role, Some(object_id)).await? {
            return Err(Denial::NotPermitted.into());
        }
        if users.len() > INSTANCES_MAX {
            let text = format!("Ensure this field has no more than {INSTANCES_MAX} elements.");
            return Err(Invalid::field("instances", Violation::Rule(text)));
        }
        Ok(noun)
    }

    pub(super) async fn find_assignment(
        &self,
        role: ManagedRole,
        object_id: Option<i64>,
        user: i64,
    ) -> Result<Option<Object>, Refusal> {
        let all = [
            ("role_definition", Value::Integer(role.id().0)),
            ("user", Value::Integer(user)),
            ("object_id", object_id.map_or(Value::Null, |id| Value::Text(id.to_string()))),
        ]
        .into_iter()
        .filter_map(|(name, value)| {
            let field = catalog::entry(Noun::UserAssignment).field(name)?;
            let comparison = Comparison::Field { field, lookup: Lookup::Exact, value };
            Some(Term { is_negated: false, path: Vec::new(), is_chained: false, comparison })
        });
        let page = PageRequest { number: 1, size: 1 };
        let query = Query { all: all.collect(), page, is_count_disabled: true, ..Query::default() };
        let found = self.store.list(Noun::UserAssignment, &query, Sight::All).await?;
        Ok(found.and_then(|mut page| page.objects.pop()))
    }
}

/// The term of a query that asks for what one user holds.
pub(super) fn user_term(user: i64) -> Option<Term> {
    let field = catalog::entry(Noun::UserAssignment).field("user")?;
    let comparison = Comparison::Field { field, lookup: Lookup::Exact, value: Value::Integer(user) };
    Some(Term { is_negated: false, path: Vec::new(), is_chained: false, comparison })
}
