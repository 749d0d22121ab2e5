//! Control: the protocol, and the same requests carried out through a socket and without one.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use identity::model::secret::Secret;
use serde_json::{Value, json};

use super::{Asked, ControlServer, Password, Request, Response, SOCKET, Which, ask, execute};
use crate::assemble::{self, Installed};
use crate::config::{self, Config};
use crate::data_dir::DataDir;
use crate::output::Report;

mod secrets;
mod tokens;

fn new_data_dir(name: &str) -> DataDir {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let path: PathBuf =
        std::env::temp_dir().join(format!("portcullis-{name}-{}-{number}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    DataDir::prepare(&path).unwrap()
}

async fn install(data_dir: &DataDir) -> Installed {
    let text = "[passwords]\nmemory_kib = 64\niterations = 1\n";
    let config: Config = config::parse("c", data_dir.path(), text).unwrap();
    assemble::open(data_dir, &config).await.unwrap()
}

fn add(username: &str) -> Request {
    Request::UserAdd {
        username: username.to_owned(),
        email: None,
        first_name: None,
        last_name: None,
        is_superuser: false,
        password: Some(Password(Secret::new("p4ssw0rd of tests"))),
    }
}

#[track_caller]
fn done(response: Response) -> Report {
    match response {
        Response::Done { report } => report,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(response: Response) -> String {
    match response {
        Response::Refused { message } => message,
        other => panic!("{other:?}"),
    }
}

pub fn named(command: &str) -> Request {
    serde_json::from_str(command).unwrap()
}

#[test]
fn requests_survive_the_wire_and_hide_passwords_in_debug() {
    for request in [
        add("alice"),
        Request::UserList,
        Request::TokenRevoke { which: Which::One(3), with_refresh: false },
        Request::SessionExpire { which: Which::User("a".to_owned()) },
        Request::SettingSet { name: "n".to_owned(), value: "v".to_owned() },
    ] {
        let line = serde_json::to_string(&request).unwrap();
        assert!(!line.contains('\n'), "{line}");
        assert_eq!(serde_json::from_str::<Request>(&line).unwrap(), request);
        assert!(!format!("{request:?}").contains("p4ssw0rd"));
    }
    assert!(
        serde_json::from_str::<Request>(r#"{"command":"user_delete","username":"a","extra":1}"#).is_err()
    );
    assert!(serde_json::from_str::<Request>(r#"{"command":"format_disk"}"#).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn users_tokens_and_settings_are_managed_as_the_operator() {
    let data_dir = new_data_dir("execute");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    let made = done(execute(authority, add("alice")).await);
    assert_eq!(made.rows[0]["username"], "alice");
    assert!(!serde_json::to_string(&made).unwrap().contains("p4ssw0rd"));
    assert!(refused(execute(authority, add("alice")).await).contains("already"));
    assert_eq!(
        refused(execute(authority, named(r#"{"command":"user_delete","username":"nobody"}"#)).await),
        "there is no such user: \"nobody\""
    );
    let list = done(execute(authority, Request::UserList).await);
    assert!(list.rows.iter().all(|row| row["username"] != "_system"));

    let create = named(r#"{"command":"token_create","username":"alice","scope":"read"}"#);
    let token = done(execute(authority, create.clone()).await);
    assert_eq!(token.rows[0]["token"].as_str().unwrap().len(), 30);
    let tokens = done(execute(authority, named(r#"{"command":"token_list","username":"alice"}"#)).await);
    assert_eq!((tokens.rows.len(), &tokens.rows[0]["username"]), (1, &Value::from("alice")));
    assert!(tokens.rows[0].get("token").is_none());
    let revoke = Request::TokenRevoke { which: Which::User("alice".to_owned()), with_refresh: false };
    assert_eq!(done(execute(authority, revoke).await).rows[0]["count"], 1);
    let wrong = named(r#"{"command":"token_create","username":"alice","scope":"admin"}"#);
    assert!(refused(execute(authority, wrong).await).contains("read, write"));
    let disable = Request::UserEnable { username: "alice".to_owned(), is_enabled: false };
    assert_eq!(done(execute(authority, disable).await).rows[0]["is_enabled"], false);
    assert_eq!(refused(execute(authority, create).await), "the user is disabled");

    let session = Request::SessionExpire { which: Which::One(77) };
    assert_eq!(refused(execute(authority, session).await), "there is no such session: 77");
    installed.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_typed_named_and_masked() {
    let data_dir = new_data_dir("settings");
    let installed = install(&data_dir).await;
    let authority = &installed.authority;
    let set =
        |name: &str, value: &str| Request::SettingSet { name: name.to_owned(), value: value.to_owned() };
    for (name, typed, expected) in [
        ("SESSION_COOKIE_AGE", "3600", json!(3600)),
        ("gateway_basic_auth_enabled", "off", json!(false)),
        ("resource_client_request_timeout", "2.5", json!(2.5)),
        (
            "CSRF_TRUSTED_ORIGINS",
            "https://a.example, https://b.example",
            json!(["https://a.example", "https://b.example"]),
        ),
        ("custom_login_info", "hello", json!("hello")),
        ("REDHAT_PASSWORD", "hunter2", json!("$encrypted$")),
    ] {
        let row = &done(execute(authority, set(name, typed)).await).rows[0];
        assert_eq!((&row["value"], &row["is_default"]), (&expected, &json!(false)), "{name}");
    }
    let all = done(execute(authority, Request::SettingList).await);
    assert!(!serde_json::to_string(&all).unwrap().contains("hunter2"));
    for (name, typed, message) in [
        ("SESSION_COOKIE_AGE", "soon", "SESSION_COOKIE_AGE is a whole number"),
        ("SESSION_COOKIE_AGE", "59", "SESSION_COOKIE_AGE: Ensure this value is greater than or equal to 60."),
        ("gateway_basic_auth_enabled", "2", "gateway_basic_auth_enabled is true or false"),
        (
            "session_cookie_age",
            "60",
            "there is no setting \"session_cookie_age\"; did you mean SESSION_COOKIE_AGE?",
        ),
        ("MAX_PAGE_SIZ", "60", "there is no setting \"MAX_PAGE_SIZ\"; did you mean MAX_PAGE_SIZE?"),
        ("jwt_public_key", "x", "jwt_public_key cannot be set"),
    ] {
        assert_eq!(refused(execute(authority, set(name, typed)).await), message);
    }
    let reset = Request::SettingReset { name: "SESSION_COOKIE_AGE".to_owned() };
    let row = &done(execute(authority, reset).await).rows[0];
    assert_eq!((&row["value"], &row["is_default"]), (&json!(900), &json!(true)));
    installed.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_answers_through_its_socket() {
    let data_dir = new_data_dir("socket");
    let installed = install(&data_dir).await;
    // What a killed server left behind is no obstacle.
    fs::write(data_dir.file(SOCKET), "").unwrap();
    let server = ControlServer::start(data_dir.path(), installed.authority.clone()).unwrap();
    let mode = fs::metadata(data_dir.file(SOCKET)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let folder = data_dir.path().to_owned();
    let (answer, nonsense, cut) = tokio::task::spawn_blocking(move || {
        let answer = ask(&folder, &add("bob")).unwrap();
        let nonsense = raw(&folder.join(SOCKET), b"{\"command\":\"user_passwd\",\"password\":\"hunter2\"}\n");
        (answer, nonsense, raw(&folder.join(SOCKET), b"{\"command\":"))
    })
    .await
    .unwrap();
    let Asked::Answer(response) = answer else { panic!("no server") };
    assert_eq!(done(*response).rows[0]["username"], "bob");
    assert!(nonsense.contains("does not understand") && !nonsense.contains("hunter2"), "{nonsense}");
    assert!(cut.contains("must be one line"), "{cut}");
    drop(server);
    assert!(matches!(ask(data_dir.path(), &Request::UserList).unwrap(), Asked::NoServer));
    installed.close().await.unwrap();
}

fn raw(socket: &std::path::Path, bytes: &[u8]) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.write_all(bytes).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn only_one_process_holds_a_data_directory() {
    let data_dir = new_data_dir("held");
    let held = data_dir.try_hold().unwrap().unwrap();
    assert!(data_dir.try_hold().unwrap().is_none());
    drop(held);
    assert!(data_dir.try_hold().unwrap().is_some());
}

#[test]
fn secrets_are_closed_files_and_open_ones_are_refused() {
    let data_dir = new_data_dir("secrets");
    assert_eq!(data_dir.read_secret("key").unwrap(), None);
    fs::write(data_dir.file("key.unfinished"), "left by a start that was cut off").unwrap();
    data_dir.write_secret("key", b"value").unwrap();
    assert_eq!(data_dir.read_secret("key").unwrap().unwrap(), b"value");
    assert!(!data_dir.file("key.unfinished").exists());
    let set = |mode| fs::set_permissions(data_dir.file("key"), fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(fs::metadata(data_dir.file("key")).unwrap().permissions().mode() & 0o777, 0o600);
    set(0o644);
    assert!(data_dir.read_secret("key").unwrap_err().to_string().contains("open to other users"));
    fs::set_permissions(data_dir.path(), fs::Permissions::from_mode(0o770)).unwrap();
    assert!(
        DataDir::prepare(data_dir.path()).unwrap_err().to_string().contains("can be written by other users")
    );
}
