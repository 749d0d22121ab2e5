//! What a request presents, and how a proof is written.

use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, Request};
use identity::Malformed;
use identity::model::pace::Load;
use identity::model::proof::{Presented, Proof};
use identity::model::secret::Secret;
use identity::model::session::SessionKind;

use crate::catalyst::{Catalyst, proof};
use crate::dialect::{Dialect as _, Doorway};

fn presented(path: &str, headers: &[(&str, &str)]) -> Presented {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    Catalyst.read_proof(&parts, &Doorway::default())
}

fn shown(headers: &[(&str, &str)]) -> Option<(SessionKind, String)> {
    presented("/", headers).session.map(|(kind, secret)| (kind, secret.expose().to_owned()))
}

#[test]
fn a_cookie_is_a_session() {
    assert_eq!(shown(&[("cookie", "JSESSIONID=a-_.b")]), Some((SessionKind::Manager, "a-_.b".to_owned())));
    assert_eq!(shown(&[("cookie", "x=1; JSESSIONID=a")]), Some((SessionKind::Manager, "a".to_owned())));
}

#[test]
fn of_two_cookies_the_first_counts() {
    let two = [("cookie", "JSESSIONID=a; JSESSIONID=b")];
    assert_eq!(shown(&two), Some((SessionKind::Manager, "a".to_owned())));
}

#[test]
fn what_cannot_be_a_secret_is_a_dead_session() {
    for value in ["\"a\"", "a b", "a,b", "", &"a".repeat(129)] {
        let cookie = format!("JSESSIONID={value}");
        assert_eq!(shown(&[("cookie", &cookie)]), Some((SessionKind::Manager, String::new())), "{value}");
    }
    assert_eq!(shown(&[("cookie", "jsessionid=a")]), None);
}

#[test]
fn a_bearer_that_looks_like_a_jwt_is_one() {
    let jwt = [("authorization", "bearer eyJa.b.c"), ("cookie", "JSESSIONID=a")];
    assert_eq!(shown(&jwt), Some((SessionKind::ManagerToken, "eyJa.b.c".to_owned())));
}

#[test]
fn any_other_bearer_is_a_key() {
    let key = presented("/", &[("authorization", "Bearer abc"), ("cookie", "JSESSIONID=a")]);
    assert_eq!(key.bearer, Some(Secret::new("abc")));
    assert!(key.session.is_none());
}

#[test]
fn what_is_said_explicitly_and_cannot_be_read_is_not_passed_over() {
    for line in ["Bearer", "Bearer ", "Bearer a b", "Basic YTpi", "abc", "Bearer\ta"] {
        let read = presented("/", &[("authorization", line), ("cookie", "JSESSIONID=a")]);
        assert_eq!(read.malformed, Some(Malformed::Bearer), "{line}");
        assert!(read.session.is_none() && read.bearer.is_none() && read.basic.is_none(), "{line}");
    }
    let two = presented("/", &[("authorization", "Bearer a"), ("authorization", "Bearer a")]);
    assert_eq!(two.malformed, Some(Malformed::Several));
}

#[test]
fn a_tenant_is_read_from_base64() {
    let tenant = |value: &str| presented("/", &[("VSessionId", value)]).tenant;
    assert_eq!(tenant("MWYyZA=="), Some("1f2d".to_owned()));
    assert_eq!(tenant("ZGVmYXVsdA=="), None);
    assert_eq!(tenant(""), None);
    assert_eq!(tenant("not base64!"), Some("not base64!".to_owned()));
}

#[test]
fn heavy_requests_are_known_by_their_paths() {
    for (path, load) in [
        ("/dataservice/device", Load::Ordinary),
        ("/dataservice/data/device/state/Interface", Load::Bulk),
        ("/dataservice/data/device/statistics/approutestatsstatistics", Load::Bulk),
        ("/dataservice/data/device/statisticsx", Load::Ordinary),
        ("/logout", Load::Uncounted),
    ] {
        assert_eq!(presented(path, &[]).load, load, "{path}");
    }
}

#[test]
fn a_session_is_written_as_it_is_read() {
    let mut headers = HeaderMap::new();
    let (secret, csrf) = (Secret::new("a.b"), Some(Secret::new("ABC")));
    proof::write(&Proof::Session { secret, csrf }, &mut headers);
    assert_eq!(headers[COOKIE], "JSESSIONID=a.b");
    assert_eq!(headers["X-XSRF-TOKEN"], "ABC");
    assert!(headers[COOKIE].is_sensitive());
    let mut headers = HeaderMap::new();
    proof::write(&Proof::Bearer(Secret::new("abc")), &mut headers);
    assert_eq!(headers[AUTHORIZATION], "Bearer abc");
}
