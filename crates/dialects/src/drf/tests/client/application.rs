//! Tokens for applications, and devices.

use std::time::Duration;

use identity::model::application::Allowances;
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::SignedDuration;

use super::{anybody, both, login, lost, rejection};
use crate::bed::PASSWORD;
use crate::bed::talk::{answer, data, play, talk, talk_while};
use crate::client_half::{Application, Credential, Login, Method, Next, Prompt, Rejection};
use crate::oauth::bed::{Office, Registered, public_fields};

fn application(by: &Registered) -> Application {
    let secret = (!by.secret.is_empty()).then(|| Secret::new(by.secret.as_str()));
    Application { id: by.application.client_id.clone(), secret }
}

fn some_application() -> Application {
    Application { id: "app".to_owned(), secret: None }
}

#[tokio::test]
async fn an_application_gets_a_token_renews_it_and_revokes_it() {
    for dialect in both() {
        let office = Office::new().await;
        let by = office.password_application().await;
        let bed = &office.bed;
        let now = bed.authority.world.clock.now();
        let wanted = Login {
            application: Some(application(&by)),
            scope: Some("write".to_owned()),
            ..login("alice", PASSWORD, Method::Token, now)
        };
        let first = talk(bed, dialect, dialect.client().sign_in(wanted.clone())).await.done();
        assert!(first.renewal.is_some() && first.expires_at.is_some());
        talk(bed, dialect, dialect.client().who(&first)).await.done();
        bed.clock.pass(SignedDuration::from_secs(60));
        let now = bed.authority.world.clock.now();
        let second = talk(bed, dialect, dialect.client().renew(&first, now).unwrap()).await.done();
        assert_ne!(first.renewal.as_ref().unwrap().expose(), second.renewal.as_ref().unwrap().expose());
        let end = talk(bed, dialect, dialect.client().who(&first)).await.end;
        assert_eq!(rejection(end), Rejection::Over);
        assert_eq!(talk(bed, dialect, dialect.client().who(&second)).await.done().username, "alice");
        talk(bed, dialect, dialect.client().sign_out(&second)).await.done();
        let end = talk(bed, dialect, dialect.client().who(&second)).await.end;
        assert_eq!(rejection(end), Rejection::Over);
        for held in [&first, &second] {
            let end = talk(bed, dialect, dialect.client().renew(held, now).unwrap()).await.end;
            assert_eq!(rejection(end), Rejection::Over);
        }
        let wrong = Login {
            credential: Credential::Password { username: "alice".to_owned(), password: Secret::new("x") },
            ..wanted.clone()
        };
        let end = talk(bed, dialect, dialect.client().sign_in(wrong)).await.end;
        assert_eq!(rejection(end), Rejection::Password);
        let stranger = Login { application: Some(some_application()), ..wanted };
        let end = talk(bed, dialect, dialect.client().sign_in(stranger)).await.end;
        assert!(matches!(rejection(end), Rejection::Application(_)));
    }
}

