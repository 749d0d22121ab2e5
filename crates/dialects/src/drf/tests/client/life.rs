//! Sessions at our own server halves: what they are good for, and every way in which they die.

use bytes::Bytes;
use http::{Method as Verb, Request, Response};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use identity::model::setting::SettingValue;
use jiff::SignedDuration;

use super::{both, rejection, session, won};
use crate::bed::Bed;
use crate::bed::talk::{answer, base, play, talk};
use crate::client_half::{Death, Holding, Method, Rejection, Style, Verdict, WantedToken};
use crate::dialect::Dialect;
use crate::oauth::bed::Office;

/// Where the tokens are.
fn tokens_path(dialect: &dyn Dialect) -> &'static str {
    if dialect.name() == "aap" { "/api/gateway/v1/tokens/" } else { "/api/v2/tokens/" }
}

/// The answer to a request with what is held.
async fn call(
    bed: &Bed,
    dialect: &'static dyn Dialect,
    held: &Holding,
    verb: Verb,
    body: &str,
) -> Response<Bytes> {
    let request = Request::builder()
        .method(verb)
        .uri(format!("{}{}", base(), tokens_path(dialect)))
        .header("content-type", "application/json")
        .body(Bytes::copy_from_slice(body.as_bytes()));
    let (mut parts, body) = request.unwrap().into_parts();
    dialect.client().write_proof(held, &mut parts);
    bed.send(dialect, Request::from_parts(parts, body)).await
}

/// What the answer says of what is held, asked as a caller asks: first without the body.
fn judged(dialect: &dyn Dialect, held: &Holding, answer: Response<Bytes>) -> Verdict {
    let (parts, body) = answer.into_parts();
    match dialect.client().judge(held, &parts, None) {
        Verdict::Unsure => dialect.client().judge(held, &parts, Some(&body)),
        verdict => verdict,
    }
}

const DEAD: Verdict = Verdict::Dead(Death { style: Style::Unauthorized, is_unrun: true });

/// Both a request that reads and one that writes find out that it is dead, and nothing was made.
async fn assert_dead(bed: &Bed, dialect: &'static dyn Dialect, held: &Holding, why: &str) {
    for verb in [Verb::GET, Verb::POST] {
        let answer = call(bed, dialect, held, verb.clone(), "{}").await;
        assert_eq!(judged(dialect, held, answer), DEAD, "{}: {verb} {why}", dialect.name());
    }
    let end = talk(bed, dialect, dialect.client().who(held)).await.end;
    assert_eq!(rejection(end), Rejection::Over);
    // What is dead is signed out.
    talk(bed, dialect, dialect.client().sign_out(held)).await.done();
}

#[tokio::test]
async fn a_session_writes_lists_and_revokes() {
    for dialect in both() {
        let bed = Bed::new().await;
        let held = won(&bed, dialect, Method::Session).await;
        let tokens = dialect.client().tokens().unwrap();
        let wanted =
            WantedToken { scope: Some("read".to_owned()), description: Some("it's \"mine\"".to_owned()) };
        let made = talk(&bed, dialect, tokens.create(&held, wanted)).await.done();
        assert_eq!(made.value.expose().len(), 30);
        assert_eq!((made.listed.scope.as_str(), made.listed.description.as_str()), ("read", "it's \"mine\""));
        let answer = call(&bed, dialect, &held, Verb::POST, "{}").await;
        assert_eq!(answer.status(), 201);
        assert_eq!(judged(dialect, &held, answer), Verdict::Alive);
        // Those of others are not listed, whoever asks.
        let admin =
            super::login("admin", crate::bed::PASSWORD, Method::Token, bed.authority.world.clock.now());
        let admin = talk(&bed, dialect, dialect.client().sign_in(admin)).await.done();
        let listed = talk(&bed, dialect, tokens.list(&admin)).await.done();
        assert_eq!(listed.iter().map(|it| &it.id).collect::<Vec<_>>(), [admin.token_id.as_ref().unwrap()]);
        let listed = talk(&bed, dialect, tokens.list(&held)).await.done();
        assert_eq!(listed.len(), 2);
        assert!(listed.iter().any(|it| it.id == made.listed.id && it.scope == "read"));
        talk(&bed, dialect, tokens.revoke(&held, &made.listed.id)).await.done();
        let end = talk(&bed, dialect, tokens.revoke(&held, &made.listed.id)).await.end;
        assert_eq!(rejection(end), Rejection::Absent);
        let end = talk(&bed, dialect, tokens.revoke(&held, "1/../2")).await.end;
        assert_eq!(rejection(end), Rejection::Absent);
        let wanted = WantedToken { scope: Some("everything".to_owned()), ..WantedToken::default() };
        let end = talk(&bed, dialect, tokens.create(&held, wanted)).await.end;
        assert!(matches!(rejection(end), Rejection::Invalid(said) if said.contains("scope")));
    }
}

#[tokio::test]
async fn a_session_is_signed_out_and_stays_so() {
    for dialect in both() {
        let bed = Bed::new().await;
        let held = won(&bed, dialect, Method::Session).await;
        let talk = talk(&bed, dialect, dialect.client().sign_out(&held)).await;
        assert_eq!(talk.sent.len(), 1);
        talk.done();
        assert_dead(&bed, dialect, &held, "signed out").await;
    }
}

