//! Tokens, sessions and applications from the shell (AWX contract section D7).

use identity::action::{ApplicationFields, Claim, Fields, OrganizationFields, TokenFields};
use identity::model::application::{ClientType, GrantType};
use identity::model::object::Object;
use identity::model::principal::Principal;
use identity::model::proof::Presented;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;
use identity::{Authority, Context};
use serde_json::{Value, json};

use super::super::{NewApplication, Request, Which, execute};
use super::{add, done, install, named, new_data_dir, refused};

fn context(authority: &Authority) -> Context {
    Context {
        request_id: "5a3c1d7e-0000-4000-8000-0000000000ff".to_owned(),
        address: "192.0.2.1".to_owned(),
        door: "awx",
        now: authority.world.clock.now(),
    }
}

async fn make(authority: &Authority, principal: &Principal, fields: Fields) -> Object {
    let written = authority.create(&context(authority), principal, fields, false).await.unwrap();
    written.unwrap().object
}

/// The rows of `token list` for a user, or for everybody.
async fn tokens(authority: &Authority, username: Option<&str>) -> usize {
    let username = username.map(str::to_owned);
    done(execute(authority, Request::TokenList { username }).await).rows.len()
}

async fn revoke(authority: &Authority, which: Which, with_refresh: bool) -> (Value, String) {
    let report = done(execute(authority, Request::TokenRevoke { which, with_refresh }).await);
    (Value::Object(report.rows[0].clone()), report.note.unwrap())
}

