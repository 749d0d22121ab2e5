//! Users as this contract has them: three groups that mean something, teams, and what only this contract knows.

use http::StatusCode;
use identity::action::{Account, TeamChoice};
use identity::model::object::TeamId;
use serde_json::Value;

use super::super::group;
use super::call::{Call, Stop, invalid, no_group};
use super::given::Given;
use crate::catalyst::wire::admin::{self as wire, About, field};

/// Most groups of a user in one request.
const GROUPS_MAX: usize = 200;
/// Longest name of a group, in characters.
pub(super) const GROUP_NAME_MAX: usize = 512;
/// Longest description, in characters.
pub(super) const DESCRIPTION_MAX: usize = 1024;
/// Longest of the other texts, in characters.
const WORD_MAX: usize = 256;

/// What the groups of a user say about it.
pub(super) struct Groups {
    /// Whether it is a superuser.
    pub(super) is_superuser: bool,
    /// Whether it reads everything.
    pub(super) is_auditor: bool,
    /// The teams that it belongs to.
    pub(super) teams: Option<TeamChoice>,
}

impl Groups {
    /// The groups that a body names; none if it names none. A group that is not there is refused.
    pub(super) async fn read(call: &Call<'_>, given: &Given<'_>) -> Result<Option<Self>, Stop> {
        let Some(names) = given.list(field::GROUP, GROUPS_MAX)? else { return Ok(None) };
        let organization = call.organization().await?;
        let mut groups = Self { is_superuser: false, is_auditor: false, teams: None };
        let mut teams: Vec<TeamId> = Vec::new();
        for name in names {
            let name = name.as_str().ok_or_else(|| invalid("group must be a list of names"))?;
            match name {
                wire::NETADMIN => groups.is_superuser = true,
                wire::OPERATOR => groups.is_auditor = true,
                wire::BASIC => {}
                name => {
                    let found = match organization {
                        Some(organization) => call.authority().find_group(organization, name).await?,
                        None => None,
                    };
                    teams.push(found.ok_or_else(|| no_group(StatusCode::BAD_REQUEST, name))?);
                }
            }
        }
        groups.teams = organization.map(|organization| TeamChoice { organization, teams });
        Ok(Some(groups))
    }
}

/// The groups of an account.
pub(super) fn groups_of(account: &Account) -> Vec<String> {
    group::names(account.user.is_superuser, account.is_auditor, account.teams.iter().map(String::as_str))
}

/// What only this contract knows of an account. Who was made at another door is described by its name.
pub(super) fn about(account: &Account, version: &str) -> About {
    let mut about = kept(account.annex.as_deref());
    let user = &account.user;
    about
        .description
        .get_or_insert_with(|| format!("{} {}", user.first_name, user.last_name).trim().to_owned());
    about.locale.get_or_insert_with(|| wire::LOCALE.to_owned());
    if about.resource_group.is_none() && about.resource_domain.is_none() {
        if has_domains(version) {
            about.resource_domain = Some(wire::RESOURCE_DOMAIN.to_owned());
        } else {
            about.resource_group = Some(wire::RESOURCE_GROUP.to_owned());
        }
    }
    about
}

/// What is kept with a user after a change; none if the body says nothing of it.
pub(super) fn annex(given: &Given<'_>, old: Option<&str>) -> Result<Option<String>, Stop> {
    let before = kept(old);
    let said = About {
        description: given.text(field::DESCRIPTION, DESCRIPTION_MAX)?,
        locale: given.text(field::LOCALE, WORD_MAX)?,
        resource_group: given.text(field::RESOURCE_GROUP, WORD_MAX)?,
        resource_domain: given.text(field::RESOURCE_DOMAIN, WORD_MAX)?,
    };
    let all = [&said.description, &said.locale, &said.resource_group, &said.resource_domain];
    if all.into_iter().all(Option::is_none) {
        return Ok(None);
    }
    let after = About {
        description: said.description.or(before.description),
        locale: said.locale.or(before.locale),
        resource_group: said.resource_group.or(before.resource_group),
        resource_domain: said.resource_domain.or(before.resource_domain),
    };
    Ok(serde_json::to_string(&after).ok())
}

fn kept(annex: Option<&str>) -> About {
    let value = annex.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    serde_json::from_value(value).unwrap_or_default()
}

/// Whether a release has resource domains in the place of resource groups.
fn has_domains(version: &str) -> bool {
    let mut numbers = version.split('.').map(|it| it.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (20, 13)
}