#[tokio::test]
async fn a_session_is_put_off() {
    for (dialect, life) in both().into_iter().zip([900, 1800]) {
        let bed = Bed::new().await;
        let held = won(&bed, dialect, Method::Session).await;
        bed.clock.pass(SignedDuration::from_secs(600));
        let now = bed.authority.world.clock.now();
        let end = Some(now + SignedDuration::from_secs(life));
        if dialect.name() == "aap" {
            let standing = talk(&bed, dialect, dialect.client().standing(&held, now).unwrap()).await.done();
            assert_eq!(standing.expires_at, Some(now + SignedDuration::from_secs(300)));
        }
        let renewed = talk(&bed, dialect, dialect.client().renew(&held, now).unwrap()).await.done();
        assert_eq!(renewed.expires_at, end);
        let standing = talk(&bed, dialect, dialect.client().standing(&renewed, now).unwrap()).await.done();
        assert_eq!(standing.expires_at, end);
        bed.clock.pass(SignedDuration::from_secs(life - 1));
        let answer = call(&bed, dialect, &renewed, Verb::POST, "{}").await;
        assert_eq!(answer.status(), 201);
        bed.clock.pass(SignedDuration::from_secs(life + 1));
        let now = bed.authority.world.clock.now();
        let end = talk(&bed, dialect, dialect.client().renew(&renewed, now).unwrap()).await.end;
        assert_eq!(rejection(end), Rejection::Over);
        assert_dead(&bed, dialect, &renewed, "over").await;
    }
}

#[tokio::test]
async fn a_session_dies_when_it_is_revoked_evicted_or_its_user_disabled() {
    for (dialect, kind) in both().into_iter().zip([SessionKind::Gateway, SessionKind::Controller]) {
        let office = Office::new().await;
        let bed = &office.bed;
        let held = won(bed, dialect, Method::Session).await;
        let Proof::Session { secret, .. } = &held.proof else { panic!("a session was expected") };
        bed.authority.sign_out(&bed.context(), kind, secret).await.unwrap();
        assert_dead(bed, dialect, &held, "revoked").await;
        let held = won(bed, dialect, Method::Session).await;
        office.disable("alice").await;
        assert_dead(bed, dialect, &held, "disabled").await;
    }
    let (bed, awx) = (Bed::new().await, both()[1]);
    bed.set("awx.SESSIONS_PER_USER", SettingValue::Integer(1)).await;
    let first = won(&bed, awx, Method::Session).await;
    bed.clock.pass(SignedDuration::from_secs(1));
    let second = won(&bed, awx, Method::Session).await;
    assert_dead(&bed, awx, &first, "evicted").await;
    talk(&bed, awx, awx.client().who(&second)).await.done();
}

#[tokio::test]
async fn a_stale_csrf_token_is_told_from_death() {
    for dialect in both() {
        let bed = Bed::new().await;
        let mut held = won(&bed, dialect, Method::Session).await;
        let Proof::Session { secret, .. } = held.proof.clone() else { panic!("a session was expected") };
        held.proof = Proof::Session { secret: secret.clone(), csrf: Some(Secret::new("a".repeat(32))) };
        let answer = call(&bed, dialect, &held, Verb::POST, "{}").await;
        assert_eq!(judged(dialect, &held, answer), Verdict::Stale);
        let answer = call(&bed, dialect, &held, Verb::GET, "").await;
        assert_eq!((answer.status().as_u16(), judged(dialect, &held, answer)), (200, Verdict::Alive));
        let tokens = dialect.client().tokens().unwrap();
        let end = talk(&bed, dialect, tokens.create(&held, WantedToken::default())).await.end;
        assert!(matches!(rejection(end), Rejection::Forgery(_)));
        // It can still be signed out, by the way that needs no token.
        talk(&bed, dialect, dialect.client().sign_out(&held)).await.done();
        assert_dead(&bed, dialect, &held, "signed out").await;
    }
}

#[tokio::test]
async fn what_is_not_allowed_is_no_death() {
    for (dialect, path) in
        both().into_iter().zip(["/api/gateway/v1/organizations/", "/api/v2/organizations/"])
    {
        let bed = Bed::new().await;
        for method in [Method::Session, Method::Token, Method::Basic] {
            let held = won(&bed, dialect, method).await;
            let request =
                Request::post(format!("{}{path}", base())).header("content-type", "application/json");
            let (mut parts, body) =
                request.body(Bytes::from_static(b"{\"name\":\"x\"}")).unwrap().into_parts();
            dialect.client().write_proof(&held, &mut parts);
            let answer = bed.send(dialect, Request::from_parts(parts, body)).await;
            assert_eq!(answer.status(), 403);
            assert_eq!(judged(dialect, &held, answer), Verdict::Alive);
        }
    }
}

/// The framework's newer releases take no GET where one signs out, and older ones no POST.
#[test]
fn signing_out_tries_the_other_method() {
    for (dialect, methods) in both().into_iter().zip([["POST", "GET"], ["GET", "POST"]]) {
        let answers = vec![answer(405, &[], ""), answer(302, &[("location", "/api/")], "")];
        let talk = play(dialect.client().sign_out(&session()), answers);
        let verbs: Vec<_> = talk.sent.iter().map(|it| it.method().as_str().to_owned()).collect();
        assert_eq!(verbs, methods, "{}", dialect.name());
        let posted = talk.sent.iter().find(|it| it.method() == "POST").unwrap();
        assert_eq!(posted.headers()["x-csrftoken"], "t0ken");
        talk.done();
    }
}
