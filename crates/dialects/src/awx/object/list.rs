//! Lists: filters in the contract's words, default orders, pages (contract section 1.5).

use axum::response::Response;
use http::StatusCode;
use identity::model::catalog::{self, content_type};
use identity::model::object::Noun;
use identity::model::principal::Principal;
use identity::model::query::{Comparison, Lookup, Order, Query, Term, Value, Within};
use serde_json::Value as Json;

use super::ask::Asked;
use super::collection::{Collection, USERS};
use super::show;
use crate::drf::filter::{self, Filtered, Lexicon, Name, Pair};
use crate::drf::page::{self, Wanted};
use crate::drf::respond;
use crate::drf::stop::Stop;

/// Objects on a page when nothing is said.
const SIZE: u64 = 25;
/// Most objects on a page.
pub(super) const SIZE_MAX: u64 = 200;

/// What the activity stream calls the kinds of objects.
const KINDS: &[(&str, i64)] = &[
    ("user", content_type(Noun::User)),
    ("organization", content_type(Noun::Organization)),
    ("team", content_type(Noun::Team)),
    ("o_auth2_access_token", content_type(Noun::Token)),
    ("o_auth2_application", content_type(Noun::Application)),
    ("setting", content_type(Noun::Setting)),
    ("role", content_type(Noun::UserAssignment)),
];

/// What the contract calls otherwise than the catalog.
static LEXICON: Lexicon = Lexicon {
    names: &[
        Name { noun: Noun::Entry, wire: "timestamp", field: "created", words: &[] },
        Name { noun: Noun::Entry, wire: "actor", field: "created_by", words: &[] },
        Name { noun: Noun::Entry, wire: "object1", field: "content_type", words: KINDS },
        Name { noun: Noun::Entry, wire: "object2", field: "related_content_type", words: KINDS },
        Name { noun: Noun::User, wire: "date_joined", field: "created", words: &[] },
    ],
    models: &[(Noun::Entry, "ActivityStream")],
    searches: true,
};

/// A query as it was read: its pairs, and what they ask for.
pub(super) struct Reading {
    /// The pairs, with the page's size as it is served.
    pub pairs: Vec<Pair>,
    /// The page.
    pub wanted: Wanted,
    /// The query; none if nothing can match it.
    pub query: Option<Query>,
}

/// Reads the query of a list of objects of a kind.
pub(super) fn read(
    asked: &Asked,
    principal: &Principal,
    noun: Noun,
    order: &[&str],
) -> Result<Reading, Stop> {
    let (pairs, wanted) = paged(asked)?;
    // The role that the caller is to have on the objects is not a field of theirs.
    let (levels, rest): (Vec<Pair>, Vec<Pair>) =
        pairs.iter().cloned().partition(|(name, _)| name == "role_level");
    let filtered = filter::read_in(&LEXICON, noun, &rest)?;
    let mut query = match filtered {
        Filtered::Some(query) => Some(query),
        Filtered::Nothing => None,
    };
    for (_, level) in &levels {
        query = query.and_then(|query| at_level(principal, noun, level, query));
    }
    let query = query.map(|mut query| {
        query.page = wanted.page;
        query.is_count_disabled = wanted.is_count_disabled;
        if query.order.is_empty() {
            let fields = order.iter().filter_map(|name| catalog::entry(noun).field(name));
            query.order = fields.map(|field| Order { field, is_descending: false }).collect();
        }
        query
    });
    Ok(Reading { pairs, wanted, query })
}

/// The page that is asked for. Links carry the size that is served, not one that was too large.
pub(super) fn paged(asked: &Asked) -> Result<(Vec<Pair>, Wanted), Stop> {
    let mut pairs = asked.pairs()?;
    for (name, value) in &mut pairs {
        if name == "page_size" && value.trim().parse::<u64>().is_ok_and(|size| size > SIZE_MAX) {
            *value = SIZE_MAX.to_string();
        }
    }
    let wanted = page::wanted_of(&pairs, SIZE, SIZE_MAX).ok_or_else(no_page)?;
    Ok((pairs, wanted))
}

