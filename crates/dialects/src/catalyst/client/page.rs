//! Lists that scroll: where they go on.

use http::Uri;
use serde_json::Value;

use crate::catalyst::wire::told;

/// Longest name of an entry, in bytes.
const ENTRY_MAX: usize = 256;

/// The path of the next page: the same question, from behind the last entry of this answer on.
pub fn next(asked: &Uri, answer: &Value) -> Option<String> {
    let info = answer.get(told::PAGE_INFO)?;
    info.get(told::MORE_ENTRIES)?.as_bool().filter(|it| *it)?;
    let end = match info.get(told::END_ID)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let is_sound = (1..=ENTRY_MAX).contains(&end.len())
        && end.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it));
    if !is_sound {
        return None;
    }
    let start = format!("{}={end}", told::START_ID);
    let rest = asked.query().unwrap_or_default().split('&');
    let rest = rest.filter(|it| !it.is_empty() && it.split('=').next() != Some(told::START_ID));
    let query: Vec<&str> = rest.chain([start.as_str()]).collect();
    Some(format!("{}?{}", asked.path(), query.join("&")))
}

#[cfg(test)]
mod tests {
    use http::Uri;
    use serde_json::json;

    use super::next;

    fn after(asked: &str, info: &serde_json::Value) -> Option<String> {
        next(&asked.parse::<Uri>().unwrap(), &json!({ "pageInfo": info, "data": [] }))
    }

    #[test]
    fn the_next_page_is_asked_for_from_the_last_entry_on() {
        let more = json!({ "startId": "0", "endId": "25", "moreEntries": true });
        assert_eq!(
            after("/dataservice/device?count=25", &more).unwrap(),
            "/dataservice/device?count=25&startId=25"
        );
        assert_eq!(
            after("https://h:8443/dataservice/device?startId=0&count=25", &more).unwrap(),
            "/dataservice/device?count=25&startId=25"
        );
        assert_eq!(after("/d", &json!({ "endId": 7, "moreEntries": true })).unwrap(), "/d?startId=7");
    }

    #[test]
    fn the_last_page_and_a_strange_entry_have_none() {
        for info in [
            json!({ "endId": "60", "moreEntries": false }),
            json!({ "endId": "60" }),
            json!({ "moreEntries": true }),
            json!({ "endId": "x&y=1", "moreEntries": true }),
            json!({ "endId": "", "moreEntries": true }),
            json!(null),
        ] {
            assert_eq!(after("/d?count=1", &info), None, "{info}");
        }
    }
}
