//! Accounts: users with what they belong to, listed and written as one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fields::{Fields, UserFields};
use super::trail;
use super::write::refused;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Invalid, Refusal, Violation};
use crate::model::audit::EventKind;
use crate::model::entry::Operation;
use crate::model::object::{AssignmentId, Noun, Object, OrganizationId, StableId, TeamId, UserId};
use crate::model::principal::Principal;
use crate::model::query::{PageRequest, Query, Sight, Within};
use crate::model::role::{ManagedRole, UserAssignment};
use crate::model::secret::Secret;
use crate::model::tenant::Tenant;
use crate::model::user::User;
use crate::port::{Batch, Change, Conflict, StoreError, Trail};

/// Most accounts, or teams of an organization, in one listing.
pub(super) const LIST_MAX: u64 = 10_000;
/// Most bytes of an annex.
pub(super) const ANNEX_MAX: usize = 128 * 1024;
/// How often a change is tried again when somebody else changed something in between.
const TRIES_MAX: u32 = 5;

/// A user's asked-for state with what it belongs to.
#[derive(Clone, Debug, Default)]
pub struct AccountFields {
    /// The user's own fields; whether it is a superuser and an auditor is among them.
    pub user: UserFields,
    /// The teams that it belongs to, of those that an organization has; none leaves them.
    pub teams: Option<TeamChoice>,
    /// A text that the contract keeps with the user; none leaves the old one.
    pub annex: Option<String>,
    /// The principal's own password, as it shows it for a new one.
    pub shown: Option<Secret>,
}

/// Which of an organization's teams a user belongs to. Those of other organizations are left alone.
#[derive(Clone, Debug)]
pub struct TeamChoice {
    /// The organization.
    pub organization: OrganizationId,
    /// The teams.
    pub teams: Vec<TeamId>,
}

/// A user as it is listed.
#[derive(Clone, Debug)]
pub struct Account {
    /// The user.
    pub user: User,
    /// Whether it reads everything.
    pub is_auditor: bool,
    /// The names of the organization's teams that it belongs to or administers itself, the oldest team first.
    pub teams: Vec<String>,
    /// The text that the contract keeps with it.
    pub annex: Option<String>,
}

impl Authority {
    /// Whether the principal may change accounts, groups, other people's sessions and settings for everybody.
    /// Who acts for a tenant may not: none of that belongs to a tenant.
    pub fn manage_accounts(&self, principal: &Principal) -> Result<(), Refusal> {
        if principal.is_superuser() && principal.tenant.is_none() {
            return Ok(());
        }
        Err(Denial::NotPermitted.into())
    }

    /// The tenants, for those who may act for them: superusers. An installation without tenants tells so to
    /// everybody (Catalyst contract section A.9).
    pub fn list_tenants(&self, principal: &Principal) -> Result<&[Tenant], Refusal> {
        if self.tenants.is_empty() || principal.is_superuser() {
            return Ok(&self.tenants);
        }
        Err(Denial::NotPermitted.into())
    }

    /// All accounts with the teams that they belong to in an organization; at most 10,000. For those who read
    /// everything.
    pub async fn list_accounts(
        &self,
        principal: &Principal,
        organization: Option<OrganizationId>,
    ) -> Result<Vec<Account>, Refusal> {
        let page = self.list_everything(principal, Noun::User, None).await?;
        let mut teams = self.members_of(organization).await?;
        let ids = page.0.iter().map(Object::id).collect();
        let mut annexes = self.store.find_annexes(Noun::User, ids).await?;
        let auditors: BTreeSet<UserId> = page.1.into_iter().collect();
        Ok(page
            .0
            .into_iter()
            .filter_map(|object| match object {
                Object::User(user) if !user.is_system() => Some(Account {
                    is_auditor: auditors.contains(&user.id),
                    teams: teams.remove(&user.id).unwrap_or_default().into_values().collect(),
                    annex: annexes.remove(&user.id.0),
                    user,
                }),
                _ => None,
            })
            .collect())
    }

    /// Makes a user with its roles, its teams and its annex, all or nothing.
    pub async fn create_account(
        &self,
        context: &Context,
        principal: &Principal,
        fields: AccountFields,
    ) -> Result<(), Refusal> {
        self.manage_accounts(principal)?;
        check_annex(fields.annex.as_deref())?;
        let is_auditor = fields.user.is_auditor == Some(true);
        let draft = self.build_user(context, principal, fields.user, false).await?;
        let trail = trail::created(context, principal.user().id, &draft.object);
        let mut changes = vec![(Change::Create(draft.object, draft.password), trail)];
        if is_auditor {
            changes.push(give(context, principal, UserId::NEW, ManagedRole::PlatformAuditor, None));
        }
        let teams: BTreeSet<TeamId> = fields.teams.into_iter().flat_map(|it| it.teams).collect();
        for team in teams {
            changes.push(give(context, principal, UserId::NEW, ManagedRole::TeamMember, Some(team.0)));
        }
        let batch = Batch { changes, annex: fields.annex };
        let made = self.store.apply_all(batch).await.map_err(|error| refused(Noun::User, error))?;
        let (object, _) = made.ok_or(Refusal::Absent(Noun::User))?;
        self.audit_write(context, principal, "create", &object);
        Ok(())
    }

