//! Lists and their pages (AAP contract section A1, AWX contract section 1.5).

use http::Uri;
use serde_json::Value;

use crate::drf::wire;

/// The rows of a list.
pub fn rows(answer: &Value) -> Option<&Vec<Value>> {
    answer.as_array().or_else(|| answer.get(wire::RESULTS)?.as_array())
}

/// Where the next page is, as the answer writes it.
pub fn next_written(answer: &Value) -> Option<&str> {
    answer.get(wire::NEXT)?.as_str()
}

/// Where the next page is: a path with its query. Most lists write it so; some write a whole address, which counts
/// if it is the same list, or another place at the same server.
pub fn next(asked: &Uri, answer: &Value) -> Option<String> {
    let next: Uri = next_written(answer)?.parse().ok()?;
    let path = path(&next)?;
    let is_there = match (next.authority(), asked.authority()) {
        (None, _) => true,
        (Some(next), Some(asked)) if next.as_str().eq_ignore_ascii_case(asked.as_str()) => true,
        // A server behind another one may know itself by another name.
        (Some(_), _) => next.path() == asked.path(),
    };
    is_there.then_some(path)
}

/// The same for lists that are asked for here, of which only pages at the same server count.
pub fn path_at(next: &str, base: &str) -> Option<String> {
    let next: Uri = next.parse().ok()?;
    let base: Uri = base.parse().ok()?;
    let is_there = next.authority().is_none_or(|it| {
        base.authority().is_some_and(|base| base.as_str().eq_ignore_ascii_case(it.as_str()))
    });
    is_there.then(|| path(&next)).flatten()
}

/// A path with its query that is no address of another server.
fn path(uri: &Uri) -> Option<String> {
    let path = uri.path_and_query()?.as_str();
    (path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
}
