//! Refusals explained: the id that every refusal carries leads operators and administrators to the rule that refused,
//! at whatever door it happened, and leads nobody else anywhere.

mod api;
mod apprenda;
mod awx;
mod catalyst;
mod platform;
mod services;

use serde_json::Value;

use crate::support::{Request, Response, Server};

/// The password of everybody but the administrator.
const PASSWORD: &str = "a lantern on the stairs 4";
/// A password that is nobody's.
const GUESS: &str = "guess-7714-not-it";
/// A name that is nobody's, as somebody types who confuses two fields.
const NAME: &str = "name-5520-or-password";

/// The id under which an answer can be asked about.
#[track_caller]
fn id(answer: &Response) -> String {
    let ids = answer.header_all("x-request-id");
    assert_eq!(ids.len(), 1, "{answer:#?}");
    ids[0].to_owned()
}

/// What is known of a refusal: the same for operators at the shell and for administrators at the API. It never holds
/// what a client typed or holds.
#[track_caller]
fn explained(server: &Server, answer: &Response) -> Value {
    let id = id(answer);
    let told = server.shell_json(&["explain", &id]);
    let path = format!("/portcullis/v1/refusals/{id}");
    assert_eq!(server.as_admin("GET", &path).send().expect(200).json(), told, "both ways tell the same");
    assert_eq!(
        (told["request_id"].as_str(), told["status"].as_u64()),
        (Some(&*id), Some(answer.status.into()))
    );
    let text = told.to_string();
    for hidden in [PASSWORD, GUESS, NAME] {
        assert!(!text.contains(hidden), "{text}");
    }
    for key in ["what", "advice"] {
        assert!(told[key].as_str().is_some_and(|it| it.len() > 10), "{key}: {told}");
    }
    told
}

/// Holds a refusal to its rule, and hands out what is known of it.
#[track_caller]
fn expect_rule(server: &Server, answer: &Response, rule: &str) -> Value {
    let told = explained(server, answer);
    assert_eq!(told["rule"], rule, "{} {told}", answer.text());
    told
}

/// A fact of an explanation.
#[track_caller]
fn fact<'a>(told: &'a Value, name: &str) -> &'a str {
    told["facts"][name].as_str().unwrap_or_else(|| panic!("{name} is missing: {told}"))
}

/// The same for several situations: each is a request that is refused, and the rule that must be told.
#[track_caller]
fn expect_rules(server: &Server, situations: &[(Request, u16, &str)]) {
    for (request, status, rule) in situations {
        let answer = request.send().expect(*status);
        expect_rule(server, &answer, rule);
    }
}
