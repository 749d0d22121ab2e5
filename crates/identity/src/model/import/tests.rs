//! What cannot be taken over, and what an overwritten administrator keeps.

use jiff::Timestamp;

use super::summary::{Kind, Outcome, Summary};
use super::{External, ExternalKind, Snapshot, TokenRecord, UserRecord, overwritten};
use crate::model::object::{StableId, Stamp, UserId};
use crate::model::scope::Scope;
use crate::model::secret::Digest;
use crate::model::user::User;
use crate::port::PasswordHash;

fn now() -> Timestamp {
    "2026-02-03T04:05:06Z".parse().unwrap()
}

fn record(username: &str) -> UserRecord {
    UserRecord {
        number: 7,
        stable_id: None,
        username: username.to_owned(),
        email: "new@example.org".to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        is_superuser: false,
        is_enabled: false,
        password: Some(PasswordHash("pbkdf2_sha256$1$a$b".to_owned())),
        lacks: None,
        external: Some(External { kind: ExternalKind::Ldap, uid: "cn=a".to_owned() }),
        created_at: now(),
        last_login_at: None,
    }
}

fn token(expires_at: &str) -> TokenRecord {
    TokenRecord {
        number: 1,
        digest: Digest::of(expires_at.as_bytes()),
        user: 7,
        application: None,
        description: String::new(),
        scope: Scope::write(),
        expires_at: expires_at.parse().unwrap(),
        last_used_at: None,
        created_at: "2031-01-01T00:00:00Z".parse().unwrap(),
    }
}

#[test]
fn what_cannot_be_taken_over_is_told() {
    let long = "n".repeat(151);
    let users = ["alice", "_system", "", "two\nlines", &long].map(record).to_vec();
    let tokens = vec![token("2026-02-03T04:05:06Z"), token("2026-02-03T04:05:07Z")];
    let mut snapshot = Snapshot { users, tokens, ..Snapshot::default() };
    snapshot.sift(now());
    assert_eq!(snapshot.users.len(), 1);
    assert_eq!(snapshot.users[0].username, "alice");
    assert_eq!(snapshot.tokens.len(), 1);
    assert_eq!(snapshot.tokens[0].created_at, now(), "nothing comes from the future");
    assert_eq!(snapshot.summary.count(Kind::User).skipped, 4);
    assert_eq!(snapshot.summary.count(Kind::Token).skipped, 1);
    let reasons: Vec<&str> = snapshot.summary.remarks.iter().map(|it| it.text).collect();
    assert_eq!(
        reasons,
        [
            "the system's own user is not replaced",
            "the name is empty",
            "the name has control characters",
            "the name is too long",
            "their life is over"
        ]
    );
}

#[test]
fn a_remark_counts_all_and_names_a_few() {
    let mut summary = Summary::default();
    for number in 0..5 {
        summary.skip(Kind::Team, "reason", format!("team {number}"));
    }
    summary.remark(Kind::User, "reason", "");
    summary.add(Kind::User, Outcome::Unchanged);
    assert_eq!(summary.remarks.len(), 2);
    assert_eq!((summary.remarks[0].count, summary.remarks[0].examples.len()), (5, 3));
    assert_eq!((summary.remarks[1].count, summary.remarks[1].examples.len()), (1, 0));
    assert!(!summary.has_changes());
    summary.add(Kind::Token, Outcome::New);
    assert!(summary.has_changes());
}

#[test]
fn an_overwritten_administrator_stays_one() {
    let mut user = User {
        id: UserId(3),
        stable_id: StableId("x".to_owned()),
        username: "alice".to_owned(),
        email: String::new(),
        first_name: "Alice".to_owned(),
        last_name: String::new(),
        is_superuser: true,
        is_enabled: true,
        is_managed: false,
        last_login_at: None,
        last_login_from: None,
        credential_version: 1,
        sources: Vec::new(),
        stamp: Stamp::new(now(), None),
    };
    let after = overwritten(&user, &record("alice"));
    assert!(after.is_superuser && after.is_enabled);
    assert_eq!((after.email.as_str(), after.first_name.as_str()), ("new@example.org", ""));
    user.is_superuser = false;
    let after = overwritten(&user, &record("alice"));
    assert!(!after.is_superuser && !after.is_enabled);
}

#[test]
fn nothing_secret_is_printed() {
    let secret = super::ClientSecretHash("$sha256$aa".to_owned());
    assert!(!format!("{secret:?} {:?}", record("alice")).contains("pbkdf2"));
    assert!(!format!("{secret:?}").contains("aa"));
}