/// The query for objects on which the caller has a role; none if there can be no such object.
fn at_level(principal: &Principal, noun: Noun, level: &str, query: Query) -> Option<Query> {
    let is_reader = level == "read_role" || level == "auditor_role" && principal.subject.reads_all();
    if principal.is_superuser() || is_reader {
        return Some(query);
    }
    let relation = match level {
        "admin_role" => catalog::entry(noun).relation("admins")?,
        "member_role" => catalog::entry(noun).relation("users")?,
        _ => return None,
    };
    let field = catalog::entry(Noun::User).field("id")?;
    let value = Value::Integer(principal.user().id.0);
    let comparison = Comparison::Field { field, lookup: Lookup::Exact, value };
    let mut query = query;
    query.all.push(Term { is_negated: false, path: vec![relation], is_chained: true, comparison });
    Some(query)
}

/// A page of a collection, or of the part of it that belongs to a parent.
pub(super) async fn serve(
    asked: &Asked,
    collection: &Collection,
    within: Option<Within>,
) -> Result<Response, Stop> {
    serve_with(asked, collection, within, Vec::new()).await
}

/// A page of a collection, for which more must hold than the query says.
pub(super) async fn serve_with(
    asked: &Asked,
    collection: &Collection,
    within: Option<Within>,
    terms: Vec<Term>,
) -> Result<Response, Stop> {
    let principal = asked.principal()?;
    let reading = read(asked, principal, collection.noun, collection.order)?;
    let Reading { pairs, wanted, query } = reading;
    let is_nothing = query.is_none();
    let mut query = query.unwrap_or_default();
    query.within = within;
    query.all.extend(terms);
    // Also where nothing can match, the parent must be seen.
    let found = asked.state.authority.list(principal, collection.noun, &query).await?;
    if is_nothing {
        return Ok(shown(asked, &pairs, wanted, (1, Some(0)), Vec::new()));
    }
    let found = found.ok_or_else(no_page)?;
    let mut results = Vec::with_capacity(found.objects.len());
    for object in &found.objects {
        results.push(show::row(asked, object, &found.references).await?);
    }
    Ok(shown(asked, &pairs, wanted, (found.number, found.total), results))
}

/// The page of users on which only the caller is.
pub(super) async fn of_own(asked: &Asked) -> Result<Response, Stop> {
    let Some(field) = catalog::entry(Noun::User).field("id") else { return Err(no_page()) };
    let value = Value::Integer(asked.principal()?.user().id.0);
    let comparison = Comparison::Field { field, lookup: Lookup::Exact, value };
    let term = Term { is_negated: false, path: Vec::new(), is_chained: false, comparison };
    serve_with(asked, &USERS, None, vec![term]).await
}

/// A page of rows that were put together here.
pub(super) fn of_rows(asked: &Asked, rows: Vec<Json>) -> Result<Response, Stop> {
    let (pairs, wanted) = paged(asked)?;
    let total = rows.len() as u64;
    let last = total.div_ceil(wanted.page.size).max(1);
    let number = wanted.page.number.min(last);
    if wanted.page.number != number && wanted.page.number != identity::model::query::PageRequest::LAST {
        return Err(no_page());
    }
    let skipped = usize::try_from((number - 1) * wanted.page.size).unwrap_or(usize::MAX);
    let size = usize::try_from(wanted.page.size).unwrap_or(usize::MAX);
    let rows = rows.into_iter().skip(skipped).take(size).collect();
    Ok(shown(asked, &pairs, wanted, (number, Some(total)), rows))
}

fn shown(
    asked: &Asked,
    pairs: &[Pair],
    wanted: Wanted,
    found: (u64, Option<u64>),
    results: Vec<Json>,
) -> Response {
    let path = asked.place().path(asked.parts.uri.path());
    respond::json(StatusCode::OK, &page::show_at(&path, pairs, wanted, found, results))
}

/// The answer to a page that there is not.
pub(super) fn no_page() -> Stop {
    respond::detail(StatusCode::NOT_FOUND, "Invalid page.").into()
}
