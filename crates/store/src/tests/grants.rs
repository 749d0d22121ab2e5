//! Grants: what is taken gives one token, and what is taken twice gives none and ends all.

use std::sync::Arc;

use identity::model::application::Application;
use identity::model::entry::Operation;
use identity::model::grant::{Code, RefreshToken};
use identity::model::object::{Noun, Object, RefreshTokenId, UserId};
use identity::model::pkce::Challenge;
use identity::model::query::Sight;
use identity::model::scope::Scope;
use identity::model::secret::Digest;
use identity::model::token::Token;
use identity::model::user::User;
use identity::port::{Change, Issue, Issued, Store as _, Taken, Trail};

use super::{Bench, at, bench, entry, everything, token, trail};

/// How many take the same at once.
const CROWD: usize = 20;

pub(super) fn digest(value: &str) -> Digest {
    Digest::of(value.as_bytes())
}

/// The refresh token that [`token`] gives to a token of this value.
pub(super) fn refresh(value: &str) -> Digest {
    digest(&format!("{value} again"))
}

pub(super) async fn client(bench: &Bench) -> (User, Application) {
    let user = bench.user("anna").await;
    let organization = bench.organization("Acme").await;
    let application = bench.application("app", organization.id).await;
    (user, application)
}

pub(super) fn issue(taken: Taken, value: &str, user: UserId, application: &Application) -> Issue {
    let entries = vec![entry(Operation::Create, Noun::Token)];
    let trail = Trail { at: at(20), by: Some(user), entries };
    Issue { taken, token: token(value, user, Some(application.id)), trail }
}

pub(super) fn token_of(issued: Issued) -> Token {
    match issued {
        Issued::Token(token) => *token,
        other => panic!("no token but {other:?}"),
    }
}

pub(super) fn code(value: &str, user: UserId, application: &Application) -> Code {
    Code {
        digest: digest(value),
        application: application.id,
        user,
        redirect_uri: "https://app.example/back".to_owned(),
        scope: Scope::parse("read write").unwrap(),
        challenge: Challenge::parse(&"c".repeat(43)),
        created_at: at(10),
        expires_at: at(600),
        is_used: false,
    }
}

impl Bench {
    pub(super) async fn issued(
        &self,
        taken: Taken,
        value: &str,
        user: UserId,
        application: &Application,
    ) -> Token {
        token_of(self.store.issue(issue(taken, value, user, application)).await.unwrap())
    }

    pub(super) async fn refresh_token(&self, value: &str) -> Option<RefreshToken> {
        self.store.find_refresh_token(&refresh(value)).await.unwrap()
    }

    /// Whether a token of this value opens anything, from memory or from the disk.
    pub(super) async fn opens(&self, value: &str) -> bool {
        let digest = digest(value);
        self.store.recall_token(&digest, at(30)).is_some()
            || self.store.find_token(&digest, at(30)).await.unwrap().is_some()
    }

    pub(super) async fn token_count(&self) -> u64 {
        self.page(Noun::Token, &everything(), Sight::All).await.total.unwrap()
    }
}

/// How often there was a token, a replay, and nothing; and the values that got a token.
async fn crowd(
    bench: &Arc<Bench>,
    taken: Taken,
    user: UserId,
    application: &Application,
) -> ((usize, usize, usize), Vec<String>) {
    let tasks = (0..CROWD).map(|number| {
        let bench = Arc::clone(bench);
        let value = format!("crowd {number}");
        let issue = issue(taken, &value, user, application);
        tokio::spawn(async move { (value, bench.store.issue(issue).await.unwrap()) })
    });
    let mut counts = (0, 0, 0);
    let mut values = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        match task.await.unwrap() {
            (value, Issued::Token(_)) => {
                counts.0 += 1;
                values.push(value);
            }
            (_, Issued::Replayed) => counts.1 += 1,
            (_, Issued::Gone) => counts.2 += 1,
        }
    }
    (counts, values)
}

