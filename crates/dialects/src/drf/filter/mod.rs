//! The filter language of list queries, read into a typed query (contract section A1).

use axum::response::Response;
use http::StatusCode;
use identity::Denial;
use identity::model::object::Noun;
use identity::model::query::{Comparison, Order, Query, TERMS_MAX, Term};

mod lexicon;
mod path;
mod value;

pub use lexicon::{Lexicon, Name, PLAIN};

#[cfg(test)]
mod tests;

use super::body::unescape;
use super::respond;
use crate::door;

/// A name and a value of a query, decoded.
pub type Pair = (String, String);

/// Most pairs of a query that are looked at.
const PAIRS_MAX: usize = 200;
/// Most keys of an order.
const ORDER_MAX: usize = 8;
/// Most words of a search.
const WORDS_MAX: usize = 16;
/// Longest value of a filter, in bytes.
const VALUE_MAX: usize = 8 * 1024;

/// Names that are never filters.
const RESERVED: [&str; 16] = [
    "page",
    "page_size",
    "format",
    "order",
    "order_by",
    "search",
    "type",
    "host_filter",
    "count_disabled",
    "no_truncate",
    "limit",
    "validate",
    "user_ansible_id",
    "team_ansible_id",
    "object_ansible_id",
    "assignment",
];

/// Why a query is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterError {
    /// It is wrong; the sentence that says how.
    Wrong(String),
    /// It compares a secret; the field's name.
    Secret(String),
}

impl FilterError {
    fn wrong(text: impl Into<String>) -> Self {
        Self::Wrong(text.into())
    }

    /// The answer that says so.
    pub fn response(&self) -> Response {
        match self {
            Self::Wrong(text) => respond::detail(StatusCode::BAD_REQUEST, text),
            Self::Secret(name) => {
                let text = format!("Filtering on {name} is not allowed.");
                let mut response = respond::detail(StatusCode::FORBIDDEN, &text);
                door::mark(&Denial::NotPermitted.into(), None, &mut response);
                response
            }
        }
    }
}

/// What a query asks for.
#[derive(Debug)]
pub enum Filtered {
    /// The objects of this query, whose page is not yet set.
    Some(Query),
    /// No object: another type was asked for.
    Nothing,
}

/// The pairs of a query, decoded.
pub fn pairs(query: Option<&str>) -> Result<Vec<Pair>, FilterError> {
    let mut pairs = Vec::new();
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        if pairs.len() == PAIRS_MAX {
            return Err(FilterError::wrong("Too many query parameters."));
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = unescape(name).zip(unescape(value));
        pairs.push(decoded.ok_or_else(|| FilterError::wrong("Malformed query string."))?);
    }
    Ok(pairs)
}

/// Reads the filters and the order of a query for objects of a kind.
pub fn read(noun: Noun, pairs: &[Pair]) -> Result<Filtered, FilterError> {
    read_in(&PLAIN, noun, pairs)
}

/// Reads the filters and the order of a query in the words of a contract.
pub fn read_in(lexicon: &'static Lexicon, noun: Noun, pairs: &[Pair]) -> Result<Filtered, FilterError> {
    let mut query = Query::default();
    let mut is_nothing = false;
    for (name, text) in pairs {
        match name.as_str() {
            "type" => is_nothing |= !lexicon.is_type(noun, text),
            "search" if lexicon.searches => query.all.extend(own_search(text)?),
            name if RESERVED.contains(&name) => {}
            name => {
                if query.all.len() + query.any.len() == TERMS_MAX {
                    return Err(FilterError::wrong("Too many filters."));
                }
                if text.len() > VALUE_MAX {
                    return Err(FilterError::wrong(format!("The value of {name} is too long.")));
                }
                if text.contains('\0') {
                    return Err(FilterError::wrong("Null characters are not allowed."));
                }
                let (term, is_any) = read_term(lexicon, noun, name, text)?;
                if is_any { query.any.push(term) } else { query.all.push(term) }
            }
        }
    }
    query.order = order(lexicon, noun, pairs)?;
    Ok(if is_nothing { Filtered::Nothing } else { Filtered::Some(query) })
}

