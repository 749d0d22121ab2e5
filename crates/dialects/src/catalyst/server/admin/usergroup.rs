//! Groups (contract section A.7): three that are always there, and the teams of one organization.

use http::StatusCode;
use identity::action::TeamFields;
use identity::model::object::{Noun, OrganizationId, TeamId};
use identity::{Invalid, Refusal, Violation};
use serde_json::Value;

use super::super::answer;
use super::account::{DESCRIPTION_MAX, GROUP_NAME_MAX};
use super::call::{Call, Outcome, Stop, invalid, no_group, wrong};
use super::given::Given;
use crate::catalyst::wire::admin::{self as wire, Task, field};

/// Most tasks of a group.
const TASKS_MAX: usize = 500;
/// Longest name of a feature, in characters.
const FEATURE_MAX: usize = 128;

/// The groups, for those who may read everything.
pub(super) async fn list(call: &Call<'_>) -> Outcome {
    call.must_read()?;
    let teams = match call.organization().await? {
        Some(organization) => call.authority().list_groups(call.principal(), organization).await?,
        None => Vec::new(),
    };
    let mut groups = fixed();
    let own = teams.iter().filter(|(team, _)| !wire::looks_fixed(&team.name));
    groups.extend(own.map(|(team, annex)| wire::Group {
        name: &team.name,
        description: &team.description,
        tasks: annex.as_deref().and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default(),
    }));
    Ok(call.data(&groups))
}

/// Makes a group. Its tasks are kept and come back as they were sent; no right comes from them.
pub(super) async fn create(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let given = Given::of(call)?;
    let name = given.required(field::GROUP_NAME, GROUP_NAME_MAX)?;
    if wire::looks_fixed(&name) {
        return Err(fixed_group(&name));
    }
    if name.trim() != name {
        return Err(invalid("groupName must not begin or end with a space"));
    }
    let description = given.text(field::GROUP_DESCRIPTION, DESCRIPTION_MAX)?;
    let tasks = tasks(&given)?;
    let organization = organization(call).await?;
    let fields = TeamFields { name: Some(name.clone()), organization: Some(organization.0), description };
    match call.authority().create_group(call.context(), call.principal(), fields, tasks).await {
        Err(Refusal::Invalid(Invalid { violation: Violation::DuplicateTogether(_), .. })) => {
            let details = format!("A group with name {name} exists already");
            Err(wrong(StatusCode::BAD_REQUEST, "Create group request failed", &details, wire::TAKEN))
        }
        outcome => {
            outcome?;
            Ok(answer::done())
        }
    }
}

/// Changes a group's description and tasks.
pub(super) async fn update(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let team = find(call).await?;
    let given = Given::of(call)?;
    if given.text(field::GROUP_NAME, GROUP_NAME_MAX)?.is_some_and(|name| name != call.name()) {
        return Err(invalid("groupName must be the name in the path"));
    }
    let description = given.text(field::GROUP_DESCRIPTION, DESCRIPTION_MAX)?;
    let tasks = tasks(&given)?;
    let fields = TeamFields { description, ..TeamFields::default() };
    call.authority().update_group(call.context(), call.principal(), team, fields, tasks).await?;
    Ok(answer::done())
}

/// Removes a group. Its users stay.
pub(super) async fn remove(call: &Call<'_>) -> Outcome {
    call.must_manage()?;
    let team = find(call).await?;
    call.authority().remove_account(call.context(), call.principal(), Noun::Team, team.0).await?;
    Ok(answer::done())
}

/// The groups that are always there. What they may do is said in the contract's words where it has some.
fn fixed() -> Vec<wire::Group<'static>> {
    let task = |write| Task { feature: wire::MANAGE_USERS.to_owned(), enabled: true, read: true, write };
    vec![
        wire::Group {
            name: wire::NETADMIN,
            description: "Administrators: they read and change everything",
            tasks: vec![task(true)],
        },
        wire::Group {
            name: wire::OPERATOR,
            description: "Operators: they read everything",
            tasks: vec![task(false)],
        },
        wire::Group { name: wire::BASIC, description: "Nothing special", tasks: Vec::new() },
    ]
}

fn fixed_group(name: &str) -> Stop {
    let details = format!("The group {name} is always there and cannot be changed or removed");
    wrong(StatusCode::BAD_REQUEST, "Group request failed", &details, wire::FIXED_GROUP)
}

async fn organization(call: &Call<'_>) -> Result<OrganizationId, Stop> {
    let found = call.organization().await?;
    found.ok_or_else(|| invalid("The organization that has the groups is gone"))
}

/// The group that the path names.
async fn find(call: &Call<'_>) -> Result<TeamId, Stop> {
    let name = call.name();
    // One of another door that only looks like one of these can be removed.
    if wire::FIXED.contains(&name) {
        return Err(fixed_group(name));
    }
    let found = match call.organization().await? {
        Some(organization) => call.authority().find_group(organization, name).await?,
        None => None,
    };
    found.ok_or_else(|| no_group(StatusCode::NOT_FOUND, name))
}

/// The tasks of a body as they are kept; none if it has none.
fn tasks(given: &Given<'_>) -> Result<Option<String>, Stop> {
    let Some(list) = given.list(field::TASKS, TASKS_MAX)? else { return Ok(None) };
    let tasks = list.iter().map(task).collect::<Result<Vec<Task>, Stop>>()?;
    Ok(serde_json::to_string(&tasks).ok())
}

fn task(value: &Value) -> Result<Task, Stop> {
    let given = Given::from(value, "A task")?;
    Ok(Task {
        feature: given.required(field::FEATURE, FEATURE_MAX)?,
        enabled: given.flag(field::ENABLED)?.unwrap_or(false),
        read: given.flag(field::READ)?.unwrap_or(false),
        write: given.flag(field::WRITE)?.unwrap_or(false),
    })
}
