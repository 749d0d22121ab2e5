//! Policy: who may call a service.

use super::principal::{Principal, Subject};

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
    /// The policy of these rules; what is no rule lets nobody in.
    pub fn parse(rules: &[String]) -> Self {
        let mut policy = Self::default();
        for rule in rules {
            policy.add(rule);
        }
        policy
    }

    /// Adds one rule: `everybody`, `administrators`, `user:NAME`, `team:NAME` or `team:ORGANIZATION/NAME`;
    /// whether it is one.
    pub fn add(&mut self, rule: &str) -> bool {
        match rule.split_once(':') {
            None if rule == "everybody" => self.everybody = true,
            None if rule == "administrators" => self.administrators = true,
            Some(("user", name)) if !name.is_empty() => self.users.push(name.to_owned()),
            Some(("team", name)) if !name.is_empty() && !name.starts_with('/') && !name.ends_with('/') => {
                self.teams.push(name.to_owned());
            }
            _ => return false,
        }
        true
    }

    /// Whether this principal may call. Nothing matching means no.
    pub fn allows(&self, principal: &Principal) -> bool {
        self.allows_subject(&principal.subject)
    }

    /// Whether this user may, whatever its request shows. Nothing matching means no.
    pub fn allows_subject(&self, subject: &Subject) -> bool {
        self.everybody
            || (self.administrators && subject.user.is_superuser)
            || self.users.contains(&subject.user.username)
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
