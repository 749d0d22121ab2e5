//! Settings: what administrators change while the gateway runs (contract section D). Each has a kind, a
//! default and a section; a change is validated, stored, and effective at once.

use jiff::SignedDuration;

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
}

impl Section {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Proxy, Self::Configuration, Self::Analytics];

    /// Its word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Configuration => "configuration",
            Self::Analytics => "analytics",
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
    /// An empty list.
    EmptyList,
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
            DefaultValue::EmptyList => SettingValue::List(Vec::new()),
        }
    }
}

const FOREVER: i64 = 30_000_000_000;

const fn setting(
    name: &'static str,
    kind: SettingKind,
    default: DefaultValue,
    section: Section,
    help: &'static str,
) -> Definition {
    Definition { name, kind, default, section, is_read_only: false, help }
}

const fn fixed(
    name: &'static str,
    kind: SettingKind,
    default: DefaultValue,
    section: Section,
    help: &'static str,
) -> Definition {
    Definition { name, kind, default, section, is_read_only: true, help }
}

use DefaultValue as D;
use Section::{Analytics, Configuration, Proxy};
use SettingKind as K;

/// All settings, in the order in which they are listed.
pub static DEFINITIONS: &[Definition] = &[
    setting(
        "gateway_token_name",
        K::HeaderName,
        D::Text("X-DAB-JW-TOKEN"),
        Proxy,
        "Name of the header that carries the identity token to components.",
    ),
    setting(
        "gateway_access_token_expiration",
        K::Integer(10, 86_400),
        D::Integer(600),
        Proxy,
        "Life of an identity token in seconds.",
    ),
    setting(
        "gateway_basic_auth_enabled",
        K::Boolean,
        D::Boolean(true),
        Proxy,
        "Whether a user name and password are accepted in the Authorization header.",
    ),
    setting(
        "gateway_proxy_url",
        K::Url,
        D::Text("https://localhost:9080"),
        Proxy,
        "Address under which clients reach the gateway.",
    ),
    setting(
        "gateway_proxy_url_ignore_cert",
        K::Boolean,
        D::Boolean(false),
        Proxy,
        "Whether the certificate behind gateway_proxy_url is not verified.",
    ),
    fixed(
        "jwt_private_key",
        K::Secret,
        D::Text(""),
        Proxy,
        "Private key of identity tokens. Kept in the data directory, never shown.",
    ),
    fixed("jwt_public_key", K::Text, D::Text(""), Proxy, "Public key of identity tokens, PEM."),
    setting(
        "jwt_expiration_buffer_in_seconds",
        K::Integer(0, 600),
        D::Integer(15),
        Proxy,
        "An identity token is not reused in its last so many seconds.",
    ),
    setting(
        "status_endpoint_backend_timeout_seconds",
        K::Integer(1, 300),
        D::Integer(5),
        Proxy,
        "How long the status page waits for each component.",
    ),
    setting(
        "status_endpoint_backend_verify",
        K::Boolean,
        D::Boolean(true),
        Proxy,
        "Whether the status page verifies components' certificates.",
    ),
    setting(
        "resource_client_request_timeout",
        K::Float(0.0),
        D::Float(10.0),
        Proxy,
        "Wait for requests to components' resource lists, in seconds.",
    ),
    setting(
        "request_timeout",
        K::Integer(1, 604_800),
        D::Integer(30),
        Proxy,
        "How long a component may take to begin its answer, in seconds; 504 after it.",
    ),
    setting(
        "idle_timeout",
        K::Integer(1, 86_400),
        D::Integer(15),
        Proxy,
        "How long a forwarded body may rest, in seconds. A service can only lengthen it.",
    ),
    setting(
        "trusted_header_timeout",
        K::Integer(100, 10_000),
        D::Integer(1000),
        Proxy,
        "Life of the proxy's signature on a request, in milliseconds.",
    ),
    setting(
        "password_min_length",
        K::Integer(0, 100),
        D::Integer(0),
        Configuration,
        "Fewest characters of a new local password.",
    ),
    setting(
        "password_min_digits",
        K::Integer(0, 100),
        D::Integer(0),
        Configuration,
        "Fewest digits of a new local password.",
    ),
    setting(
        "password_min_upper",
        K::Integer(0, 100),
        D::Integer(0),
        Configuration,
        "Fewest upper-case letters of a new local password.",
    ),
    setting(
        "password_min_special",
        K::Integer(0, 100),
        D::Integer(0),
        Configuration,
        "Fewest characters of a new local password that are neither letters nor digits.",
    ),
    setting(
        "allow_admins_to_set_insecure",
        K::Boolean,
        D::Boolean(false),
        Configuration,
        "Whether administrators may give passwords that break the rules.",
    ),
    setting(
        "LOGIN_REDIRECT_OVERRIDE",
        K::UrlOrPath,
        D::Text(""),
        Configuration,
        "Where a browser that must sign in is sent instead of the login page.",
    ),
    setting("custom_login_info", K::Text, D::Text(""), Configuration, "Text on the login page."),
    setting(
        "custom_logo",
        K::Image,
        D::Text(""),
        Configuration,
        "Logo on the login page, as a data URL of a GIF, PNG or JPEG.",
    ),
    setting(
        "SOCIAL_AUTH_USERNAME_IS_FULL_EMAIL",
        K::Boolean,
        D::Boolean(false),
        Configuration,
        "Whether users of external sources are named by their full address.",
    ),
    setting(
        "SESSION_COOKIE_AGE",
        K::Integer(60, FOREVER),
        D::Integer(900),
        Configuration,
        "Overall timeout of a session in seconds, counted from sign-in.",
    ),
    setting(
        "DEFAULT_PAGE_SIZE",
        K::Integer(1, 1_000_000),
        D::Integer(50),
        Configuration,
        "Objects on a page when the request does not say.",
    ),
    setting(
        "MAX_PAGE_SIZE",
        K::Integer(1, 1_000_000),
        D::Integer(200),
        Configuration,
        "Most objects on a page, whatever the request says.",
    ),
    setting(
        "CSRF_TRUSTED_ORIGINS",
        K::Origins,
        D::EmptyList,
        Configuration,
        "Further origins whose pages may use sessions.",
    ),
    fixed(
        "AAP_DEPLOYMENT_TYPE",
        K::Text,
        D::Text("self-managed"),
        Configuration,
        "Who runs this installation.",
    ),
    setting(
        "MANAGE_ORGANIZATION_AUTH",
        K::Boolean,
        D::Boolean(true),
        Configuration,
        "Whether administrators of organizations may create users and teams.",
    ),
    setting(
        "ORG_ADMINS_CAN_SEE_ALL_USERS",
        K::Boolean,
        D::Boolean(true),
        Configuration,
        "Whether administrators of organizations see all users.",
    ),
    setting(
        "ALLOW_OAUTH2_FOR_EXTERNAL_USERS",
        K::Boolean,
        D::Boolean(false),
        Configuration,
        "Whether users of external sources may create tokens.",
    ),
    setting(
        "INSIGHTS_TRACKING_STATE",
        K::Boolean,
        D::Boolean(true),
        Analytics,
        "Stored for clients; nothing is gathered.",
    ),
    setting(
        "RED_HAT_CONSOLE_URL",
        K::Url,
        D::Text("https://console.redhat.com"),
        Analytics,
        "Stored for clients; nothing is sent.",
    ),
    setting("REDHAT_USERNAME", K::Text, D::Text(""), Analytics, "Stored for clients; not used."),
    setting("REDHAT_PASSWORD", K::Secret, D::Text(""), Analytics, "Stored for clients; not used."),
    setting("SUBSCRIPTIONS_USERNAME", K::Text, D::Text(""), Analytics, "Stored for clients; not used."),
    setting("SUBSCRIPTIONS_PASSWORD", K::Secret, D::Text(""), Analytics, "Stored for clients; not used."),
    setting(
        "AUTOMATION_ANALYTICS_GATHER_INTERVAL",
        K::Integer(1800, FOREVER),
        D::Integer(14_400),
        Analytics,
        "Stored for clients; nothing is gathered.",
    ),
    fixed(
        "NOTIFICATION_RSS_FEED_URL",
        K::Text,
        D::Text(""),
        Configuration,
        "Address of a news feed. This gateway has none.",
    ),
    setting(
        "NOTIFICATION_RSS_FEED_ENABLED",
        K::Boolean,
        D::Boolean(true),
        Configuration,
        "Stored for clients; no feed is read.",
    ),
    fixed(
        "RUNTIME_FEATURE_FLAGS",
        K::Boolean,
        D::Boolean(false),
        Configuration,
        "Whether feature flags can be changed while running.",
    ),
    fixed(
        "RUNTIME_FEATURE_FLAGS_UI",
        K::Boolean,
        D::Boolean(false),
        Configuration,
        "Whether the user interface shows feature flags.",
    ),
];

