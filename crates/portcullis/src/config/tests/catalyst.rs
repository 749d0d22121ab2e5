//! The section of Catalyst Manager's contract, and what only its services have.

use std::path::Path;

use dialects::ExpiredSession;
use identity::model::tenant::Tenant;

use super::super::{Catalyst, parse};
use super::mistakes::check;

const ACME: &str = "[[catalyst.tenant]]\nid = \"6F1C9B52-8f0e-4a53-9d57-2f1f0c7f3c11\"\nname = \"Acme\"\n\
                    subdomain = \"Acme.example.com\"\n";
const OTHER: &str = "[[catalyst.tenant]]\nid = \"0b7c2d1e-1111-4222-8333-444455556666\"\nname = \"Other\"\n\
                     subdomain = \"other.example.com\"\norganization = \"Other Org\"\ndescription = \"The other\"\n";
const SERVICE: &str = "[[service]]\nname = \"m\"\npath = \"/dataservice/\"\nupstream = [\"https://h\"]\n";

#[track_caller]
fn read(text: &str) -> super::super::Config {
    parse("p.toml", Path::new("/etc"), text).unwrap()
}

#[test]
fn nothing_written_is_the_release_that_clients_know_and_no_tenant() {
    let nothing = read("").catalyst;
    assert_eq!((nothing.version.as_str(), nothing.tenants.len()), ("20.12.1", 0));
    assert_eq!(nothing, Catalyst::default());
}

#[test]
fn a_release_is_numbers_and_perhaps_a_word() {
    for version in ["20.9", "20.18.1", "20.12.5.2", "20.12.0-144-li"] {
        assert_eq!(read(&format!("[catalyst]\nversion = {version:?}\n")).catalyst.version, version);
    }
    for version in ["", "20", "20.", "v20.12", "20.12.1.2.3", "20.12 .1", "20.12-", "20.123456", "latest"] {
        let expected = format!("p.toml:2: catalyst.version: {version:?} is no release such as \"20.12.1\"");
        check(&[(&format!("[catalyst]\nversion = {version:?}\n"), &expected)]);
    }
}

#[test]
fn tenants_are_what_the_file_says() {
    let tenants = read(&format!("{ACME}{OTHER}")).catalyst.tenants;
    let text = str::to_owned;
    let acme = Tenant {
        id: text("6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11"),
        name: text("Acme"),
        description: String::new(),
        organization: text("Acme"),
        subdomain: text("acme.example.com"),
    };
    let other = Tenant {
        id: text("0b7c2d1e-1111-4222-8333-444455556666"),
        name: text("Other"),
        description: text("The other"),
        organization: text("Other Org"),
        subdomain: text("other.example.com"),
    };
    assert_eq!(tenants, [acme, other]);
}

#[test]
fn the_file_names_line_and_key_of_wrong_tenants() {
    let with = |line: &str| format!("{ACME}{line}\n");
    let again = format!("{ACME}{ACME}");
    let found: Vec<String> = match parse("p.toml", Path::new("/etc"), &again) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(
        found,
        [
            "p.toml:5: catalyst.tenant[2].id: \"6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11\" is the id of the tenant on line 1 already",
            "p.toml:5: catalyst.tenant[2].name: \"Acme\" is the name of the tenant on line 1 already",
            "p.toml:5: catalyst.tenant[2].subdomain: \"acme.example.com\" is the subdomain of the tenant on line 1 already",
        ]
    );
    check(&[
        (
            "[catalyst]\nverison = \"20.12\"\n",
            "p.toml:2: catalyst.verison: unknown key; did you mean `version`?",
        ),
        (
            "[catalyst]\ntenant = []\ntenants = []\n",
            "p.toml:3: catalyst.tenants: unknown key; did you mean `tenant`?",
        ),
        (
            "[catalyst.tenant]\nid = \"x\"\n",
            "p.toml:1: catalyst.tenant: is a list of tables: write [[catalyst.tenant]] before each",
        ),
        (
            &with("organisation = \"x\""),
            "p.toml:5: catalyst.tenant[1].organisation: unknown key; did you mean `organization`?",
        ),
        (&with("organization = \" \""), "p.toml:5: catalyst.tenant[1].organization: must be 1 to 128 bytes"),
        (
            &with("description = 1"),
            "p.toml:5: catalyst.tenant[1].description: must be a text in quotes, not a whole number",
        ),
        (
            "[[catalyst.tenant]]\nid = \"6f1c9b52\"\nname = \"a\"\nsubdomain = \"a\"\n",
            "p.toml:2: catalyst.tenant[1].id: \"6f1c9b52\" is no UUID such as \"6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11\"",
        ),
        (
            "[[catalyst.tenant]]\nname = \"a\"\nsubdomain = \"a\"\n",
            "p.toml:1: catalyst.tenant[1].id: missing: every tenant needs it",
        ),
        (
            "[[catalyst.tenant]]\nid = \"6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11\"\nname = \"a\"\nsubdomain = \"https://a\"\n",
            "p.toml:4: catalyst.tenant[1].subdomain: \"https://a\" is not the name of a host without scheme, port and path",
        ),
    ]);
}

