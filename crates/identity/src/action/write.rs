//! Objects written: made, changed, removed, each with its right, its rules and its trail.

use crate::action::build::Draft;
use crate::action::change::last_administrator;
use crate::action::fields::{Fields, UserFields};
use crate::action::trail;
use crate::authority::{Authority, Context};
use crate::denial::{Denial, Invalid, Refusal, Violation};
use crate::model::audit::EventKind;
use crate::model::object::{Noun, Object, SessionId};
use crate::model::principal::{Charter, Evidence, Principal};
use crate::model::secret::Secret;
use crate::port::{Change, Conflict, References, StoreError};

/// How often a change is tried again when somebody else changed the object in between.
const TRIES_MAX: u32 = 5;

/// An object that was written, and the secrets that are shown this once.
#[derive(Debug)]
pub struct Written {
    /// The object as it is now.
    pub object: Object,
    /// The names of what it refers to.
    pub references: References,
    /// The value of a new token.
    pub token: Option<Secret>,
    /// The value of its refresh token.
    pub refresh_token: Option<Secret>,
    /// The secret of a new confidential application.
    pub client_secret: Option<Secret>,
}

impl Authority {
    /// Makes an object. A dry run checks everything, writes nothing and returns none.
    pub async fn create(
        &self,
        context: &Context,
        principal: &Principal,
        fields: Fields,
        is_dry_run: bool,
    ) -> Result<Option<Written>, Refusal> {
        let noun = fields.noun();
        if !self.may_create(principal, noun) {
            return Err(Denial::NotPermitted.into());
        }
        let wants_auditor = matches!(&fields, Fields::User(UserFields { is_auditor: Some(true), .. }));
        let draft = self.build(context, principal, fields, is_dry_run).await?;
        if is_dry_run {
            self.check_free(&draft.object).await?;
            return Ok(None);
        }
        let Draft { object, password, token, refresh_token, client_secret } = draft;
        let trail = trail::created(context, principal.user().id, &object);
        let change = Change::Create(object.clone(), password);
        let (object, references) = match self.store.apply(change, trail).await {
            Ok(made) => made.ok_or(Refusal::Absent(noun))?,
            Err(StoreError::Conflict(Conflict::Duplicate)) => {
                return self.existing_or_duplicate(object).await.map(Some);
            }
            Err(error) => return Err(refused(noun, error)),
        };
        self.audit_write(context, principal, "create", &object);
        let mut written = Written { object, references, token, refresh_token, client_secret };
        if wants_auditor {
            self.apply_auditor(context, principal, &mut written, true).await?;
        }
        Ok(Some(written))
    }

    /// Changes an object. A dry run checks everything, writes nothing and returns none.
    pub async fn update(
        &self,
        context: &Context,
        principal: &Principal,
        id: i64,
        fields: Fields,
        is_dry_run: bool,
    ) -> Result<Option<Written>, Refusal> {
        let noun = fields.noun();
        let is_auditor = match &fields {
            Fields::User(fields) => fields.is_auditor,
            _ => None,
        };
        for _ in 0..TRIES_MAX {
            let (before, _) = self.get(principal, noun, id).await?;
            if !self.may_change(principal, &before).await? {
                return Err(Denial::NotPermitted.into());
            }
            let change = self.change(context, principal, before, fields.clone(), is_dry_run).await?;
            let Change::Update { before, after, password, .. } = &change else { return Ok(None) };
            if is_dry_run {
                self.check_free(after).await?;
                return Ok(None);
            }
            let trail = trail::updated(context, principal, before, after, password.is_some());
            let has_new_password = password.is_some();
            match self.store.apply(change, trail).await {
                Ok(changed) => {
                    let (object, references) = changed.ok_or(Refusal::Absent(noun))?;
                    self.audit_write(context, principal, "update", &object);
                    if has_new_password {
                        let detail = format!("user {id}");
                        self.audit(context, EventKind::PasswordChange, Some(principal.user()), detail);
                    }
                    let (token, refresh_token, client_secret) = (None, None, None);
                    let mut written = Written { object, references, token, refresh_token, client_secret };
                    if let Some(flag) = is_auditor {
                        self.apply_auditor(context, principal, &mut written, flag).await?;
                    }
                    return Ok(Some(written));
                }
                Err(StoreError::Conflict(Conflict::Stale)) => {}
                Err(error) => return Err(refused(noun, error)),
            }
        }
        Err(Refusal::Busy(jiff::SignedDuration::from_secs(1)))
    }

    /// Removes an object.
    pub async fn delete(
        &self,
        context: &Context,
        principal: &Principal,
        noun: Noun,
        id: i64,
    ) -> Result<(), Refusal> {
        let (object, _) = self.get(principal, noun, id).await?;
        if !self.may_delete(principal, &object).await? {
            return Err(Denial::NotPermitted.into());
        }
        if let Object::User(user) = &object
            && user.is_superuser
            && user.is_enabled
        {
            self.check_other_administrator(user.id, "is_superuser").await?;
        }
        let trail = trail::deleted(context, principal, &object);
        match self.store.apply(Change::Delete(object.clone()), trail).await {
            Ok(_) => {
                self.audit_write(context, principal, "delete", &object);
                Ok(())
            }
            Err(StoreError::Conflict(Conflict::Stale)) => Err(Refusal::Absent(noun)),
            Err(error) => Err(refused(noun, error)),
        }
    }

