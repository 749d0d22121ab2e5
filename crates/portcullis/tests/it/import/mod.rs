//! Imports of an AWX, from a PostgreSQL server that a script of ours has filled and from dumps of it.

mod postgres;
mod sources;

use serde_json::Value;

use crate::support::server::write_secret;
use crate::support::{ADMIN_PASSWORD, Server};
use postgres::Postgres;

/// The tables and rows of an AWX.
const AWX: &str = include_str!("awx.sql");
/// Its key.
const KEY: &str = "awxsecret of tests\n";
const PERSONAL: &str = "AWXtoken1personalofalice000000";
const BILLING: &str = "AWXtoken2billing00000000000000";
const ALICE: (&str, &str) = ("alice", "p4ssw0rd of alice");

/// A filled AWX and a gateway, if there is a PostgreSQL.
fn both(test: &str) -> Option<(Postgres, Server)> {
    let postgres = Postgres::start(test)?;
    postgres.execute(AWX);
    let server = Server::demo();
    write_secret(&server.folder().join("key"), KEY);
    Some((postgres, server))
}

/// The summary of an import that succeeds.
#[track_caller]
fn import(server: &Server, arguments: &[&str]) -> Value {
    server.shell_json(&[&["import", "awx"], arguments].concat())
}

/// New, updated, unchanged, skipped.
#[track_caller]
fn counts(summary: &Value, kind: &str) -> [u64; 4] {
    let row = summary.as_array().unwrap().iter().find(|it| it["kind"] == kind).unwrap();
    ["new", "updated", "unchanged", "skipped"].map(|column| row[column].as_u64().unwrap())
}

fn remarks(summary: &Value) -> String {
    summary.as_array().unwrap().iter().map(|it| it["remarks"].to_string()).collect()
}

/// The answer of both doors to who asks with this token or password.
fn both_doors(
    server: &Server,
    ask: impl Fn(crate::support::http::Request) -> crate::support::http::Request,
) -> [u16; 2] {
    ["/api/gateway/v1/me/", "/api/v2/me/"].map(|path| ask(server.get(path)).send().status)
}

#[test]
fn what_was_imported_works_at_both_doors() {
    let Some((postgres, server)) = both("what_was_imported_works_at_both_doors") else { return };
    let summary = import(&server, &["--database", &postgres.url(), "--secret-key-file", "key"]);
    assert_eq!(counts(&summary, "users"), [3, 0, 1, 2]);
    assert_eq!(counts(&summary, "organizations"), [1, 0, 1, 0]);
    assert_eq!(counts(&summary, "teams"), [1, 0, 0, 0]);
    assert_eq!(counts(&summary, "memberships"), [5, 0, 0, 1]);
    assert_eq!(counts(&summary, "applications"), [3, 0, 0, 0]);
    assert_eq!(counts(&summary, "access tokens"), [4, 0, 0, 2]);
    assert_eq!(counts(&summary, "refresh tokens"), [2, 0, 0, 1]);
    for (_, password) in [("alice", ALICE.1), ("bob", "p4ssw0rd of bob")] {
        assert!(!summary.to_string().contains(password));
    }
    assert!(remarks(&summary).contains("the system's own user is not replaced"), "{summary}");
    assert!(remarks(&summary).contains("control characters"), "{summary}");

    assert_eq!(both_doors(&server, |it| it.basic(ALICE.0, ALICE.1)), [200, 200]);
    assert_eq!(both_doors(&server, |it| it.basic("bob", "p4ssw0rd of bob")), [200, 200]);
    assert_eq!(both_doors(&server, |it| it.basic("alice", "another password")), [401, 401]);
    assert_eq!(both_doors(&server, |it| it.basic("admin", ADMIN_PASSWORD)), [200, 200], "ours stays");
    server.sign_in(ALICE.0, ALICE.1);
    assert_eq!(both_doors(&server, |it| it.bearer(PERSONAL)), [200, 200]);
    // The clear value of the token that AAP has only the digest of.
    assert_eq!(both_doors(&server, |it| it.bearer(&"A".repeat(30))), [200, 200]);
    assert_eq!(both_doors(&server, |it| it.bearer("AWXtoken3expired00000000000000")), [401, 401]);
    let me = server.get("/api/v2/me/").bearer(PERSONAL).send().json();
    assert_eq!(me["results"][0]["username"], "alice");
    assert_eq!(me["results"][0]["email"], "alice@example.org");
    let of_carol = server.as_admin("GET", "/api/v2/users/?username=carol").send().json();
    assert_eq!(of_carol["results"][0]["external_account"], "ldap", "{of_carol}");
    assert_eq!(of_carol["results"][0]["ldap_dn"], "cn=carol,dc=example,dc=org");
    assert_eq!(of_carol["results"][0]["is_system_auditor"], true);
    let teams = server.get("/api/v2/teams/").bearer(PERSONAL).send().json();
    assert_eq!(teams["results"][0]["name"], "Writers", "{teams}");
}