    /// Changes a user with its roles, its teams and its annex, all or nothing. Who gives itself a new password shows
    /// the old one; a password that is shown for another's is looked at as well.
    pub async fn update_account(
        &self,
        context: &Context,
        principal: &Principal,
        user: UserId,
        fields: AccountFields,
    ) -> Result<(), Refusal> {
        self.manage_accounts(principal)?;
        check_annex(fields.annex.as_deref())?;
        if fields.user.password.is_some() {
            match &fields.shown {
                Some(shown) => self.show_password(context, principal, shown).await?,
                None if user == principal.user().id => {
                    return Err(Invalid::field("currentUserPassword", Violation::Required));
                }
                None => {}
            }
        }
        for _ in 0..TRIES_MAX {
            let (before, _) = self.get(principal, Noun::User, user.0).await?;
            let own = Fields::User(fields.user.clone());
            let change = self.change(context, principal, before, own, false).await?;
            let Change::Update { before, after, password, .. } = &change else { continue };
            let has_new_password = password.is_some();
            let trail = trail::updated(context, principal, before, after, has_new_password);
            let mut changes = vec![(change, trail)];
            changes.extend(self.change_roles(context, principal, user, &fields).await?);
            let count = changes.len();
            match self.store.apply_all(Batch { changes, annex: fields.annex.clone() }).await {
                Ok(made) => {
                    let (object, _) = made.ok_or(Refusal::Absent(Noun::User))?;
                    self.audit_write(context, principal, "update", &object);
                    if has_new_password {
                        self.audit(
                            context,
                            EventKind::PasswordChange,
                            Some(principal.user()),
                            format!("user {user}"),
                        );
                    }
                    if count > 1 {
                        let detail = format!("{} roles of user {user}", count - 1);
                        self.audit(context, EventKind::ObjectChange, Some(principal.user()), detail);
                    }
                    return Ok(());
                }
                // Somebody else changed the user or one of its roles meanwhile.
                Err(StoreError::Conflict(Conflict::Stale | Conflict::Duplicate)) => {}
                Err(error) => return Err(refused(Noun::User, error)),
            }
        }
        Err(Refusal::Busy(jiff::SignedDuration::from_secs(1)))
    }

    /// The changes that give a user the roles that it is to have and take the others.
    async fn change_roles(
        &self,
        context: &Context,
        principal: &Principal,
        user: UserId,
        fields: &AccountFields,
    ) -> Result<Vec<(Change, Trail)>, Refusal> {
        let auditor = self.find_assignment(ManagedRole::PlatformAuditor, None, user.0).await?;
        let mut changes = Vec::new();
        match (fields.user.is_auditor, auditor) {
            (Some(true), None) => {
                changes.push(give(context, principal, user, ManagedRole::PlatformAuditor, None));
            }
            (Some(false), Some(held)) => changes.push(take(context, principal, held)),
            _ => {}
        }
        let Some(choice) = &fields.teams else { return Ok(changes) };
        let mut wanted: BTreeSet<TeamId> = choice.teams.iter().copied().collect();
        let of_organization: BTreeSet<i64> =
            self.teams_in(choice.organization).await?.iter().map(Object::id).collect();
        for held in self.team_roles(Some(user)).await? {
            let Some(team) = held.object_id.filter(|it| of_organization.contains(it)) else { continue };
            // Whoever leaves a team administers it no more either.
            if !choice.teams.contains(&TeamId(team)) {
                changes.push(take(context, principal, Object::UserAssignment(held)));
            } else if held.role == ManagedRole::TeamMember {
                wanted.remove(&TeamId(team));
            }
        }
        for team in wanted {
            changes.push(give(context, principal, user, ManagedRole::TeamMember, Some(team.0)));
        }
        Ok(changes)
    }

    /// The text that a contract keeps with a user or a team; for those who read everything.
    pub async fn find_annex(
        &self,
        principal: &Principal,
        noun: Noun,
        id: i64,
    ) -> Result<Option<String>, Refusal> {
        if !principal.subject.reads_all() {
            return Err(Denial::NotPermitted.into());
        }
        Ok(self.store.find_annexes(noun, vec![id]).await?.remove(&id))
    }

