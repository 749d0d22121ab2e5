//! The source: dumps as `pg_dump` writes them and as they break, encrypted secrets, and what comes of the rows.

pub(crate) mod sample;

use std::io::Cursor;

use identity::model::import::summary::{Kind, Summary};
use identity::model::import::{ExternalKind, Snapshot};
use identity::model::role::ManagedRole;
use identity::model::secret::Digest;

use super::collect::instant;
use super::fernet::SecretKey;
use super::seal::Sealer;
use super::{AwxError, Trouble, copy, extract_dump, read};
use sample::{BILLING, KEY, dump, table};

fn extract(dump: &str, key: Option<&str>) -> Result<String, AwxError> {
    let key = key.map(|it| SecretKey::new(it).unwrap());
    let mut out = Vec::new();
    extract_dump(&mut Cursor::new(dump), key.as_ref(), &mut out, &mut |_, _| {})?;
    Ok(String::from_utf8(out).unwrap())
}

fn snapshot(dump: &str, key: Option<&str>) -> Snapshot {
    read(&mut Cursor::new(extract(dump, key).unwrap())).unwrap()
}

#[track_caller]
fn refused(dump: &str) -> String {
    let error = extract(dump, None).unwrap_err();
    assert_eq!(error.trouble, Trouble::Source, "{error}");
    error.to_string()
}

fn remarks(summary: &Summary, kind: Kind) -> Vec<(&'static str, u64)> {
    summary.remarks.iter().filter(|it| it.kind == kind).map(|it| (it.text, it.count)).collect()
}

#[test]
fn an_extract_has_no_clear_secret() {
    let text = extract(&dump(), Some(KEY)).unwrap();
    for secret in ["AWXtoken1", "AWXrefresh1", "s3cret-of-billing", "$encrypted$", "plain client secret"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains(&Digest::of(b"AWXtoken1personal").to_tagged()));
    assert!(text.contains(&Digest::of(b"s3cret-of-billing").to_tagged()));
    // Digests and password hashes of AAP stay what they are.
    assert!(text.contains("$sha256$37b9403cf88cc2639d0a118d757a43a0ff6d4871823707ab6a8bb56bc68e8e79"));
    assert!(text.contains("pbkdf2_sha256$1000$saltsaltsaltsaltsaltsa$"));
    // What is not needed is not there.
    assert!(!text.contains("main_jobevent") && !text.contains("a long output"));
    // An extract of the extract is the extract.
    assert_eq!(extract(&text, Some(KEY)).unwrap(), text);
}

#[test]
fn people_and_what_they_belong_to() {
    let snapshot = snapshot(&dump(), None);
    let names: Vec<&str> = snapshot.users.iter().map(|it| it.username.as_str()).collect();
    assert_eq!(names, ["admin", "alice", "bob", "carol", "dora", "erin", "fred"]);
    let alice = &snapshot.users[1];
    assert!(alice.password.as_ref().unwrap().0.starts_with("pbkdf2_sha256$1000$"));
    assert_eq!((alice.first_name.as_str(), alice.last_name.as_str()), ("Alice\tA", r"Back\slash"));
    assert_eq!(alice.created_at.to_string(), "2024-01-02T03:04:05.123456Z");
    assert_eq!(alice.stable_id.as_ref().unwrap().0, "b35a89a5-8ee8-40fe-8bcd-56a1a09e75af");
    let external = |place: usize| snapshot.users[place].external.clone().map(|it| (it.kind, it.uid));
    assert_eq!(external(2), Some((ExternalKind::Ldap, "cn=bob,dc=example,dc=org".to_owned())));
    assert_eq!(external(3), Some((ExternalKind::Social, "github:4711".to_owned())));
    assert_eq!(external(4), Some((ExternalKind::Enterprise, "saml:dora".to_owned())));
    // A directory name beside a password does not make an external user.
    assert_eq!(external(1), None);
    assert!(!snapshot.users[5].is_enabled);
    assert_eq!(snapshot.users[6].password, None);
    let memberships: Vec<(ManagedRole, Option<i64>, i64)> =
        snapshot.memberships.iter().map(|it| (it.role, it.object, it.user)).collect();
    assert_eq!(
        memberships,
        [
            (ManagedRole::PlatformAuditor, None, 4),
            (ManagedRole::TeamMember, Some(3), 2),
            (ManagedRole::TeamMember, Some(3), 5),
            (ManagedRole::TeamAdmin, Some(3), 3),
            (ManagedRole::OrganizationAdmin, Some(1), 2),
            (ManagedRole::OrganizationMember, Some(1), 3),
        ]
    );
    assert_eq!(remarks(&snapshot.summary, Kind::User), [("the row cannot be read", 3)]);
    let lacking: Vec<&str> =
        snapshot.users.iter().filter(|it| it.lacks.is_some()).map(|it| it.username.as_str()).collect();
    assert_eq!(lacking, ["fred"], "the others have a password or somebody who vouches for them");
}

