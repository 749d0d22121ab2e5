//! Settings: what administrators change while the gateway runs (contract section D). Each has a kind, a
//! default and a section; a change is validated, stored, and effective at once.

use jiff::SignedDuration;

use super::pace::Rate;
use super::policy::Policy;

mod controller;
mod doors;
mod session;
mod table;
mod validate;

pub use validate::validate;

/// What a setting holds, and within which limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SettingKind {
    /// A text.
    Text,
    /// A text that is shown as `$encrypted$`.
    Secret,
    /// `http` or `https` URL, or nothing.
    Url,
    /// `http` or `https` URL, an absolute path, or nothing.
    UrlOrPath,
    /// A whole number between these two.
    Integer(i64, i64),
    /// A number of at least this.
    Float(f64),
    /// True or false.
    Boolean,
    /// A list of origins such as `https://portal.example`.
    Origins,
    /// A `data:` URL of a GIF, PNG or JPEG, or nothing.
    Image,
    /// An HTTP header's name.
    HeaderName,
    /// A list of the names under which a request's address is found, such as `REMOTE_ADDR` or
    /// `HTTP_X_FORWARDED_FOR` (AWX contract section E1).
    AddressKeys,
    /// A list of addresses, networks and host names.
    Peers,
    /// A list of rules about who is meant, as [`Policy::parse`] reads them.
    Rules,
}

/// A setting's value.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// Several texts.
    List(Vec<String>),
}

/// Where a setting is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// How the gateway stands in front of its services.
    Proxy,
    /// Everything that is not elsewhere.
    Configuration,
    /// What the vendor's analytics use; stored for clients, without effect here.
    Analytics,
    /// What only AWX's contract has. Named with its prefix, and shown at that door alone.
    Controller,
    /// What only Catalyst Manager's contract has.
    Manager,
    /// What only Apprenda's contract has.
    Cloud,
    /// What no contract has.
    Own,
}

impl Section {
    /// Those of the platform's contract.
    pub const ALL: [Self; 3] = [Self::Proxy, Self::Configuration, Self::Analytics];

    /// Its word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Configuration => "configuration",
            Self::Analytics => "analytics",
            Self::Controller => "controller",
            Self::Manager => "manager",
            Self::Cloud => "cloud",
            Self::Own => "own",
        }
    }
}

/// A default, as a constant can hold it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DefaultValue {
    /// A text.
    Text(&'static str),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// Several texts.
    List(&'static [&'static str]),
}

/// What there is to know about one setting.
#[derive(Debug)]
pub struct Definition {
    /// Its name, in the exact case of the contract.
    pub name: &'static str,
    /// What it holds.
    pub kind: SettingKind,
    /// What it holds while nobody has set it.
    pub default: DefaultValue,
    /// Where it is grouped.
    pub section: Section,
    /// Whether nobody may set it.
    pub is_read_only: bool,
    /// What it does, in a sentence.
    pub help: &'static str,
}

impl Definition {
    /// Its default as a value.
    pub fn default_value(&self) -> SettingValue {
        match self.default {
            DefaultValue::Text(text) => SettingValue::Text(text.to_owned()),
            DefaultValue::Integer(number) => SettingValue::Integer(number),
            DefaultValue::Float(number) => SettingValue::Float(number),
            DefaultValue::Boolean(flag) => SettingValue::Boolean(flag),
            DefaultValue::List(texts) => {
                SettingValue::List(texts.iter().map(|&text| text.to_owned()).collect())
            }
        }
    }
}

/// All settings, in the order in which they are listed.
pub fn definitions() -> impl Iterator<Item = &'static Definition> {
    table::PLATFORM.iter().chain(controller::CONTROLLER).chain(doors::DOORS)
}

/// The definition of a setting.
pub fn definition(name: &str) -> Option<&'static Definition> {
    definitions().find(|definition| definition.name == name)
}

/// All settings at one moment, with those that decisions need ready at hand.
#[derive(Clone, Debug)]
pub struct Settings {
    values: Vec<SettingValue>,
    /// Whether Basic is accepted.
    pub is_basic_enabled: bool,
    /// Overall timeout of a new session.
    pub session_overall_timeout: SignedDuration,
    /// Inactivity timeout of a new session of AWX's contract.
    pub session_inactivity_timeout: SignedDuration,
    /// Most sessions of AWX's contract that a user may have; none is without limit.
    pub sessions_max: Option<u32>,
    /// Life of a new access token, if it is not what the configuration says.
    pub token_life: Option<SignedDuration>,
    /// Life of an authorization code.
    pub code_life: SignedDuration,
    /// Life of a refresh token, from its own beginning.
    pub refresh_life: SignedDuration,
    /// Whether users of external sources may make tokens.
    pub allows_external_tokens: bool,
    /// How many requests of Catalyst Manager's contract each user may make.
    pub manager_rate: Rate,
    /// How many of them may ask for bulk data.
    pub manager_bulk_rate: Rate,
    /// Whether only Platform Operators get into Apprenda's Platform Operations API.
    pub is_operations_guarded: bool,
    /// The Platform Operators.
    pub platform_operators: Policy,
    /// Further origins whose pages may use sessions.
    pub trusted_origins: Vec<String>,
    /// Rules for new passwords.
    pub password_min_length: i64,
    /// Fewest digits.
    pub password_min_digits: i64,
    /// Fewest upper-case letters.
    pub password_min_upper: i64,
    /// Fewest other characters.
    pub password_min_special: i64,
    /// Whether administrators may break those rules.
    pub allows_insecure_by_admin: bool,
    /// Whether administrators of organizations may create users and teams.
    pub manages_organization_auth: bool,
    /// Whether administrators of organizations see all users.
    pub org_admins_see_all_users: bool,
    /// Objects on a page by default.
    pub page_size_default: u64,
    /// Most objects on a page.
    pub page_size_max: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self::with(|_| None)
    }
}

