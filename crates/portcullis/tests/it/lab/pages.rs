//! The canned resources: lists with pages in each platform's spelling, and rows that can be changed.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{PLATFORMS, Visitor};
use crate::support::lab::Lab;

/// Reads a list to its end as a client of the platform does; how many rows, and in how many pages.
fn read_all(visitor: &Visitor<'_>, platform: &str, first: &str) -> (usize, usize) {
    let (mut target, mut rows, mut pages) = (first.to_owned(), HashSet::new(), 0);
    loop {
        let page = visitor.get(&target).expect(200).json();
        pages += 1;
        assert!(pages < 100, "{platform}: no end");
        let (found, next) = match platform {
            "apprenda" => (&page["items"], page["nextPage"]["href"].as_str().map(str::to_owned)),
            "catalyst" => {
                let end = page["pageInfo"]["endId"].as_str().unwrap_or_default();
                let more = page["pageInfo"]["moreEntries"] == true;
                (&page["data"], more.then(|| format!("{first}&startId={end}")))
            }
            _ => (&page["results"], page["next"].as_str().map(str::to_owned)),
        };
        rows.extend(found.as_array().unwrap().iter().map(Value::to_string));
        let Some(next) = next else { return (rows.len(), pages) };
        target = match next.split_once("://") {
            Some((_, rest)) => rest[rest.find('/').unwrap()..].to_owned(),
            None => next,
        };
    }
}

#[test]
fn lists_are_read_page_by_page() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::start(platform);
        let visitor = Visitor::sign_in(&lab, platform, "admin");
        let first = if platform == "catalyst" { format!("{resource}?count=25") } else { resource.to_owned() };
        assert_eq!(read_all(&visitor, platform, &first), (60, 3), "{platform}");
        assert_eq!(lab.ran("GET", resource), 3, "{platform}");
    }
}

#[test]
fn a_page_knows_where_the_client_is() {
    let lab = Lab::start("apprenda");
    let visitor = Visitor::sign_in(&lab, "apprenda", "admin");
    let page = visitor.get("/soc/api/v1/clouds").json();
    let next = page["nextPage"]["href"].as_str().unwrap();
    assert_eq!(next, format!("{}/soc/api/v1/clouds?pageNumber=2&pageSize=25", lab.base()));
}

#[test]
fn rows_are_made_changed_and_removed() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::start(platform);
        let visitor = Visitor::sign_in(&lab, platform, "admin");
        assert!(visitor.make(resource, "make", &json!({"name": "mine"})).status < 300, "{platform}");
        let row = format!(
            "{}/61{}",
            resource.trim_end_matches('/'),
            if resource.ends_with('/') { "/" } else { "" }
        );
        assert_eq!(visitor.get(&row).expect(200).json()["name"], "mine", "{platform}");
        let change = visitor.request("PUT", &row).json(&json!({"name": "yours"})).send_encrypted();
        assert_eq!(change.expect(200).json()["name"], "yours", "{platform}");
        visitor.request("DELETE", &row).send_encrypted().expect(204);
        visitor.get(&row).expect(404);
        assert_eq!(lab.ran("DELETE", &row), 1, "{platform}");
    }
}

#[test]
fn the_resource_knows_who_asks_and_not_by_which_proof() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::start(platform);
        let visitor = Visitor::sign_in(&lab, platform, "operator");
        let top = resource.split('/').nth(1).unwrap();
        let target = match platform {
            "aap" | "astra" => "/api/controller/_echo".to_owned(),
            "awx" | "awx-without-tokens" => "/api/v2/_echo".to_owned(),
            _ => format!("/{top}/_echo"),
        };
        let seen = visitor.get(&target).expect(200).text();
        assert!(seen.contains("operator"), "{platform} {seen}");
        for proof in ["sessionid=", "JSESSIONID", "apprendasessiontoken"] {
            assert!(!seen.to_lowercase().contains(&proof.to_lowercase()), "{platform} {seen}");
        }
    }
}