#[tokio::test]
async fn a_token_for_nothing_taken_begins_a_grant() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let made = bench.issued(Taken::Nothing, "one", anna.id, &app).await;
    assert!(made.id.0 > 0 && made.grant.is_some());
    assert_eq!(made.refresh_digest, Some(refresh("one").to_tagged()));
    let found = bench.store.find_token(&digest("one"), at(30)).await.unwrap().unwrap();
    assert_eq!(*found.token, made);
    let refresh_token = bench.refresh_token("one").await.unwrap();
    assert_eq!(Some(refresh_token.grant), made.grant);
    assert_eq!((refresh_token.user, refresh_token.application), (anna.id, app.id));
    assert_eq!((refresh_token.token, refresh_token.ended_at), (Some(made.id), None));
    assert_eq!((refresh_token.granted_at, refresh_token.created_at), (at(1), at(1)));
    let told = bench.page(Noun::Entry, &everything(), Sight::All).await.objects;
    assert!(matches!(&told[..], [Object::Entry(it)] if it.object_id == made.id.to_string()), "{told:?}");

    let mut lone = issue(Taken::Nothing, "two", anna.id, &app);
    lone.token.refresh_digest = None;
    let lone = token_of(bench.store.issue(lone).await.unwrap());
    assert_eq!(lone.refresh_digest, None);
    assert_ne!(lone.grant, made.grant);
}

#[tokio::test]
async fn a_refresh_token_gives_one_new_pair_and_ends_the_old() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let first = bench.issued(Taken::Nothing, "one", anna.id, &app).await;
    assert!(bench.opens("one").await);
    let old = bench.refresh_token("one").await.unwrap();
    let mut narrow = issue(Taken::Refresh(old.id), "two", anna.id, &app);
    narrow.token.scope = Scope::parse("read").unwrap();
    let second = token_of(bench.store.issue(narrow).await.unwrap());
    assert_eq!((second.grant, second.scope.as_str()), (first.grant, "read"));
    assert!(!bench.opens("one").await, "one access token at a time");
    assert!(bench.opens("two").await);
    let old = bench.refresh_token("one").await.unwrap();
    assert_eq!((old.ended_at, old.token), (Some(at(20)), None));
    let new = bench.refresh_token("two").await.unwrap();
    assert_eq!((new.grant, new.ended_at, new.token), (old.grant, None, Some(second.id)));
    assert_eq!(new.scope, old.scope, "what was granted stays (RFC 6749 section 6)");
    assert_eq!(new.granted_at, at(1));
    // After a restart it is the same.
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(again.find_refresh_token(&refresh("two")).await.unwrap(), Some(new));
    assert!(again.find_token(&digest("one"), at(30)).await.unwrap().is_none());
    let kept = again.find_token(&digest("two"), at(30)).await.unwrap().unwrap().token;
    assert_eq!(*kept, Token { last_used_at: Some(at(30)), ..second });
}

#[tokio::test]
async fn a_scope_that_was_narrowed_meanwhile_is_not_given_any_more() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let mut wide = issue(Taken::Nothing, "one", anna.id, &app);
    wide.token.scope = Scope::parse("read write").unwrap();
    let made = token_of(bench.store.issue(wide).await.unwrap());
    // Somebody looks at the refresh token, then its user narrows the scope, then the first goes on.
    let seen = bench.refresh_token("one").await.unwrap();
    let change = Change::Update {
        before: Object::Token(made.clone()),
        after: Object::Token(Token { scope: Scope::parse("read").unwrap(), ..made }),
        password: None,
        keep_session: None,
    };
    bench.store.apply(change, trail(15)).await.unwrap();
    let mut late = issue(Taken::Refresh(seen.id), "two", anna.id, &app);
    late.token.scope = seen.scope;
    let issued = bench.store.issue(late).await.unwrap();
    assert!(matches!(issued, Issued::Gone), "{issued:?}");
    assert!(!bench.opens("two").await && bench.opens("one").await, "nothing was taken");
    assert_eq!(bench.refresh_token("one").await.unwrap().ended_at, None);
}

