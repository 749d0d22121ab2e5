//! People: users and who vouches for them, organizations, teams, and who belongs to what.

use std::collections::{BTreeSet, HashMap};

use identity::model::import::{
    External, ExternalKind, MembershipRecord, OrganizationRecord, TeamRecord, UserRecord,
};
use identity::model::object::StableId;
use identity::model::role::ManagedRole;
use identity::port::PasswordHash;

use super::collect::{Collector, instant, instant_or_epoch};
use super::source::Row;
use crate::password;

/// The name of the role that reads everything.
const AUDITOR: &str = "system_auditor";

/// What it means to be a member of a role.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meaning {
    role: ManagedRole,
    object: Option<i64>,
}

impl Collector {
    pub(crate) fn user(&mut self, row: &Row) -> Option<()> {
        let number = row.number("id")?;
        let username = row.text("username")?.to_owned();
        let kept = row.text("password")?;
        let password = password::imported(kept);
        let is_unusable = kept.is_empty() || kept.starts_with('!');
        if is_unusable {
            self.unusable.insert(number);
        }
        let is_unknown = password.is_none() && !is_unusable;
        self.users.push(UserRecord {
            number,
            stable_id: None,
            username,
            email: row.text_or_empty("email"),
            first_name: row.text_or_empty("first_name"),
            last_name: row.text_or_empty("last_name"),
            is_superuser: row.flag("is_superuser")?,
            is_enabled: row.flag("is_active")?,
            password: password.map(PasswordHash),
            lacks: is_unknown
                .then_some("imported without a password: its hash has a form that is not known here"),
            external: None,
            created_at: instant_or_epoch(row, "date_joined"),
            last_login_at: row.text("last_login").and_then(instant),
        });
        Some(())
    }

    pub(crate) fn profile(&mut self, row: &Row) -> Option<()> {
        let name = row.text("ldap_dn").filter(|it| !it.is_empty());
        let user = row.number("user_id")?;
        if let Some(name) = name {
            self.directory_names.insert(user, name.to_owned());
        }
        Some(())
    }

    pub(crate) fn social(&mut self, row: &Row) -> Option<()> {
        let uid = format!("{}:{}", row.text("provider")?, row.text("uid")?);
        let external = External { kind: ExternalKind::Social, uid };
        self.social.entry(row.number("user_id")?).or_insert(external);
        Some(())
    }

    pub(crate) fn enterprise(&mut self, row: &Row) -> Option<()> {
        let provider = row.text("provider")?.to_owned();
        self.enterprise.entry(row.number("user_id")?).or_insert(provider);
        Some(())
    }

    pub(crate) fn organization(&mut self, row: &Row) -> Option<()> {
        let number = row.number("id")?;
        self.means(row, "admin_role_id", ManagedRole::OrganizationAdmin, number);
        self.means(row, "member_role_id", ManagedRole::OrganizationMember, number);
        self.organizations.push(OrganizationRecord {
            number,
            stable_id: None,
            name: row.text("name")?.to_owned(),
            description: row.text_or_empty("description"),
            created_at: instant_or_epoch(row, "created"),
        });
        Some(())
    }

    pub(crate) fn team(&mut self, row: &Row) -> Option<()> {
        let number = row.number("id")?;
        let organization = row.number("organization_id")?;
        self.means(row, "admin_role_id", ManagedRole::TeamAdmin, number);
        self.means(row, "member_role_id", ManagedRole::TeamMember, number);
        self.teams.push(TeamRecord {
            number,
            stable_id: None,
            organization,
            name: row.text("name")?.to_owned(),
            description: row.text_or_empty("description"),
            created_at: instant_or_epoch(row, "created"),
        });
        Some(())
    }

    fn means(&mut self, row: &Row, column: &str, role: ManagedRole, object: i64) {
        if let Some(number) = row.number(column) {
            self.roles.insert(number, Meaning { role, object: Some(object) });
        }
    }

    pub(crate) fn role(&mut self, row: &Row) -> Option<()> {
        let number = row.number("id")?;
        if row.text("singleton_name") == Some(AUDITOR) {
            self.roles.insert(number, Meaning { role: ManagedRole::PlatformAuditor, object: None });
        }
        Some(())
    }

    pub(crate) fn role_member(&mut self, row: &Row) -> Option<()> {
        self.role_members.push((row.number("role_id")?, row.number("user_id")?));
        Some(())
    }