#[test]
fn applications_and_tokens() {
    let with_key = snapshot(&dump(), Some(KEY));
    let secret =
        |snapshot: &Snapshot, place: usize| snapshot.applications[place].secret.clone().map(|it| it.0);
    assert_eq!(secret(&with_key, 0), Some(Digest::of(b"s3cret-of-billing").to_tagged()));
    assert_eq!(secret(&with_key, 1), None, "a public application has none");
    assert!(secret(&with_key, 2).unwrap().starts_with("pbkdf2_sha256$"));
    assert_eq!(with_key.applications[0].redirect_uris, "https://a.example/cb https://b.example/cb");
    let without = snapshot(&dump(), None);
    assert_eq!(secret(&without, 0), None);
    assert!(secret(&without, 2).is_some());
    assert_eq!(
        remarks(&without.summary, Kind::Application),
        [("it belongs to no organization", 1), ("its grant type is not one of AWX", 1)]
    );
    let tokens: Vec<(i64, Option<i64>, &str)> =
        without.tokens.iter().map(|it| (it.number, it.application, it.scope.as_str())).collect();
    assert_eq!(
        tokens,
        [(1, None, "write"), (2, Some(1), "read write"), (3, Some(1), "read"), (4, None, "write")]
    );
    assert_eq!(without.tokens[0].expires_at.to_string(), "3024-01-01T00:00:00Z");
    assert_eq!(
        remarks(&without.summary, Kind::Token),
        [("they belong to no user", 1), ("their scope is not known here", 1)]
    );
    let refresh: Vec<(i64, &str)> =
        without.refresh_tokens.iter().map(|it| (it.token, it.scope.as_str())).collect();
    assert_eq!(refresh, [(2, "read write"), (3, "read")]);
    assert_eq!(remarks(&without.summary, Kind::RefreshToken), [("they were used or revoked", 1)]);
}

#[test]
fn encrypted_secrets_open_with_their_key_alone() {
    // Made with Python: `SHA512(key + b"value")`, AES-256-CBC of `openssl enc`, and `hmac`.
    const UMLAUTS: &str = "$encrypted$UTF8$AESCBC$Z0FBQUFBQmxVX0VBQUFFQ0F3UUZCZ2NJQ1FvTERBME9EX2Jlams4NEpZ\
        eG5kVFlFQzl0UGdnX1ltMjNobDM3WlJ3cmxXdEVPWDRVa0VrS1h2Tmh4XzlkYzlHNkdMZjdhTVE9PQ==";
    let key = SecretKey::new(&format!("  {KEY}\n")).unwrap();
    let open = |value: &str| key.decrypt(value).map(|it| it.expose().to_owned());
    assert_eq!(open(BILLING).as_deref(), Some("s3cret-of-billing"));
    assert_eq!(open(UMLAUTS).as_deref(), Some("geheim äöü"));
    assert_eq!(SecretKey::new("another key").unwrap().decrypt(BILLING), None);
    assert_eq!(open(&BILLING.replace("UTF8$", "")).as_deref(), Some("s3cret-of-billing"));
    for broken in
        [&BILLING[..BILLING.len() - 8], "$encrypted$", "$encrypted$UTF8$AESCBC$", "$encrypted$UTF8$X$A"]
    {
        assert_eq!(open(broken), None, "{broken}");
    }
    let changed = BILLING.replace("Z0FBQUFBQmxVX0VB", "Z0FBQUFBQmxVX0VC");
    assert_ne!(changed, BILLING);
    assert_eq!(open(&changed), None, "every byte is signed");
    assert!(SecretKey::new(" \n").is_none());
    assert!(!format!("{key:?}").contains(KEY));
}

#[test]
fn a_key_that_opens_nothing_is_refused() {
    let error = extract(&dump(), Some("the key of another installation")).unwrap_err();
    assert!(error.to_string().contains("secret key is not the one"), "{error}");
    assert!(!error.to_string().contains("another installation"));
}

