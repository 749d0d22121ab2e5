//! Imports: what another installation knew, in neutral words, and what is taken over from it.
//!
//! The numbers in these records are the other installation's: they tie the records to each other and are
//! never kept.

pub mod summary;

use jiff::Timestamp;

use super::application::{ClientType, GrantType};
use super::object::StableId;
use super::role::ManagedRole;
use super::scope::Scope;
use super::secret::Digest;
use super::user::{SYSTEM_USERNAME, User};
use crate::port::PasswordHash;
use summary::{Kind, Summary};

/// Most rows of one table that are read.
pub const ROWS_MAX: u64 = 1_000_000;

/// All that is to be taken over.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Users.
    pub users: Vec<UserRecord>,
    /// Organizations.
    pub organizations: Vec<OrganizationRecord>,
    /// Teams.
    pub teams: Vec<TeamRecord>,
    /// Roles of users.
    pub memberships: Vec<MembershipRecord>,
    /// Applications.
    pub applications: Vec<ApplicationRecord>,
    /// Access tokens.
    pub tokens: Vec<TokenRecord>,
    /// Refresh tokens.
    pub refresh_tokens: Vec<RefreshTokenRecord>,
    /// What there is to say about it so far.
    pub summary: Summary,
}

/// A user of the other installation.
#[derive(Clone, Debug)]
pub struct UserRecord {
    /// Its number there.
    pub number: i64,
    /// The name that services know it by, if it has one there.
    pub stable_id: Option<StableId>,
    /// The name it signs in with.
    pub username: String,
    /// Its e-mail address, or nothing.
    pub email: String,
    /// Its first name, or nothing.
    pub first_name: String,
    /// Its last name, or nothing.
    pub last_name: String,
    /// Whether it administers everything.
    pub is_superuser: bool,
    /// Whether it may sign in.
    pub is_enabled: bool,
    /// Its password's hash, in a form that a verifier here knows.
    pub password: Option<PasswordHash>,
    /// Why it comes without a password and with nobody else who vouches for it, if it does: it is told of those
    /// who are taken over.
    pub lacks: Option<&'static str>,
    /// Who else vouches for it.
    pub external: Option<External>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it signed in last.
    pub last_login_at: Option<Timestamp>,
}

/// Who else vouches for a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// What kind of list.
    pub kind: ExternalKind,
    /// The user's name in it.
    pub uid: String,
}

/// The kinds of user lists that AWX tells apart (AWX contract section D8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExternalKind {
    /// A directory.
    Ldap,
    /// A site with an account of the user.
    Social,
    /// RADIUS, TACACS+ or SAML.
    Enterprise,
}

impl ExternalKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ldap, Self::Social, Self::Enterprise];

    /// Its word, which is also the name of the authenticator that stands for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ldap => "ldap",
            Self::Social => "social",
            Self::Enterprise => "enterprise",
        }
    }
}

