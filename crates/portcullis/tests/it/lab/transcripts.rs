//! Transcripts: what was said, with placeholders for secrets, in memory and as files.

use std::fs;

use serde_json::json;

use super::{PLATFORMS, Visitor};
use crate::support::lab::{Lab, PASSWORD};

#[test]
fn an_exchange_is_recorded_without_its_secrets() {
    for (platform, resource) in PLATFORMS {
        let lab = Lab::with(platform, &["--record", "told"]);
        let visitor = Visitor::sign_in(&lab, platform, "admin");
        visitor.make(resource, "key", &json!({"name": "mine"}));
        let told = lab.transcript();
        let files = fs::read_dir(lab.folder().join("told")).unwrap().count();
        assert_eq!(files, told.len(), "{platform}");
        let all = told.iter().map(|(_, text)| &**text).collect::<Vec<_>>().join("\n");
        for (name, value) in visitor.headers.iter().chain(&visitor.change).filter(|it| it.0 != "Referer") {
            for secret in value.split("; ").map(|it| it.split_once('=').map_or(it, |it| it.1)) {
                assert!(!all.contains(secret), "{platform} {name} in\n{all}");
            }
        }
        assert!(!all.contains(PASSWORD) && !all.contains("lab-password"), "{platform}\n{all}");
        assert!(all.contains("correct") && all.contains("<session>"), "{platform}\n{all}");
        assert!(!all.contains(&lab.https.to_string()), "{platform}\n{all}");
        let (_, last) = told.last().unwrap();
        assert!(
            last.starts_with(&format!("POST {resource} HTTP/1.1\nHost: gateway.example.com\n")),
            "{last}"
        );
        assert!(last.contains("\n\nHTTP/1.1 20"), "{last}");
    }
}

#[test]
fn an_exchange_is_fetched_by_name_and_forgotten() {
    let lab = Lab::start("aap");
    lab.request("GET", "/api/gateway/v1/ping/").send_encrypted().expect(200);
    let told = lab.transcript();
    let [(name, text)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(name, "0001-get-api-gateway-v1-ping");
    let one = lab.request("GET", &format!("/_lab/transcript?name={name}")).send_encrypted().expect(200);
    assert_eq!(&one.text(), text);
    lab.request("GET", "/_lab/transcript?name=other").send_encrypted().expect(404);
    lab.control("DELETE", "transcript", &serde_json::Value::Null).expect(200);
    assert!(lab.transcript().is_empty());
}