#[test]
fn authorization_servers_refuse_in_many_ways() {
    for dialect in both() {
        let login = Login { application: Some(some_application()), ..anybody(Method::Token) };
        let asked =
            |status, body: &str| play(dialect.client().sign_in(login.clone()), vec![data(status, body)]).end;
        let refused = |status, body: &str| rejection(asked(status, body));
        let wrong = r#"{"error": "invalid_grant", "error_description": "Invalid credentials given."}"#;
        assert_eq!(refused(400, wrong), Rejection::Password);
        assert!(matches!(refused(401, r#"{"error": "invalid_client"}"#), Rejection::Application(_)));
        assert!(matches!(refused(400, r#"{"error": "unauthorized_client"}"#), Rejection::Application(_)));
        assert!(matches!(refused(400, r#"{"error": "unsupported_grant_type"}"#), Rejection::Application(_)));
        assert!(matches!(refused(400, r#"{"error": "invalid_scope"}"#), Rejection::Invalid(_)));
        let said = "(access_denied) OAuth2 Tokens cannot be created by users of another provider (social)";
        assert_eq!(refused(403, said), Rejection::TokensNotAllowed(said.to_owned()));
        assert_eq!(refused(404, ""), Rejection::NoTokens);
        lost(asked(500, ""));
        lost(asked(200, "{}"));
        for status in [200, 201] {
            let given = r#"{"access_token": "abc", "expires_in": 31536000000, "token_type": "Bearer", "refresh_token": "r"}"#;
            let held = play(dialect.client().sign_in(login.clone()), vec![data(status, given)]).done();
            assert!(held.expires_at.is_some(), "a thousand years are cut");
            let over = answer(403, &[("content-type", "text/html")], "The refresh token has expired.");
            let end = play(dialect.client().renew(&held, login.now).unwrap(), vec![over]).end;
            assert_eq!(rejection(end), Rejection::Over);
            // Some servers say that they revoked it, and did not.
            let user = data(200, r#"{"username":"ann"}"#);
            let yes = || answer(200, &[], "");
            let end = play(dialect.client().sign_out(&held), vec![yes(), yes(), user]).end;
            assert!(matches!(rejection(end), Rejection::Invalid(said) if said.contains("still accepts it")));
        }
    }
}

#[tokio::test]
async fn a_user_lets_a_device_in_or_not() {
    for dialect in both() {
        let office = Office::new().await;
        let fields = public_fields(Allowances { device: true, ..Allowances::default() });
        let by = office.register("device", fields).await;
        let alice = office.principal("alice").await;
        let bed = &office.bed;
        for is_allowed in [true, false] {
            let login = Login {
                credential: Credential::None,
                application: Some(application(&by)),
                scope: Some("read".to_owned()),
                now: bed.authority.world.clock.now(),
                ..anybody(Method::Device)
            };
            let decide = async |prompt: &Prompt| {
                let code = &prompt.code;
                bed.authority.decide_device(&bed.context(), &alice, code, is_allowed).await.unwrap();
            };
            let talk_in = talk_while(bed, dialect, dialect.client().sign_in(login), decide).await;
            let prompt = &talk_in.prompts[0];
            assert!(prompt.address.starts_with("https://gateway.example.com/"), "{prompt:?}");
            assert!(prompt.complete.as_ref().unwrap().contains(&prompt.code));
            if is_allowed {
                let held = talk_in.done();
                assert!(matches!(held.proof, Proof::Bearer(_)));
                assert_eq!(talk(bed, dialect, dialect.client().who(&held)).await.done().username, "alice");
                talk(bed, dialect, dialect.client().sign_out(&held)).await.done();
            } else {
                assert!(matches!(rejection(talk_in.end), Rejection::Device(said) if said.contains("no")));
            }
        }
        let login = Login { application: Some(application(&by)), ..anybody(Method::Device) };
        let talk = talk(bed, dialect, dialect.client().sign_in(login)).await;
        assert!(matches!(rejection(talk.end), Rejection::Device(said) if said.contains("time")));
        assert_eq!(talk.prompts.len(), 1, "it is said once");
    }
}

#[test]
fn a_device_asks_more_slowly_when_it_is_told() {
    let aap = both()[0];
    let begun = r#"{"device_code":"d","user_code":"ABCD","verification_uri":"https://x/\u001b[2J","expires_in":60,"interval":5}"#;
    let login = Login { application: Some(some_application()), ..anybody(Method::Device) };
    let mut talk = aap.client().sign_in(login.clone());
    let mut waits = Vec::new();
    let mut given = None;
    let mut answers = [
        data(200, begun),
        data(400, r#"{"error":"authorization_pending"}"#),
        data(400, r#"{"error":"slow_down"}"#),
        data(400, r#"{"error":"slow_down"}"#),
        data(201, r#"{"access_token":"t","expires_in":100}"#),
    ]
    .into_iter();
    let held = loop {
        match talk.next(given.as_ref()) {
            Next::Send(_) => given = answers.next(),
            Next::Wait(wait) => {
                if let Some(prompt) = &wait.prompt {
                    assert_eq!(prompt.address, "https://x/ [2J", "nothing that a terminal obeys");
                }
                waits.push(wait.time);
                given = None;
            }
            Next::Done(held) => break held,
            other => panic!("an end was expected, not {other:?}"),
        }
    };
    assert_eq!(waits, [5, 5, 10, 15].map(Duration::from_secs));
    assert_eq!(held.expires_at, Some(login.now + SignedDuration::from_secs(135)));
    let end = play(aap.client().sign_in(login.clone()), vec![data(404, "")]).end;
    assert!(matches!(rejection(end), Rejection::Device(_)));
    let end = play(aap.client().sign_in(login.clone()), vec![data(401, r#"{"error":"invalid_client"}"#)]).end;
    assert!(matches!(rejection(end), Rejection::Application(_)));
    lost(play(aap.client().sign_in(login), vec![data(200, "{}")]).end);
    let end = play(aap.client().sign_in(anybody(Method::Device)), Vec::new()).end;
    assert!(matches!(rejection(end), Rejection::Application(_)));
}
