//! Names and shapes of the administrators' endpoints: users, groups, sessions, settings, tenants.

use serde::{Deserialize, Serialize};

/// The group of administrators.
pub const NETADMIN: &str = "netadmin";
/// The group of those who may read everything.
pub const OPERATOR: &str = "operator";
/// The group that gives nothing special.
pub const BASIC: &str = "basic";
/// The groups that are always there and always the same.
pub const FIXED: [&str; 3] = [NETADMIN, OPERATOR, BASIC];

/// Whether somebody could take a name for one of those: not everybody looks at capitals.
pub fn looks_fixed(name: &str) -> bool {
    FIXED.iter().any(|it| it.eq_ignore_ascii_case(name.trim()))
}
/// The organization whose teams are the other groups.
pub const ORGANIZATION: &str = "Default";
/// The name of the administrator that an installation is made with.
pub const DEFAULT_ADMIN: &str = "admin";

/// The users (contract section A.7).
pub const USERS: &str = "/dataservice/admin/user";
/// One user.
pub const USER: &str = "/dataservice/admin/user/{userName}";
/// A user's password.
pub const USER_PASSWORD: &str = "/dataservice/admin/user/password/{userName}";
/// One's own password.
pub const OWN_PASSWORD: &str = "/dataservice/admin/user/profile/password";
/// The password of the administrator that an installation is made with.
pub const ADMIN_PASSWORD: &str = "/dataservice/admin/user/admin/password";
/// Opens an account that failures have closed.
pub const UNLOCK: &str = "/dataservice/admin/user/reset";
/// Closes an account; deprecated in the contract.
pub const LOCK: &str = "/dataservice/admin/user/lockUser/{userName}";
/// Whether one is an administrator.
pub const ROLE: &str = "/dataservice/admin/user/role";
/// Who keeps one's password.
pub const AUTH_TYPE: &str = "/dataservice/admin/user/userAuthType";
/// The groups.
pub const GROUPS: &str = "/dataservice/admin/usergroup";
/// One group.
pub const GROUP: &str = "/dataservice/admin/usergroup/{groupName}";
/// The live sessions (contract section A.8).
pub const ACTIVE_SESSIONS: &str = "/dataservice/admin/user/activeSessions";
/// Ends sessions.
pub const REMOVE_SESSIONS: &str = "/dataservice/admin/user/removeSessions";
/// The overall timeout of sessions (contract section B).
pub const LIFE_TIME: &str = "/dataservice/settings/configuration/sessionLifeTime";
/// The inactivity timeout of sessions.
pub const SERVER_TIMEOUT: &str = "/dataservice/settings/configuration/serverSessionTimeout";
/// The inactivity timeout of the vendor's pages.
pub const CLIENT_TIMEOUT: &str = "/dataservice/settings/configuration/clientSessionTimeout";
/// The same, for everybody to read.
pub const CLIENT_TIMEOUT_READ: &str = "/dataservice/settings/clientSessionTimeout";
/// How many sessions a user may have.
pub const SESSIONS_PER_USER: &str = "/dataservice/settings/configuration/maxSessionsPerUser";
/// The password policy of the vendor's pages.
pub const PASSWORD_POLICY: &str = "/dataservice/settings/configuration/passwordPolicy";
/// The tenants (contract section A.9).
pub const TENANTS: &str = "/dataservice/tenant";
/// What a provider sends to act for a tenant.
pub const TENANT_SESSION: &str = "/dataservice/tenant/{tenantId}/vsessionid";

/// The code of a user that is not there, which is the one of the contract (section C).
pub const NO_USER: &str = "USER0006";
/// The code of a group that is not there.
pub const NO_GROUP: &str = "USER0007";
/// The code of a group that is always the same.
pub const FIXED_GROUP: &str = "USER0008";
/// The code of a name that is taken.
pub const TAKEN: &str = "USER0009";
/// The code of a password that is not the current one.
pub const WRONG_PASSWORD: &str = "USER0010";
/// The code of the deprecated lock.
pub const NO_LOCK: &str = "USER0011";
/// The code of a tenant that is not there.
pub const NO_TENANT: &str = "TENT0001";