    pub(crate) fn definition(&mut self, row: &Row) -> Option<()> {
        self.definitions.insert(row.number("id")?, row.text("name")?.to_owned());
        Some(())
    }

    pub(crate) fn assignment(&mut self, row: &Row) -> Option<()> {
        let object = match row.text("object_id") {
            None | Some("") => None,
            // Some kinds of objects have no numbers; none of them is an organization or a team.
            Some(text) => Some(text.parse().unwrap_or(-1)),
        };
        self.assignments.push((row.number("role_definition_id")?, row.number("user_id")?, object));
        Some(())
    }

    pub(crate) fn content_type(&mut self, row: &Row) -> Option<()> {
        self.content_types.insert(row.number("id")?, row.text("model")?.to_owned());
        Some(())
    }

    pub(crate) fn resource(&mut self, row: &Row) -> Option<()> {
        let kind = row.number("content_type_id")?;
        let stable_id = row.text("ansible_id").and_then(uuid);
        if let (Some(number), Some(stable_id)) = (row.number("object_id"), stable_id) {
            self.resources.push((kind, number, stable_id));
        }
        Some(())
    }
}

/// A UUID in lower-case hyphenated form.
fn uuid(text: &str) -> Option<StableId> {
    let is_well_formed = text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    is_well_formed.then(|| StableId(text.to_ascii_lowercase()))
}

/// Gives users, organizations and teams the names under which AWX's own services know them.
pub(crate) fn name_for_ever(collector: &mut Collector) {
    let kinds = &collector.content_types;
    let mut names: HashMap<(&str, i64), StableId> = HashMap::new();
    for (kind, number, stable_id) in std::mem::take(&mut collector.resources) {
        if let Some(kind @ ("user" | "organization" | "team")) = kinds.get(&kind).map(String::as_str) {
            names.insert((kind, number), stable_id);
        }
    }
    for it in &mut collector.users {
        it.stable_id = names.remove(&("user", it.number));
    }
    for it in &mut collector.organizations {
        it.stable_id = names.remove(&("organization", it.number));
    }
    for it in &mut collector.teams {
        it.stable_id = names.remove(&("team", it.number));
    }
}

/// Finds out who else vouches for each user (AWX contract section D8): the later word overrides the earlier.
pub(crate) fn vouch(collector: &mut Collector) {
    for user in &mut collector.users {
        let is_unusable = collector.unusable.contains(&user.number);
        let directory = collector.directory_names.remove(&user.number).filter(|_| is_unusable);
        let directory = directory.map(|uid| External { kind: ExternalKind::Ldap, uid });
        let social = collector.social.remove(&user.number);
        let enterprise = collector.enterprise.remove(&user.number).map(|provider| External {
            kind: ExternalKind::Enterprise,
            uid: format!("{provider}:{}", user.username),
        });
        user.external = enterprise.or(social).or(directory);
        if is_unusable && user.external.is_none() {
            user.lacks = Some("imported without a password: they have none there");
        }
    }
}

/// Who belongs to what. AWX 24.6.1 keeps it twice, in its own roles and in those of django-ansible-base, and
/// lets in whom either of them names; so does this.
pub(crate) fn memberships(collector: &Collector) -> Vec<MembershipRecord> {
    let mut found = BTreeSet::new();
    for (number, user) in &collector.role_members {
        if let Some(Meaning { role, object }) = collector.roles.get(number) {
            found.insert(MembershipRecord { role: *role, object: *object, user: *user });
        }
    }
    for (definition, user, object) in &collector.assignments {
        let role = collector.definitions.get(definition).and_then(|name| role_of(name));
        // A role on an object needs one, and the role over everything must have none.
        if let Some(role) = role.filter(|role| role.target().is_some() == object.is_some()) {
            found.insert(MembershipRecord { role, object: *object, user: *user });
        }
    }
    found.into_iter().collect()
}

/// The role of this name. AWX says `Controller` before the names of roles that the platform has too.
fn role_of(name: &str) -> Option<ManagedRole> {
    let name = name.strip_prefix("Controller ").unwrap_or(name);
    if name == "System Auditor" {
        return Some(ManagedRole::PlatformAuditor);
    }
    ManagedRole::ALL.into_iter().find(|role| role.name() == name)
}
