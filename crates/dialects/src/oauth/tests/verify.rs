//! The page on which a user types what a device shows.

use http::Method;
use identity::action::{ApplicationFields, ApplicationProof};
use identity::model::application::Allowances;
use jiff::SignedDuration;

use super::visitor::{Visitor, assert_guarded, encoded, hidden, location};
use crate::oauth::Flavour;
use crate::oauth::bed::{FLAVOURS, Office, Registered, public_fields, text};

const DEVICE: &str = "/device/";

async fn application(office: &Office) -> Registered {
    let fields = public_fields(Allowances { device: true, ..Allowances::default() });
    let fields = ApplicationFields { description: Some("Shows <b>charts</b>".to_owned()), ..fields };
    office.register("Television", fields).await
}

/// What a device shows that has just asked.
async fn code(office: &Office, application: &Registered) -> String {
    let bed = &office.bed;
    let context = bed.context();
    let proof = ApplicationProof { client_id: &application.application.client_id, secret: None };
    let found = bed.authority.authenticate_application(&context, Some(proof)).await.unwrap();
    bed.authority.begin_device(&context, &found, Some("read")).await.unwrap().user_code
}

#[tokio::test]
async fn a_device_is_let_in_once() {
    let office = Office::new().await;
    let application = application(&office).await;
    let alice = Visitor::new(&office, "alice").await;
    for flavour in FLAVOURS {
        let shown = code(&office, &application).await;
        office.bed.clock.pass(SignedDuration::from_mins(2));
        let page = alice.get(&office, flavour, &format!("{DEVICE}?user_code={shown}")).await;
        assert_eq!(page.status(), 200);
        assert_guarded(&page);
        assert!(text(&page).contains(&format!("value=\"{shown}\"")) && text(&page).contains("<label for="));
        // A code may be typed in any way.
        let typed = shown.to_lowercase().replace('-', " ");
        let page = alice.post(&office, flavour, DEVICE, &[("user_code", &typed)]).await;
        assert_eq!(page.status(), 200, "{}", text(&page));
        assert_guarded(&page);
        assert!(text(&page).contains(&shown.replace('-', " ")), "as the device shows it");
        for part in ["Television", "Shows &lt;b&gt;charts&lt;/b&gt;", "192.0.2.1", "2 minutes ago", "alice"] {
            assert!(text(&page).contains(part), "{part}");
        }
        assert!(text(&page).contains("read everything") && !text(&page).contains("change everything"));
        let fields = hidden(&page);
        let mut answer: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        answer.push(("allow", "Allow"));
        let form = encoded(&answer);
        let done = alice.send(&office, flavour, (Method::POST, DEVICE), &form).await;
        assert_eq!(done.status(), 200);
        assert!(text(&done).contains("The device is connected"));
        assert_guarded(&done);
        let again = alice.send(&office, flavour, (Method::POST, DEVICE), &form).await;
        assert_eq!(again.status(), 400);
    }
}

#[tokio::test]
async fn a_device_is_refused() {
    let office = Office::new().await;
    let application = application(&office).await;
    let alice = Visitor::new(&office, "alice").await;
    let shown = code(&office, &application).await;
    // Who says both has not said yes.
    let fields = [("user_code", shown.as_str()), ("deny", "1"), ("allow", "1")];
    let done = alice.post(&office, &Flavour::AAP, DEVICE, &fields).await;
    assert!(done.status() == 200 && text(&done).contains("The device was refused"));
    let again = alice.post(&office, &Flavour::AAP, DEVICE, &[("user_code", &shown), ("allow", "1")]).await;
    assert_eq!(again.status(), 400);
}

#[tokio::test]
async fn strangers_sign_in_first_and_forged_forms_are_refused() {
    let office = Office::new().await;
    let application = application(&office).await;
    let shown = code(&office, &application).await;
    let stranger = Visitor::default();
    let found = stranger.get(&office, &Flavour::AWX, &format!("{DEVICE}?user_code={shown}")).await;
    let expected = format!("/api/login/?next=/api/o/device/%3Fuser_code%3D{shown}");
    assert_eq!((found.status().as_u16(), location(&found)), (302, expected.as_str()));
    let found = stranger.post(&office, &Flavour::AWX, DEVICE, &[("user_code", &shown)]).await;
    assert_eq!(location(&found), expected);
    assert_eq!(
        location(&stranger.get(&office, &Flavour::AWX, DEVICE).await),
        "/api/login/?next=/api/o/device/"
    );
    let alice = Visitor::new(&office, "alice").await;
    let admin = Visitor::new(&office, "admin").await;
    let mixed = Visitor { token: admin.token, ..alice.clone() };
    for fields in [&[("user_code", shown.as_str())][..], &[("user_code", &shown), ("allow", "1")]] {
        let refused = mixed.post(&office, &Flavour::AWX, DEVICE, fields).await;
        assert_eq!(refused.status(), 403);
        assert_guarded(&refused);
    }
    let open = alice.post(&office, &Flavour::AWX, DEVICE, &[("user_code", &shown)]).await;
    assert_eq!(open.status(), 200);
}

#[tokio::test]
async fn case_104_guesses_end_soon() {
    let office = Office::new().await;
    let application = application(&office).await;
    let shown = code(&office, &application).await;
    let alice = Visitor::new(&office, "alice").await;
    let mut missed = 0;
    let closed = loop {
        let page = alice.post(&office, &Flavour::AAP, DEVICE, &[("user_code", "BBBB-BBBB")]).await;
        assert_guarded(&page);
        if page.status() != 400 {
            break page;
        }
        assert!(text(&page).contains("role=\"alert\"") && text(&page).contains("value=\"BBBB-BBBB\""));
        missed += 1;
        assert!(missed < 100, "guesses are not counted");
    };
    assert_eq!(closed.status(), 429);
    assert!(closed.headers()["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    // Now the right one is not taken either.
    let page = alice.post(&office, &Flavour::AAP, DEVICE, &[("user_code", &shown)]).await;
    assert_eq!(page.status(), 429);
}

#[tokio::test]
async fn what_is_typed_is_text() {
    let office = Office::new().await;
    let alice = Visitor::new(&office, "alice").await;
    for evil in ["\"><script>alert(1)</script>", "\u{0}\r\n<b>", "'onfocus='x"] {
        let page = alice.post(&office, &Flavour::AWX, DEVICE, &[("user_code", evil)]).await;
        assert_eq!(page.status(), 400);
        assert_guarded(&page);
        let path = format!("{DEVICE}?{}", encoded(&[("user_code", evil)]));
        let page = alice.get(&office, &Flavour::AWX, &path).await;
        assert_eq!(page.status(), 200);
        assert_guarded(&page);
        assert!(!text(&page).contains("<b>") && !text(&page).contains("'onfocus"));
    }
    let twice = alice.get(&office, &Flavour::AWX, "/device/?user_code=A&user_code=B").await;
    assert_eq!(twice.status(), 400);
}