#[test]
fn other_files_are_told_from_plain_dumps() {
    assert!(refused("PGDMP\u{1}\u{e}").contains("pg_restore --file"));
    assert!(refused("").contains("empty"));
    assert!(refused("hello\n").contains("not a database of AWX"));
    assert!(refused("INSERT INTO public.auth_user VALUES (1);\n").contains("--inserts"));
    assert!(refused("SET client_encoding = 'LATIN1';\n").contains("UTF-8"));
    let old = table("public.auth_user", "id, username", &["1\tadmin"]);
    assert!(refused(&old).contains("no column password, is_superuser, is_active"), "{}", refused(&old));
    let mut gzip = Cursor::new([0x1f, 0x8b, 8, 0]);
    let error = extract_dump(&mut gzip, None, &mut Vec::new(), &mut |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("gunzip"));
}

#[test]
fn a_dump_that_breaks_off_is_refused() {
    let whole = dump();
    let end = whole.find("AWXtoken1personal").unwrap();
    assert!(refused(&whole[..end]).contains("breaks off in the middle of the table main_oauth2accesstoken"));
    let end = whole.find("a long output").unwrap();
    assert!(refused(&whole[..end]).contains("main_jobevent"));
    // An extract that breaks off between tables lacks one that must be there.
    let text = extract(&whole, None).unwrap();
    let end = text.find("COPY main_team").unwrap();
    assert!(read(&mut Cursor::new(&text[..end])).is_err());
}

#[test]
fn a_line_may_be_long_only_where_nobody_looks() {
    let long = "x".repeat(3 * 1024 * 1024);
    let row = format!("9\t!\t{long}\tf\tt");
    let columns = "id, password, username, is_superuser, is_active";
    let text = table("main_jobevent", "id, stdout", &[&format!("1\t{long}")])
        + &table("main_organization", "id, name", &[])
        + &table("main_team", "id, name, organization_id", &[])
        + &table("\"public\".\"auth_user\"", columns, &[&row, "10\t!\tkate\tf\tt"]);
    let snapshot = snapshot(&text, None);
    assert_eq!(snapshot.users.len(), 1);
    assert_eq!(snapshot.summary.count(Kind::User).skipped, 1);
}

#[test]
fn there_is_an_end_to_an_extract() {
    let whole = extract(&dump(), None).unwrap().len() as u64;
    let at_most = |bytes: u64| {
        let (mut out, mut progress) = (Vec::new(), |_: &str, _: u64| {});
        let mut sealer = Sealer::new(None, &mut out, &mut progress).at_most(bytes);
        super::dump::read(&mut Cursor::new(dump()), &mut sealer)
    };
    at_most(whole).unwrap();
    let error = at_most(whole - 1).unwrap_err();
    assert_eq!(error.trouble, Trouble::Source);
    assert!(error.to_string().contains("more than 1024 MiB"), "{error}");
}

#[test]
fn rows_survive_the_text_form() {
    let cells = vec![None, Some(String::new()), Some("a\tb\nc\rd\\N".to_owned()), Some(r"\N".to_owned())];
    let line = copy::line(&cells);
    assert_eq!(line.matches('\n').count(), 1);
    assert_eq!(copy::cells(line.trim_end_matches('\n').as_bytes()), Some(cells));
    assert_eq!(copy::cells(br"a\bb\f\v\q"), Some(vec![Some("a\u{8}b\u{c}\u{b}q".to_owned())]));
    for broken in [&b"\\"[..], br"\x41", br"\101", b"\xff"] {
        assert_eq!(copy::cells(broken), None, "{broken:?}");
    }
}

#[test]
fn instants_of_postgresql() {
    let read = |text: &str| instant(text).map(|it| it.to_string());
    assert_eq!(read("2024-06-01 12:00:00+00").as_deref(), Some("2024-06-01T12:00:00Z"));
    assert_eq!(read("2024-06-01 12:00:00.5+05:30").as_deref(), Some("2024-06-01T06:30:00.5Z"));
    assert_eq!(read("2024-06-01 12:00:00-07").as_deref(), Some("2024-06-01T19:00:00Z"));
    assert_eq!(instant("infinity"), Some(jiff::Timestamp::MAX));
    assert_eq!(instant("12024-06-01 12:00:00+00"), Some(jiff::Timestamp::MAX));
    for broken in ["", "yesterday", "2024-06-01", "2024-13-01 00:00:00+00", "0044-03-15 00:00:00+00 BC"] {
        assert_eq!(read(broken), None, "{broken}");
    }
}
