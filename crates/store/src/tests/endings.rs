//! How grants end: on purpose, with what they belong to, and by themselves.

use identity::model::grant::Decision;
use identity::model::object::{GrantId, Noun, Object, TokenId};
use identity::model::query::Sight;
use identity::model::scope::Scope;
use identity::model::token::Token;
use identity::port::{Change, Issued, Store as _, Taken};

use super::devices::device;
use super::grants::{client, code, digest, issue, refresh, token_of};
use super::{Bench, at, bench, trail};

#[tokio::test]
async fn a_grant_that_ends_leaves_memory_at_once() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let made = bench.issued(Taken::Nothing, "one", anna.id, &app).await;
    bench.issued(Taken::Nothing, "other", anna.id, &app).await;
    assert!(bench.opens("one").await && bench.opens("other").await);
    let grant = made.grant.unwrap();
    assert_eq!(bench.store.end_grant(grant).await.unwrap(), 1);
    assert!(bench.store.recall_token(&digest("one"), at(30)).is_none());
    assert!(!bench.opens("one").await);
    assert!(bench.refresh_token("one").await.is_none());
    assert!(bench.opens("other").await, "another grant is another matter");
    assert_eq!(bench.store.end_grant(grant).await.unwrap(), 0);
    assert_eq!(bench.store.end_grant(GrantId(99)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_token_made_as_an_object_has_a_grant_and_takes_it_along() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let personal = bench.token("own", anna.id, None).await;
    assert_eq!((personal.grant, personal.refresh_digest.as_deref()), (None, None));
    let made = bench.token("one", anna.id, Some(app.id)).await;
    assert!(made.grant.is_some());
    assert_eq!(made.refresh_digest, Some(refresh("one").to_tagged()));
    let refresh_token = bench.refresh_token("one").await.unwrap();
    assert_eq!(refresh_token.token, Some(made.id));

    // What is taken from the token does not come back by its refresh token.
    let narrow = Token { scope: Scope::parse("read").unwrap(), ..made.clone() };
    let change = Change::Update {
        before: Object::Token(made.clone()),
        after: Object::Token(narrow),
        password: None,
        keep_session: None,
    };
    let changed = bench.store.apply(change, trail(3)).await.unwrap().unwrap().0;
    assert_eq!(bench.refresh_token("one").await.unwrap().scope.as_str(), "read");
    assert!(bench.opens("one").await);

    bench.delete(changed).await;
    assert!(!bench.opens("one").await);
    assert!(bench.refresh_token("one").await.is_none());
    assert_eq!(bench.token_count().await, 1);
}

#[tokio::test]
async fn applications_and_users_take_all_that_could_become_a_token() {
    for which in ["application", "organization", "user"] {
        let bench = bench().await;
        let (anna, app) = client(&bench).await;
        bench.store.create_code(code("code", anna.id, &app)).await.unwrap();
        bench.issued(Taken::Nothing, "one", anna.id, &app).await;
        assert!(bench.opens("one").await);
        bench
            .delete(match which {
                "application" => Object::Application(app.clone()),
                "user" => Object::User(anna.clone()),
                _ => {
                    let it = bench.store.find(Noun::Organization, app.organization.0, Sight::All).await;
                    it.unwrap().unwrap().0
                }
            })
            .await;
        assert!(bench.store.recall_token(&digest("one"), at(30)).is_none(), "{which}");
        assert!(!bench.opens("one").await, "{which}");
        assert!(bench.refresh_token("one").await.is_none(), "{which}");
        assert!(bench.store.find_code(&digest("code")).await.unwrap().is_none(), "{which}");
    }
}

#[tokio::test]
async fn access_tokens_and_refresh_tokens_are_revoked_apart() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let bert = bench.user("bert").await;
    let first = bench.issued(Taken::Nothing, "one", anna.id, &app).await;
    bench.issued(Taken::Nothing, "two", anna.id, &app).await;
    bench.issued(Taken::Nothing, "three", bert.id, &app).await;
    assert!(bench.opens("three").await);
    assert_eq!(bench.store.revoke_tokens(Some(anna.id)).await.unwrap(), [first.id, TokenId(first.id.0 + 1)]);
    assert!(!bench.opens("one").await);
    let alive = bench.refresh_token("one").await.unwrap();
    assert_eq!((alive.ended_at, alive.token), (None, None));
    let again = bench.issued(Taken::Refresh(alive.id), "four", anna.id, &app).await;
    assert_eq!(Some(alive.grant), again.grant);
    assert!(bench.opens("four").await);

    let ended = bench.store.revoke_refresh_tokens(Some(anna.id), at(40)).await.unwrap();
    assert_eq!(ended.len(), 2);
    assert_eq!(bench.refresh_token("four").await.unwrap().ended_at, Some(at(40)));
    assert!(bench.opens("four").await, "its life goes on");
    let kept = bench.store.find_token(&digest("four"), at(41)).await.unwrap().unwrap();
    assert_eq!(kept.token.refresh_digest, None);
    assert_eq!(bench.refresh_token("three").await.unwrap().ended_at, None);
    assert_eq!(bench.store.revoke_refresh_tokens(None, at(50)).await.unwrap().len(), 1);
    let kept = bench.store.find_token(&digest("three"), at(51)).await.unwrap().unwrap();
    assert_eq!(kept.token.refresh_digest, None);
    assert_eq!(bench.store.revoke_refresh_tokens(None, at(60)).await.unwrap(), []);
}

