//! The authorization endpoint: who is asked, who is answered, and how.

use bytes::Bytes;
use http::{Method, Request};
use identity::action::ApplicationFields;
use identity::model::application::ClientType;

use super::visitor::{
    Visitor, assert_guarded, bare, code_fields, encoded, hidden, location, parameter, query,
};
use crate::bed::HOST;
use crate::dialect::Doorway;
use crate::drf::redirect;
use crate::oauth::Flavour;
use crate::oauth::bed::{FLAVOURS, Office, text};

const CALLBACK: &str = "https://client.example/cb";

/// What is answered to the question that a page shows, as borrowed pairs.
fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_browser_without_a_session_goes_to_the_login_page_and_comes_back() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let asked = query(&application, &[("redirect_uri", CALLBACK), ("scope", "read"), ("state", "st-1")]);
    for flavour in FLAVOURS {
        let found = Visitor::default().get(&office, flavour, &asked).await;
        assert_eq!(found.status(), 302);
        let expected = format!(
            "{}?next={}/authorize/%3Fresponse_type%3Dcode%26client_id%3D{}%26redirect_uri%3D\
             https%253A%252F%252Fclient.example%252Fcb%26scope%3Dread%26state%3Dst-1",
            flavour.login, flavour.root, application.application.client_id
        );
        assert_eq!(location(&found), expected);
    }
    // A password is not enough: a page of another site can have a browser send one.
    let visitor = Visitor { cookies: "gateway_sessionid=unknown".to_owned(), ..Visitor::default() };
    assert_eq!(visitor.get(&office, &Flavour::AWX, &asked).await.status(), 302);
}

#[tokio::test]
async fn a_user_says_yes_and_the_application_gets_a_code() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let alice = Visitor::new(&office, "alice").await;
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    for flavour in FLAVOURS {
        let asked = query(
            &application,
            &[
                ("redirect_uri", CALLBACK),
                ("scope", "read"),
                ("state", "a b&c=d%\u{e9}"),
                ("nonce", "n-1"),
                ("code_challenge", challenge),
                ("code_challenge_method", "S256"),
            ],
        );
        let page = alice.get(&office, flavour, &asked).await;
        assert_eq!(page.status(), 200, "{}", text(&page));
        assert_guarded(&page);
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("form-action 'self' https://client.example;"), "{policy}");
        for shown in ["App", "Office", "alice", CALLBACK, "read everything", "name=\"allow\""] {
            assert!(text(&page).contains(shown), "{shown}");
        }
        let fields = hidden(&page);
        let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "csrfmiddlewaretoken",
                "redirect_uri",
                "scope",
                "nonce",
                "client_id",
                "state",
                "response_type",
                "code_challenge",
                "code_challenge_method",
                "claims"
            ]
        );
        assert_eq!((fields[0].1.len(), bare(&fields[0].1)), (64, alice.token.clone()));
        let mut answer = borrowed(&fields);
        answer.push(("allow", "Authorize"));
        let form = (Method::POST, "/authorize/");
        let found = alice.send(&office, flavour, form, &encoded(&answer)).await;
        assert_eq!(found.status(), 302, "{}", text(&found));
        let to = location(&found);
        assert!(to.starts_with("https://client.example/cb?code="), "{to}");
        assert_eq!(parameter(to, "code").unwrap().len(), 30);
        assert_eq!(parameter(to, "state").unwrap(), "a b&c=d%\u{e9}");
        let issuer = format!("https://gateway.example.com{}", flavour.root);
        assert_eq!(parameter(to, "iss").unwrap(), issuer);
        assert_eq!(found.headers()["referrer-policy"], "no-referrer");
        assert!(found.body().is_empty());
    }
}

#[tokio::test]
async fn a_user_says_no() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let alice = Visitor::new(&office, "alice").await;
    let page = alice.get(&office, &Flavour::AWX, &query(&application, &[("state", "s")])).await;
    for no in [&[][..], &[("allow", "")], &[("allow", "false")], &[("allow", "0")]] {
        let fields = hidden(&page);
        let mut answer = borrowed(&fields);
        answer.extend_from_slice(no);
        let form = (Method::POST, "/authorize/");
        let found = alice.send(&office, &Flavour::AWX, form, &encoded(&answer)).await;
        let expected = "https://client.example/cb?error=access_denied&state=s&iss=\
                        https%3A%2F%2Fgateway.example.com%2Fapi%2Fo";
        assert_eq!((found.status().as_u16(), location(&found)), (302, expected));
    }
}