/// An organization of the other installation.
#[derive(Clone, Debug)]
pub struct OrganizationRecord {
    /// Its number there.
    pub number: i64,
    /// The name that services know it by, if it has one there.
    pub stable_id: Option<StableId>,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A team of the other installation.
#[derive(Clone, Debug)]
pub struct TeamRecord {
    /// Its number there.
    pub number: i64,
    /// The name that services know it by, if it has one there.
    pub stable_id: Option<StableId>,
    /// Its organization's number there.
    pub organization: i64,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A role of a user in the other installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MembershipRecord {
    /// The role.
    pub role: ManagedRole,
    /// The organization's or the team's number there; none for a role over everything.
    pub object: Option<i64>,
    /// The user's number there.
    pub user: i64,
}

/// An application of the other installation.
#[derive(Clone, Debug)]
pub struct ApplicationRecord {
    /// Its number there.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// The public name it shows itself with.
    pub client_id: String,
    /// Its secret as it is kept here; none if it could not be read.
    pub secret: Option<ClientSecretHash>,
    /// Whether it can keep a secret.
    pub client_type: ClientType,
    /// How it gets tokens.
    pub grant_type: GrantType,
    /// Where answers may be sent, separated by spaces.
    pub redirect_uris: String,
    /// Where a browser may be sent after signing out, separated by spaces.
    pub post_logout_redirect_uris: String,
    /// How identity tokens are signed.
    pub algorithm: String,
    /// Whether the user is not asked for consent.
    pub skip_authorization: bool,
    /// Where a person finds it.
    pub app_url: Option<String>,
    /// Its organization's number there.
    pub organization: i64,
    /// Its owner's number there.
    pub user: Option<i64>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An application's secret as it is kept: `$sha256$` and hexadecimal, or a password hash. Its `Debug` shows
/// nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecretHash(pub String);

impl std::fmt::Debug for ClientSecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientSecretHash(…)")
    }
}

/// An access token of the other installation.
#[derive(Clone, Debug)]
pub struct TokenRecord {
    /// Its number there.
    pub number: i64,
    /// The digest of its value.
    pub digest: Digest,
    /// Its user's number there.
    pub user: i64,
    /// Its application's number there; none for a personal token.
    pub application: Option<i64>,
    /// Free text.
    pub description: String,
    /// How far it reaches.
    pub scope: Scope,
    /// When its life ends.
    pub expires_at: Timestamp,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A refresh token of the other installation that was neither used nor revoked.
#[derive(Clone, Debug)]
pub struct RefreshTokenRecord {
    /// The digest of its value.
    pub digest: Digest,
    /// Its user's number there.
    pub user: i64,
    /// Its application's number there.
    pub application: i64,
    /// The number there of the access token it came with.
    pub token: i64,
    /// How far its tokens reach.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Snapshot {
    /// Takes out what cannot be taken over whatever is there already, and says so in the summary.
    pub fn sift(&mut self, now: Timestamp) {
        let Self { users, organizations, teams, applications, tokens, refresh_tokens, summary, .. } = self;
        users.retain(|it| keep(summary, Kind::User, user_reason(it), &it.username));
        organizations.retain(|it| keep(summary, Kind::Organization, name_reason(&it.name, 512), &it.name));
        teams.retain(|it| keep(summary, Kind::Team, name_reason(&it.name, 512), &it.name));
        applications.retain(|it| {
            let reason = name_reason(&it.name, 255).or_else(|| client_id_reason(&it.client_id));
            keep(summary, Kind::Application, reason, &it.name)
        });
        tokens.retain(|it| {
            let reason = (it.expires_at <= now).then_some("their life is over");
            keep(summary, Kind::Token, reason, "")
        });
        // What is made in the future was made by a wrong clock; nothing here may be older than now.
        for it in tokens.iter_mut() {
            it.created_at = it.created_at.min(now);
        }
        for it in refresh_tokens.iter_mut() {
            it.created_at = it.created_at.min(now);
        }
    }
}

fn keep(summary: &mut Summary, kind: Kind, reason: Option<&'static str>, name: &str) -> bool {
    if let Some(reason) = reason {
        summary.skip(kind, reason, name);
    }
    reason.is_none()
}

fn user_reason(it: &UserRecord) -> Option<&'static str> {
    if it.username == SYSTEM_USERNAME {
        return Some("the system's own user is not replaced");
    }
    let is_long = [&it.email, &it.first_name, &it.last_name].iter().any(|text| text.chars().count() > 254);
    if is_long { Some("a name or an address is too long") } else { name_reason(&it.username, 150) }
}

fn name_reason(name: &str, most: usize) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("the name is empty")
    } else if name.chars().count() > most {
        Some("the name is too long")
    } else if name.chars().any(char::is_control) {
        Some("the name has control characters")
    } else {
        None
    }
}

fn client_id_reason(client_id: &str) -> Option<&'static str> {
    let is_plain = (1..=100).contains(&client_id.len()) && client_id.bytes().all(|it| it.is_ascii_graphic());
    (!is_plain).then_some("the client_id is empty, too long, or not of plain characters")
}

/// A user that is here already, as the record of the same name would have it. An administrator here stays
/// one and stays enabled: an import must not lock its operator out.
pub fn overwritten(user: &User, record: &UserRecord) -> User {
    let is_administrator = user.is_superuser && user.is_enabled;
    User {
        email: record.email.clone(),
        first_name: record.first_name.clone(),
        last_name: record.last_name.clone(),
        is_superuser: record.is_superuser || is_administrator,
        is_enabled: record.is_enabled || is_administrator,
        ..user.clone()
    }
}

#[cfg(test)]
mod tests;