fn application(name: &str) -> NewApplication {
    NewApplication {
        name: name.to_owned(),
        organization: "Default".to_owned(),
        description: None,
        is_public: false,
        uses_password: false,
        redirect_uris: vec!["https://portal.example.com/callback".to_owned()],
        skip_authorization: false,
        user: None,
        allows_client_credentials: false,
        allows_device: false,
        allows_introspection: false,
        requires_pkce: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_revoked_by_user_and_named_by_number() {
    let data_dir = new_data_dir("revoke");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    for name in ["alice", "bob"] {
        done(execute(authority, add(name)).await);
        let create = format!(r#"{{"command":"token_create","username":"{name}"}}"#);
        let made = done(execute(authority, named(&create)).await);
        assert_eq!(made.rows[0]["scope"], "write");
    }
    let create = named(r#"{"command":"token_create","username":"nobody"}"#);
    assert_eq!(refused(execute(authority, create).await), "there is no such user: \"nobody\"");
    let nobody = Request::TokenRevoke { which: Which::User("nobody".to_owned()), with_refresh: true };
    assert_eq!(refused(execute(authority, nobody).await), "there is no such user: \"nobody\"");
    let absent = Request::TokenRevoke { which: Which::One(999), with_refresh: false };
    assert_eq!(refused(execute(authority, absent).await), "there is no such token: 999");

    let listed = done(execute(authority, Request::TokenList { username: Some("bob".to_owned()) }).await);
    let bobs = listed.rows[0]["id"].as_i64().unwrap();
    let (row, note) = revoke(authority, Which::User("bob".to_owned()), false).await;
    assert_eq!(row, json!({ "count": 1, "tokens": [bobs], "refresh_tokens": [] }));
    assert_eq!(note, format!("revoked access token {bobs}"));
    assert_eq!((tokens(authority, Some("alice")).await, tokens(authority, Some("bob")).await), (1, 0));
    let (row, note) = revoke(authority, Which::User("bob".to_owned()), false).await;
    assert_eq!((&row["count"], note.as_str()), (&json!(0), "there was no token to revoke"));
    revoke(authority, Which::All, false).await;
    assert_eq!(tokens(authority, None).await, 0);
    installed.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_end_only_when_it_is_said() {
    let data_dir = new_data_dir("refresh");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    let operator = authority.operator().await.unwrap();
    let fields = OrganizationFields { name: Some("Ops".to_owned()), ..OrganizationFields::default() };
    let organization = make(authority, &operator, Fields::Organization(fields)).await.id();
    let fields = ApplicationFields {
        name: Some("portal".to_owned()),
        client_type: Some(ClientType::Confidential),
        grant_type: Some(GrantType::Password),
        organization: Some(organization),
        ..ApplicationFields::default()
    };
    let application = make(authority, &operator, Fields::Application(fields)).await.id();
    let fields =
        || Fields::Token(TokenFields { application: Some(Some(application)), ..TokenFields::default() });
    make(authority, &operator, fields()).await;
    let (row, _) = revoke(authority, Which::All, false).await;
    assert_eq!((row["tokens"].as_array().unwrap().len(), &row["refresh_tokens"]), (1, &json!([])));
    let second = make(authority, &operator, fields()).await.id();
    let (row, note) = revoke(authority, Which::All, true).await;
    let refresh_tokens = row["refresh_tokens"].as_array().unwrap();
    assert_eq!((&row["tokens"], refresh_tokens.len()), (&json!([second]), 2), "{row}");
    assert!(note.starts_with(&format!("revoked access token {second}\nrevoked refresh token ")), "{note}");
    let (row, _) = revoke(authority, Which::All, true).await;
    assert_eq!(row["count"], 0);
    let cleaned = done(execute(authority, Request::TokenClean).await);
    assert_eq!(cleaned.note.unwrap(), "removed what was over: 0 access tokens and 0 refresh tokens");
    installed.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_expired_by_user() {
    let data_dir = new_data_dir("sessions");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    let password = Secret::new("p4ssw0rd of tests");
    for name in ["alice", "bob"] {
        done(execute(authority, add(name)).await);
        let claim = Claim::new(name, &password, SessionKind::Controller);
        authority.sign_in(&context(authority), claim).await.unwrap();
    }
    let expire = |which| execute(authority, Request::SessionExpire { which });
    let of = |name: &str| Which::User(name.to_owned());
    assert_eq!(refused(expire(of("nobody")).await), "there is no such user: \"nobody\"");
    assert_eq!(done(expire(of("alice")).await).rows[0]["count"], 1);
    let left = done(execute(authority, Request::SessionList { username: None, kind: None }).await);
    assert_eq!((left.rows.len(), &left.rows[0]["username"]), (1, &json!("bob")));
    assert_eq!(done(execute(authority, Request::SessionClean).await).rows[0]["count"], 0);
    assert_eq!(done(expire(Which::All).await).rows[0]["count"], 1);
    installed.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_show_what_is_left_and_which_goes_next() {
    let data_dir = new_data_dir("standings");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    done(execute(authority, add("alice")).await);
    let password = Secret::new("p4ssw0rd of tests");
    for kind in [SessionKind::Manager, SessionKind::Gateway, SessionKind::Controller, SessionKind::Manager] {
        authority.sign_in(&context(authority), Claim::new("alice", &password, kind)).await.unwrap();
    }
    let list = async |kind: Option<&str>| {
        let (username, kind) = (Some("alice".to_owned()), kind.map(ToOwned::to_owned));
        execute(authority, Request::SessionList { username, kind }).await
    };
    let all = done(list(None).await);
    assert_eq!(all.columns[6..], ["expires_at", "inactivity_left", "overall_left", "place"]);
    let column = |name: &str| all.rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("kind"), ["manager", "controller", "gateway", "manager"], "the newest first");
    assert_eq!(column("place"), [json!(2), json!(null), json!(null), json!(1)]);
    let is_number = |name: &str| column(name).iter().map(Value::is_number).collect::<Vec<_>>();
    assert_eq!(is_number("inactivity_left_seconds"), [true, true, false, true]);
    assert_eq!(is_number("overall_left_seconds"), [true, false, true, true]);
    for (name, most) in [("inactivity_left", 30 * 60), ("overall_left", 24 * 60 * 60)] {
        let left = all.rows[0][&format!("{name}_seconds")].as_i64().unwrap();
        assert!(left > most - 600 && left <= most, "{name}: {left}");
        let spoken: jiff::SignedDuration = all.rows[0][name].as_str().unwrap().parse().unwrap();
        assert_eq!(spoken.as_secs(), left, "{name}");
    }
    let some = done(list(Some("manager")).await);
    assert_eq!(some.rows.len(), 2);
    assert_eq!(done(list(Some("cloud")).await).rows.len(), 0);
    assert_eq!(refused(list(Some("browser")).await), "there is no such kind of session: \"browser\"");
    installed.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_sees_its_own_session_and_its_place() {
    let data_dir = new_data_dir("own-session");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    for name in ["alice", "bob"] {
        done(execute(authority, add(name)).await);
    }
    let password = Secret::new("p4ssw0rd of tests");
    let sign_in = async |name, kind| {
        authority.sign_in(&context(authority), Claim::new(name, &password, kind)).await.unwrap()
    };
    let principal = async |session: Option<(SessionKind, Secret)>, basic: Option<(String, Secret)>| {
        let presented = Presented { session, basic, is_safe: true, ..Presented::default() };
        authority.authenticate(&presented, &context(authority)).await.unwrap().known().unwrap()
    };
    let first = sign_in("alice", SessionKind::Manager).await;
    sign_in("bob", SessionKind::Manager).await;
    // Looking is a use like any other: whoever came first is the last to go by now.
    let alice = principal(Some((SessionKind::Manager, first.secret)), None).await;
    let own = authority.own_session(&context(authority), &alice).await.unwrap().unwrap();
    assert_eq!((own.session.id, own.username.as_str(), own.place), (first.session.id, "alice", Some(2)));
    assert!(own.session.last_use.at() > first.session.last_use.at());
    // Without a most there is no place, and without a session nothing to see.
    let other = sign_in("alice", SessionKind::Gateway).await;
    let alice = principal(Some((SessionKind::Gateway, other.secret)), None).await;
    let own = authority.own_session(&context(authority), &alice).await.unwrap().unwrap();
    assert_eq!((own.session.id, own.place), (other.session.id, None));
    let alice = principal(None, Some(("alice".to_owned(), password.clone()))).await;
    assert!(authority.own_session(&context(authority), &alice).await.unwrap().is_none());
    // Others' sessions are not hers to list.
    let refusal = authority.list_sessions(&context(authority), &alice, None, None).await.unwrap_err();
    assert!(matches!(refusal, identity::Refusal::Denied(identity::Denial::NotPermitted)));
    installed.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_revoke_and_clean() {
    let data_dir = new_data_dir("rights");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    done(execute(authority, add("alice")).await);
    let basic = Some(("alice".to_owned(), Secret::new("p4ssw0rd of tests")));
    let presented = Presented { basic, ..Presented::default() };
    let context = context(authority);
    let found = authority.authenticate(&presented, &context).await.unwrap();
    let alice = found.known().unwrap();
    let denied = |refusal: identity::Refusal| {
        assert!(matches!(refusal, identity::Refusal::Denied(identity::Denial::NotPermitted)), "{refusal}");
    };
    denied(authority.revoke_tokens(&context, &alice, None, true).await.unwrap_err());
    denied(authority.clean_tokens(&context, &alice).await.unwrap_err());
    denied(authority.clean_sessions(&context, &alice).await.unwrap_err());
    installed.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_are_made_listed_and_deleted() {
    let data_dir = new_data_dir("applications");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    done(execute(authority, add("alice")).await);
    let operator = authority.operator().await.unwrap();
    let fields = OrganizationFields { name: Some("Ops".to_owned()), ..OrganizationFields::default() };
    make(authority, &operator, Fields::Organization(fields)).await;
    let create = |wanted| execute(authority, Request::ApplicationCreate(wanted));
    let in_ops = |name: &str| NewApplication { organization: "Ops".to_owned(), ..application(name) };

    let made = done(create(in_ops("portal")).await);
    let row = &made.rows[0];
    assert_eq!(row["client_id"].as_str().unwrap().len(), 40);
    assert_eq!(row["client_secret"].as_str().unwrap().len(), 128);
    assert_eq!(
        (&row["client_type"], &row["grant_type"]),
        (&json!("confidential"), &json!("authorization-code"))
    );
    assert_eq!((&row["organization"], &row["requires_pkce"]), (&json!("Ops"), &json!(false)));
    let public = NewApplication {
        is_public: true,
        allows_device: true,
        redirect_uris: Vec::new(),
        user: Some("alice".to_owned()),
        ..in_ops("cli")
    };
    let row = done(create(public).await).rows.remove(0);
    assert!(row.get("client_secret").is_none(), "{row:?}");
    assert_eq!(row["allows"], json!(["device"]));
    assert_eq!((&row["requires_pkce"], &row["user"]), (&json!(true), &json!("alice")));

    let listed = done(execute(authority, Request::ApplicationList).await);
    assert_eq!(listed.rows.len(), 2);
    assert!(!serde_json::to_string(&listed).unwrap().contains("secret"));
    let delete = |which: &str| execute(authority, Request::ApplicationDelete { which: which.to_owned() });
    done(delete(row["client_id"].as_str().unwrap()).await);
    done(delete("portal").await);
    assert_eq!(refused(delete("portal").await), "there is no such application: \"portal\"");
    assert!(done(execute(authority, Request::ApplicationList).await).rows.is_empty());
    installed.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_that_make_no_sense_are_refused() {
    let data_dir = new_data_dir("senseless");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    let operator = authority.operator().await.unwrap();
    let fields = OrganizationFields { name: Some("Ops".to_owned()), ..OrganizationFields::default() };
    make(authority, &operator, Fields::Organization(fields)).await;
    let sane = || NewApplication { organization: "Ops".to_owned(), ..application("portal") };
    let uri = |uri: &str| NewApplication { redirect_uris: vec![uri.to_owned()], ..sane() };
    for (wanted, message) in [
        (NewApplication { organization: "Nope".to_owned(), ..sane() }, "there is no such organization"),
        (NewApplication { user: Some("nobody".to_owned()), ..sane() }, "there is no such user"),
        (NewApplication { name: " ".to_owned(), ..sane() }, "the name must have"),
        (NewApplication { redirect_uris: Vec::new(), ..sane() }, "needs a --redirect-uri"),
        (NewApplication { allows_client_credentials: true, ..sane() }, "give --user"),
        (NewApplication { is_public: true, allows_introspection: true, ..sane() }, "has no secret"),
        (uri("portal.example.com/cb"), "no absolute URI"),
        (uri("https://portal.example.com/cb#x"), "no absolute URI"),
        (uri("javascript://portal"), "neither http nor https"),
        (uri("https://a.example/ https://b.example/"), "holds a space"),
    ] {
        let shown = format!("{wanted:?}");
        let said = refused(execute(authority, Request::ApplicationCreate(wanted)).await);
        assert!(said.contains(message), "{said}\nfor {shown}");
    }
    done(execute(authority, Request::ApplicationCreate(sane())).await);
    let said = refused(execute(authority, Request::ApplicationCreate(sane())).await);
    assert!(said.contains("there is one with the same"), "{said}");
    installed.close().await.unwrap();
}
