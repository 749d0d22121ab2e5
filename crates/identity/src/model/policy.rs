//! Policy: who may call a service.

use super::principal::Principal;

/// Who may call a service (`allow` of a `[[service]]`). The first rule that matches says yes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Everybody who showed who they are.
    pub everybody: bool,
    /// Users that administer everything.
    pub administrators: bool,
    /// Users by name.
    pub users: Vec<String>,
    /// Members and administrators of teams, by `team` or `organization/team`.
    pub teams: Vec<String>,
}

impl Policy {
    /// Whether this principal may call. Nothing matching means no.
    pub fn allows(&self, principal: &Principal) -> bool {
        let subject = &principal.subject;
        self.everybody
            || (self.administrators && subject.user.is_superuser)
            || self.users.iter().any(|name| *name == subject.user.username)
            || self.teams.iter().any(|wanted| {
                subject.teams.iter().any(|it| match wanted.split_once('/') {
                    Some((organization, team)) => {
                        it.organization_name == organization && it.team.name == team
                    }
                    None => it.team.name == *wanted,
                })
            })
    }
}
