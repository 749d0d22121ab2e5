//! Collecting: keeps what the rows of all tables say, until all are read and can be put together.

use std::collections::{HashMap, HashSet};

use identity::model::import::summary::Summary;
use identity::model::import::{
    ApplicationRecord, External, MembershipRecord, OrganizationRecord, RefreshTokenRecord, Snapshot,
    TeamRecord, TokenRecord, UserRecord,
};
use identity::model::object::StableId;
use jiff::Timestamp;

use super::grants::RefreshRow;
use super::schema::{Table, TableId};
use super::source::{AwxError, Row, Sink};
use super::{grants, people};

/// What is said of a row that cannot be read.
pub(crate) const BROKEN: &str = "the row cannot be read";

/// What the rows say so far.
#[derive(Default)]
pub(crate) struct Collector {
    pub(crate) users: Vec<UserRecord>,
    /// Users whose password nobody can have (`!` and random characters).
    pub(crate) unusable: HashSet<i64>,
    pub(crate) directory_names: HashMap<i64, String>,
    pub(crate) social: HashMap<i64, External>,
    pub(crate) enterprise: HashMap<i64, String>,
    pub(crate) organizations: Vec<OrganizationRecord>,
    pub(crate) teams: Vec<TeamRecord>,
    /// What it means to be a member of the role of this number.
    pub(crate) roles: HashMap<i64, people::Meaning>,
    pub(crate) role_members: Vec<(i64, i64)>,
    pub(crate) definitions: HashMap<i64, String>,
    /// Role definition, user, object.
    pub(crate) assignments: Vec<(i64, i64, Option<i64>)>,
    /// The names of the kinds of objects.
    pub(crate) content_types: HashMap<i64, String>,
    /// Kind of object and number, and the object's stable name.
    pub(crate) resources: Vec<(i64, i64, StableId)>,
    pub(crate) applications: Vec<ApplicationRecord>,
    pub(crate) tokens: Vec<TokenRecord>,
    pub(crate) refresh_tokens: Vec<RefreshRow>,
    pub(crate) summary: Summary,
}

impl Sink for Collector {
    fn begin(&mut self, _: &'static Table) -> Result<(), AwxError> {
        Ok(())
    }

    fn row(&mut self, row: Row) -> Result<(), AwxError> {
        let is_read = match row.table.id {
            TableId::Users => self.user(&row),
            TableId::Profiles => self.profile(&row),
            TableId::Social => self.social(&row),
            TableId::Enterprise => self.enterprise(&row),
            TableId::Organizations => self.organization(&row),
            TableId::Teams => self.team(&row),
            TableId::Roles => self.role(&row),
            TableId::RoleMembers => self.role_member(&row),
            TableId::RoleDefinitions => self.definition(&row),
            TableId::UserAssignments => self.assignment(&row),
            TableId::ContentTypes => self.content_type(&row),
            TableId::Resources => self.resource(&row),
            TableId::Applications => self.application(&row),
            TableId::Tokens => self.token(&row),
            TableId::RefreshTokens => self.refresh_token(&row),
        };
        if is_read.is_none() {
            let name = row.text("username").or(row.text("name")).unwrap_or_default();
            self.summary.skip(row.table.kind, BROKEN, name);
        }
        Ok(())
    }

    fn broken(&mut self, table: &'static Table) -> Result<(), AwxError> {
        self.summary.skip(table.kind, BROKEN, "");
        Ok(())
    }

    fn end(&mut self, _: &'static Table) -> Result<(), AwxError> {
        Ok(())
    }
}

impl Collector {
    /// Puts it together.
    pub(crate) fn finish(mut self) -> Snapshot {
        people::name_for_ever(&mut self);
        people::vouch(&mut self);
        let memberships: Vec<MembershipRecord> = people::memberships(&self);
        let refresh_tokens: Vec<RefreshTokenRecord> = grants::refresh_tokens(&mut self);
        // Numbers are given in the order in which things were made.
        self.users.sort_by_key(|it| it.number);
        self.organizations.sort_by_key(|it| it.number);
        self.teams.sort_by_key(|it| it.number);
        self.applications.sort_by_key(|it| it.number);
        Snapshot {
            users: self.users,
            organizations: self.organizations,
            teams: self.teams,
            memberships,
            applications: self.applications,
            tokens: self.tokens,
            refresh_tokens,
            summary: self.summary,
        }
    }
}

/// An instant as PostgreSQL writes it: `2024-06-01 12:00:00.123456+00`. What is beyond the calendar is its end.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    match text {
        "infinity" => Some(Timestamp::MAX),
        "-infinity" => Some(Timestamp::MIN),
        _ if is_beyond(text) => Some(Timestamp::MAX),
        _ => text.parse().ok(),
    }
}

/// Whether the year has five digits or more.
fn is_beyond(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    (5..=6).contains(&digits) && text.as_bytes().get(digits) == Some(&b'-') && !text.ends_with("BC")
}

/// The instant in a column; the epoch if there is none.
pub(crate) fn instant_or_epoch(row: &Row, column: &str) -> Timestamp {
    row.text(column).and_then(instant).unwrap_or(Timestamp::UNIX_EPOCH)
}
