//! Queries: which objects of a kind are asked for, in what order, and which page of them.
//!
//! A query is typed: every field and relation in it comes from the [`catalog`](super::catalog), every
//! value has its field's kind. Dialects parse their filter languages into it, the store turns it into SQL.

use super::catalog::{Field, Relation};
use super::object::{Noun, UserId};

/// Most filter terms in one query.
pub const TERMS_MAX: usize = 64;
/// Most values of one `in` list.
pub const VALUES_MAX: usize = 1000;
/// Most steps of one relation path.
pub const PATH_MAX: usize = 4;
/// Longest pattern of a `regex`, in bytes.
pub const PATTERN_MAX: usize = 1000;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// All of these hold.
    pub all: Vec<Term>,
    /// At least one of these holds, unless there are none.
    pub any: Vec<Term>,
    /// Only objects that stand in this relation to their parent.
    pub within: Option<Within>,
    /// The order; the number breaks ties.
    pub order: Vec<Order>,
    /// Which page.
    pub page: PageRequest,
    /// Whether the total is not wanted.
    pub is_count_disabled: bool,
}

/// One condition: the field at the end of a path of relations compares so with the value.
#[derive(Clone, Debug)]
pub struct Term {
    /// Whether it must not hold.
    pub is_negated: bool,
    /// The relations from the listed object to the field's object; empty for its own fields. Terms that
    /// share a path to many hold for the same object there, unless `is_chained`.
    pub path: Vec<&'static Relation>,
    /// Whether a term on a path to many may hold for another object than its neighbours (`chain__`).
    pub is_chained: bool,
    /// What is compared.
    pub comparison: Comparison,
}

/// What a term compares.
#[derive(Clone, Debug)]
pub enum Comparison {
    /// A field with a value.
    Field {
        /// The field.
        field: &'static Field,
        /// How.
        lookup: Lookup,
        /// With what.
        value: Value,
    },
    /// Whether there is no object at the end of the path (or, with an empty path, never).
    Missing(bool),
    /// Whether every word occurs in one of the text fields that a search looks at.
    Search(Vec<String>),
}

/// How a field compares with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Equal. With [`Value::Null`]: is null.
    Exact,
    /// Equal but for case.
    IExact,
    /// Holds the value.
    Contains,
    /// Holds it but for case.
    IContains,
    /// Begins with it.
    StartsWith,
    /// Begins with it but for case.
    IStartsWith,
    /// Ends with it.
    EndsWith,
    /// Ends with it but for case.
    IEndsWith,
    /// Matches the pattern, in time linear in the text.
    Regex,
    /// Matches it but for case.
    IRegex,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// One of the values.
    In,
    /// Is null ([`Value::Boolean`] true) or is not (false).
    IsNull,
}

/// A typed value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// An instant, in microseconds since 1970.
    Instant(i64),
    /// Nothing.
    Null,
    /// Several, for [`Lookup::In`].
    List(Vec<Value>),
}

/// One key of the order.
#[derive(Clone, Debug)]
pub struct Order {
    /// The field.
    pub field: &'static Field,
    /// Whether the largest comes first.
    pub is_descending: bool,
}

/// The parent whose objects are listed, in sub-lists such as `organizations/3/users/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Users that have this role on this object.
    Holding(super::role::ManagedRole, i64),
    /// Organizations that this user belongs to or administers.
    OrganizationsOf(UserId),
    /// Organizations that this user administers.
    AdministeredBy(UserId),
    /// Teams that this user belongs to or administers.
    TeamsOf(UserId),
    /// Teams of this organization.
    TeamsIn(i64),
    /// Applications of this organization.
    ApplicationsIn(i64),
    /// Applications that this user owns.
    ApplicationsOf(UserId),
    /// Entries of the activity stream that tell of this object; of a user also those of what it did.
    EntriesOf(Noun, i64),
    /// Tokens of this user.
    TokensOf(UserId, TokenSort),
    /// Tokens of this application.
    TokensFor(i64),
    /// Assignments of this role.
    AssignmentsOf(i64),
    /// Authenticators of this user.
    AuthenticatorsOf(UserId),
    /// Users of this authenticator.
    UsersFrom(i64),
    /// Applications that have an address, for everybody who signed in: only [`APP_URL_FIELDS`] may be asked
    /// about and shown.
    AppUrls,
}

/// The fields of an application that everybody who signed in may know (contract section A2, `app_urls/`).
pub const APP_URL_FIELDS: [&str; 5] = ["id", "name", "app_url", "created", "modified"];

impl Query {
    /// Whether it asks about and orders by these own fields of the listed objects alone.
    pub fn asks_only(&self, fields: &[&str]) -> bool {
        let is_own = |term: &Term| match &term.comparison {
            Comparison::Field { field, .. } => term.path.is_empty() && fields.contains(&field.name),
            Comparison::Missing(_) | Comparison::Search(_) => false,
        };
        self.all.iter().chain(&self.any).all(is_own)
            && self.order.iter().all(|order| fields.contains(&order.field.name))
    }
}

/// Which tokens of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenSort {
    /// All.
    All,
    /// Those made for no application.
    Personal,
    /// Those made for one.
    Authorized,
}

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Which one, from 1; [`PageRequest::LAST`] is the last.
    pub number: u64,
    /// Objects on a page.
    pub size: u64,
}

impl PageRequest {
    /// The number that stands for the last page.
    pub const LAST: u64 = u64::MAX;
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { number: 1, size: 50 }
    }
}

/// Whose eyes a list is read with: the store leaves out what they may not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Everything.
    All,
    /// What this user may see by its roles.
    Of(UserId),
    /// What this user may see, and all users (setting `ORG_ADMINS_CAN_SEE_ALL_USERS`).
    OfWithAllUsers(UserId),
    /// What this user may see, and the applications of the organizations it belongs to (AWX contract section
    /// A5).
    OfWithApplications(UserId),
}