/// The feature that manages users, as groups name it.
pub const MANAGE_USERS: &str = "Manage Users";
/// Who keeps the passwords: we do.
pub const LOCAL: &str = "local";
/// The language of users that have none.
pub const LOCALE: &str = "en_US";
/// The resource group of users that have none, up to release 20.12.
pub const RESOURCE_GROUP: &str = "global";
/// The resource domain of users that have none, from release 20.13.
pub const RESOURCE_DOMAIN: &str = "all";

/// A user as it is listed.
#[derive(Debug, Serialize)]
pub struct User<'a> {
    /// Its name.
    #[serde(rename = "userName")]
    pub name: &'a str,
    /// Its groups.
    pub group: Vec<String>,
    /// What the contract has beside that.
    #[serde(flatten)]
    pub about: About,
}

/// What the contract knows of a user and nobody else does; kept with the user as it was sent.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct About {
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Its resource group, up to release 20.12.
    #[serde(rename = "resGroupName", skip_serializing_if = "Option::is_none")]
    pub resource_group: Option<String>,
    /// Its resource domain, from release 20.13.
    #[serde(rename = "resourceDomainName", skip_serializing_if = "Option::is_none")]
    pub resource_domain: Option<String>,
}

/// Whether one is an administrator.
#[derive(Debug, Serialize)]
pub struct Role {
    /// Whether.
    #[serde(rename = "isAdmin")]
    pub is_admin: bool,
}

/// Who keeps one's password.
#[derive(Debug, Serialize)]
pub struct AuthType {
    /// Who.
    #[serde(rename = "userAuthType")]
    pub kind: &'static str,
}

/// A group as it is listed.
#[derive(Debug, Serialize)]
pub struct Group<'a> {
    /// Its name.
    #[serde(rename = "groupName")]
    pub name: &'a str,
    /// What it is.
    #[serde(rename = "groupDesc")]
    pub description: &'a str,
    /// What it may do with features of a Manager. Kept as it was sent, without effect here.
    pub tasks: Vec<Task>,
}

/// What a group may do with a feature.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Task {
    /// The feature.
    pub feature: String,
    /// Whether the group has it at all.
    pub enabled: bool,
    /// Whether it may look at it.
    pub read: bool,
    /// Whether it may change it.
    pub write: bool,
}

/// A live session as it is listed. Nothing in it opens anything.
#[derive(Debug, Serialize)]
pub struct ActiveSession<'a> {
    /// The session's number in the form of a UUID.
    pub uuid: String,
    /// The address that signed in.
    #[serde(rename = "sourceIp")]
    pub source: &'a str,
    /// The same.
    #[serde(rename = "remoteHost")]
    pub host: &'a str,
    /// Whose it is.
    #[serde(rename = "rawUserName")]
    pub username: &'a str,
    /// The session's number.
    #[serde(rename = "rawId")]
    pub number: String,
    /// The domain of the tenant.
    #[serde(rename = "tenantDomain")]
    pub domain: &'static str,
    /// The groups of its user: a list, in quotes.
    #[serde(rename = "userGroup")]
    pub groups: String,
    /// `tenant` or `provider`.
    #[serde(rename = "userMode")]
    pub mode: &'static str,
    /// When it began, in milliseconds since 1970.
    #[serde(rename = "createDateTime")]
    pub created_at: i64,
    /// The tenant.
    #[serde(rename = "tenantId")]
    pub tenant: &'static str,
    /// When it was used last, in milliseconds since 1970.
    #[serde(rename = "lastAccessedTime")]
    pub used_at: i64,
}

/// What was done, in a sentence.
#[derive(Debug, Serialize)]
pub struct Message {
    /// It.
    pub message: String,
}

