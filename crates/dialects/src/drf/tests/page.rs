//! Pages: which one is asked for, and how it is linked.

use http::Uri;
use identity::model::query::PageRequest;
use identity::model::setting::Settings;
use serde_json::{Value, json};

use crate::drf::filter::pairs;
use crate::drf::page::{Wanted, show, wanted};

fn want(query: &str) -> Option<Wanted> {
    wanted(&pairs(Some(query)).expect("a valid query"), &Settings::default())
}

fn shown(query: &str, found: (u64, Option<u64>)) -> Value {
    let uri: Uri = format!("/api/gateway/v1/organizations/?{query}").parse().expect("a valid address");
    let pairs = pairs(uri.query()).expect("a valid query");
    let wanted = wanted(&pairs, &Settings::default()).expect("a page");
    show(&uri, &pairs, wanted, found, Vec::new())
}

#[test]
fn sizes_come_from_the_settings() {
    for (query, size) in [
        ("", 50),
        ("page_size=2", 2),
        ("page_size=0", 50),
        ("page_size=-1", 50),
        ("page_size=x", 50),
        ("page_size=100000", 200),
    ] {
        assert_eq!(want(query).map(|it| it.page.size), Some(size), "{query}");
    }
}

#[test]
fn numbers_are_pages_or_none() {
    assert_eq!(want("page=last").map(|it| it.page.number), Some(PageRequest::LAST));
    assert_eq!(want("page=3").map(|it| it.page.number), Some(3));
    for none in ["page=0", "page=-1", "page=x", "page=", "page=18446744073709551615"] {
        assert_eq!(want(none), None, "{none}");
    }
}

#[test]
fn links_are_relative_and_sorted() {
    assert_eq!(
        shown("page=2&page_size=1&order_by=name", (2, Some(67))),
        json!({
            "count": 67,
            "next": "/api/gateway/v1/organizations/?order_by=name&page=3&page_size=1",
            "previous": "/api/gateway/v1/organizations/?order_by=name&page_size=1",
            "results": [],
        })
    );
    assert_eq!(shown("", (1, Some(3))), json!({ "count": 3, "next": null, "previous": null, "results": [] }));
    assert_eq!(
        shown("name=a+b%26c&page=2&page_size=1", (2, Some(2)))["previous"],
        "/api/gateway/v1/organizations/?name=a+b%26c&page_size=1"
    );
}

#[test]
fn without_a_count_there_are_no_links() {
    assert_eq!(shown("count_disabled", (1, None)), json!({ "results": [] }));
    assert_eq!(shown("count_disabled=1", (1, Some(9))), json!({ "results": [] }));
}