#[tokio::test]
async fn a_grant_keeps_only_so_many_ended_refresh_tokens() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    bench.issued(Taken::Nothing, "0", anna.id, &app).await;
    for number in 0..1001 {
        let last = bench.refresh_token(&number.to_string()).await.unwrap();
        bench.issued(Taken::Refresh(last.id), &(number + 1).to_string(), anna.id, &app).await;
    }
    for (value, is_there) in [("0", false), ("1", false), ("2", true), ("1001", true)] {
        assert_eq!(bench.refresh_token(value).await.is_some(), is_there, "{value}");
    }
    assert!(bench.opens("1001").await);
}

#[tokio::test]
async fn looking_at_a_token_is_no_use_of_it() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let made = bench.issued(Taken::Nothing, "one", anna.id, &app).await;
    for _ in 0..2 {
        let seen = bench.store.look_at_token(&digest("one")).await.unwrap().unwrap();
        assert_eq!(*seen, made);
    }
    bench.store.close().await.unwrap();
    let again = bench.directory.open().await.unwrap();
    assert_eq!(again.look_at_token(&digest("one")).await.unwrap().unwrap().last_used_at, None);
    assert_eq!(again.look_at_token(&digest("two")).await.unwrap(), None);
    assert!(again.recall_token(&digest("one"), at(30)).unwrap().is_first_use);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_take_one_refresh_token_get_one_token_that_does_not_last() {
    let bench = Arc::new(bench().await);
    let (anna, app) = client(&bench).await;
    bench.issued(Taken::Nothing, "one", anna.id, &app).await;
    assert!(bench.opens("one").await);
    let taken = Taken::Refresh(bench.refresh_token("one").await.unwrap().id);
    let (counts, values) = crowd(&bench, taken, anna.id, &app).await;
    assert_eq!(counts, (1, CROWD - 1, 0));
    assert!(!bench.opens("one").await && !bench.opens(&values[0]).await);
    assert_eq!(bench.token_count().await, 0);
    assert!(bench.refresh_token(&values[0]).await.is_none_or(|it| it.ended_at.is_some()));
    let late = issue(taken, "late", anna.id, &app);
    assert!(matches!(bench.store.issue(late).await.unwrap(), Issued::Replayed));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_take_one_code_get_one_token_that_does_not_last() {
    let bench = Arc::new(bench().await);
    let (anna, app) = client(&bench).await;
    bench.store.create_code(code("code", anna.id, &app)).await.unwrap();
    let (counts, values) = crowd(&bench, Taken::Code(digest("code")), anna.id, &app).await;
    assert_eq!(counts, (1, CROWD - 1, 0));
    assert!(!bench.opens(&values[0]).await);
    assert_eq!(bench.token_count().await, 0);
    let left = bench.refresh_token(&values[0]).await;
    assert!(left.is_none_or(|it| it.ended_at.is_some()));
}

#[tokio::test]
async fn a_code_is_kept_as_it_was_made_and_taken_once() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let made = code("code", anna.id, &app);
    bench.store.create_code(made.clone()).await.unwrap();
    assert_eq!(bench.store.find_code(&digest("code")).await.unwrap(), Some(made.clone()));
    assert_eq!(bench.store.find_code(&digest("other")).await.unwrap(), None);
    assert!(!bench.store.end_grant_of_code(&digest("code")).await.unwrap(), "it gave nothing yet");

    let taken = Taken::Code(digest("code"));
    let bert = bench.user("bert").await;
    let foreign = bench.store.issue(issue(taken, "foreign", bert.id, &app)).await.unwrap();
    assert!(matches!(foreign, Issued::Gone), "{foreign:?}");
    assert!(!bench.store.find_code(&digest("code")).await.unwrap().unwrap().is_used);

    bench.issued(taken, "one", anna.id, &app).await;
    assert!(bench.opens("one").await);
    assert_eq!(bench.store.find_code(&digest("code")).await.unwrap(), Some(Code { is_used: true, ..made }));
    assert!(bench.store.end_grant_of_code(&digest("code")).await.unwrap());
    assert!(bench.store.recall_token(&digest("one"), at(30)).is_none());
    assert!(!bench.opens("one").await);
    assert!(bench.refresh_token("one").await.is_none());
    assert!(!bench.store.end_grant_of_code(&digest("code")).await.unwrap());
    let again = bench.store.issue(issue(taken, "two", anna.id, &app)).await.unwrap();
    assert!(matches!(again, Issued::Replayed), "{again:?}");
}

