//! Groups as this contract shows them: three that mean something, and the teams of the organization `Default`.

use identity::model::principal::Subject;

use super::super::wire::admin as wire;

/// The groups of a user, the weightiest first.
pub fn groups_of(subject: &Subject) -> Vec<String> {
    let mut groups = Vec::new();
    if subject.user.is_superuser {
        groups.push(wire::NETADMIN.to_owned());
    }
    if subject.is_auditor {
        groups.push(wire::OPERATOR.to_owned());
    }
    let teams = subject.teams.iter().filter(|it| {
        let is_ours = it.team.is_member && it.organization_name == wire::ORGANIZATION;
        // A team that is called like one of the three is none of them.
        is_ours && !wire::FIXED.contains(&it.team.name.as_str())
    });
    groups.extend(teams.map(|it| it.team.name.clone()));
    if groups.is_empty() {
        // Whoever is in no group is in the one that gives nothing.
        groups.push(wire::BASIC.to_owned());
    }
    groups
}