#[test]
fn so_many_tenants_and_no_more() {
    use std::fmt::Write as _;

    let mut text = String::new();
    for number in 0..=1000 {
        let _ = write!(
            text,
            "[[catalyst.tenant]]\nid = \"6f1c9b52-8f0e-4a53-9d57-{number:012}\"\nname = \"{number}\"\nsubdomain = \"t{number}\"\n"
        );
    }
    check(&[(&text, "p.toml:4001: catalyst.tenant[1001]: at most 1000 tenants")]);
    let last = text.rfind("[[").unwrap();
    assert_eq!(read(&text[..last]).catalyst.tenants.len(), 1000);
}

#[test]
fn a_service_says_how_it_answers_dead_sessions() {
    let service = |lines: &str| read(&format!("{SERVICE}{lines}")).services.remove(0).expired_session;
    assert_eq!(service("dialect = \"catalyst\"\n"), ExpiredSession::Unauthorized);
    for (word, meaning) in [
        ("unauthorized", ExpiredSession::Unauthorized),
        ("login-page", ExpiredSession::LoginPage),
        ("redirect", ExpiredSession::Redirect),
    ] {
        assert_eq!(service(&format!("dialect = \"catalyst\"\nexpired_session = {word:?}\n")), meaning);
    }
    check(&[
        (
            &format!("{SERVICE}dialect = \"catalyst\"\nexpired_session = \"login_page\"\n"),
            "p.toml:6: service[1].expired_session: \"login_page\" is unknown; did you mean \"login-page\"?",
        ),
        (
            &format!("{SERVICE}expired_session = \"redirect\"\n"),
            "p.toml:5: service[1].expired_session: only the contract \"catalyst\" has a choice, \"aap\" has none",
        ),
        (
            &format!("{SERVICE}dialect = \"apprenda\"\nexpired_session = \"unauthorized\"\n"),
            "p.toml:6: service[1].expired_session: only the contract \"catalyst\" has a choice, \"apprenda\" has none",
        ),
    ]);
}

#[test]
fn a_service_lies_beside_what_a_contract_answers_itself_and_not_on_it() {
    let service = |path: &str| {
        format!(
            "[[service]]\nname = \"s\"\npath = {path:?}\nupstream = [\"http://h\"]\ndialect = \"catalyst\"\n"
        )
    };
    for path in [
        "/dataservice/",
        "/dataservice/device/",
        "/dataservice/system/",
        "/soc/",
        "/developer/",
        "/account/",
        "/authentication/",
        "/",
    ] {
        assert_eq!(read(&service(path)).services[0].path, path);
    }
    for (path, contract) in [
        ("/dataservice/admin/user/", "catalyst"),
        ("/dataservice/admin/user/role/", "catalyst"),
        ("/dataservice/client/token/", "catalyst"),
        ("/jwt/", "catalyst"),
        ("/apigw/config/", "catalyst"),
        ("/x/j_security_check/", "catalyst"),
        ("/authentication/api/v1/sessions/", "apprenda"),
        ("/authentication/api/v1/sessions/soc/", "apprenda"),
    ] {
        let expected = format!(
            "p.toml:3: service[1].path: {path:?} is answered by the gateway itself (contract {contract:?})"
        );
        check(&[(&service(path), &expected)]);
    }
}
