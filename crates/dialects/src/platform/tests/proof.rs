//! Proofs read and written. The numbers are those of the project's security cases.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use identity::Malformed;
use identity::model::proof::{Presented, Proof};
use identity::model::secret::Secret;

use crate::dialect::{Doorway, Owned};
use crate::drf;
use crate::platform::proof::HABITS;
use crate::platform::{Flavour, owns, read_proof};

fn request(headers: &[(&str, &[u8])]) -> Parts {
    let mut parts =
        Request::get("https://gw/api/gateway/v1/me/?access_token=x").body(()).unwrap().into_parts().0;
    for (name, value) in headers {
        let name = HeaderName::try_from(*name).unwrap();
        parts.headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    parts
}

fn read(headers: &[(&str, &[u8])]) -> Presented {
    read_proof(&request(headers), &Doorway { is_secure: true, host: "gw".to_owned(), ..Doorway::default() })
}

fn authorization(value: &str) -> Presented {
    read(&[("authorization", value.as_bytes())])
}

fn basic(pair: &[u8]) -> Presented {
    authorization(&format!("Basic {}", STANDARD.encode(pair)))
}

fn session(cookies: &str) -> Option<String> {
    read(&[("cookie", cookies.as_bytes())]).session.map(|(_, secret)| secret.expose().to_owned())
}

const GOOD: &str = "abcdefghijklmnopqrstuvwxyz012345";
const OTHER: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";

#[test]
fn case_60_the_old_cookie_syntax_means_nothing() {
    let quoted = format!("$Version=1; gateway_sessionid=\"{GOOD}\"; $Path=/");
    assert_eq!(session(&quoted).as_deref(), Some(""));
    let sandwich = format!("$Version=1; gateway_sessionid=\"{GOOD}; a=b; x=\"");
    assert_eq!(session(&sandwich).as_deref(), Some(""));
    assert_eq!(session(&format!("a=\"x; gateway_sessionid={GOOD}; y\"")).as_deref(), Some(GOOD));
}

#[test]
fn case_61_of_two_cookies_the_first_wins() {
    let both = format!("gateway_sessionid={GOOD}; gateway_sessionid={OTHER}");
    assert_eq!(session(&both).as_deref(), Some(GOOD));
    let lines: [(&str, &[u8]); 2] = [
        ("cookie", b"gateway_sessionid=short"),
        ("cookie", b"gateway_sessionid=abcdefghijklmnopqrstuvwxyz012345"),
    ];
    assert_eq!(read(&lines).session.unwrap().1.expose(), "");
}

#[test]
fn case_62_only_the_exact_name_is_the_name() {
    for name in ["GATEWAY_SESSIONID", "gateway_sessionid%3d", "gateway_sessionid ", "xgateway_sessionid"] {
        assert_eq!(session(&format!("{name}={GOOD}")), None, "{name}");
    }
    let unicode_space = format!("\u{2000}gateway_sessionid={GOOD}");
    assert_eq!(session(&unicode_space), None);
    assert_eq!(session(&format!("a=1;\t gateway_sessionid={GOOD} ")).as_deref(), Some(GOOD));
}

#[test]
fn case_63_cookie_headers_without_measure_are_harmless() {
    let many = "a=b; ".repeat(2000) + "gateway_sessionid=" + GOOD;
    assert_eq!(session(&many).as_deref(), Some(GOOD));
    let large = "a=b; ".repeat(20_000) + "gateway_sessionid=" + GOOD;
    assert_eq!(session(&large).as_deref(), Some(""));
    assert_eq!(session(&";".repeat(10_000)), None);
}

#[test]
fn case_64_odd_bytes_make_no_session() {
    for value in [&b"gateway_sessionid=abc\x80"[..], b"gateway_sessionid=a\tb", b"gateway_sessionid="] {
        assert_eq!(read(&[("cookie", value)]).session.unwrap().1.expose(), "");
    }
    assert_eq!(session(&format!("gateway_sessionid={}", GOOD.to_uppercase())).as_deref(), Some(""));
    assert_eq!(session(&format!("gateway_sessionid={GOOD}x")).as_deref(), Some(""));
}

#[test]
fn case_66_basic_that_cannot_be_read_is_malformed() {
    for (value, malformed) in [
        ("Basic", Malformed::BasicEmpty),
        ("Basic ", Malformed::BasicEmpty),
        ("Basic a b", Malformed::BasicSpaces),
        ("Basic YTpi, Bearer abc", Malformed::BasicSpaces),
        ("Basic YTpi,Bearer", Malformed::BasicEncoding),
        ("Basic !!!", Malformed::BasicEncoding),
        ("Basic YTpi====", Malformed::BasicEncoding),
        ("Basic YTp", Malformed::BasicEncoding),
        ("Basic YTpj=", Malformed::BasicEncoding),
        ("Basic\tYTpi", Malformed::BasicEncoding),
        ("Basic YTpi\t", Malformed::BasicEncoding),
    ] {
        let presented = authorization(value);
        assert_eq!(presented.malformed, Some(malformed), "{value:?}");
        assert!(presented.basic.is_none());
    }
    assert_eq!(basic(b"nocolon").malformed, Some(Malformed::BasicEncoding));
    let long = format!("Basic {}", "YTpi".repeat(20_000));
    assert_eq!(authorization(&long).malformed, Some(Malformed::BasicEncoding));
    for other in ["Negotiate abc", "Digest username=\"a\"", "Basically YTpi", ""] {
        assert!(authorization(other).is_empty(), "{other:?}");
    }
}

#[test]
fn case_67_colons_utf8_and_any_case_are_accepted() {
    for scheme in ["Basic", "basic", "BASIC", "bAsIc"] {
        let (name, password) = authorization(&format!("{scheme} dGVzdDoxMjPCow==")).basic.unwrap();
        assert_eq!((name.as_str(), password.expose()), ("test", "123£"));
    }
    let (name, password) = basic(b"ann:a:b:").basic.unwrap();
    assert_eq!((name.as_str(), password.expose()), ("ann", "a:b:"));
    let (name, password) = basic(b":").basic.unwrap();
    assert_eq!((name.as_str(), password.expose()), ("", ""));
}

#[test]
fn case_68_control_characters_and_broken_utf8_are_malformed() {
    for pair in [&b"a\0:b"[..], b"a:b\r", b"a:\nb", b"a:\xff", b"a:\xc0\xaf", b"a:\xc2\x85", b"a:\x7f"] {
        assert_eq!(basic(pair).malformed, Some(Malformed::BasicEncoding), "{pair:?}");
    }
}

#[test]
fn case_69_two_authorization_lines_are_malformed() {
    let basic: &[u8] = b"Basic YTpi";
    let bearer: &[u8] = b"Bearer abc";
    for lines in [[basic, bearer], [bearer, basic], [basic, basic], [bearer, bearer]] {
        let presented = read(&[("authorization", lines[0]), ("authorization", lines[1])]);
        assert_eq!(presented.malformed, Some(Malformed::Several));
        assert!(presented.basic.is_none() && presented.bearer.is_none());
    }
}

#[test]
fn case_70_other_places_for_names_and_passwords_are_none() {
    assert!(read(&[("proxy-authorization", b"Basic YTpi")]).is_empty());
    let parts = Request::get("https://a:b@gw/").body(()).unwrap().into_parts().0;
    assert!(read_proof(&parts, &Doorway::default()).is_empty());
}

#[test]
fn case_73_a_token_elsewhere_is_no_proof() {
    assert!(read(&[]).is_empty());
    assert!(read(&[("cookie", b"access_token=abc; token=abc; Authorization=Bearer abc")]).is_empty());
}

#[test]
fn case_74_bearer_that_cannot_be_read_is_malformed() {
    for nothing in ["Bearer", "Bearer ", "bearer   ", "Token"] {
        assert!(authorization(nothing).is_empty(), "{nothing:?}");
    }
    for wrong in ["bearer x y", "Bearer abc,", "Bearer abc, Basic YTpi", "Bearer a\"b", "Token a\tb"] {
        assert_eq!(authorization(wrong).malformed, Some(Malformed::Bearer), "{wrong:?}");
    }
    let presented = read(&[("authorization", "Bearer é".as_bytes())]);
    assert_eq!(presented.malformed, Some(Malformed::Bearer));
    for scheme in ["Bearer", "bearer", "Token", "TOKEN"] {
        assert_eq!(authorization(&format!("{scheme} AbC.~-_+/9=")).bearer.unwrap().expose(), "AbC.~-_+/9=");
    }
}

#[test]
fn evidence_is_what_the_request_shows() {
    let presented = read(&[
        ("origin", b"https://gw"),
        ("referer", b"https://gw/page"),
        ("sec-fetch-site", b"cross-site"),
        ("cookie", b"csrftoken=abc"),
        ("x-csrftoken", b"def"),
    ]);
    let evidence = presented.evidence;
    assert!(evidence.is_secure && evidence.is_cross_site && presented.is_safe);
    assert_eq!(evidence.host, "gw");
    assert_eq!(evidence.origin.as_deref(), Some("https://gw"));
    assert_eq!(evidence.referer.as_deref(), Some("https://gw/page"));
    assert_eq!((evidence.cookie.as_deref(), evidence.header.as_deref()), (Some("abc"), Some("def")));
    let two = read(&[("origin", b"https://gw"), ("origin", b"https://gw")]);
    assert_eq!(two.evidence.origin.as_deref(), Some("https://gw, https://gw"));
}

#[test]
fn what_is_written_is_read_again() {
    let password = Secret::new("p:ß");
    let proofs = [
        Proof::Password { username: "ann".to_owned(), password },
        Proof::Bearer(Secret::new("abc")),
        Proof::Session { secret: Secret::new(GOOD), csrf: Some(Secret::new("token")) },
    ];
    for proof in proofs {
        let mut parts = request(&[]);
        drf::proof::write(&HABITS, &proof, &mut parts.headers);
        let presented = read_proof(&parts, &Doorway::default());
        match proof {
            Proof::Password { .. } => {
                let (name, password) = presented.basic.unwrap();
                assert_eq!((name.as_str(), password.expose()), ("ann", "p:ß"));
            }
            Proof::Bearer(_) => assert_eq!(presented.bearer.unwrap().expose(), "abc"),
            Proof::Session { .. } => {
                assert_eq!(presented.session.unwrap().1.expose(), GOOD);
                assert_eq!(presented.evidence.header.as_deref(), Some("token"));
                assert_eq!(presented.evidence.cookie.as_deref(), Some("token"));
            }
        }
    }
}

#[test]
fn a_proof_that_cannot_stand_in_a_header_is_left_out() {
    let mut headers = HeaderMap::new();
    drf::proof::write(&HABITS, &Proof::Bearer(Secret::new("a\r\nb")), &mut headers);
    assert!(headers.is_empty());
}

#[test]
fn only_the_contracts_public_paths_are_public() {
    for public in [
        "/api/",
        "/api",
        "/api/gateway",
        "/api/gateway/",
        "/api/gateway/v1",
        "/api/gateway/v1/",
        "/api/gateway/v1/login/",
        "/api/gateway/v1/logout/",
        "/api/gateway/v1/ping/",
        "/api/gateway/v1/ui_auth/",
        "/api/gateway/v1/jwt_key/",
        "/api/gateway/v1/docs/schema/",
        "/api/gateway/v1/ping",
    ] {
        assert_eq!(owns(public, &Flavour::AAP), Owned::Public, "{public}");
    }
    for own in [
        "/api/gateway/v1/me/",
        "/api/gateway/v1/me",
        "/api/gateway/v1/jwt_claims/x/",
        "/api/gateway/v2/",
        "/api/gateway/v1/status/",
        "/api/gateway/v1/pinged/",
        "/api/gateway/v1//ping/",
        "/api/gateway/ping/",
    ] {
        assert_eq!(owns(own, &Flavour::AAP), Owned::Yes, "{own}");
    }
    for foreign in ["/", "/api/controller/", "/api/gatewayx/", "/api/geteway/", "/o/token/", "/API/"] {
        assert_eq!(owns(foreign, &Flavour::AAP), Owned::No, "{foreign}");
    }
    assert_eq!(owns("/api/geteway/v1/login/", &Flavour::ASTRA), Owned::Public);
    assert_eq!(owns("/api/geteway/v1/me/", &Flavour::ASTRA), Owned::Yes);
    assert_eq!(owns("/api/gateway/v1/me/", &Flavour::ASTRA), Owned::No);
    assert_eq!(owns("/api/", &Flavour::ASTRA), Owned::No);
}
