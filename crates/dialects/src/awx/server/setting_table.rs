//! The settings of the contract by section, and which stored settings they are (contract section A8).
//!
//! A setting that the platform's contract has too is one stored setting under two names.

use identity::model::setting::{Definition, definition};
use serde_json::{Value, json};

/// One setting of the contract.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The word of its section.
    pub slug: &'static str,
    /// What it is here.
    pub holds: Holds,
    /// Whether a body that replaces its section must name it.
    pub is_required: bool,
}

/// What a setting of the contract is here.
#[derive(Clone, Copy, Debug)]
pub enum Holds {
    /// A stored setting of this name.
    Stored(&'static str),
    /// The address under which people reach the controller: this stored setting, or what the request says.
    Base(&'static str),
    /// The three lives of what applications get, in one object.
    Lives,
    /// Always the same. What is written is overlooked, as the contract does with what it only shows.
    Shown(fn() -> Value),
    /// Always nothing: another value is refused, because nobody would act on it.
    Nothing,
}

impl Key {
    /// The definition of the stored setting that it is, if it is one.
    pub fn definition(&self) -> Option<&'static Definition> {
        match self.holds {
            Holds::Stored(name) | Holds::Base(name) => definition(name),
            Holds::Lives | Holds::Shown(_) | Holds::Nothing => None,
        }
    }

    /// Whether clients only read it.
    pub fn is_read_only(&self) -> bool {
        matches!(self.holds, Holds::Shown(_)) || self.definition().is_some_and(|it| it.is_read_only)
    }
}

/// The lives in the object [`Holds::Lives`], in its order: name there and name of the stored setting.
pub const LIVES: [(&str, &str); 3] = [
    ("ACCESS_TOKEN_EXPIRE_SECONDS", "oauth2.ACCESS_TOKEN_EXPIRE_SECONDS"),
    ("REFRESH_TOKEN_EXPIRE_SECONDS", "oauth2.REFRESH_TOKEN_EXPIRE_SECONDS"),
    ("AUTHORIZATION_CODE_EXPIRE_SECONDS", "oauth2.AUTHORIZATION_CODE_EXPIRE_SECONDS"),
];

const fn key(name: &'static str, slug: &'static str, stored: &'static str) -> Key {
    Key { name, slug, holds: Holds::Stored(stored), is_required: false }
}

const fn needed(name: &'static str, slug: &'static str, stored: &'static str) -> Key {
    Key { is_required: true, ..key(name, slug, stored) }
}

const fn held(name: &'static str, slug: &'static str, holds: Holds) -> Key {
    Key { name, slug, holds, is_required: false }
}

const AUTHENTICATION: &str = "authentication";
const SYSTEM: &str = "system";
const UI: &str = "ui";
const NAMED_URL: &str = "named-url";

/// The sections: word in addresses, and name.
pub const SECTIONS: [(&str, &str); 6] = [
    (ALL, "All"),
    (AUTHENTICATION, "Authentication"),
    (CHANGED, "Changed"),
    (NAMED_URL, "Named URL"),
    (SYSTEM, "System"),
    (UI, "UI"),
];

/// The section that stands for all of them.
pub const ALL: &str = "all";
/// The section of what differs from its default.
pub const CHANGED: &str = "changed";

/// All settings, in the order of their sections' answers.
pub static KEYS: &[Key] = &[
    needed("SESSION_COOKIE_AGE", AUTHENTICATION, "awx.SESSION_COOKIE_AGE"),
    needed("SESSIONS_PER_USER", AUTHENTICATION, "awx.SESSIONS_PER_USER"),
    needed("DISABLE_LOCAL_AUTH", AUTHENTICATION, "awx.DISABLE_LOCAL_AUTH"),
    needed("AUTH_BASIC_ENABLED", AUTHENTICATION, "gateway_basic_auth_enabled"),
    held("OAUTH2_PROVIDER", AUTHENTICATION, Holds::Lives),
    key("ALLOW_OAUTH2_FOR_EXTERNAL_USERS", AUTHENTICATION, "ALLOW_OAUTH2_FOR_EXTERNAL_USERS"),
    key("LOGIN_REDIRECT_OVERRIDE", AUTHENTICATION, "LOGIN_REDIRECT_OVERRIDE"),
    key("ALLOW_METRICS_FOR_ANONYMOUS_USERS", AUTHENTICATION, "awx.ALLOW_METRICS_FOR_ANONYMOUS_USERS"),
    held(
        "AUTHENTICATION_BACKENDS",
        AUTHENTICATION,
        Holds::Shown(|| json!(["awx.main.backends.AWXModelBackend"])),
    ),
    held("SOCIAL_AUTH_ORGANIZATION_MAP", AUTHENTICATION, Holds::Nothing),
    held("SOCIAL_AUTH_TEAM_MAP", AUTHENTICATION, Holds::Nothing),
    held("SOCIAL_AUTH_USER_FIELDS", AUTHENTICATION, Holds::Nothing),
    key("SOCIAL_AUTH_USERNAME_IS_FULL_EMAIL", AUTHENTICATION, "SOCIAL_AUTH_USERNAME_IS_FULL_EMAIL"),
    key("LOCAL_PASSWORD_MIN_LENGTH", AUTHENTICATION, "password_min_length"),
    key("LOCAL_PASSWORD_MIN_DIGITS", AUTHENTICATION, "password_min_digits"),
    key("LOCAL_PASSWORD_MIN_UPPER", AUTHENTICATION, "password_min_upper"),
    key("LOCAL_PASSWORD_MIN_SPECIAL", AUTHENTICATION, "password_min_special"),
    key("ACTIVITY_STREAM_ENABLED", SYSTEM, "awx.ACTIVITY_STREAM_ENABLED"),
    key(
        "ACTIVITY_STREAM_ENABLED_FOR_INVENTORY_SYNC",
        SYSTEM,
        "awx.ACTIVITY_STREAM_ENABLED_FOR_INVENTORY_SYNC",
    ),
    key("ORG_ADMINS_CAN_SEE_ALL_USERS", SYSTEM, "ORG_ADMINS_CAN_SEE_ALL_USERS"),
    key("MANAGE_ORGANIZATION_AUTH", SYSTEM, "MANAGE_ORGANIZATION_AUTH"),
    held("TOWER_URL_BASE", SYSTEM, Holds::Base("awx.TOWER_URL_BASE")),
    key("REMOTE_HOST_HEADERS", SYSTEM, "awx.REMOTE_HOST_HEADERS"),
    key("PROXY_IP_ALLOWED_LIST", SYSTEM, "awx.PROXY_IP_ALLOWED_LIST"),
    key("CSRF_TRUSTED_ORIGINS", SYSTEM, "CSRF_TRUSTED_ORIGINS"),
    key("REDHAT_USERNAME", SYSTEM, "REDHAT_USERNAME"),
    key("REDHAT_PASSWORD", SYSTEM, "REDHAT_PASSWORD"),
    key("SUBSCRIPTIONS_USERNAME", SYSTEM, "SUBSCRIPTIONS_USERNAME"),
    key("SUBSCRIPTIONS_PASSWORD", SYSTEM, "SUBSCRIPTIONS_PASSWORD"),
    key("INSIGHTS_TRACKING_STATE", SYSTEM, "INSIGHTS_TRACKING_STATE"),
    key("AUTOMATION_ANALYTICS_GATHER_INTERVAL", SYSTEM, "AUTOMATION_ANALYTICS_GATHER_INTERVAL"),
    key("CUSTOM_LOGIN_INFO", UI, "custom_login_info"),
    key("CUSTOM_LOGO", UI, "custom_logo"),
    key("MAX_UI_JOB_EVENTS", UI, "awx.MAX_UI_JOB_EVENTS"),
    key("UI_LIVE_UPDATES_ENABLED", UI, "awx.UI_LIVE_UPDATES_ENABLED"),
    held("NAMED_URL_FORMATS", NAMED_URL, Holds::Shown(named_urls)),
];

/// How objects are named in addresses (contract section 1.1).
fn named_urls() -> Value {
    json!({
        "organizations": "<name>",
        "teams": "<name>++<organization.name>",
        "applications": "<name>++<organization.name>",
        "users": "<username>",
    })
}
