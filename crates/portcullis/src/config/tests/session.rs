//! `identity = "session"` and its table: what they mean, and what is wrong with others.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dialects::Method;
use gateway::config::{Account, IdentityProof, SecretSource};
use identity::model::portal::Portal;
use jiff::SignedDuration;

use super::super::{Config, parse};

/// The published example, letter by letter.
const PUBLISHED: &str = r#"[[service]]
name = "sdwan"
path = "/dataservice/"
upstream = ["https://manager.example:8443"]
upstream_ca = "manager.pem"
dialect = "catalyst"
identity = "session"

[service.session]
platform = "catalyst"
user = "svc-portcullis"
password_file = "manager.secret"
"#;

/// A folder with what the example names.
fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("portcullis-config-session-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (name, content, mode) in [
        ("manager.pem", "-----BEGIN CERTIFICATE-----\n", 0o644),
        ("manager.secret", "p4ssw0rd\n", 0o600),
        ("open.secret", "p4ssw0rd\n", 0o640),
        ("empty.secret", "\n", 0o600),
    ] {
        // Whole at once: other tests read the same files.
        let draft = folder.join(format!("{name}.{:?}", std::thread::current().id()));
        fs::write(&draft, content).unwrap();
        fs::set_permissions(&draft, fs::Permissions::from_mode(mode)).unwrap();
        fs::rename(&draft, folder.join(name)).unwrap();
    }
    folder
}

fn read(text: &str) -> Config {
    parse("p.toml", &folder(), text).unwrap()
}

fn account(config: &Config) -> &Account {
    let IdentityProof::Session(account) = &config.services[0].identity else { panic!("no account") };
    account
}

fn service(upstream: &str, path: &str, table: &str) -> String {
    format!(
        "[[service]]\nname = \"s\"\npath = {path:?}\nupstream = [{upstream:?}]\nidentity = \"session\"\n\n\
         [service.session]\n{table}\n"
    )
}

fn problems(text: &str) -> Vec<String> {
    let problems = parse("p.toml", &folder(), text).err().map(|it| it.0).unwrap_or_default();
    let folder = folder().display().to_string();
    problems.iter().map(|it| it.to_string().replace(&folder, "FOLDER")).collect()
}

#[test]
fn the_published_example_is_an_account_with_everything_by_default() {
    let config = read(PUBLISHED);
    let account = account(&config);
    assert_eq!(account.platform.name(), "catalyst");
    assert_eq!((account.method, account.username.as_str()), (Method::Session, "svc-portcullis"));
    assert_eq!(account.secret, SecretSource::File(folder().join("manager.secret")));
    assert_eq!((account.is_token, account.is_exclusive), (false, false));
    assert_eq!((&account.tenant, account.portal, account.rates), (&None, None, None));
    assert_eq!((account.sessions_max, account.queue_max), (10, 1000));
    assert_eq!(account.queue_timeout, Duration::from_secs(30));
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    assert_eq!(config.services[0].dialect.name(), "catalyst");
}

#[test]
fn the_table_belongs_to_the_service_above_it() {
    let config = read(&format!(
        "[[service]]\nname = \"first\"\npath = \"/f/\"\nupstream = [\"http://127.0.0.1:1\"]\n{PUBLISHED}\
         [[service]]\nname = \"last\"\npath = \"/l/\"\nupstream = [\"http://127.0.0.1:1\"]\n"
    ));
    assert_eq!(config.services[0].identity, IdentityProof::SignedJwt);
    assert!(matches!(config.services[1].identity, IdentityProof::Session(_)));
    assert_eq!(config.services[2].identity, IdentityProof::SignedJwt);
}

#[test]
fn every_key_means_what_it_says() {
    let config = read(&service(
        "https://soc.example",
        "/x/",
        "platform = \"apprenda\"\nuser = \"op\"\npassword_env = \"SOC_PASSWORD\"\nmethod = \"session\"\n\
         tenant = \"acme\"\nportal = \"developer\"\nsessions_max = 90\nqueue_max = 5\nqueue_timeout = 7\n\
         requests_per_second = 12\nbulk_per_minute = 0\nexclusive = true",
    ));
    let account = account(&config);
    assert_eq!(account.secret, SecretSource::Environment("SOC_PASSWORD".to_owned()));
    assert_eq!((account.tenant.as_deref(), account.portal), (Some("acme"), Some(Portal::Developer)));
    assert_eq!((account.sessions_max, account.queue_max), (90, 5));
    assert_eq!((account.queue_timeout, account.is_exclusive), (Duration::from_secs(7), true));
    let rates = account.rates.unwrap();
    assert_eq!((rates.ordinary.requests, rates.ordinary.period), (12, SignedDuration::from_secs(1)));
    assert_eq!((rates.bulk.requests, rates.bulk.period), (0, SignedDuration::from_secs(60)));
}