fn read_term(
    lexicon: &'static Lexicon,
    noun: Noun,
    name: &str,
    text: &str,
) -> Result<(Term, bool), FilterError> {
    if !name.is_ascii() {
        let text = format!("'{name}' is not an allowed field name. Must be ascii encodable.");
        return Err(FilterError::Wrong(text));
    }
    if let Some(relation) = name.strip_suffix("__search") {
        let term = search(lexicon, noun, relation, text)?;
        return Ok((term, false));
    }
    let (name, is_chained, is_any) = match (name.strip_prefix("chain__"), name.strip_prefix("or__")) {
        (Some(rest), _) => (rest, true, false),
        (None, Some(rest)) => (rest, false, true),
        (None, None) => (name, false, false),
    };
    let (name, is_negated) = match name.strip_prefix("not__") {
        Some(rest) => (rest, true),
        None => (name, false),
    };
    let (steps, lookup) = path::split(name)?;
    let found = path::walk(lexicon, noun, steps)?;
    let comparison = value::compare(&found, lookup, text)?;
    Ok((Term { is_negated, path: found.relations, is_chained, comparison }, is_any))
}

/// `teams__search=ops,dev`: objects with a related one in which all the words occur.
fn search(lexicon: &'static Lexicon, noun: Noun, steps: &str, text: &str) -> Result<Term, FilterError> {
    let mut found = path::walk(lexicon, noun, steps)?;
    let Some(relation) = found.relation else {
        return Err(FilterError::wrong(format!("{steps} is not searchable")));
    };
    if !found.relations.iter().any(|it| it.from == relation.from && it.name == relation.name) {
        found.relations.push(relation);
    }
    let words: Vec<String> = text.split(',').map(str::to_owned).collect();
    if words.len() > WORDS_MAX {
        return Err(FilterError::wrong("Too many words for __search"));
    }
    Ok(Term {
        is_negated: false,
        path: found.relations,
        is_chained: true,
        comparison: Comparison::Search(words),
    })
}

/// `search=ops dev`: objects in whose own texts all the words occur.
fn own_search(text: &str) -> Result<Option<Term>, FilterError> {
    let words: Vec<String> = text
        .split(|it: char| it == ',' || it.is_whitespace())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if words.len() > WORDS_MAX || text.len() > VALUE_MAX {
        return Err(FilterError::wrong("Too many words for search"));
    }
    if text.contains('\0') {
        return Err(FilterError::wrong("Null characters are not allowed."));
    }
    let comparison = Comparison::Search(words);
    let term = Term { is_negated: false, path: Vec::new(), is_chained: false, comparison };
    Ok(Some(term).filter(|_| !text.trim().is_empty()))
}

fn order(lexicon: &'static Lexicon, noun: Noun, pairs: &[Pair]) -> Result<Vec<Order>, FilterError> {
    let wanted = pairs.iter().rev().find(|(name, _)| name == "order" || name == "order_by");
    let mut order: Vec<Order> = Vec::new();
    for key in wanted.map_or("", |(_, keys)| keys).split(',').map(str::trim).filter(|key| !key.is_empty()) {
        if order.len() == ORDER_MAX {
            return Err(FilterError::wrong("Too many fields to order by."));
        }
        let (name, is_descending) = match key.strip_prefix('-') {
            Some(name) => (name, true),
            None => (key, false),
        };
        let found = path::walk(lexicon, noun, name)?;
        let field = match found.field {
            Some(field) if found.relations.is_empty() => field,
            Some(_) | None => {
                return Err(FilterError::wrong("Ordering by related objects is not supported."));
            }
        };
        if !order.iter().any(|it| it.field == field) {
            order.push(Order { field, is_descending });
        }
    }
    Ok(order)
}
