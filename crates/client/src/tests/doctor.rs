//! Diagnoses: where the way ends, and what is said of it.

use dialects::Login;
use identity::model::secret::Secret;

use super::{Noon, Server, answer, now};
use crate::doctor::{Outcome, Patient, Step, StepName, walk};
use crate::{Options, base};

async fn diagnose(text: &str, platform: Option<&str>, password: Option<&str>) -> Vec<Step> {
    let (base, typed) = base(text).unwrap();
    let login = password.map(|it| Login::new(base.as_str(), "ann", Secret::new(it), now()));
    let dialect = platform.and_then(dialects::named);
    let patient = Patient { base, typed, options: Options::default(), dialect, login };
    let mut told = Vec::new();
    let steps = walk(patient, &Noon, &mut |step| told.push(step.clone())).await;
    assert_eq!(steps, told);
    assert_eq!(steps.len(), 12);
    for step in &steps {
        assert!(step.outcome != Outcome::Failed || step.advice.is_some(), "{step:?}");
    }
    steps
}

fn outcome(steps: &[Step], name: StepName) -> Outcome {
    steps.iter().find(|it| it.name == name).unwrap().outcome
}

#[tokio::test]
async fn a_name_without_an_address_and_a_closed_port_end_the_way() {
    let steps = diagnose("https://nowhere.invalid", None, None).await;
    assert_eq!(outcome(&steps, StepName::Name), Outcome::Failed);
    assert_eq!(outcome(&steps, StepName::Http), Outcome::Skipped);
    let steps = diagnose("http://127.0.0.1:1", None, Some("hunter2")).await;
    assert_eq!(outcome(&steps, StepName::Name), Outcome::Ok);
    assert_eq!(outcome(&steps, StepName::Connection), Outcome::Failed);
}

#[tokio::test]
async fn a_clock_that_is_off_is_a_warning_and_a_foreign_server_the_end() {
    let date = "Date: Sun, 22 Nov 2026 11:50:00 GMT\r\n";
    let server = Server::start(move |_| answer("404 Not Found", date, "")).await;
    let steps = diagnose(&server.base, None, Some("hunter2")).await;
    let clock = steps.iter().find(|it| it.name == StepName::Clock).unwrap();
    assert_eq!(clock.outcome, Outcome::Warning);
    assert!(clock.seen.contains("600 seconds behind"), "{}", clock.seen);
    assert_eq!(outcome(&steps, StepName::Certificate), Outcome::Warning);
    assert_eq!(outcome(&steps, StepName::Platform), Outcome::Failed);
    assert!(server.asked().iter().all(|it| !it.contains("hunter2")));
}

#[tokio::test]
async fn a_refused_password_is_tried_once_and_not_told() {
    let server = Server::start(|asked| {
        if asked.contains("hunter2") {
            return answer("401 Unauthorized", "Set-Cookie: a=topsecret\r\n", "");
        }
        answer("200 OK", "Set-Cookie: csrftoken=abcabcabcabcabcabcabcabcabcabcab; Path=/\r\n", "")
    })
    .await;
    let steps = diagnose(&server.base, Some("aap"), Some("hunter2")).await;
    assert_eq!(outcome(&steps, StepName::SignIn), Outcome::Failed, "{steps:#?}");
    assert_eq!(outcome(&steps, StepName::Who), Outcome::Skipped);
    assert_eq!(outcome(&steps, StepName::Basic), Outcome::Skipped);
    assert_eq!(server.asked().iter().filter(|it| it.contains("hunter2")).count(), 1);
    let text = format!("{steps:?}");
    assert!(!text.contains("hunter2") && !text.contains("topsecret"));
}

#[tokio::test]
async fn without_a_password_only_the_public_part_is_walked() {
    let server = Server::start(|_| answer("200 OK", "", "hello")).await;
    let steps = diagnose(&server.base, Some("aap"), None).await;
    assert_eq!(outcome(&steps, StepName::SignInPage), Outcome::Failed);
    assert_eq!(outcome(&steps, StepName::SignIn), Outcome::Skipped);
    assert!(server.asked().iter().all(|it| it.starts_with("GET ")));
}