#[test]
fn a_token_needs_no_user_and_no_method() {
    for (key, value, expected) in [
        ("token_file", "manager.secret", SecretSource::File(folder().join("manager.secret"))),
        ("token_env", "AWX_TOKEN", SecretSource::Environment("AWX_TOKEN".to_owned())),
        ("token_credential", "awx.token", SecretSource::Credential("awx.token".to_owned())),
        ("token_stored", "awx", SecretSource::Stored("awx".to_owned())),
    ] {
        let config =
            read(&service("https://awx.example", "/x/", &format!("platform = \"awx\"\n{key} = {value:?}")));
        let account = account(&config);
        assert_eq!((&account.secret, account.method, account.is_token), (&expected, Method::Token, true));
        assert_eq!(account.username, "");
    }
}

#[test]
fn any_contract_stands_in_front_of_any_platform() {
    for front in dialects::ALL {
        for platform in dialects::ALL {
            let text = format!(
                "[[service]]\nname = \"s\"\npath = \"/x/\"\nupstream = [\"https://h\"]\ndialect = {:?}\n\
                 identity = \"session\"\n[service.session]\nplatform = {:?}\nuser = \"u\"\n\
                 password_stored = \"p\"\n",
                front.name(),
                platform.name()
            );
            let config = read(&text);
            assert_eq!(config.services[0].dialect.name(), front.name());
            assert_eq!(account(&config).platform.name(), platform.name());
        }
    }
}

#[test]
fn mistakes_are_told_with_their_line() {
    let plain = "[[service]]\nname = \"s\"\npath = \"/s/\"\nupstream = [\"https://h\"]\n";
    let table = "[service.session]\nplatform = \"awx\"\nuser = \"u\"\npassword_env = \"P\"\n";
    for (text, expected) in [
        (
            format!("{plain}identity = \"session\"\n"),
            "p.toml:5: service[1].identity: \"session\" needs the table [service.session] below this service's keys",
        ),
        (
            format!("{plain}{table}"),
            "p.toml:5: service[1].session: the table is used only with identity = \"session\"",
        ),
        (
            format!("{plain}identity = \"headers\"\n{table}"),
            "p.toml:6: service[1].session: the table is used only with identity = \"session\"",
        ),
        (
            format!("{plain}session = 1\nidentity = \"session\"\n"),
            "p.toml:5: service[1].session: is a table, not a whole number",
        ),
    ] {
        assert_eq!(problems(&text), [expected], "in:\n{text}");
    }
}

#[test]
fn mistakes_in_the_table_are_told_with_their_line() {
    let right = "platform = \"awx\"\nuser = \"u\"\npassword_env = \"P\"\n";
    let with = |line: &str| format!("{right}{line}");
    for (table, expected) in [
        (
            "user = \"u\"\npassword_env = \"P\"".to_owned(),
            "7: service[1].session.platform: missing: say which contract the service speaks",
        ),
        (
            "platform = \"catalist\"\nuser = \"u\"\npassword_env = \"P\"".to_owned(),
            "8: service[1].session.platform: \"catalist\" is unknown; did you mean \"catalyst\"?",
        ),
        (
            "platform = \"awx\"\npassword_env = \"P\"".to_owned(),
            "7: service[1].session.user: missing: say as whom the gateway signs in",
        ),
        (
            "platform = \"awx\"\nuser = \"u\"".to_owned(),
            "7: service[1].session.password_file: missing: say where the password is, for example in `password_file`",
        ),
        (
            with("token_env = \"T\""),
            "11: service[1].session.token_env: give either this or `password_env`, not both",
        ),
        (
            with("password = \"hunter2\""),
            "11: service[1].session.password: unknown key; did you mean `password_env`?",
        ),
    ] {
        expect_problem(&table, expected);
    }
}

#[test]
fn what_does_not_fit_together_is_told_with_its_line() {
    let right = "platform = \"awx\"\nuser = \"u\"\npassword_env = \"P\"\n";
    let with = |line: &str| format!("{right}{line}");
    for (table, expected) in [
        (
            with("method = \"device\""),
            "11: service[1].session.method: \"device\" is unknown; it can be \"session\", \"basic\", \"token\"",
        ),
        (
            "platform = \"apprenda\"\nuser = \"u\"\npassword_env = \"P\"\nmethod = \"token\"".to_owned(),
            "11: service[1].session.method: \"apprenda\" does not have \"token\"; it can be \"session\"",
        ),
        (
            "platform = \"awx\"\ntoken_env = \"T\"\nmethod = \"session\"".to_owned(),
            "10: service[1].session.method: a token is used with method = \"token\"",
        ),
        (
            with("portal = \"soc\""),
            "11: service[1].session.portal: only \"apprenda\" has portals, \"awx\" has none",
        ),
        (with("tenant = \"\""), "11: service[1].session.tenant: must be 1 to 256 bytes"),
        (with("sessions_max = 91"), "11: service[1].session.sessions_max: must be between 1 and 90"),
        (with("queue_timeout = 0"), "11: service[1].session.queue_timeout: must be between 1 and 300"),
        (
            with("exclusive = 1"),
            "11: service[1].session.exclusive: must be true or false, not a whole number",
        ),
    ] {
        expect_problem(&table, expected);
    }
}