#[tokio::test]
async fn revoking_refresh_tokens_takes_along_what_could_become_one() {
    for whole in [false, true] {
        let bench = bench().await;
        let (anna, app) = client(&bench).await;
        let bert = bench.user("bert").await;
        for (name, user) in [("anna", &anna), ("bert", &bert)] {
            bench.store.create_code(code(&format!("code of {name}"), user.id, &app)).await.unwrap();
            let asked = device(&format!("device of {name}"), name, &app);
            assert!(bench.store.create_device(asked).await.unwrap());
            let yes = Decision::Allowed(user.id);
            assert!(bench.store.decide_device(&digest(name), yes, at(11)).await.unwrap());
        }
        let user = (!whole).then_some(anna.id);
        bench.store.revoke_refresh_tokens(user, at(12)).await.unwrap();
        for (name, user, is_left) in [("anna", &anna, false), ("bert", &bert, !whole)] {
            for taken in [
                Taken::Code(digest(&format!("code of {name}"))),
                Taken::Device(digest(&format!("device of {name}"))),
            ] {
                let value = format!("{name} {taken:?}");
                let issued = bench.store.issue(issue(taken, &value, user.id, &app)).await.unwrap();
                assert_eq!(matches!(issued, Issued::Token(_)), is_left, "{value}");
            }
        }
    }
}

#[tokio::test]
async fn cleaning_takes_what_is_over_and_empty_grants() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    bench.issued(Taken::Nothing, "old", anna.id, &app).await;
    let mut new = issue(Taken::Nothing, "new", anna.id, &app);
    new.token.expires_at = at(200_000);
    new.token.stamp = super::stamp(60);
    let new = token_of(bench.store.issue(new).await.unwrap());
    assert!(bench.opens("old").await && bench.opens("new").await);
    // The refresh token outlives the access token.
    assert_eq!(bench.store.clean_tokens(at(100_000), at(0)).await.unwrap(), (1, 0));
    assert!(bench.store.recall_token(&digest("old"), at(30)).is_none());
    assert!(!bench.opens("old").await && bench.opens("new").await);
    assert!(bench.refresh_token("old").await.is_some());
    assert_eq!(bench.store.clean_tokens(at(100_000), at(50)).await.unwrap(), (0, 1));
    assert!(bench.refresh_token("old").await.is_none());
    assert_eq!(grants(&bench).await, [new.grant.unwrap().0]);
    assert_eq!(bench.store.clean_tokens(at(100_000), at(61)).await.unwrap(), (0, 1));
    let kept = bench.store.find_token(&digest("new"), at(31)).await.unwrap().unwrap();
    assert_eq!(kept.token.refresh_digest, None);
}

async fn grants(bench: &Bench) -> Vec<i64> {
    use sqlx::Row as _;
    let reading = bench.store.engine.read(|connection| {
        Box::pin(async move {
            let rows = sqlx::query("SELECT id FROM grants ORDER BY id").fetch_all(connection).await?;
            rows.iter().map(|row| row.try_get("id")).collect()
        })
    });
    reading.await.unwrap()
}

#[tokio::test]
async fn sweeping_forgets_codes_after_an_hour_and_grants_that_nothing_carries_on() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    bench.store.create_code(code("code", anna.id, &app)).await.unwrap();
    bench.issued(Taken::Code(digest("code")), "one", anna.id, &app).await;
    let kept = bench.issued(Taken::Nothing, "two", anna.id, &app).await;
    let again = bench.store.issue(issue(Taken::Code(digest("code")), "late", anna.id, &app)).await.unwrap();
    assert!(matches!(again, Issued::Replayed));
    bench.store.sweep(at(599)).await.unwrap();
    assert_eq!(grants(&bench).await.len(), 2, "the code may be shown again");
    bench.store.sweep(at(600)).await.unwrap();
    assert_eq!(grants(&bench).await, [kept.grant.unwrap().0]);
    bench.store.sweep(at(600 + 3599)).await.unwrap();
    assert!(bench.store.find_code(&digest("code")).await.unwrap().is_some());
    bench.store.sweep(at(600 + 3600)).await.unwrap();
    assert!(bench.store.find_code(&digest("code")).await.unwrap().is_none());
    // Either token carries a grant on.
    bench.store.revoke_tokens(None).await.unwrap();
    bench.store.sweep(at(700)).await.unwrap();
    assert!(bench.refresh_token("two").await.is_some());
    bench.store.revoke_refresh_tokens(None, at(701)).await.unwrap();
    bench.store.sweep(at(702)).await.unwrap();
    assert!(grants(&bench).await.is_empty());
}