impl Settings {
    /// The settings with these values; what is `None` has its default. Values of a wrong kind count as
    /// not set: validation has refused them at the door.
    pub fn with(stored: impl Fn(&str) -> Option<SettingValue>) -> Self {
        let values: Vec<SettingValue> = definitions()
            .map(|definition| {
                let default = definition.default_value();
                stored(definition.name)
                    .filter(|value| std::mem::discriminant(value) == std::mem::discriminant(&default))
                    .unwrap_or(default)
            })
            .collect();
        let mut settings = Self {
            values,
            is_basic_enabled: false,
            session_overall_timeout: SignedDuration::ZERO,
            session_inactivity_timeout: SignedDuration::ZERO,
            sessions_max: None,
            token_life: None,
            code_life: SignedDuration::ZERO,
            refresh_life: SignedDuration::ZERO,
            allows_external_tokens: false,
            manager_rate: Rate { requests: 0, period: SignedDuration::from_secs(1) },
            manager_bulk_rate: Rate { requests: 0, period: SignedDuration::from_secs(60) },
            is_operations_guarded: true,
            platform_operators: Policy::default(),
            trusted_origins: Vec::new(),
            password_min_length: 0,
            password_min_digits: 0,
            password_min_upper: 0,
            password_min_special: 0,
            allows_insecure_by_admin: false,
            manages_organization_auth: false,
            org_admins_see_all_users: false,
            page_size_default: 0,
            page_size_max: 0,
        };
        settings.is_basic_enabled = settings.boolean("gateway_basic_auth_enabled");
        settings.session_overall_timeout = SignedDuration::from_secs(settings.integer("SESSION_COOKIE_AGE"));
        settings.session_inactivity_timeout = settings.seconds("awx.SESSION_COOKIE_AGE");
        settings.code_life = settings.seconds("oauth2.AUTHORIZATION_CODE_EXPIRE_SECONDS");
        settings.refresh_life = settings.seconds("oauth2.REFRESH_TOKEN_EXPIRE_SECONDS");
        settings.token_life =
            Some(settings.seconds("oauth2.ACCESS_TOKEN_EXPIRE_SECONDS")).filter(SignedDuration::is_positive);
        settings.sessions_max = u32::try_from(settings.integer("awx.SESSIONS_PER_USER")).ok();
        settings.allows_external_tokens = settings.boolean("ALLOW_OAUTH2_FOR_EXTERNAL_USERS");
        settings.manager_rate.requests = settings.count("catalyst.requestsPerSecond");
        settings.manager_bulk_rate.requests = settings.count("catalyst.bulkRequestsPerMinute");
        settings.is_operations_guarded = settings.boolean("apprenda.soc_authentication");
        settings.platform_operators = Policy::parse(settings.texts("apprenda.platform_operators"));
        settings.trusted_origins = settings.texts("CSRF_TRUSTED_ORIGINS").to_vec();
        settings.password_min_length = settings.integer("password_min_length");
        settings.password_min_digits = settings.integer("password_min_digits");
        settings.password_min_upper = settings.integer("password_min_upper");
        settings.password_min_special = settings.integer("password_min_special");
        settings.allows_insecure_by_admin = settings.boolean("allow_admins_to_set_insecure");
        settings.manages_organization_auth = settings.boolean("MANAGE_ORGANIZATION_AUTH");
        settings.org_admins_see_all_users = settings.boolean("ORG_ADMINS_CAN_SEE_ALL_USERS");
        settings.page_size_default = settings.integer("DEFAULT_PAGE_SIZE").unsigned_abs();
        settings.page_size_max = settings.integer("MAX_PAGE_SIZE").unsigned_abs();
        settings
    }

    /// The value of a setting; none if there is no such setting.
    pub fn get(&self, name: &str) -> Option<&SettingValue> {
        definitions().position(|it| it.name == name).and_then(|place| self.values.get(place))
    }

    /// A whole number; 0 if there is no such setting.
    pub fn integer(&self, name: &str) -> i64 {
        match self.get(name) {
            Some(SettingValue::Integer(number)) => *number,
            _ => 0,
        }
    }

    fn seconds(&self, name: &str) -> SignedDuration {
        SignedDuration::from_secs(self.integer(name))
    }

    fn count(&self, name: &str) -> u32 {
        u32::try_from(self.integer(name)).unwrap_or(0)
    }

    /// A flag; false if there is no such setting.
    pub fn boolean(&self, name: &str) -> bool {
        matches!(self.get(name), Some(SettingValue::Boolean(true)))
    }

    /// Several texts; none if there is no such setting.
    pub fn texts(&self, name: &str) -> &[String] {
        match self.get(name) {
            Some(SettingValue::List(texts)) => texts,
            _ => &[],
        }
    }

    /// A text; empty if there is no such setting.
    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(SettingValue::Text(text)) => text,
            _ => "",
        }
    }
}