    /// The names of the teams of an organization that users hold a role on, by user and number.
    async fn members_of(
        &self,
        organization: Option<OrganizationId>,
    ) -> Result<HashMap<UserId, BTreeMap<i64, String>>, Refusal> {
        let mut found: HashMap<UserId, BTreeMap<i64, String>> = HashMap::new();
        let Some(organization) = organization else { return Ok(found) };
        let teams = self.teams_in(organization).await?;
        let names: HashMap<i64, &str> = teams
            .iter()
            .filter_map(|object| match object {
                Object::Team(it) => Some((it.id.0, it.name.as_str())),
                _ => None,
            })
            .collect();
        for held in self.team_roles(None).await? {
            if let Some((id, name)) = held.object_id.and_then(|id| Some((id, names.get(&id)?))) {
                found.entry(held.user).or_default().insert(id, (*name).to_owned());
            }
        }
        Ok(found)
    }

    /// The teams of an organization.
    pub(super) async fn teams_in(&self, organization: OrganizationId) -> Result<Vec<Object>, Refusal> {
        let query = everything(Some(Within::TeamsIn(organization.0)));
        let page = self.store.list(Noun::Team, &query, Sight::All).await?;
        Ok(page.map(|page| page.objects).unwrap_or_default())
    }

    /// The roles on teams that users hold themselves: of one user, or of everybody.
    async fn team_roles(&self, user: Option<UserId>) -> Result<Vec<UserAssignment>, Refusal> {
        let mut held = Vec::new();
        for role in [ManagedRole::TeamMember, ManagedRole::TeamAdmin] {
            let mut query = everything(Some(Within::AssignmentsOf(role.id().0)));
            query.page.size = LIST_MAX * 10;
            query.all.extend(user.and_then(|user| super::member::user_term(user.0)));
            let page = self.store.list(Noun::UserAssignment, &query, Sight::All).await?;
            let objects = page.map(|page| page.objects).unwrap_or_default();
            held.extend(objects.into_iter().filter_map(|object| match object {
                Object::UserAssignment(it) => Some(it),
                _ => None,
            }));
        }
        Ok(held)
    }

    /// All objects of a kind for those who read everything, and which of them are auditors.
    async fn list_everything(
        &self,
        principal: &Principal,
        noun: Noun,
        within: Option<Within>,
    ) -> Result<(Vec<Object>, Vec<UserId>), Refusal> {
        if !principal.subject.reads_all() {
            return Err(Denial::NotPermitted.into());
        }
        let page = self.store.list(noun, &everything(within), Sight::All).await?;
        Ok(page.map(|page| (page.objects, page.references.auditors)).unwrap_or_default())
    }
}

/// The first of what there is, as much as a listing has.
pub(super) fn everything(within: Option<Within>) -> Query {
    let page = PageRequest { number: 1, size: LIST_MAX };
    Query { within, page, is_count_disabled: true, ..Query::default() }
}

/// Refuses an annex that is too long.
pub(super) fn check_annex(annex: Option<&str>) -> Result<(), Refusal> {
    if annex.is_some_and(|it| it.len() > ANNEX_MAX) {
        let text = format!("What is kept with it must not be longer than {ANNEX_MAX} bytes.");
        return Err(Invalid::whole(Violation::Rule(text)));
    }
    Ok(())
}

/// The change that gives a user a role, with its trail.
fn give(
    context: &Context,
    principal: &Principal,
    user: UserId,
    role: ManagedRole,
    object_id: Option<i64>,
) -> (Change, Trail) {
    let assignment = UserAssignment {
        id: AssignmentId::NEW,
        role,
        user,
        user_stable_id: StableId(String::new()),
        object_id,
        object_stable_id: None,
        created_at: context.now,
        created_by: Some(principal.user().id),
    };
    let trail = trail::associated(
        context,
        principal,
        Operation::Associate,
        place(role, object_id),
        (Noun::User, user.0),
    );
    (Change::Create(Object::UserAssignment(assignment), None), trail)
}

/// The change that takes a role from its user, with its trail.
fn take(context: &Context, principal: &Principal, held: Object) -> (Change, Trail) {
    let (place, user) = match &held {
        Object::UserAssignment(it) => (place(it.role, it.object_id), it.user.0),
        other => ((other.noun(), other.id()), 0),
    };
    let trail = trail::associated(context, principal, Operation::Disassociate, place, (Noun::User, user));
    (Change::Delete(held), trail)
}

/// What a role is given on, as the activity stream names it.
fn place(role: ManagedRole, object_id: Option<i64>) -> (Noun, i64) {
    match (role.target(), object_id) {
        (Some(noun), Some(id)) => (noun, id),
        _ => (Noun::RoleDefinition, role.id().0),
    }
}
