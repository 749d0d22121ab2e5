//! Where AWX's pages and the authorization servers send browsers, and whose word on our name they repeat.

use std::sync::Arc;

use super::grants::{AWX_LOGIN, App, CALLBACK, SITES, awx_sign_in, parameter};
use super::shared::Shared;
use crate::support::http::encode;
use crate::support::{ADMIN_PASSWORD, Options, Request, Server};

const LOGOUT: &str = "/api/logout/";

static SHARED: Shared = Shared::new();

fn gateway() -> Arc<Server> {
    SHARED.get(|| Server::start(Options::default()))
}

/// Headers by which a peer that is not trusted claims another name or scheme for us.
const CLAIMS: [(&str, &str); 9] = [
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Server", "evil.example"),
    ("X-Host", "evil.example"),
    ("X-Original-Host", "evil.example"),
    ("Forwarded", "host=evil.example;proto=https"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Ssl", "on"),
    ("X-Forwarded-Port", "1"),
    ("X-Forwarded-Prefix", "/evil"),
];

fn foreign(server: &Server) -> Vec<String> {
    let host = server.http.to_string();
    let mut all: Vec<String> = [
        "https://evil.example/",
        "http://evil.example",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\\/evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        "/\n/evil.example",
        "\r\n//evil.example",
        " //evil.example",
        "\u{0}//evil.example",
        "／／evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http:evil.example",
        "https:/evil.example",
        "evil.example",
        "api//evil.example/../..//evil.example",
        "/.//evil.example",
        "/x/..//evil.example",
        "/\r\nSet-Cookie: x=y",
        "?next=//evil.example",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend([
        format!("http://{host}@evil.example/"),
        format!("http://{host}.evil.example/"),
        format!("http://{host}\\@evil.example/"),
        format!("http://{host}//evil.example/"),
        format!("https://{host}/"),
        format!("/{}", "a".repeat(10_000)),
    ]);
    all
}

/// Leads to a page of ours, whatever it was.
#[track_caller]
fn assert_ours(location: &str, next: &str) {
    let is_path = location.starts_with('/') && !location.starts_with("//") && !location.contains('\\');
    assert!(is_path, "{next:?}: {location:?}");
    let path = location.split('?').next().unwrap();
    assert!(!path.contains("//") && !location.contains(char::is_control), "{next:?}: {location:?}");
}

#[test]
fn case_107_awx_s_login_and_logout_lead_nowhere_else() {
    let server = gateway();
    let csrf = server.get(AWX_LOGIN).send().expect(200).cookie("csrftoken").unwrap().to_owned();
    let sign_in = |query: &str, fields: &[(&str, &str)]| {
        let all = [&[("username", "admin"), ("password", ADMIN_PASSWORD)][..], fields].concat();
        let request = server.post(&format!("{AWX_LOGIN}{query}"));
        let request = request.header("Cookie", format!("csrftoken={csrf}")).header("X-CSRFToken", &*csrf);
        request.form(&all).send()
    };
    for next in foreign(&server) {
        let mut answers = vec![sign_in("", &[("next", &next)])];
        if next.len() < 1000 {
            let query = format!("?next={}", encode(&next));
            answers.push(sign_in(&query, &[]));
            answers.push(server.get(&format!("{LOGOUT}{query}")).send());
            answers.push(server.post(LOGOUT).form(&[("next", &next)]).send());
            let page = server.get(&format!("{AWX_LOGIN}{query}")).send().expect(200).text();
            assert!(!page.contains("//evil.example") && !page.contains("javascript:"), "{next:?}");
        }
        for answer in answers {
            assert_eq!(answer.status, 302, "{next:?}");
            assert_ours(answer.header("location").unwrap(), &next);
            assert!(answer.header_all("set-cookie").iter().all(|it| !it.starts_with("x=y")));
        }
    }
    let right = sign_in("", &[("next", "/api/o/authorize/?client_id=x&state=%2F%2Fevil.example")]);
    let location = right.expect(302).header("location").unwrap().to_owned();
    assert_eq!(location, "/api/o/authorize/?client_id=x&state=%2F%2Fevil.example");
    assert_eq!(sign_in("", &[]).header("location"), Some("/accounts/profile/"));
}

#[test]
fn case_107_the_way_to_the_login_page_leads_back_to_us() {
    let server = gateway();
    let app = App::new(&server, "c107", "confidential", "authorization-code");
    for site in SITES {
        for state in foreign(&server).iter().filter(|it| it.len() < 1000) {
            let answer = server.get(&site.question(&app, &[("state", state)])).send();
            if answer.status == 400 {
                assert_eq!(answer.header("location"), None, "{state:?}");
                continue;
            }
            let location = answer.expect(302).header("location").unwrap().to_owned();
            assert_ours(&location, state);
            let next = parameter(&location, "next").unwrap();
            assert!(next.starts_with("/o/authorize/") || next.starts_with("/api/o/authorize/"), "{next}");
            assert!(!location.contains("next=//") && location.matches("next=").count() == 1, "{location}");
        }
        for path in [site.at("authorize"), site.at("device")] {
            for spelling in [path.replacen('/', "//", 1), format!("{path}../..//evil.example")] {
                let answer = server.get(&spelling).send();
                let location = answer.header("location").unwrap_or("/").to_owned();
                assert_ours(&location, &spelling);
            }
        }
    }
}

/// What the two doors and the authorization servers say where an address of ours may stand.
fn answers(server: &Server, app: &App, dress: impl Fn(Request) -> Request) -> Vec<String> {
    let mut texts = Vec::new();
    let mut keep = |request: Request| {
        let answer = dress(request).send();
        texts.push(format!("{:?} {}", answer.headers, answer.text()));
    };
    for path in [
        "/api/",
        "/api/v2",
        "/api/v2/",
        "/api/v2/ping/",
        "/api/v2/auth/",
        "/login/",
        AWX_LOGIN,
        LOGOUT,
        "/api/o",
        "/api/o/",
        "/api/o/token",
        "/o",
        "/o/",
        "/o/.well-known/openid-configuration",
        "/o/.well-known/openid-configuration/",
        "/api/o/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/o",
        "/.well-known/oauth-authorization-server/api/o",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-protected-resource",
    ] {
        keep(server.get(path));
    }
    keep(server.as_admin("GET", "/api/v2/users/?page_size=1&order_by=-id"));
    keep(server.as_admin("GET", "/api/v2/users/1/"));
    keep(server.as_admin("GET", "/api/v2/organizations"));
    for site in SITES {
        let browser = (site.sign_in)(server, "admin", ADMIN_PASSWORD);
        keep(server.get(&site.question(app, &[])));
        keep(browser.on(server.get(&site.question(app, &[]))));
        keep(browser.on(server.get(&site.question(app, &[("scope", "rainbow")]))));
        let fields = [("allow", "1"), ("client_id", &*app.client_id), ("response_type", "code")];
        keep(browser.on(server.post(&site.at("authorize"))).form(&fields));
        keep(server.get(&site.at("device")));
    }
    texts
}

#[test]
fn case_108_no_header_of_a_stranger_names_us() {
    let server = gateway();
    let app = App::new(&server, "c108", "confidential", "authorization-code");
    for (name, value) in CLAIMS {
        for text in answers(&server, &app, |it| it.header(name, value)) {
            assert!(!text.contains("evil"), "{name}: {text}");
            assert!(!text.contains("; Secure"), "{name}: {text}");
            let own = format!("https://{}", server.http);
            assert!(!text.contains(&own) && !text.contains(&encode(&own)), "{name}: {text}");
        }
    }
    // A claimed host does not make its origin ours.
    let browser = awx_sign_in(&server, "admin", ADMIN_PASSWORD);
    for (name, value) in CLAIMS {
        for origin in ["https://evil.example", "http://evil.example", "null"] {
            let request = browser.on(server.post("/api/v2/organizations/")).header(name, value);
            let answer = request.header("Origin", origin).json(&serde_json::json!({"name": "c108x"})).send();
            assert_eq!(answer.status, 403, "{name} {origin}");
        }
    }
}

#[test]
fn case_108_without_a_public_url_we_are_called_as_the_request_calls_us() {
    let server = gateway();
    let app = App::new(&server, "c108-host", "confidential", "authorization-code");
    // Links and redirects within us name no host at all; only who answers does, and by this request's name.
    for (path, is_named) in [
        ("/o/.well-known/openid-configuration", true),
        ("/.well-known/oauth-authorization-server/api/o", true),
        ("/.well-known/oauth-protected-resource", true),
        ("/o/", false),
        ("/api/", false),
        ("/api/v2/", false),
        ("/api/v2", false),
        ("/api/o", false),
        ("/login/", false),
        (AWX_LOGIN, false),
        (LOGOUT, false),
    ] {
        let answer = server.get(path).host("other.example").send();
        let text = format!("{:?} {}", answer.headers, answer.text());
        assert_eq!(text.contains("other.example"), is_named && answer.status == 200, "{path}: {text}");
        let plain = server.get(path).send();
        let text = format!("{:?} {}", plain.headers, plain.text());
        assert!(!text.contains("other.example"), "{path} keeps nothing of another request");
    }
    for bad in
        ["evil.example\"<script>", "evil.example/path", "a@evil.example", "evil example", "evil.example#"]
    {
        for path in ["/o/.well-known/openid-configuration", AWX_LOGIN] {
            let answer = server.get(path).host(bad).send();
            assert!(!answer.text().contains("<script>"), "{bad}");
            assert!(answer.status == 400 || !answer.text().contains("evil"), "{bad}: {}", answer.text());
        }
    }
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let answer = browser.on(server.get(&site.question(&app, &[("scope", "x")]))).host("other.example");
        let answer = answer.send().expect(302);
        let location = answer.header("location").unwrap();
        assert!(location.starts_with(CALLBACK), "{location}");
        assert_eq!(
            parameter(location, "iss").unwrap(),
            encode(&format!("http://other.example{}", site.root))
        );
    }
}

#[test]
fn case_108_with_a_public_url_everything_follows_it() {
    let server = Server::with_config("[oauth]\npublic_url = \"https://gate.example\"\n");
    let app = App::new(&server, "c108-public", "confidential", "authorization-code");
    for text in
        answers(&server, &app, |it| it.host("evil.example").header("X-Forwarded-Host", "evil.example"))
    {
        assert!(!text.contains("evil.example"), "{text}");
    }
    for (path, issuer) in [
        ("/.well-known/oauth-authorization-server/o", "https://gate.example/o"),
        ("/.well-known/oauth-authorization-server/api/o", "https://gate.example/api/o"),
    ] {
        let told = server.get(path).host("evil.example").send().expect(200).json();
        assert_eq!(told["issuer"], issuer);
        for name in ["authorization_endpoint", "token_endpoint", "revocation_endpoint"] {
            let address = told[name].as_str().unwrap();
            assert!(address.starts_with(&format!("{issuer}/")), "{name}: {address}");
        }
    }
    for site in SITES {
        let browser = (site.sign_in)(&server, "admin", ADMIN_PASSWORD);
        let answer = site.consent(&server, &browser, &app, &[]).expect(302);
        let issuer = parameter(answer.header("location").unwrap(), "iss").unwrap();
        assert_eq!(issuer, encode(&format!("https://gate.example{}", site.root)));
    }
    for wrong in ["gate.example", "ftp://gate.example", "https://gate.example/path", "https://a@gate.example"]
    {
        let config = format!("[oauth]\npublic_url = \"{wrong}\"\n");
        let file = server.folder().join("wrong.toml");
        std::fs::write(&file, config).unwrap();
        let output =
            crate::support::server::program().arg("check").arg("--config").arg(&file).output().unwrap();
        assert!(!output.status.success(), "{wrong}");
    }
}

#[test]
fn case_110_a_list_of_hosts_holds_at_every_door() {
    let server = Server::with_config("[listen]\nhosts = [\"gate.example\"]\n");
    for path in
        ["/api/", AWX_LOGIN, LOGOUT, "/api/v2/ping/", "/o/", "/api/o/", "/o/authorize/", "/api/o/token/"]
    {
        for host in ["evil.example", "gate.example.evil.example", "xgate.example", "127.0.0.1"] {
            assert!(matches!(server.get(path).host(host).send().status, 400 | 421), "{path} {host}");
        }
        for host in ["gate.example", "GATE.example", "gate.example:8443", "gate.example."] {
            assert!(!matches!(server.get(path).host(host).send().status, 400 | 421), "{path} {host}");
        }
    }
}