/// The definition of a setting.
pub fn definition(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.name == name)
}

/// All settings at one moment, with those that decisions need ready at hand.
#[derive(Clone, Debug)]
pub struct Settings {
    values: Vec<SettingValue>,
    /// Whether Basic is accepted.
    pub is_basic_enabled: bool,
    /// Overall timeout of a new session.
    pub session_overall_timeout: SignedDuration,
    /// Whether users of external sources may make tokens.
    pub allows_external_tokens: bool,
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
        let values: Vec<SettingValue> = DEFINITIONS
            .iter()
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
            allows_external_tokens: false,
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
        settings.allows_external_tokens = settings.boolean("ALLOW_OAUTH2_FOR_EXTERNAL_USERS");
        if let Some(SettingValue::List(origins)) = settings.get("CSRF_TRUSTED_ORIGINS") {
            settings.trusted_origins = origins.clone();
        }
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
        DEFINITIONS.iter().position(|it| it.name == name).and_then(|place| self.values.get(place))
    }

    /// A whole number; 0 if there is no such setting.
    pub fn integer(&self, name: &str) -> i64 {
        match self.get(name) {
            Some(SettingValue::Integer(number)) => *number,
            _ => 0,
        }
    }

    /// A flag; false if there is no such setting.
    pub fn boolean(&self, name: &str) -> bool {
        matches!(self.get(name), Some(SettingValue::Boolean(true)))
    }

    /// A text; empty if there is no such setting.
    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(SettingValue::Text(text)) => text,
            _ => "",
        }
    }
}

