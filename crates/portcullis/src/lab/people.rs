//! Who there is in a laboratory: always the same people with the same password.

use std::time::Duration;

use anyhow::Context as _;
use identity::action::{AssignmentFields, Fields, OrganizationFields, UserFields};
use identity::model::object::{Noun, Object};
use identity::model::role::ManagedRole;
use identity::model::secret::Secret;
use identity::model::setting::SettingValue;

use super::inside::{Inside, refused};
use super::{Options, Platform};

/// The password of everybody. It is no secret: a laboratory keeps nothing that is worth one.
pub const PASSWORD: &str = "lab-password-42";

/// The organizations, which are Apprenda's tenants.
pub const ORGANIZATIONS: [&str; 2] = ["Operations", "Research"];

/// The tenants of Catalyst Manager.
pub const TENANTS: [(&str, &str); 2] =
    [("0d6a3f9c-51c7-4a52-8f0e-6a1d2f3b4c5d", "North"), ("1e7b40ad-62d8-4b63-9a1f-7b2e304c5d6e", "South")];

/// Somebody.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The name.
    pub username: &'static str,
    /// Whether it administers everything.
    pub is_superuser: bool,
    /// Whether it reads everything.
    pub is_auditor: bool,
    /// Whether it may sign in.
    pub is_enabled: bool,
    /// What it belongs to.
    pub organizations: &'static [&'static str],
    /// Who it is, in a few words.
    pub role: &'static str,
}

/// Everybody.
pub const PEOPLE: [Person; 4] = [
    Person {
        username: "admin",
        is_superuser: true,
        is_auditor: false,
        is_enabled: true,
        organizations: &[],
        role: "administers everything",
    },
    Person {
        username: "operator",
        is_superuser: false,
        is_auditor: true,
        is_enabled: true,
        organizations: &["Operations"],
        role: "reads everything, belongs to Operations",
    },
    Person {
        username: "alice",
        is_superuser: false,
        is_auditor: false,
        is_enabled: true,
        organizations: &["Research"],
        role: "an ordinary user, belongs to Research",
    },
    Person {
        username: "bob",
        is_superuser: false,
        is_auditor: false,
        is_enabled: false,
        organizations: &["Research"],
        role: "disabled: cannot sign in",
    },
];

/// Makes everybody, and the rules by which their sessions live.
pub async fn make(inside: &Inside, options: &Options) -> anyhow::Result<()> {
    for name in ORGANIZATIONS {
        let fields = OrganizationFields { name: Some(name.to_owned()), ..OrganizationFields::default() };
        create(inside, Fields::Organization(fields)).await?;
    }
    for person in PEOPLE {
        let fields = UserFields {
            username: Some(person.username.to_owned()),
            email: Some(format!("{}@lab.example", person.username)),
            password: Some(Secret::new(PASSWORD)),
            is_superuser: Some(person.is_superuser),
            is_auditor: Some(person.is_auditor),
            is_enabled: Some(person.is_enabled),
            ..UserFields::default()
        };
        let Object::User(user) = create(inside, Fields::User(fields)).await? else { continue };
        for name in person.organizations {
            let found = inside.authority.find_named(Noun::Organization, name, None).await.map_err(refused)?;
            let assignment = AssignmentFields {
                role: Some(ManagedRole::OrganizationMember.id().0),
                holder: Some(user.id.0),
                object_id: Some(found.with_context(|| format!("there is no organization {name}"))?),
                ..AssignmentFields::default()
            };
            create(inside, Fields::UserAssignment(assignment)).await?;
        }
    }
    inside.set(settings(options)?).await
}

async fn create(inside: &Inside, fields: Fields) -> anyhow::Result<Object> {
    let operator = inside.operator().await?;
    let written =
        inside.authority.create(&inside.context(), &operator, fields, false).await.map_err(refused)?;
    Ok(written.context("nothing was made")?.object)
}

/// How sessions live and how many there may be, in the settings that the platform has for it.
fn settings(options: &Options) -> anyhow::Result<Vec<(&'static str, SettingValue)>> {
    let mut values = Vec::new();
    if options.platform == Platform::Apprenda {
        let operators = ["admin", "operator"].map(|it| format!("user:{it}"));
        values.push(("apprenda.platform_operators", SettingValue::List(operators.to_vec())));
    }
    if let Some(most) = options.sessions_max {
        let names: &[&str] = match options.platform {
            Platform::Aap | Platform::Astra | Platform::Apprenda => &["portcullis.sessions_max"],
            Platform::Awx | Platform::AwxWithoutTokens => &["awx.SESSIONS_PER_USER"],
            Platform::Catalyst => &["catalyst.maxSessions"],
        };
        values.extend(names.iter().map(|name| (*name, SettingValue::Integer(most.into()))));
    }
    let name = options.platform.name();
    if let Some(life) = options.session_life {
        match options.platform {
            Platform::Aap | Platform::Astra => values.push(("SESSION_COOKIE_AGE", seconds(life))),
            Platform::Catalyst => values.push(("catalyst.sessionLifeTime", minutes(life)?)),
            Platform::Apprenda => values.push(("apprenda.session_minutes", minutes(life)?)),
            Platform::Awx | Platform::AwxWithoutTokens => {
                anyhow::bail!("sessions of {name} end only when they rest: use --idle")
            }
        }
    }
    if let Some(idle) = options.idle {
        match options.platform {
            Platform::Awx | Platform::AwxWithoutTokens => {
                values.push(("awx.SESSION_COOKIE_AGE", seconds(idle)));
            }
            Platform::Catalyst => values.push(("catalyst.serverSessionTimeout", minutes(idle)?)),
            Platform::Apprenda => {
                anyhow::ensure!(options.session_life.is_none(), "a session of {name} has one length only");
                values.push(("apprenda.session_minutes", minutes(idle)?));
                values.push(("apprenda.session_is_sliding", SettingValue::Boolean(true)));
            }
            Platform::Aap | Platform::Astra => {
                anyhow::bail!("sessions of {name} do not end when they rest: use --session-life")
            }
        }
    }
    Ok(values)
}

fn seconds(span: Duration) -> SettingValue {
    SettingValue::Integer(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
}

/// Whole minutes, as these contracts count.
fn minutes(span: Duration) -> anyhow::Result<SettingValue> {
    let seconds = span.as_secs();
    anyhow::ensure!(
        seconds.is_multiple_of(60),
        "this platform counts in whole minutes: {seconds} s are none"
    );
    Ok(SettingValue::Integer(i64::try_from(seconds / 60)?))
}