fn refresh(server: &Server, door: &str, token: &str, client: (&str, &str)) -> crate::support::http::Response {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    server.post(&format!("{door}/token/")).basic(client.0, client.1).form(&fields).send()
}

#[test]
fn imported_refresh_tokens_and_secrets_work_and_a_second_import_changes_nothing() {
    let test = "imported_refresh_tokens_and_secrets_work_and_a_second_import_changes_nothing";
    let Some((postgres, server)) = both(test) else { return };
    let url = postgres.url();
    let arguments = ["--database", &url, "--secret-key-file", "key"];
    import(&server, &arguments);
    let again = import(&server, &arguments);
    for row in again.as_array().unwrap() {
        assert_eq!((&row["new"], &row["updated"]), (&0.into(), &0.into()), "{again}");
    }
    let billing = ("billing-client-id", "s3cret-of-billing");
    let wrong = refresh(&server, "/api/o", "AWXrefresh2billing000000000000", (billing.0, "another"));
    assert_eq!(wrong.status, 401);
    assert_eq!(both_doors(&server, |it| it.bearer(BILLING)), [200, 200]);
    let answer = refresh(&server, "/api/o", "AWXrefresh2billing000000000000", billing).expect(200).json();
    let fresh = answer["access_token"].as_str().unwrap();
    assert_eq!(answer["scope"], "read");
    assert_eq!(both_doors(&server, |it| it.bearer(fresh)), [200, 200]);
    assert_eq!(both_doors(&server, |it| it.bearer(BILLING)), [401, 401], "it was exchanged");
    // The secret of which AAP keeps a hash.
    refresh(&server, "/o", "AWXrefresh6hashed0000000000000", ("aap-client-id", "aap client secret"))
        .expect(201);

    // What was exchanged here does not come back.
    let third = import(&server, &arguments);
    assert_eq!(counts(&third, "access tokens"), [0, 0, 2, 4], "{third}");
    assert_eq!(both_doors(&server, |it| it.bearer(BILLING)), [401, 401]);
    assert_eq!(both_doors(&server, |it| it.bearer(fresh)), [200, 200]);
}

#[test]
fn a_dry_run_writes_nothing() {
    let Some((postgres, server)) = both("a_dry_run_writes_nothing") else { return };
    let url = postgres.url();
    let arguments = ["--database", &url, "--secret-key-file", "key"];
    let dry = import(&server, &[&arguments[..], &["--dry-run"]].concat());
    assert_eq!(counts(&dry, "users"), [3, 0, 1, 2]);
    assert_eq!(both_doors(&server, |it| it.basic(ALICE.0, ALICE.1)), [401, 401]);
    assert_eq!(both_doors(&server, |it| it.bearer(PERSONAL)), [401, 401]);
    let organizations = server.as_admin("GET", "/api/gateway/v1/organizations/").send().json();
    assert_eq!(organizations["count"], 1);
    assert_eq!(import(&server, &arguments), dry, "it says what then happens");
    let left: Vec<_> =
        std::fs::read_dir(server.data_dir()).unwrap().flatten().map(|it| it.file_name()).collect();
    assert!(!left.iter().any(|it| it.to_string_lossy().contains("extract")), "{left:?}");
}

#[test]
fn what_is_here_already_stays_unless_it_is_overwritten() {
    let test = "what_is_here_already_stays_unless_it_is_overwritten";
    let Some((postgres, mut server)) = both(test) else { return };
    server.make_user("alice", "the alice of here 5");
    // Without a running gateway, too.
    server.stop();
    let url = postgres.url();
    let summary = import(&server, &["--database", &url]);
    assert_eq!(counts(&summary, "users"), [2, 0, 2, 2]);
    assert!(remarks(&summary).contains("1: without a usable secret"), "{summary}");
    server.start_again();
    assert_eq!(both_doors(&server, |it| it.basic("alice", "the alice of here 5")), [200, 200]);
    assert_eq!(both_doors(&server, |it| it.basic(ALICE.0, ALICE.1)), [401, 401]);
    let billing = ("billing-client-id", "s3cret-of-billing");
    assert_eq!(refresh(&server, "/api/o", "AWXrefresh2billing000000000000", billing).status, 401);
    // The key fills the secret in.
    let summary = import(&server, &["--database", &url, "--secret-key-file", "key"]);
    assert_eq!(counts(&summary, "applications"), [0, 1, 2, 0]);
    refresh(&server, "/api/o", "AWXrefresh2billing000000000000", billing).expect(200);

    let summary = import(&server, &["--database", &url, "--overwrite"]);
    assert_eq!(counts(&summary, "users")[1], 2, "{summary}");
    assert_eq!(both_doors(&server, |it| it.basic(ALICE.0, ALICE.1)), [200, 200]);
    assert_eq!(both_doors(&server, |it| it.basic("alice", "the alice of here 5")), [401, 401]);
    let admin = server.get("/api/v2/me/").basic("admin", ALICE.1).send().expect(200).json();
    assert_eq!(admin["results"][0]["is_superuser"], true);
}
