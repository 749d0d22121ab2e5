//! Basic authentication and tokens of a user's own.

use identity::model::proof::Proof;
use identity::model::secret::Secret;
use identity::model::setting::SettingValue;

use super::{anybody, bearer, both, given, login, lost, rejection, session, won};
use crate::bed::talk::{answer, data, play, talk};
use crate::bed::{Bed, PASSWORD};
use crate::client_half::{Credential, Login, Method, Rejection, WantedToken};

const USER: &str = r#"{"count":1,"next":null,"previous":null,"results":[{"id":7,"username":"ann","email":"","is_superuser":true,"is_system_auditor":true}]}"#;
const MADE: &str = r#"{"id":4,"user":2,"token":"abcdefghijklmnopqrstuvwxyz0123","application":null,"expires":"3026-03-24T18:39:23.960849Z","scope":"read","description":"d"}"#;

#[tokio::test]
async fn a_token_is_made_used_and_revoked() {
    for dialect in both() {
        let bed = Bed::new().await;
        let login = Login {
            scope: Some("write".to_owned()),
            description: Some("for a test".to_owned()),
            ..login("alice", PASSWORD, Method::Token, bed.authority.world.clock.now())
        };
        let talk_in = talk(&bed, dialect, dialect.client().sign_in(login)).await;
        assert_eq!(talk_in.sent.len(), 1);
        let held = talk_in.done();
        assert!(held.token_id.is_some() && held.expires_at.is_some() && held.version.is_some());
        assert_eq!(held.username, "alice");
        let listed = talk(&bed, dialect, dialect.client().tokens().unwrap().list(&held)).await.done();
        assert_eq!((listed[0].description.as_str(), listed[0].scope.as_str()), ("for a test", "write"));
        assert!(dialect.client().renew(&held, bed.authority.world.clock.now()).is_none());
        assert!(dialect.client().standing(&held, bed.authority.world.clock.now()).is_none());
        talk(&bed, dialect, dialect.client().sign_out(&held)).await.done();
        let end = talk(&bed, dialect, dialect.client().who(&held)).await.end;
        assert_eq!(rejection(end), Rejection::Over);
        // And again: it is no more.
        talk(&bed, dialect, dialect.client().sign_out(&held)).await.done();
    }
}

/// The platform gateway says that it does not take passwords; the controller says of nothing why.
#[tokio::test]
async fn a_server_without_basic_still_makes_tokens_where_it_says_so() {
    for dialect in both() {
        let bed = Bed::new().await;
        let held = won(&bed, dialect, Method::Basic).await;
        assert!(matches!(held.proof, Proof::Password { .. }) && held.version.is_some());
        assert!(talk(&bed, dialect, dialect.client().sign_out(&held)).await.sent.is_empty());
    }
    let (bed, aap) = (Bed::new().await, both()[0]);
    bed.set("gateway_basic_auth_enabled", SettingValue::Boolean(false)).await;
    let basic = login("alice", PASSWORD, Method::Basic, bed.authority.world.clock.now());
    let end = talk(&bed, aap, aap.client().sign_in(basic.clone())).await.end;
    assert_eq!(rejection(end), Rejection::BasicOff);
    let talk_in = talk(&bed, aap, aap.client().sign_in(Login { method: Method::Token, ..basic })).await;
    assert_eq!(
        talk_in.asked(),
        [
            "POST /api/gateway/v1/tokens/",
            "GET /api/gateway/v1/login/",
            "POST /api/gateway/v1/login/",
            "POST /api/gateway/v1/tokens/",
            "GET /api/gateway/v1/logout/",
        ]
    );
    let held = talk_in.done();
    assert_eq!(talk(&bed, aap, aap.client().who(&held)).await.done().username, "alice");
}

#[tokio::test]
async fn a_token_that_was_given_is_verified_and_stays() {
    for dialect in both() {
        let bed = Bed::new().await;
        let value = bed.token("alice", "read").await;
        let held = talk(&bed, dialect, dialect.client().sign_in(given(&value))).await.done();
        assert_eq!(held.username, "alice");
        assert!(talk(&bed, dialect, dialect.client().sign_out(&held)).await.sent.is_empty());
        talk(&bed, dialect, dialect.client().who(&held)).await.done();
        let end = talk(&bed, dialect, dialect.client().sign_in(given("none"))).await.end;
        assert_eq!(rejection(end), Rejection::Token);
        let end = talk(&bed, dialect, dialect.client().sign_in(given("a\r\nb"))).await.end;
        assert_eq!(rejection(end), Rejection::Token);
    }
}

/// It can do nothing, not even that; the server's words tell it.
#[tokio::test]
async fn a_token_that_may_only_read_cannot_revoke_itself() {
    for dialect in both() {
        let bed = Bed::new().await;
        let now = bed.authority.world.clock.now();
        let wanted = Login { scope: Some("read".to_owned()), ..login("alice", PASSWORD, Method::Token, now) };
        let held = talk(&bed, dialect, dialect.client().sign_in(wanted)).await.done();
        let end = talk(&bed, dialect, dialect.client().sign_out(&held)).await.end;
        assert!(matches!(rejection(end), Rejection::NotPermitted(said) if said.contains("permission")));
    }
}

