//! What the gateway does for the contracts that keep cookies to themselves, speak of failures in their own words,
//! and want to know how a request came in.

use std::time::Duration;

use dialects::ExpiredSession;
use http_body_util::Empty;

use super::manager::{DIALECTS, Manager};
use super::rig::{Rig, config, raw, service, status};
use super::scratch::Scratch;
use super::tls::{http2, request};
use super::upstream::{Reply, Upstream};
use crate::Scheme;
use crate::config::{IdentityProof, PublicPath, Service};
use crate::tls::ensure_self_signed;

/// A service of that contract, with something open to everybody.
fn managed(upstream: &Upstream) -> Service {
    Service {
        name: "manager".into(),
        path: "/dataservice/".into(),
        dialect: &Manager,
        public: vec![PublicPath::Below("/dataservice/open/".into())],
        ..service(&[upstream.address])
    }
}

fn body(answer: &str) -> &str {
    answer.split("\r\n\r\n").nth(1).unwrap_or_default()
}

const COOKIES: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nset-cookie: JSESSIONID=theirs\r\n\
                       set-cookie: jsessionid=theirs\r\nset-cookie: other=1\r\nset-cookie: b=2\r\n\r\nok";

#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_contract_keeps_cookies_neither_gets_nor_sets_any() {
    let upstream = Upstream::fixed(COOKIES).await;
    let rig =
        Rig::start_with(config(vec![managed(&upstream), service(&[upstream.address])]), &DIALECTS).await;
    rig.user("ann", false).await;
    let secret = rig.session("ann").await.secret.expose().to_owned();
    let lines = format!("Cookie: a=1; JSESSIONID={secret}; b=2\r\n");
    let answer = rig.get("/dataservice/device", &lines).await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(answer.matches("set-cookie").count(), 1, "{answer}");
    assert!(answer.contains("set-cookie: JSESSIONID=ours\r\n"), "{answer}");
    let answer = rig.get("/dataservice/open/x", "Cookie: a=1\r\n").await;
    assert!(status(&answer) == 200 && !answer.contains("set-cookie"), "{answer}");
    // Of another contract: all but what is reserved.
    let answer = rig.get("/api/controller/open/x", "Cookie: a=1; jsessionId=x; b=2\r\n").await;
    assert!(answer.contains("set-cookie: other=1\r\n") && answer.contains("set-cookie: b=2\r\n"), "{answer}");
    assert!(!answer.to_lowercase().contains("jsessionid"), "{answer}");
    let seen = upstream.seen();
    assert!(seen[0].all("cookie").is_empty() && seen[1].all("cookie").is_empty());
    assert_eq!(seen[2].one("cookie"), "a=1; b=2");
    assert!(!seen[0].head.contains(&secret));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_header_of_a_proof_reaches_a_service_of_whatever_contract() {
    let upstream = Upstream::ok().await;
    let mut rigs = vec![
        Rig::start_with(config(vec![managed(&upstream), service(&[upstream.address])]), &DIALECTS).await,
    ];
    // With the dialects as they are, too.
    let mut services = Vec::new();
    for dialect in dialects::ALL {
        let path = format!("/{}/", dialect.name());
        let public = vec![PublicPath::Below(path.clone())];
        services.push(Service {
            name: dialect.name().into(),
            path,
            public,
            dialect,
            ..service(&[upstream.address])
        });
    }
    rigs.push(Rig::start(config(services)).await);
    let paths = [
        "/dataservice/open/x",
        "/api/controller/open/x",
        "/aap/x",
        "/astra/x",
        "/awx/x",
        "/catalyst/x",
        "/apprenda/x",
    ];
    for (rig, path) in
        [(0, 0), (0, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6)].map(|(rig, path)| (&rigs[rig], paths[path]))
    {
        for name in [
            "X-XSRF-TOKEN",
            "x-xsrf-token",
            "X_XSRF_TOKEN",
            "X.Xsrf-Token",
            "Vsession_Id",
            "V_S_E_S_S_I_O_N_I_D",
            "ApprendaSession_Token",
            "apprenda_session_token",
            "Apprenda.SessionToken",
        ] {
            rig.get(path, &format!("{name}: secretive\r\n")).await;
        }
        rig.get(path, "Cookie: JSESSIONID=secretive; jsessionid=secretive; \"JSessionID\"=secretive\r\n")
            .await;
    }
    let seen = upstream.seen();
    assert!(seen.len() >= 14, "{}", seen.len());
    for it in &seen {
        assert!(!it.head.contains("secretive"), "{}", it.head);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_proofs_count_in_any_case() {
    let upstream = Upstream::ok().await;
    let rig = Rig::start_with(config(vec![service(&[upstream.address])]), &DIALECTS).await;
    for name in [
        "VSessionId",
        "vsessionid",
        "VSESSIONID",
        "ApprendaSessionToken",
        "APPRENDASESSIONTOKEN",
        "X-Xsrf-Token",
    ] {
        assert_eq!(status(&rig.get("/api/controller/open/x", &format!("{name}: secretive\r\n")).await), 200);
    }
    let seen = upstream.seen();
    assert_eq!(seen.len(), 6);
    assert!(seen.iter().all(|it| !it.head.contains("secretive")));
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_told_in_the_words_of_the_service_s_contract() {
    let upstream = Upstream::start(|_, _| Reply::Hang).await;
    let mut hasty = managed(&upstream);
    hasty.request_timeout = Some(Duration::from_millis(200));
    hasty.body_max = 4;
    let down = Service {
        name: "down".into(),
        path: "/dataservice/down/".into(),
        public: vec![PublicPath::Below("/dataservice/down/".into())],
        ..managed(&Upstream::ok().await)
    };
    let mut full = Service {
        name: "full".into(),
        path: "/dataservice/full/".into(),
        public: vec![PublicPath::Below("/dataservice/full/".into())],
        ..managed(&upstream)
    };
    full.concurrency_max = 0;
    let mut config = config(vec![hasty, down, full]);
    if let crate::config::Target::Upstream { nodes, .. } = &mut config.services[1].target {
        *nodes = vec!["http://name.invalid:1".parse().unwrap()];
    }
    config.limits.own_body_max = 4;
    let rig = Rig::start_with(config, &DIALECTS).await;
    for (answer, wanted) in [
        (
            rig.get("/dataservice/open/x", "").await,
            r#"{"failed":504,"why":"The service did not answer in time."}"#,
        ),
        (
            rig.post("/dataservice/open/x", "", "hello").await,
            r#"{"failed":413,"why":"Request body is too large."}"#,
        ),
        (
            rig.get("/dataservice/down/x", "").await,
            r#"{"failed":502,"why":"The service cannot be reached."}"#,
        ),
        (rig.get("/dataservice/down/x", "").await, r#"{"failed":503,"why":"The service is not available."}"#),
        (rig.get("/dataservice/full/x", "").await, r#"{"failed":503,"why":"The service is busy."}"#),
        (rig.post("/own/x", "", "hello").await, r#"{"failed":413,"why":"Request body is too large."}"#),
        (rig.get("/nowhere", "").await, r#"{"detail":"Not found."}"#),
        (rig.get("/dataservice/%00", "").await, r#"{"detail":"forbidden character in path"}"#),
    ] {
        assert_eq!(body(&answer), wanted, "{answer}");
        assert!(answer.contains("content-type: application/json\r\n"), "{answer}");
        if answer.starts_with("HTTP/1.1 503") {
            assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_has_its_reason_phrase_over_http_1_only() {
    let (scratch, upstream) = (Scratch::new("reason"), Upstream::ok().await);
    let mut config = config(vec![managed(&upstream)]);
    config.certificate = ensure_self_signed(scratch.path(), "2026-11-21T12:00:00Z".parse().unwrap()).unwrap();
    config.https.push("127.0.0.1:0".parse().unwrap());
    let rig = Rig::start_with(config, &DIALECTS).await;
    let plain = rig.gateway.addresses().into_iter().find(|it| it.0 == Scheme::Http).unwrap().1;
    for path in ["/own/x", "/dataservice/device"] {
        let text = format!("GET {path} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n");
        let answer = raw(plain, text.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 403 Because we say so\r\n"), "{answer}");
        let answer = http2(&rig).await.send_request(request(path).body(Empty::new()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 403);
        assert!(answer.extensions().get::<hyper::ext::ReasonPhrase>().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_client_in_clear_is_told_the_encrypted_port() {
    let (scratch, upstream) = (Scratch::new("https-port"), Upstream::ok().await);
    let mut both = config(vec![managed(&upstream)]);
    both.services[0].expired_session = ExpiredSession::LoginPage;
    both.certificate = ensure_self_signed(scratch.path(), "2026-11-21T12:00:00Z".parse().unwrap()).unwrap();
    both.https = vec!["127.0.0.1:0".parse().unwrap(), "127.0.0.1:0".parse().unwrap()];
    let rig = Rig::start_with(both.clone(), &DIALECTS).await;
    let port = |scheme| rig.gateway.addresses().into_iter().find(|it| it.0 == scheme).unwrap().1;
    let ask = async |address, path: &str, lines: &str| {
        raw(
            address,
            format!("GET {path} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n{lines}\r\n").as_bytes(),
        )
        .await
    };
    let (plain, encrypted) = (port(Scheme::Http), port(Scheme::Https).port());
    let spoofed = "X-Forwarded-Proto: https\r\n";
    assert_eq!(body(&ask(plain, "/own/x", spoofed).await), format!("Some({encrypted}) Unauthorized false"));
    assert_eq!(body(&ask(plain, "/dataservice/x", "").await), format!("Some({encrypted}) LoginPage false"));
    let answer = http2(&rig).await.send_request(request("/own/x").body(Empty::new()).unwrap()).await.unwrap();
    let text = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
    assert_eq!(text, "None Unauthorized true", "who is encrypted already");
    // Where a proxy speaks for the client, our port is none of the client's.
    both.trusted_proxies = vec![crate::config::Network { address: "127.0.0.1".parse().unwrap(), bits: 32 }];
    rig.gateway.reload(&both).unwrap();
    assert_eq!(body(&ask(plain, "/own/x", "").await), "None Unauthorized false");
    assert_eq!(body(&ask(plain, "/own/x", spoofed).await), "None Unauthorized true");
    // And where there is no such port, none is told.
    let rig = Rig::start_with(config(Vec::new()), &DIALECTS).await;
    assert_eq!(body(&rig.get("/own/x", "").await), "None Unauthorized false");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_told_the_tenant_that_a_provider_acts_for() {
    let upstream = Upstream::ok().await;
    let mut plain = managed(&upstream);
    plain.identity = IdentityProof::Headers;
    let path = "/untold/".to_owned();
    let untold = Service { name: "untold".into(), path, identity: IdentityProof::None, ..managed(&upstream) };
    let tenant = identity::model::tenant::Tenant {
        id: "6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11".into(),
        name: "Acme".into(),
        description: String::new(),
        organization: "Acme".into(),
        subdomain: "acme.example.com".into(),
    };
    let rig = Rig::start_of(config(vec![plain, untold]), &DIALECTS, vec![tenant]).await;
    rig.user("root", true).await;
    rig.user("ann", false).await;
    let cookie = |secret: &str| {
        format!("Cookie: JSESSIONID={secret}\r\nX-Forwarded-Tenant: evil\r\nX_Forwarded_Tenant: evil\r\n")
    };
    let root = cookie(rig.session("root").await.secret.expose());
    let ann = cookie(rig.session("ann").await.secret.expose());
    let tenant = "VSessionId: 6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11\r\n";
    assert_eq!(status(&rig.get("/dataservice/device", &format!("{root}{tenant}")).await), 200);
    assert_eq!(status(&rig.get("/dataservice/device", &root).await), 200);
    assert_eq!(status(&rig.get("/dataservice/open/x", "X-Forwarded-Tenant: evil\r\n").await), 200);
    assert_eq!(status(&rig.get("/dataservice/device", &format!("{ann}{tenant}")).await), 403);
    // Who would not be told is not asked.
    assert_eq!(status(&rig.get("/untold/device", &format!("{root}{tenant}")).await), 403);
    let seen = upstream.seen();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[0].one("x-forwarded-tenant"), "6f1c9b52-8f0e-4a53-9d57-2f1f0c7f3c11");
    assert_eq!(seen[0].one("x-forwarded-user"), "root");
    for it in &seen[1..] {
        assert!(!it.head.to_lowercase().contains("tenant"), "{}", it.head);
    }
}