#[tokio::test]
async fn case_100_nobody_consents_with_the_form_of_another() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let alice = Visitor::new(&office, "alice").await;
    let admin = Visitor::new(&office, "admin").await;
    let page = admin.get(&office, &Flavour::AAP, &query(&application, &[])).await;
    let fields = hidden(&page);
    let mut answer = borrowed(&fields);
    answer.push(("allow", "Authorize"));
    // The form of one in the session of another; also with the other's cookie planted.
    let planted = Visitor {
        cookies: alice.cookies.replace(&alice.token, &admin.token),
        token: admin.token.clone(),
        ..alice.clone()
    };
    for visitor in [&alice, &planted] {
        let form = (Method::POST, "/authorize/");
        let refused = visitor.send(&office, &Flavour::AAP, form, &encoded(&answer)).await;
        assert_eq!((refused.status().as_u16(), location(&refused)), (403, ""));
        assert_guarded(&refused);
    }
    // Without a token, and from a page of another site.
    let bare: Vec<_> = answer.iter().copied().filter(|(name, _)| *name != "csrfmiddlewaretoken").collect();
    let form = (Method::POST, "/authorize/");
    assert_eq!(admin.send(&office, &Flavour::AAP, form, &encoded(&bare)).await.status(), 403);
}

#[tokio::test]
async fn a_form_whose_session_is_over_leads_to_the_login_page_with_the_question() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let client_id = application.application.client_id.as_str();
    let fields = [("response_type", "code"), ("client_id", client_id), ("state", "x y"), ("allow", "1")];
    let stranger = Visitor::default();
    let found = stranger.post(&office, &Flavour::AWX, "/authorize/", &fields).await;
    let expected = format!(
        "/api/login/?next=/api/o/authorize/%3Fclient_id%3D{client_id}%26state%3Dx%2By%26response_type%3Dcode"
    );
    assert_eq!((found.status().as_u16(), location(&found)), (302, expected.as_str()));
}

#[tokio::test]
async fn who_need_not_be_asked_is_not_asked() {
    let office = Office::new().await;
    let trusted = ApplicationFields { skip_authorization: Some(true), ..code_fields() };
    let trusted = office.register("Trusted", trusted).await;
    let plain = office.register("Plain", code_fields()).await;
    let alice = Visitor::new(&office, "alice").await;
    for flavour in FLAVOURS {
        let found = alice.get(&office, flavour, &query(&trusted, &[("state", "s")])).await;
        assert_eq!(found.status(), 302);
        assert!(location(&found).starts_with("https://client.example/cb?code="));
        // A request that only looks makes no code.
        let head = (Method::HEAD, query(&trusted, &[]));
        let looked = alice.send(&office, flavour, (head.0, &head.1), "").await;
        assert_eq!((looked.status().as_u16(), location(&looked)), (200, ""));
        let auto = query(&plain, &[("approval_prompt", "auto")]);
        assert_eq!(alice.get(&office, flavour, &auto).await.status(), 200);
    }
}

#[tokio::test]
async fn no_program_on_the_users_machine_passes_for_a_trusted_one() {
    let office = Office::new().await;
    let alice = Visitor::new(&office, "alice").await;
    let own = [
        "http://127.0.0.1/cb",
        "http://127.1.2.3:8080/cb",
        "http://[::1]:9/cb",
        "http://LOCALHOST:1/",
        "https://localhost",
    ];
    let others = ["https://client.example/cb", "http://localhost.example/cb", "http://10.0.0.1:80/cb"];
    for (uris, status) in [(&own[..], 200), (&others[..], 302)] {
        for uri in uris {
            let fields = ApplicationFields {
                client_type: Some(ClientType::Public),
                requires_pkce: Some(false),
                skip_authorization: Some(true),
                redirect_uris: Some((*uri).to_owned()),
                ..code_fields()
            };
            let application = office.register(uri, fields).await;
            let client_id = application.application.client_id.as_str();
            let asked = encoded(&[("response_type", "code"), ("client_id", client_id)]);
            let found = alice.get(&office, &Flavour::AWX, &format!("/authorize/?{asked}")).await;
            assert_eq!(found.status(), status, "{uri}");
        }
    }
}

#[tokio::test]
async fn errors_are_told_to_the_application_in_the_standards_words() {
    let office = Office::new().await;
    let uris = "https://client.example/cb?tenant=1 https://client.example/empty?";
    let fields = ApplicationFields { redirect_uris: Some(uris.to_owned()), ..code_fields() };
    let application = office.register("App", fields).await;
    let alice = Visitor::new(&office, "alice").await;
    let issuer = "https%3A%2F%2Fgateway.example.com%2Fapi%2Fo";
    let client_id = application.application.client_id.as_str();
    let token = encoded(&[("response_type", "token"), ("client_id", client_id), ("state", "s")]);
    for (asked, expected) in [
        (query(&application, &[("scope", "rainbow"), ("state", "s")]), "error=invalid_scope&state=s"),
        (query(&application, &[("scope", "rainbow")]), "error=invalid_scope"),
        (format!("/authorize/?{token}"), "error=unauthorized_client&state=s"),
        (
            query(&application, &[("code_challenge", "x"), ("code_challenge_method", "md5")]),
            "error=invalid_request&error_description=Transform+algorithm+not+supported.",
        ),
    ] {
        let found = alice.get(&office, &Flavour::AWX, &asked).await;
        let expected = format!("https://client.example/cb?tenant=1&{expected}&iss={issuer}");
        assert_eq!((found.status().as_u16(), location(&found)), (302, expected.as_str()));
    }
    let asked = query(&application, &[("redirect_uri", "https://client.example/empty?"), ("scope", "x")]);
    let found = alice.get(&office, &Flavour::AWX, &asked).await;
    assert_eq!(location(&found), format!("https://client.example/empty?error=invalid_scope&iss={issuer}"));
}