/// A tenant as it is listed.
#[derive(Debug, Serialize)]
pub struct Tenant<'a> {
    /// Its number.
    #[serde(rename = "tenantId")]
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// What it is.
    #[serde(rename = "desc")]
    pub description: &'a str,
    /// Its organization.
    #[serde(rename = "orgName")]
    pub organization: &'a str,
    /// Its subdomain.
    #[serde(rename = "subDomain")]
    pub subdomain: &'a str,
}

/// What a provider sends to act for a tenant.
#[derive(Debug, Serialize)]
pub struct TenantSession {
    /// The tenant in base64.
    #[serde(rename = "VSessionId")]
    pub value: String,
}

/// The fields of bodies.
pub mod field {
    /// A user's name.
    pub const USER_NAME: &str = "userName";
    /// A password.
    pub const PASSWORD: &str = "password";
    /// The password of who asks.
    pub const CURRENT_PASSWORD: &str = "currentUserPassword";
    /// One's old password.
    pub const OLD_PASSWORD: &str = "oldpassword";
    /// One's new password.
    pub const NEW_PASSWORD: &str = "newpassword";
    /// One's old password, in the words of the pages.
    pub const OLD_PASSWORD_CAMEL: &str = "oldPassword";
    /// One's new password, in the words of the pages.
    pub const NEW_PASSWORD_CAMEL: &str = "newPassword";
    /// A user's groups.
    pub const GROUP: &str = "group";
    /// A user's description.
    pub const DESCRIPTION: &str = "description";
    /// A user's language.
    pub const LOCALE: &str = "locale";
    /// A user's resource group.
    pub const RESOURCE_GROUP: &str = "resGroupName";
    /// A user's resource domain.
    pub const RESOURCE_DOMAIN: &str = "resourceDomainName";
    /// A group's name.
    pub const GROUP_NAME: &str = "groupName";
    /// A group's description.
    pub const GROUP_DESCRIPTION: &str = "groupDesc";
    /// A group's tasks.
    pub const TASKS: &str = "tasks";
    /// A task's feature.
    pub const FEATURE: &str = "feature";
    /// Whether a task is on.
    pub const ENABLED: &str = "enabled";
    /// Whether a task reads.
    pub const READ: &str = "read";
    /// Whether a task writes.
    pub const WRITE: &str = "write";
    /// What most bodies are wrapped in.
    pub const DATA: &str = "data";
    /// A session's number in the form of a UUID.
    pub const UUID: &str = "uuid";
    /// A session's number.
    pub const RAW_ID: &str = "rawId";
}

/// Settings: the name in the body, and ours.
pub mod setting {
    /// Minutes of a session.
    pub const LIFE_TIME: (&str, &str) = ("sessionLifeTime", "catalyst.sessionLifeTime");
    /// Minutes without use.
    pub const SERVER_TIMEOUT: (&str, &str) = ("serverSessionTimeout", "catalyst.serverSessionTimeout");
    /// Sessions of a user.
    pub const SESSIONS_PER_USER: (&str, &str) = ("maxSessionsPerUser", "catalyst.maxSessionsPerUser");
    /// Whether the pages sign out who rests.
    pub const IS_ENABLED: &str = "isEnabled";
    /// After how many minutes.
    pub const TIMEOUT: (&str, &str) = ("timeout", "catalyst.clientSessionTimeout");
    /// The password policy.
    pub const POLICY: (&str, &str) = ("passwordPolicy", "catalyst.passwordPolicy");
    /// Days after which a password is too old.
    pub const EXPIRATION: (&str, &str) = ("passwordExpirationTime", "catalyst.passwordExpirationTime");
    /// The words of the password policy.
    pub const POLICIES: [&str; 3] = ["disabled", "mediumSecurity", "highSecurity"];
    /// The policy that is meant by `false`.
    pub const POLICY_OFF: &str = "disabled";
    /// How the policy that is meant by `true` is kept.
    pub const POLICY_ON: &str = "true";
}