#[test]
fn secrets_that_cannot_be_found_are_told_with_their_line() {
    let from = |source: &str| format!("platform = \"awx\"\nuser = \"u\"\n{source}");
    for (table, expected) in [
        (
            from("password_env = \"A B\""),
            "10: service[1].session.password_env: \"A B\" is no name of a variable such as MANAGER_PASSWORD",
        ),
        (
            from("password_credential = \"../p\""),
            "10: service[1].session.password_credential: \"../p\" is no name of a credential: write it without a path",
        ),
        (
            from("password_stored = \"\""),
            "10: service[1].session.password_stored: must be the name of a secret, as `portcullis secret list` shows it",
        ),
        (
            from("password_file = \"absent.secret\""),
            "10: service[1].session.password_file: there is no file FOLDER/absent.secret",
        ),
        (
            from("password_file = \"open.secret\""),
            "10: service[1].session.password_file: FOLDER/open.secret must be readable by its owner only (mode 0640); \
             run: chmod 600 FOLDER/open.secret",
        ),
        (
            from("password_file = \"empty.secret\""),
            "10: service[1].session.password_file: FOLDER/empty.secret is empty",
        ),
    ] {
        expect_problem(&table, expected);
    }
}

/// Holds the one problem of a table against this.
fn expect_problem(table: &str, expected: &str) {
    assert_eq!(problems(&service("https://h", "/s/", table)), [format!("p.toml:{expected}")], "in:\n{table}");
}

#[test]
fn passwords_do_not_travel_in_the_open_unnoticed() {
    let table = |platform: &str| format!("platform = {platform:?}\nuser = \"u\"\npassword_env = \"P\"");
    assert_eq!(
        problems(&service("http://127.0.0.1:80", "/s/", &table("apprenda"))),
        [
            "p.toml:7: service[1].session.platform: \"apprenda\" takes logins only over https; http://127.0.0.1:80 is not"
        ]
    );
    for (upstream, is_warned) in
        [("http://h", true), ("https://h", false), ("http://127.0.0.1:1", false), ("http://[::1]:1", false)]
    {
        let warnings = read(&service(upstream, "/s/", &table("awx"))).warnings;
        assert_eq!(!warnings.is_empty(), is_warned, "{upstream}: {warnings:?}");
        if is_warned {
            assert_eq!(
                warnings[0].to_string(),
                "p.toml:7: service[1].session: the account's secret goes to http://h without encryption; use https"
            );
        }
    }
}

#[test]
fn a_service_at_the_proofs_themselves_is_refused() {
    let platform = dialects::named("catalyst").unwrap();
    let path = "/dataservice/client/token/";
    let is_guarded = |path: &str| platform.client().is_guarded(&http::Method::GET, path);
    let text = service("https://h", "/x/", "platform = \"catalyst\"\nuser = \"u\"\npassword_env = \"P\"");
    let text = text.replace("identity =", &format!("upstream_path = {path:?}\nidentity ="));
    let is_all_guarded =
        is_guarded(path) && is_guarded(&format!("{path}a/")) && is_guarded(&format!("{path}b"));
    let found = parse("p.toml", Path::new("/"), &text).err().map(|it| it.0).unwrap_or_default();
    assert_eq!(!found.is_empty(), is_all_guarded);
    assert!(
        found
            .iter()
            .all(|it| it.text.starts_with("nothing at \"/dataservice/client/token/\" could be called"))
    );
}

#[test]
fn the_key_of_sealed_secrets_lies_where_the_file_says() {
    use super::super::Vault;
    assert_eq!(read("").vault, Vault::Own);
    let path = folder().join("manager.secret");
    assert_eq!(read("[vault]\nkey_file = \"manager.secret\"\n").vault, Vault::File(path));
    assert_eq!(read("[vault]\nkey_credential = \"vault\"\n").vault, Vault::Credential("vault".to_owned()));
    for (text, expected) in [
        ("key_file = \"absent\"", "2: vault.key_file: there is no file FOLDER/absent"),
        (
            "key_credential = \"a/b\"",
            "2: vault.key_credential: \"a/b\" is no name of a credential: write it without a path",
        ),
        (
            "key_file = \"manager.secret\"\nkey_credential = \"b\"",
            "3: vault.key_credential: give either this or `key_file`, not both",
        ),
    ] {
        assert_eq!(problems(&format!("[vault]\n{text}\n")), [format!("p.toml:{expected}")]);
    }
}