#[tokio::test]
async fn case_95_no_wrong_address_is_ever_redirected_to() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let alice = Visitor::new(&office, "alice").await;
    let wrong = [
        "https://client.example/cb/",
        "https://client.example/cb/../evil",
        "https://client.example/cb/..%2fevil",
        "https://client.example/CB",
        "https://client.example/cb?x=1",
        "https://client.example/cb#fragment",
        "https://client.example/cb%00",
        "https://client.example/c%62",
        "https://client.example//cb",
        "https://client.example:443/cb",
        "https://client.example:8443/cb",
        "https://CLIENT.example/cb",
        "https://client.example./cb",
        "https://client.example.evil.example/cb",
        "https://evil.example/cb",
        "https://client.example@evil.example/cb",
        "https://user@client.example/cb",
        "https://evil.example\\@client.example/cb",
        "http://client.example/cb",
        "HTTPS://client.example/cb",
        "//client.example/cb",
        "/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        " https://client.example/cb",
        "https://client.example/cb https://evil.example/",
    ];
    for flavour in FLAVOURS {
        for uri in wrong {
            let page = alice.get(&office, flavour, &query(&application, &[("redirect_uri", uri)])).await;
            assert_eq!((page.status().as_u16(), location(&page)), (400, ""), "{uri}");
            assert!(text(&page).contains("Error: invalid_request"));
            assert!(text(&page).contains("Mismatching redirect URI."));
            assert_guarded(&page);
        }
    }
    let page = alice
        .get(
            &office,
            &Flavour::AAP,
            "/authorize/?response_type=code&client_id=nobody&redirect_uri=https://e.example",
        )
        .await;
    assert_eq!((page.status().as_u16(), location(&page)), (400, ""));
    assert!(text(&page).contains("Invalid client_id parameter value."));
    let page = alice.get(&office, &Flavour::AAP, "/authorize/?response_type=code").await;
    assert!(page.status() == 400 && text(&page).contains("Missing client_id parameter."));
}

#[tokio::test]
async fn what_no_honest_application_sends_stays_on_a_page() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let alice = Visitor::new(&office, "alice").await;
    let good = query(&application, &[("redirect_uri", CALLBACK)]);
    for more in [
        "&redirect_uri=https%3A%2F%2Fclient.example%2Fcb".to_owned(),
        "&state=1&state=2".to_owned(),
        "&state=&state=".to_owned(),
        "&scope=read&scope=write".to_owned(),
        "&state=a%0d%0aSet-Cookie:x=1".to_owned(),
        "&state=%00".to_owned(),
        "&nonce=%7f".to_owned(),
        "&state=%ff".to_owned(),
        format!("&state={}", "x".repeat(2049)),
        format!("&state={0}&nonce={0}&claims={0}", "x".repeat(2000)),
    ] {
        let page = alice.get(&office, &Flavour::AWX, &format!("{good}{more}")).await;
        assert_eq!((page.status().as_u16(), location(&page)), (400, ""), "{more}");
        assert_guarded(&page);
        assert!(page.headers().get("set-cookie").is_none());
    }
    // The same in the form.
    let form = "allow=1&state=1&state=2";
    let page = alice.send(&office, &Flavour::AWX, (Method::POST, "/authorize/"), form).await;
    assert_eq!((page.status().as_u16(), location(&page)), (400, ""));
}

#[tokio::test]
async fn a_long_question_survives_the_login_page() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let state = "s+/=".repeat(500);
    let asked = query(&application, &[("redirect_uri", CALLBACK), ("state", &state)]);
    let found = Visitor::default().get(&office, &Flavour::AAP, &asked).await;
    let next = parameter(location(&found), "next").unwrap();
    let doorway = Doorway { is_secure: true, host: HOST.to_owned(), ..Doorway::default() };
    assert_eq!(redirect::safe(&next, &doorway).as_deref(), Some(next.as_str()));
    let alice = Visitor::new(&office, "alice").await;
    let page = alice.get(&office, &Flavour::AAP, next.strip_prefix("/o").unwrap()).await;
    assert!(hidden(&page).contains(&("state".to_owned(), state)));
}

#[tokio::test]
async fn behind_a_prefix_the_login_page_is_behind_it_too() {
    let office = Office::new().await;
    let application = office.register("App", code_fields()).await;
    let asked = query(&application, &[]);
    let request = Request::builder().uri(format!("/api/o{asked}")).body(Bytes::new()).unwrap();
    let found = office.send_behind(&Flavour::AWX, "/api/controller", request).await;
    assert!(location(&found).starts_with("/api/controller/login/?next=/api/controller/o/authorize/%3F"));
}