/// Whether a value of the right type lies within its setting's limits; the reason if not.
pub fn validate(definition: &Definition, value: &SettingValue) -> Result<(), String> {
    match (definition.kind, value) {
        (K::Integer(least, _), SettingValue::Integer(number)) if *number < least => {
            Err(format!("Ensure this value is greater than or equal to {least}."))
        }
        (K::Integer(_, most), SettingValue::Integer(number)) if *number > most => {
            Err(format!("Ensure this value is less than or equal to {most}."))
        }
        (K::Float(least), SettingValue::Float(number)) if !number.is_finite() || *number < least => {
            Err(format!("Ensure this value is greater than or equal to {least}."))
        }
        (K::Text | K::Secret, SettingValue::Text(text)) if text.len() > 65_536 => {
            Err("Ensure this field has no more than 65536 characters.".to_owned())
        }
        (K::Url, SettingValue::Text(text)) if !text.is_empty() && !is_url(text) => {
            Err("Enter a valid URL.".to_owned())
        }
        (K::UrlOrPath, SettingValue::Text(text)) if !text.is_empty() && !is_url(text) && !is_path(text) => {
            Err("Enter a valid URL or an absolute path.".to_owned())
        }
        (K::Origins, SettingValue::List(origins)) => match origins.iter().find(|origin| !is_origin(origin)) {
            Some(wrong) => Err(format!("{wrong} is not an origin such as https://portal.example.com.")),
            None => Ok(()),
        },
        (K::Image, SettingValue::Text(text)) if !text.is_empty() && !is_image(text) => {
            Err("Must be a data URL of a GIF, PNG or JPEG image in base64, at most 1 MiB long.".to_owned())
        }
        (K::HeaderName, SettingValue::Text(text)) if !is_identity_header(text) => {
            Err("Must be the name of an identity header: letters, digits and hyphens, beginning with X-."
                .to_owned())
        }
        _ => Ok(()),
    }
}

fn is_url(text: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| {
        text.strip_prefix(scheme).is_some_and(|rest| {
            !rest.is_empty()
                && !rest.starts_with('/')
                && rest.len() <= 2000
                && rest.chars().all(|it| it.is_ascii_graphic() && !matches!(it, '"' | '<' | '>' | '\\'))
        })
    })
}

fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= 2000
        && text.chars().all(|it| it.is_ascii_graphic() && !matches!(it, '"' | '<' | '>' | '\\'))
}

fn is_origin(text: &str) -> bool {
    is_url(text) && text.split_once("://").is_some_and(|(_, host)| !host.contains(['/', '?', '#', '@']))
}

fn is_image(text: &str) -> bool {
    let body = ["data:image/gif;base64,", "data:image/png;base64,", "data:image/jpeg;base64,"]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix));
    body.is_some_and(|body| {
        body.len() <= 1_048_576
            && !body.is_empty()
            && body.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'/' | b'='))
    })
}

fn is_identity_header(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.strip_prefix("x-").is_some_and(|rest| !rest.is_empty() && !rest.starts_with("forwarded"))
        && text.len() <= 64
        && lower != "x-trusted-proxy"
        && lower != "x-request-id"
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
}
