//! The principal: the verified user that a request acts for, and what it may do.

use std::sync::Arc;

use super::object::{OrganizationId, StableId, TeamId, TokenId};
use super::pace::Paces;
use super::scope::Scope;
use super::session::Session;
use super::user::User;

/// A user with the roles it has now. Built by the store from one consistent reading and dropped when
/// anything in it changes, so a request never sees older rights than those acknowledged.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The user.
    pub user: User,
    /// Whether it has the Platform Auditor role.
    pub is_auditor: bool,
    /// The organizations it belongs to or administers, sorted by number.
    pub organizations: Vec<Membership<OrganizationId>>,
    /// The teams it belongs to or administers, directly or through other teams, sorted by number.
    pub teams: Vec<TeamMembership>,
    /// How many requests it has made of late.
    pub paces: Arc<Paces>,
}

/// One organization of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership<Id> {
    /// Its number.
    pub id: Id,
    /// Its stable name.
    pub stable_id: StableId,
    /// Its name.
    pub name: String,
    /// Whether the subject has the member's role.
    pub is_member: bool,
    /// Whether the subject has the administrator's role.
    pub is_admin: bool,
}

/// One team of a subject, and the organization that the team belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamMembership {
    /// The team.
    pub team: Membership<TeamId>,
    /// Its organization.
    pub organization: OrganizationId,
    /// The organization's stable name.
    pub organization_stable_id: StableId,
    /// The organization's name.
    pub organization_name: String,
}

impl Subject {
    /// Whether it may read everything.
    pub fn reads_all(&self) -> bool {
        self.user.is_superuser || self.is_auditor
    }

    /// Whether it administers this organization.
    pub fn administers(&self, organization: OrganizationId) -> bool {
        self.user.is_superuser || self.organizations.iter().any(|it| it.id == organization && it.is_admin)
    }

    /// Whether it administers this team, itself or through its organization.
    pub fn administers_team(&self, team: TeamId, organization: OrganizationId) -> bool {
        self.administers(organization) || self.teams.iter().any(|it| it.team.id == team && it.team.is_admin)
    }

    /// Whether it administers any organization.
    pub fn administers_some(&self) -> bool {
        self.user.is_superuser || self.organizations.iter().any(|it| it.is_admin)
    }
}

/// Whose rules a request is judged by, where the contracts differ in who may do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charter {
    /// The platform's: applications are the administrators' business (AAP contract section A4).
    #[default]
    Platform,
    /// The controller's: applications are the business of their organization (AWX contract sections A4 and
    /// A5), and an explicit `Authorization` goes before a session.
    Controller,
}

/// How a principal showed itself.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// By a live session.
    Session(Arc<Session>),
    /// By an access token.
    Token(TokenId),
    /// By name and password in this very request.
    Password,
    /// By being able to write the data directory.
    Operator,
}

/// The verified user that a request acts for.
#[derive(Clone, Debug)]
pub struct Principal {
    /// The user and its roles.
    pub subject: Arc<Subject>,
    /// How far this request reaches: a token's scope, or everything.
    pub scope: Scope,
    /// How it showed itself.
    pub evidence: Evidence,
    /// Whose rules its request is judged by.
    pub charter: Charter,
    /// The number of the tenant that a provider acts for in this request; none is for itself.
    pub tenant: Option<Arc<str>>,
}

impl Principal {
    /// The user.
    pub fn user(&self) -> &User {
        &self.subject.user
    }

    /// Whether the request may do something that only administrators may.
    pub fn is_superuser(&self) -> bool {
        self.subject.user.is_superuser
    }
}
