//! Groups as this contract shows them: three that mean something, and the teams of the organization `Default`.

use identity::model::principal::Subject;

use super::super::wire::admin as wire;

/// The groups of a user, the weightiest first.
pub fn groups_of(subject: &Subject) -> Vec<String> {
    let teams =
        subject.teams.iter().filter(|it| it.team.is_member && it.organization_name == wire::ORGANIZATION);
    names(subject.user.is_superuser, subject.is_auditor, teams.map(|it| it.team.name.as_str()))
}

/// The groups of somebody who is or is not a superuser and an auditor, and belongs to such teams.
pub fn names<'a>(is_superuser: bool, is_auditor: bool, teams: impl Iterator<Item = &'a str>) -> Vec<String> {
    let fixed = [(is_superuser, wire::NETADMIN), (is_auditor, wire::OPERATOR)];
    let fixed = fixed.into_iter().filter(|(is_in, _)| *is_in).map(|(_, name)| name);
    // A team that is called like one of the fixed groups is none of them.
    let teams = teams.filter(|name| !wire::looks_fixed(name));
    let mut groups: Vec<String> = fixed.chain(teams).map(str::to_owned).collect();
    if groups.is_empty() {
        // Whoever is in no group is in the one that gives nothing.
        groups.push(wire::BASIC.to_owned());
    }
    groups
}
