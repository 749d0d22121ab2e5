//! Imports on a database: what comes, what stays, and that a failing one leaves nothing.

use std::io::Cursor;

use identity::Fault;
use identity::model::import::Snapshot;
use identity::model::import::summary::{Kind, Summary};
use identity::model::object::{Noun, Object, StableId};
use identity::model::query::{Query, Sight};
use identity::model::secret::Digest;
use identity::model::user::SYSTEM_USERNAME;
use identity::port::{Change, Import, Store};
use sqlx::{Connection as _, SqliteConnection};

use crate::awx;
use crate::awx::tests::sample;
use crate::engine::plain_options;
use crate::tests::{Bench, at, bench, hash, stable_id, trail, user};

/// Some years after the dump.
fn now() -> jiff::Timestamp {
    at(100_000_000)
}

fn snapshot() -> Snapshot {
    let (mut extract, key) = (Vec::new(), awx::SecretKey::new(sample::KEY));
    awx::extract_dump(&mut Cursor::new(sample::dump()), key.as_ref(), &mut extract, &mut |_, _| {}).unwrap();
    let mut snapshot = awx::read(&mut Cursor::new(extract)).unwrap();
    snapshot.sift(now());
    let names = snapshot.users.iter_mut().map(|it| &mut it.stable_id);
    let names = names.chain(snapshot.organizations.iter_mut().map(|it| &mut it.stable_id));
    for name in names.chain(snapshot.teams.iter_mut().map(|it| &mut it.stable_id)) {
        name.get_or_insert_with(stable_id);
    }
    snapshot
}

async fn import(bench: &Bench, overwrites: bool, is_dry_run: bool) -> Result<Summary, Fault> {
    let by = bench.store.find_credential(SYSTEM_USERNAME).await.unwrap().unwrap().user;
    let import = Import { snapshot: snapshot(), overwrites, is_dry_run, at: now(), by };
    bench.store.import(import).await
}

fn counts(summary: &Summary) -> Vec<[u64; 4]> {
    let counts = Kind::ALL.into_iter().map(|kind| summary.count(kind));
    counts.map(|it| [it.new, it.updated, it.unchanged, it.skipped]).collect()
}

async fn count(bench: &Bench, noun: Noun) -> u64 {
    bench.store.list(noun, &Query::default(), Sight::All).await.unwrap().unwrap().total.unwrap()
}

async fn named(bench: &Bench, username: &str) -> identity::model::user::User {
    let found = bench.store.find_credential(username).await.unwrap().unwrap();
    bench.store.find_subject(found.user).await.unwrap().unwrap().user.clone()
}

#[tokio::test]
async fn a_second_import_changes_nothing() {
    let bench = bench().await;
    let first = import(&bench, false, false).await.unwrap();
    let expected =
        [[7, 0, 0, 3], [1, 0, 0, 0], [1, 0, 0, 0], [6, 0, 0, 0], [3, 0, 0, 2], [3, 0, 0, 3], [2, 0, 0, 1]];
    assert_eq!(counts(&first), expected);
    let second = import(&bench, false, false).await.unwrap();
    let expected =
        [[0, 0, 7, 3], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 6, 0], [0, 0, 3, 2], [0, 0, 3, 3], [0, 0, 2, 1]];
    assert_eq!(counts(&second), expected);
    let third = import(&bench, true, false).await.unwrap();
    assert!(!third.has_changes(), "overwriting with the same is no change: {third:?}");

    let alice = named(&bench, "alice").await;
    assert_eq!(alice.stable_id, StableId("b35a89a5-8ee8-40fe-8bcd-56a1a09e75af".to_owned()));
    assert_eq!(alice.external_source(), None);
    assert!(alice.last_login_at.is_some());
    assert_eq!(named(&bench, "bob").await.external_source(), Some("ldap"));
    assert_eq!(named(&bench, "dora").await.external_source(), Some("enterprise"));
    let token = bench.store.find_token(&Digest::of(b"AWXtoken2billing"), now()).await.unwrap().unwrap().token;
    assert_eq!(token.user, alice.id);
    let refresh = bench.store.find_refresh_token(&Digest::of(b"AWXrefresh1")).await.unwrap().unwrap();
    assert_eq!((Some(refresh.grant), refresh.token), (token.grant, Some(token.id)));
    assert_eq!(refresh.created_at, now(), "its life begins anew");
    // Its access token's life was over: it has a grant of its own.
    let refresh = bench.store.find_refresh_token(&Digest::of(b"AWXrefresh2")).await.unwrap().unwrap();
    assert_eq!((refresh.token, refresh.scope.as_str()), (None, "read"));
    let application = bench.store.find_application("billing-id").await.unwrap().unwrap();
    assert_eq!(application.user, Some(alice.id));
    assert_eq!(application.client_secret_hash, Some(Digest::of(b"s3cret-of-billing").to_tagged()));
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_leaves_nothing() {
    let bench = bench().await;
    let dry = import(&bench, false, true).await.unwrap();
    for (noun, expected) in
        [(Noun::User, 0), (Noun::Organization, 1), (Noun::Token, 0), (Noun::Authenticator, 1)]
    {
        assert_eq!(count(&bench, noun).await, expected, "{noun:?}");
    }
    assert!(bench.store.find_credential("alice").await.unwrap().is_none());
    assert_eq!(import(&bench, false, false).await.unwrap(), dry);
}

