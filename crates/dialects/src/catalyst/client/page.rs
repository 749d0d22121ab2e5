//! Lists that scroll: where they go on. A Manager has two kinds that say it: the state of devices goes on behind the
//! last entry of a page (`startId`), and what the statistics database holds goes on in a scroll that was opened there
//! (`scrollId`). Lists of the configuration (`offset` and `limit`) do not say whether there is more, and so nothing is
//! followed there.

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::catalyst::wire::told;

/// Longest name of a place in a list, in bytes: that of a scroll grows with the parts of the database.
const PLACE_MAX: usize = 4096;

/// What a place keeps as it is in a query.
const PLACE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The path of the next page: the same question, from where this answer ends.
pub fn next(asked: &Uri, answer: &Value) -> Option<String> {
    let info = answer.get(told::PAGE_INFO)?;
    let says = |key: &str| info.get(key).and_then(Value::as_bool) == Some(true);
    let (name, place) = if says(told::MORE_ENTRIES) {
        (told::START_ID, info.get(told::END_ID)?)
    } else if says(told::HAS_MORE_DATA) {
        (told::SCROLL_ID, info.get(told::SCROLL_ID)?)
    } else {
        return None;
    };
    let place = match place {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let is_sound = (1..=PLACE_MAX).contains(&place.len()) && place.bytes().all(|it| it.is_ascii_graphic());
    if !is_sound {
        return None;
    }
    let place = format!("{name}={}", utf8_percent_encode(&place, PLACE));
    let rest = asked.query().unwrap_or_default().split('&');
    let rest = rest.filter(|it| !it.is_empty() && it.split('=').next() != Some(name));
    let query: Vec<&str> = rest.chain([place.as_str()]).collect();
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
        let state = "/dataservice/data/device/state/Interface";
        assert_eq!(
            after(&format!("{state}?count=25"), &more).unwrap(),
            format!("{state}?count=25&startId=25")
        );
        assert_eq!(
            after(&format!("https://h:8443{state}?startId=0&count=25"), &more).unwrap(),
            format!("{state}?count=25&startId=25")
        );
        assert_eq!(after("/d", &json!({ "endId": 7, "moreEntries": true })).unwrap(), "/d?startId=7");
        // Entries of a graph are numbered within their cluster.
        let entry = json!({ "startId": "49:1", "endId": "49:2", "moreEntries": true, "count": 2 });
        assert_eq!(after("/d?count=2", &entry).unwrap(), "/d?count=2&startId=49%3A2");
        assert_eq!(
            after("/d", &json!({ "endId": "#4:2&x", "moreEntries": true })).unwrap(),
            "/d?startId=%234%3A2%26x"
        );
    }

    #[test]
    fn a_scroll_goes_on_with_its_own_newest_name() {
        let more = json!({ "scrollId": "DXF1ZXJ5QQ==", "hasMoreData": true, "count": 10 });
        let list = "/dataservice/data/device/statistics/interfacestatistics";
        assert_eq!(
            after(&format!("{list}?startDate=2026-01-01T00:00:00&count=10&scrollId=old"), &more).unwrap(),
            format!("{list}?startDate=2026-01-01T00:00:00&count=10&scrollId=DXF1ZXJ5QQ%3D%3D")
        );
        let finished = json!({ "scrollId": "DXF1ZXJ5QQ==", "hasMoreData": false, "count": 3 });
        assert_eq!(after(list, &finished), None);
    }

    #[test]
    fn the_last_page_and_a_strange_place_have_none() {
        for info in [
            json!({ "endId": "60", "moreEntries": false }),
            json!({ "endId": "60" }),
            json!({ "moreEntries": true }),
            json!({ "endId": "60", "moreEntries": "true" }),
            json!({ "endId": "x y", "moreEntries": true }),
            json!({ "endId": "", "moreEntries": true }),
            json!({ "endId": "x".repeat(4097), "moreEntries": true }),
            json!({ "scrollId": "x" }),
            json!({ "hasMoreData": true }),
            json!({ "scrollId": null, "hasMoreData": true }),
            json!({ "startId": "0", "endId": "60", "hasMoreData": true }),
            json!({ "totalPages": 3, "pageNumber": 1 }),
            json!(null),
        ] {
            assert_eq!(after("/d?count=1", &info), None, "{info}");
        }
        let plain = "/dataservice/template/feature?offset=0&limit=10".parse::<Uri>().unwrap();
        assert_eq!(next(&plain, &json!({ "data": [1, 2] })), None, "it does not say whether there is more");
    }
}