    async fn build(
        &self,
        context: &Context,
        principal: &Principal,
        fields: Fields,
        is_dry_run: bool,
    ) -> Result<Draft, Refusal> {
        match fields {
            Fields::User(fields) => self.build_user(context, principal, fields, is_dry_run).await,
            Fields::Organization(fields) => self.build_organization(context, principal, fields),
            Fields::Team(fields) => self.build_team(context, principal, fields).await,
            Fields::Token(fields) => self.build_token(context, principal, fields).await,
            Fields::Application(fields) => self.build_application(context, principal, fields).await,
            Fields::UserAssignment(fields) => self.build_user_assignment(context, principal, fields).await,
            Fields::TeamAssignment(fields) => self.build_team_assignment(context, principal, fields).await,
        }
    }

    pub(super) async fn change(
        &self,
        context: &Context,
        principal: &Principal,
        before: Object,
        fields: Fields,
        is_dry_run: bool,
    ) -> Result<Change, Refusal> {
        let mut password = None;
        let mut after = match (before.clone(), fields) {
            (Object::User(it), Fields::User(fields)) => {
                // Who is known elsewhere has no password here; the controller's contract overlooks one.
                let is_overlooked =
                    principal.charter == Charter::Controller && it.external_source().is_some();
                let wanted = fields.password.clone().filter(|_| !is_overlooked);
                let after = self.change_user(principal, it, fields).await?;
                if let Some(wanted) = wanted {
                    password = self.new_password(principal, &wanted, is_dry_run).await?;
                }
                after
            }
            (Object::Organization(it), Fields::Organization(fields)) => {
                Self::change_organization(principal, it, fields)?
            }
            (Object::Team(it), Fields::Team(fields)) => self.change_team(principal, it, fields).await?,
            (Object::Token(it), Fields::Token(fields)) => Self::change_token(principal, it, fields)?,
            (Object::Application(it), Fields::Application(fields)) => {
                self.change_application(principal, it, fields).await?
            }
            // Assignments are given and taken, never changed.
            _ => return Err(Denial::NotPermitted.into()),
        };
        restamp(&mut after, context, principal);
        let keep_session = own_session(principal, &before);
        Ok(Change::Update { before, after, password, keep_session })
    }

    pub(super) fn audit_write(&self, context: &Context, principal: &Principal, verb: &str, object: &Object) {
        let kind = match (object, verb) {
            (Object::Token(it), "create") => EventKind::TokenCreate(it.id),
            (Object::Token(it), "update") => EventKind::TokenUpdate(it.id),
            (Object::Token(it), _) => EventKind::TokenRevoke(it.id),
            _ => EventKind::ObjectChange,
        };
        let scope = match object {
            Object::Token(it) => format!(" scope {} user {}", it.scope.as_str(), it.user),
            _ => String::new(),
        };
        let detail = format!("{verb} {:?} {}{scope}", object.noun(), object.id());
        self.audit(context, kind, Some(principal.user()), detail);
    }
}

/// The session that outlives a change of its own user's password.
fn own_session(principal: &Principal, object: &Object) -> Option<SessionId> {
    match (&principal.evidence, object) {
        (Evidence::Session(session), Object::User(user)) if user.id == principal.user().id => {
            Some(session.id)
        }
        _ => None,
    }
}

fn restamp(object: &mut Object, context: &Context, principal: &Principal) {
    let stamp = match object {
        Object::User(it) => &mut it.stamp,
        Object::Organization(it) => &mut it.stamp,
        Object::Team(it) => &mut it.stamp,
        Object::Token(it) => &mut it.stamp,
        Object::Application(it) => &mut it.stamp,
        Object::Authenticator(it) => &mut it.stamp,
        Object::RoleDefinition(it) => &mut it.stamp,
        Object::UserAssignment(_) | Object::TeamAssignment(_) | Object::Entry(_) => return,
    };
    // Two changes within a microsecond must differ, or the second would not see the first.
    let least = stamp.modified_at.checked_add(jiff::SignedDuration::from_micros(1));
    stamp.modified_at = context.now.max(least.unwrap_or(stamp.modified_at));
    stamp.modified_by = Some(principal.user().id);
}

/// What a conflict means to the one who asked.
pub(super) fn refused(noun: Noun, error: StoreError) -> Refusal {
    match error {
        StoreError::Fault(fault) => fault.into(),
        StoreError::Conflict(Conflict::Stale) => Refusal::Absent(noun),
        StoreError::Conflict(Conflict::LastAdministrator) => last_administrator("is_superuser"),
        StoreError::Conflict(Conflict::Duplicate) => duplicate(noun),
        StoreError::Conflict(Conflict::Dangling) => {
            let text = "An object that this refers to no longer exists.".to_owned();
            Invalid::whole(Violation::Rule(text))
        }
    }
}

/// The refusal of a name that is taken, in the shape that the contract has for its kind.
pub(super) fn duplicate(noun: Noun) -> Refusal {
    match noun {
        Noun::User => Invalid::field("username", Violation::Duplicate(noun)),
        Noun::Team => Invalid::whole(Violation::DuplicateTogether(&["organization", "name"])),
        Noun::Application => Invalid::whole(Violation::DuplicateTogether(&["name", "organization"])),
        Noun::UserAssignment | Noun::TeamAssignment => {
            Invalid::whole(Violation::DuplicateTogether(&["role_definition", "object_id"]))
        }
        Noun::Organization
        | Noun::Token
        | Noun::Authenticator
        | Noun::RoleDefinition
        | Noun::Entry
        | Noun::Setting
        | Noun::Session => Invalid::field("name", Violation::Duplicate(noun)),
    }
}