#[tokio::test]
async fn a_user_has_only_so_many_codes() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let bert = bench.user("bert").await;
    bench.store.create_code(code("bert's", bert.id, &app)).await.unwrap();
    for number in 0..101_i64 {
        let it = Code { created_at: at(number), ..code(&format!("code {number}"), anna.id, &app) };
        bench.store.create_code(it).await.unwrap();
    }
    for (value, is_there) in [("code 0", false), ("code 1", true), ("code 100", true), ("bert's", true)] {
        let found = bench.store.find_code(&digest(value)).await.unwrap();
        assert_eq!(found.is_some(), is_there, "{value}");
    }
}

#[tokio::test]
async fn nothing_is_issued_for_what_is_over_or_gone() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let gone = async |taken| {
        let issued = bench.store.issue(issue(taken, "late", anna.id, &app)).await.unwrap();
        assert!(matches!(issued, Issued::Gone), "{issued:?}");
        assert_eq!(bench.token_count().await, 0);
    };
    let mut over = code("over", anna.id, &app);
    over.expires_at = at(20);
    bench.store.create_code(over).await.unwrap();
    for taken in [
        Taken::Code(digest("over")),
        Taken::Code(digest("unknown")),
        Taken::Device(digest("unknown")),
        Taken::Refresh(RefreshTokenId(99)),
    ] {
        gone(taken).await;
    }
    // A user who may not sign in gets none, and takes nothing.
    bench.store.create_code(code("code", anna.id, &app)).await.unwrap();
    let off = User { is_enabled: false, ..anna.clone() };
    let change = Change::Update {
        before: Object::User(anna.clone()),
        after: Object::User(off),
        password: None,
        keep_session: None,
    };
    bench.store.apply(change, trail(15)).await.unwrap();
    gone(Taken::Nothing).await;
    gone(Taken::Code(digest("code"))).await;
    assert!(!bench.store.find_code(&digest("code")).await.unwrap().unwrap().is_used);
    // Neither does one that has gone.
    bench.delete(Object::User(bench.store.find_subject(anna.id).await.unwrap().unwrap().user.clone())).await;
    gone(Taken::Nothing).await;
    assert!(bench.store.find_code(&digest("code")).await.unwrap().is_none());
}

#[tokio::test]
async fn consent_is_to_exactly_the_same_while_it_lives() {
    let bench = bench().await;
    let (anna, app) = client(&bench).await;
    let mut wide = issue(Taken::Nothing, "one", anna.id, &app);
    wide.token.scope = Scope::parse("read write").unwrap();
    bench.store.issue(wide).await.unwrap();
    let other = bench.application("other", app.organization).await;
    let asked = async |user, application: &Application, scope, now| {
        let scope = Scope::parse(scope).unwrap();
        bench.store.has_consented(user, application.id, &scope, now).await.unwrap()
    };
    assert!(asked(anna.id, &app, "read write", at(30)).await);
    assert!(asked(anna.id, &app, "write read", at(30)).await);
    assert!(!asked(anna.id, &app, "write", at(30)).await);
    assert!(!asked(anna.id, &app, "read write roles", at(30)).await);
    assert!(!asked(anna.id, &other, "read write", at(30)).await);
    assert!(!asked(UserId(2), &app, "read write", at(30)).await);
    assert!(!asked(anna.id, &app, "read write", at(100_000)).await);
}
