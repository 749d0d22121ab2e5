//! Assigns roles: to a user or a team, on one object or on everything.

use crate::action::build::{Draft, required};
use crate::action::fields::AssignmentFields;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Invalid, Refusal, Violation};
use crate::model::object::{AssignmentId, Noun, Object, RoleId, StableId, TeamId, UserId};
use crate::model::principal::Principal;
use crate::model::role::{ManagedRole, TeamAssignment, UserAssignment};

/// What an assignment is about, once everything in it has been found and seen.
struct Asked {
    role: ManagedRole,
    holder: i64,
    holder_stable_id: StableId,
    object: Option<(i64, StableId)>,
}

impl Authority {
    pub(super) async fn build_user_assignment(
        &self,
        context: &Context,
        principal: &Principal,
        fields: AssignmentFields,
    ) -> Result<Draft, Refusal> {
        let asked = self.asked(principal, fields, Noun::User).await?;
        Ok(Draft::of(Object::UserAssignment(UserAssignment {
            id: AssignmentId::NEW,
            role: asked.role,
            user: UserId(asked.holder),
            user_stable_id: asked.holder_stable_id,
            object_id: asked.object.as_ref().map(|it| it.0),
            object_stable_id: asked.object.map(|it| it.1),
            created_at: context.now,
            created_by: Some(principal.user().id),
        })))
    }

    pub(super) async fn build_team_assignment(
        &self,
        context: &Context,
        principal: &Principal,
        fields: AssignmentFields,
    ) -> Result<Draft, Refusal> {
        let asked = self.asked(principal, fields, Noun::Team).await?;
        if let Some(kind) = refused_to_teams(asked.role) {
            let text = format!("Assigning {kind} permission to teams is not allowed");
            return Err(Invalid::whole(Violation::Plain(text)));
        }
        if asked.object.as_ref().is_some_and(|it| it.0 == asked.holder) {
            let text = "A team cannot hold a role on itself".to_owned();
            return Err(Invalid::whole(Violation::Plain(text)));
        }
        Ok(Draft::of(Object::TeamAssignment(TeamAssignment {
            id: AssignmentId::NEW,
            role: asked.role,
            team: TeamId(asked.holder),
            team_stable_id: asked.holder_stable_id,
            object_id: asked.object.as_ref().map(|it| it.0),
            object_stable_id: asked.object.map(|it| it.1),
            created_at: context.now,
            created_by: Some(principal.user().id),
        })))
    }

    async fn asked(
        &self,
        principal: &Principal,
        fields: AssignmentFields,
        holder_noun: Noun,
    ) -> Result<Asked, Refusal> {
        let number = required("role_definition", fields.role)?;
        let role = ManagedRole::from_id(RoleId(number))
            .ok_or_else(|| Invalid::field("role_definition", Violation::NoSuchObject(number)))?;
        let (by_number, by_stable_id) = match holder_noun {
            Noun::Team => ("team", "team_ansible_id"),
            _ => ("user", "user_ansible_id"),
        };
        let holder = match (fields.holder, fields.holder_stable_id) {
            (Some(number), _) => number,
            (None, Some(id)) => self.by_stable_id(holder_noun, by_stable_id, id).await?,
            (None, None) => return Err(Invalid::field(by_number, Violation::Required)),
        };
        self.see(principal, holder_noun, by_number, holder).await?;
        let object_id = match (role.target(), fields.object_id, fields.object_stable_id) {
            (None, ..) => None,
            (Some(_), Some(number), _) => Some(number),
            (Some(noun), None, Some(id)) => Some(self.by_stable_id(noun, "object_ansible_id", id).await?),
            (Some(_), None, None) => {
                let text = "Object must be specified for this role assignment".to_owned();
                return Err(Invalid::field("object_id", Violation::Plain(text)));
            }
        };
        let object = match (role.target(), object_id) {
            (Some(noun), Some(id)) => {
                self.see(principal, noun, "object_id", id).await?;
                Some((id, self.stable_id(principal, noun, id).await?))
            }
            _ => None,
        };
        if !self.may_assign(principal, role, object_id).await? {
            return Err(Denial::NotPermitted.into());
        }
        let holder_stable_id = self.stable_id(principal, holder_noun, holder).await?;
        Ok(Asked { role, holder, holder_stable_id, object })
    }

    async fn by_stable_id(&self, noun: Noun, field: &'static str, id: String) -> Result<i64, Refusal> {
        let text = format!("No object has the id {id}.");
        let found = self.store.find_by_stable_id(noun, &StableId(id.to_ascii_lowercase())).await?;
        found.ok_or_else(|| Invalid::field(field, Violation::Rule(text)))
    }

    async fn stable_id(&self, principal: &Principal, noun: Noun, id: i64) -> Result<StableId, Refusal> {
        match self.get(principal, noun, id).await? {
            (Object::User(it), _) => Ok(it.stable_id),
            (Object::Organization(it), _) => Ok(it.stable_id),
            (Object::Team(it), _) => Ok(it.stable_id),
            _ => Err(Refusal::Absent(noun)),
        }
    }
}

/// The managed roles that belong to people, in the words of the refusal (notes to contract section A3).
fn refused_to_teams(role: ManagedRole) -> Option<&'static str> {
    match role {
        ManagedRole::OrganizationMember => Some("organization member"),
        ManagedRole::OrganizationAdmin => Some("organization admin"),
        ManagedRole::PlatformAuditor => Some("platform auditor"),
        ManagedRole::TeamMember | ManagedRole::TeamAdmin => None,
    }
}