#[test]
fn servers_refuse_tokens_in_many_ways() {
    let external = r#"{"detail":"(access_denied) OAuth2 Tokens cannot be created by users associated with an external authentication provider (corp ldap)"}"#;
    for dialect in both() {
        let made = |answers| play(dialect.client().sign_in(anybody(Method::Token)), answers).end;
        // Releases of the controller after 24.6.1 have none.
        assert_eq!(
            rejection(made(vec![answer(404, &[("content-type", "text/html")], "<h1>Not Found</h1>")])),
            Rejection::NoTokens
        );
        let Rejection::TokensNotAllowed(said) = rejection(made(vec![data(403, external)])) else {
            panic!("no tokens were expected")
        };
        assert!(said.contains("corp ldap"));
        assert!(matches!(rejection(made(vec![data(400, r#"{"scope":["no"]}"#)])), Rejection::Invalid(_)));
        lost(made(vec![data(201, "{}")]));
        lost(made(vec![data(201, "no JSON")]));
        lost(made(vec![answer(500, &[], "")]));
        let Rejection::Unencrypted = rejection({
            let mut plain = anybody(Method::Token);
            plain.base = "http://gateway.example.com".to_owned();
            let there = answer(301, &[("location", "https://gateway.example.com/api/v2/tokens/")], "");
            play(dialect.client().sign_in(plain), vec![there]).end
        }) else {
            panic!("https was expected")
        };
        let held = play(dialect.client().sign_in(anybody(Method::Token)), vec![data(201, MADE)]).done();
        assert_eq!(held.token_id.as_deref(), Some("4"));
        assert!(held.expires_at.is_some());
        let tokens = dialect.client().tokens().unwrap();
        let end = play(tokens.create(&session(), WantedToken::default()), vec![answer(404, &[], "")]).end;
        assert_eq!(rejection(end), Rejection::NoTokens);
        let end = play(tokens.list(&session()), vec![data(200, USER), answer(404, &[], "")]).end;
        assert_eq!(rejection(end), Rejection::NoTokens);
    }
}

#[test]
fn lists_are_followed_over_their_pages_at_the_same_server_alone() {
    for dialect in both() {
        let row = |id: u8| format!(r#"{{"id":{id},"scope":"read","description":"d","expires":"e"}}"#);
        let page = |next: &str, id| data(200, &format!(r#"{{"next":{next},"results":[{}]}}"#, row(id)));
        let tokens = dialect.client().tokens().unwrap();
        let answers = vec![
            data(200, USER),
            page("\"/a/?page=2\"", 1),
            page("\"https://gateway.example.com/a/?page=3\"", 2),
            page("null", 3),
        ];
        let talk = play(tokens.list(&bearer()), answers);
        assert!(talk.sent[1].uri().path().ends_with("/users/7/tokens/"), "{}", talk.sent[1].uri());
        assert_eq!(talk.sent[2].uri(), "https://gateway.example.com/a/?page=2");
        assert!(talk.sent.iter().all(|it| it.headers()["authorization"] == "Bearer t0ken"));
        assert_eq!(talk.done().len(), 3);
        let answers = vec![data(200, USER), page("\"https://other.example/a/?page=2\"", 1)];
        assert_eq!(play(tokens.list(&bearer()), answers).done().len(), 1);
        let answers =
            (0..=100).map(|it| if it == 0 { data(200, USER) } else { page("\"/a/\"", it) }).collect();
        assert_eq!(play(tokens.list(&bearer()), answers).done().len(), 100, "there is an end to it");
        let answers = vec![data(200, USER), page("\"/a/\"", 1), page("\"/b/\"", 1)];
        assert_eq!(play(tokens.list(&bearer()), answers).done().len(), 1, "nothing new comes");
    }
}

#[test]
fn who_it_is_comes_as_a_list_or_alone() {
    for dialect in both() {
        for body in [USER, r#"{"id":7,"username":"ann","is_superuser":true,"is_system_auditor":true}"#] {
            let who = play(dialect.client().who(&bearer()), vec![data(200, body)]).done();
            assert_eq!(
                (who.username.as_str(), who.id.as_deref(), who.is_superuser),
                ("ann", Some("7"), Some(true))
            );
            assert_eq!((who.email, who.roles), (None, vec!["system auditor".to_owned()]));
        }
        for body in ["{}", "[]", r#"{"results":[]}"#, "<html>"] {
            lost(play(dialect.client().who(&bearer()), vec![data(200, body)]).end);
        }
    }
}

#[test]
fn what_basic_cannot_carry_is_not_sent() {
    for dialect in both() {
        for (name, password) in [("a:b", "p"), ("a\n", "p"), ("a", "p\0")] {
            let login = login(name, password, Method::Basic, jiff::Timestamp::UNIX_EPOCH);
            let end = play(dialect.client().sign_in(login), Vec::new()).end;
            assert!(matches!(rejection(end), Rejection::Invalid(_)));
        }
        for (method, credential) in [
            (Method::Session, Credential::None),
            (Method::Basic, Credential::Token(Secret::new("t"))),
            (Method::Token, Credential::None),
        ] {
            let login = Login { credential, ..anybody(method) };
            let end = play(dialect.client().sign_in(login), Vec::new()).end;
            assert!(matches!(rejection(end), Rejection::Invalid(_)));
        }
    }
}