#[tokio::test]
async fn a_failing_import_leaves_nothing() {
    let bench = bench().await;
    let mut other = SqliteConnection::connect_with(&plain_options(&bench.directory.file())).await.unwrap();
    sqlx::query("DROP TABLE refresh_tokens").execute(&mut other).await.unwrap();
    import(&bench, false, false).await.unwrap_err();
    assert!(bench.store.find_credential("alice").await.unwrap().is_none());
    assert_eq!(count(&bench, Noun::Organization).await, 1);
}

#[tokio::test]
async fn who_is_here_already_stays_unless_overwritten() {
    let bench = bench().await;
    let mut here = user("alice");
    here.is_superuser = true;
    here.email = "here@example.org".to_owned();
    let change = Change::Create(Object::User(here), Some(hash("$argon2id$here")));
    bench.store.apply(change, trail(1)).await.unwrap();
    let summary = import(&bench, false, false).await.unwrap();
    assert_eq!(summary.count(Kind::User).unchanged, 1);
    let before = bench.store.find_credential("alice").await.unwrap().unwrap();
    assert_eq!(before.hash, Some(hash("$argon2id$here")));
    assert_eq!(named(&bench, "alice").await.email, "here@example.org");
    // Memberships are hers all the same, but tokens of one who administered nothing do not administer all.
    assert_eq!(bench.store.find_subject(before.user).await.unwrap().unwrap().teams.len(), 1);
    for token in [&b"AWXtoken1personal"[..], b"AWXtoken2billing"] {
        assert!(bench.store.find_token(&Digest::of(token), now()).await.unwrap().is_none());
    }
    assert!(bench.store.find_refresh_token(&Digest::of(b"AWXrefresh1")).await.unwrap().is_none());

    let summary = import(&bench, true, false).await.unwrap();
    assert_eq!(summary.count(Kind::User).updated, 1);
    let after = bench.store.find_credential("alice").await.unwrap().unwrap();
    assert!(after.hash.unwrap().0.starts_with("pbkdf2_sha256$") && after.version > before.version);
    let alice = named(&bench, "alice").await;
    assert_eq!(alice.email, "alice@example.org");
    assert!(alice.is_superuser && alice.is_enabled);
    assert_eq!(alice.sources.len(), 1);
}

#[tokio::test]
async fn nobody_administers_more_of_what_was_here_unless_overwritten() {
    let bench = bench().await;
    let alice = bench.user("alice").await;
    let engineering = bench.organization("Engineering").await;
    let administers =
        async || bench.store.find_subject(alice.id).await.unwrap().unwrap().administers(engineering.id);
    let summary = import(&bench, false, false).await.unwrap();
    let told =
        summary.remarks.iter().any(|it| it.kind == Kind::Membership && it.text.contains("--overwrite"));
    assert!(told && !administers().await, "{summary:?}");
    // Her tokens are hers: she is no more here than there.
    assert!(bench.store.find_token(&Digest::of(b"AWXtoken1personal"), now()).await.unwrap().is_some());
    import(&bench, true, false).await.unwrap();
    assert!(administers().await);
}

#[tokio::test]
async fn only_those_who_are_taken_over_are_told_to_lack_a_password() {
    let bench = bench().await;
    let lacking = |summary: &Summary| {
        let remarks = summary.remarks.iter().filter(|it| it.text.starts_with("imported without a password"));
        remarks.map(|it| it.count).sum::<u64>()
    };
    bench.user("fred").await;
    assert_eq!(lacking(&import(&bench, false, true).await.unwrap()), 0, "he is here already");
    let other = crate::tests::bench().await;
    assert_eq!(lacking(&import(&other, false, false).await.unwrap()), 1);
    assert_eq!(lacking(&import(&other, false, false).await.unwrap()), 0, "nobody is taken over again");
}
