//! Pages of lists: which page is asked for, and how one is shown (contract section A1).

use http::Uri;
use identity::model::query::PageRequest;
use identity::model::setting::Settings;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::filter::Pair;

/// What stands as it is in a query; a space becomes `+`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b' ');

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The page.
    pub page: PageRequest,
    /// Whether the total, and with it the links, are not wanted.
    pub is_count_disabled: bool,
}

/// The page that a query asks for. None if its number can be no page's.
pub fn wanted(pairs: &[Pair], settings: &Settings) -> Option<Wanted> {
    wanted_of(pairs, settings.page_size_default, settings.page_size_max)
}

/// The page that a query asks for, of a contract with sizes of its own. None if its number can be no page's.
pub fn wanted_of(pairs: &[Pair], size_default: u64, size_max: u64) -> Option<Wanted> {
    let last = |name: &str| pairs.iter().rev().find(|(it, _)| it == name).map(|(_, value)| value.trim());
    let size_max = size_max.max(1);
    let size = last("page_size").and_then(|size| size.parse::<u64>().ok()).filter(|size| *size > 0);
    let size = size.unwrap_or(size_default.max(1)).min(size_max);
    let number = match last("page") {
        None => 1,
        Some("last") => PageRequest::LAST,
        Some(number) => {
            number.parse::<u64>().ok().filter(|number| *number > 0 && *number < PageRequest::LAST)?
        }
    };
    let is_count_disabled = last("count_disabled").is_some();
    Some(Wanted { page: PageRequest { number, size }, is_count_disabled })
}

/// A page as it is shown to a request for this address.
pub fn show(
    uri: &Uri,
    pairs: &[Pair],
    wanted: Wanted,
    found: (u64, Option<u64>),
    results: Vec<Value>,
) -> Value {
    show_at(uri.path(), pairs, wanted, found, results)
}

/// A page as it is shown, with links to this path.
pub fn show_at(
    path: &str,
    pairs: &[Pair],
    wanted: Wanted,
    found: (u64, Option<u64>),
    results: Vec<Value>,
) -> Value {
    let (number, total) = found;
    let Some(total) = total.filter(|_| !wanted.is_count_disabled) else {
        return json!({ "results": results });
    };
    let pages = total.div_ceil(wanted.page.size.max(1)).max(1);
    let next = (number < pages).then(|| link(path, pairs, number + 1));
    let previous = (number > 1).then(|| link(path, pairs, number - 1));
    let mut page = Map::new();
    page.insert("count".to_owned(), json!(total));
    page.insert("next".to_owned(), json!(next));
    page.insert("previous".to_owned(), json!(previous));
    page.insert("results".to_owned(), Value::Array(results));
    Value::Object(page)
}

/// The same query for another page, sorted by name. The first page has no number.
fn link(path: &str, pairs: &[Pair], number: u64) -> String {
    let mut pairs: Vec<(&str, String)> = pairs
        .iter()
        .filter(|(name, _)| name != "page")
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    if number > 1 {
        pairs.push(("page", number.to_string()));
    }
    pairs.sort_by(|left, right| left.0.cmp(right.0));
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string().replace(' ', "+")
}
