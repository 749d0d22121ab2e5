//! What our own API owns, and which proofs it reads: one of any contract, and no two.

use dialects::Doorway;
use http::Request;
use http::request::Parts;
use identity::Malformed;
use identity::model::session::SessionKind;

use super::{owns, proof};

#[test]
fn it_owns_what_is_below_its_root_and_nothing_that_begins_alike() {
    for path in ["/portcullis", "/portcullis/", "/portcullis/v1/session", "/portcullis/j_security_check"] {
        assert!(owns(path), "{path}");
    }
    for path in ["/", "/portcullis2", "/portcullisx/v1/session", "/api/portcullis/v1/", "/Portcullis/"] {
        assert!(!owns(path), "{path}");
    }
}

fn request(headers: &[(&str, &str)]) -> Parts {
    let mut request = Request::get("/portcullis/v1/session");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// What is read, in one word; `several` if nothing is.
fn read(headers: &[(&str, &str)]) -> String {
    let doorway = Doorway { is_secure: true, host: "gateway.example".to_owned(), ..Doorway::default() };
    let Some(presented) = proof::read(&dialects::ALL, &request(headers), &doorway) else {
        return "several".to_owned();
    };
    assert!(presented.is_safe && presented.tenant.is_none() && presented.portal.is_none());
    match (presented.malformed, presented.bearer, presented.basic, presented.session) {
        (Some(malformed), ..) => format!("{malformed:?}"),
        (None, Some(_), None, None) => "bearer".to_owned(),
        (None, None, Some((name, _)), None) => format!("basic {name}"),
        (None, None, None, Some((kind, _))) => kind.as_str().to_owned(),
        (None, None, None, None) => "nothing".to_owned(),
        (..) => "more than one".to_owned(),
    }
}

const BASIC: (&str, &str) = ("authorization", "Basic YWxpY2U6eA==");
const BEARER: (&str, &str) = ("authorization", "Bearer abcdefghijklmnop");
const JWT: (&str, &str) = ("authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln");

#[test]
fn each_contracts_proof_is_read() {
    let secret = "a".repeat(32);
    let cookie = |name: &str| format!("{name}={secret}");
    assert_eq!(read(&[]), "nothing");
    assert_eq!(read(&[BASIC]), "basic alice");
    assert_eq!(read(&[BEARER]), "bearer");
    assert_eq!(read(&[JWT]), "manager-token");
    assert_eq!(read(&[("cookie", &cookie("gateway_sessionid"))]), SessionKind::Gateway.as_str());
    assert_eq!(read(&[("cookie", &cookie("awx_sessionid"))]), SessionKind::Controller.as_str());
    assert_eq!(read(&[("cookie", &cookie("JSESSIONID"))]), SessionKind::Manager.as_str());
    assert_eq!(read(&[("apprendasessiontoken", "nobodys")]), SessionKind::Cloud.as_str());
}

#[test]
fn several_proofs_are_none() {
    let cookie = ("cookie", "gateway_sessionid=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    for headers in [
        [cookie, BASIC],
        [cookie, BEARER],
        [cookie, JWT],
        [cookie, ("cookie", "awx_sessionid=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")],
        [cookie, ("apprendasessiontoken", "nobodys")],
        [("apprendasessiontoken", "nobodys"), BEARER],
    ] {
        assert_eq!(read(&headers), "several", "{headers:?}");
    }
    assert_eq!(read(&[BASIC, BEARER]), format!("{:?}", Malformed::Several));
}

#[test]
fn what_cannot_be_read_refuses_whatever_else_is_there() {
    let cookie = ("cookie", "gateway_sessionid=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    assert_eq!(read(&[("authorization", "Basic %%%")]), format!("{:?}", Malformed::BasicEncoding));
    assert_eq!(read(&[("authorization", "Basic %%%"), cookie]), format!("{:?}", Malformed::BasicEncoding));
    assert_eq!(read(&[("authorization", "Bearer a b"), cookie]), format!("{:?}", Malformed::Bearer));
}
