//! Groups: the teams of one organization, with a text that a contract keeps with each.

use super::account::check_annex;
use super::fields::{Fields, TeamFields};
use super::trail;
use super::write::refused;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::object::{Noun, Object, OrganizationId, TeamId};
use crate::model::principal::Principal;
use crate::model::team::Team;
use crate::port::{Batch, Change, Conflict, StoreError};

/// How often a change is tried again when somebody else changed the team in between.
const TRIES_MAX: u32 = 5;

impl Authority {
    /// The teams of an organization, each with its annex; at most 10,000. For those who read everything.
    pub async fn list_groups(
        &self,
        principal: &Principal,
        organization: OrganizationId,
    ) -> Result<Vec<(Team, Option<String>)>, Refusal> {
        if !principal.subject.reads_all() {
            return Err(Denial::NotPermitted.into());
        }
        let objects = self.teams_in(organization).await?;
        let ids = objects.iter().map(Object::id).collect();
        let mut annexes = self.store.find_annexes(Noun::Team, ids).await?;
        Ok(objects
            .into_iter()
            .filter_map(|object| match object {
                Object::Team(team) => {
                    let annex = annexes.remove(&team.id.0);
                    Some((team, annex))
                }
                _ => None,
            })
            .collect())
    }

    /// Makes a team with its annex, both or neither.
    pub async fn create_group(
        &self,
        context: &Context,
        principal: &Principal,
        fields: TeamFields,
        annex: Option<String>,
    ) -> Result<(), Refusal> {
        self.manage_accounts(principal)?;
        check_annex(annex.as_deref())?;
        let draft = self.build_team(context, principal, fields).await?;
        let trail = trail::created(context, principal.user().id, &draft.object);
        let changes = vec![(Change::Create(draft.object, None), trail)];
        let made = self.store.apply_all(Batch { changes, annex }).await;
        let (object, _) =
            made.map_err(|error| refused(Noun::Team, error))?.ok_or(Refusal::Absent(Noun::Team))?;
        self.audit_write(context, principal, "create", &object);
        Ok(())
    }

    /// Changes a team with its annex, both or neither.
    pub async fn update_group(
        &self,
        context: &Context,
        principal: &Principal,
        team: TeamId,
        fields: TeamFields,
        annex: Option<String>,
    ) -> Result<(), Refusal> {
        self.manage_accounts(principal)?;
        check_annex(annex.as_deref())?;
        for _ in 0..TRIES_MAX {
            let (before, _) = self.get(principal, Noun::Team, team.0).await?;
            let own = Fields::Team(fields.clone());
            let change = self.change(context, principal, before, own, false).await?;
            let Change::Update { before, after, .. } = &change else { continue };
            let trail = trail::updated(context, principal, before, after, false);
            let batch = Batch { changes: vec![(change, trail)], annex: annex.clone() };
            match self.store.apply_all(batch).await {
                Ok(changed) => {
                    let (object, _) = changed.ok_or(Refusal::Absent(Noun::Team))?;
                    self.audit_write(context, principal, "update", &object);
                    return Ok(());
                }
                Err(StoreError::Conflict(Conflict::Stale)) => {}
                Err(error) => return Err(refused(Noun::Team, error)),
            }
        }
        Err(Refusal::Busy(jiff::SignedDuration::from_secs(1)))
    }

    /// The number of the team of this name in an organization.
    pub async fn find_group(
        &self,
        organization: OrganizationId,
        name: &str,
    ) -> Result<Option<TeamId>, Refusal> {
        let teams = self.teams_in(organization).await?;
        Ok(teams.into_iter().find_map(|object| match object {
            Object::Team(team) if team.name == name => Some(team.id),
            _ => None,
        }))
    }

    /// Removes the account of a user, or a group, with all that is nothing without it.
    pub async fn remove_account(
        &self,
        context: &Context,
        principal: &Principal,
        noun: Noun,
        id: i64,
    ) -> Result<(), Refusal> {
        self.manage_accounts(principal)?;
        self.delete(context, principal, noun, id).await
    }
}
