//! Rows 7 to 10 and 40: whichever address a client puts together from its settings, a session begins there and
//! stays there.

use super::{DEVICES, LOGIN, Manager, SERVER, TOKEN, is_in};
use crate::support::{ADMIN_PASSWORD, Request, Response};

/// How a request goes out, and the host that it names.
struct Base<'a> {
    manager: &'a Manager,
    is_encrypted: bool,
    host: &'a str,
}

impl Base<'_> {
    fn send(&self, method: &str, target: &str, more: impl FnOnce(Request) -> Request) -> Response {
        let server = &self.manager.server;
        if self.is_encrypted {
            more(server.encrypted(method, target).host(self.host)).send_encrypted()
        } else {
            more(server.request(method, target).host(self.host)).send()
        }
    }

    /// The whole life of a session.
    #[track_caller]
    fn live(&self) {
        let fields = [("j_username", "admin"), ("j_password", ADMIN_PASSWORD)];
        let answer = self.send("POST", LOGIN, |it| it.form(&fields));
        assert!(is_in(&answer), "{answer:#?}");
        let line = answer.set_cookie("JSESSIONID").unwrap();
        let is_secure = line.split(';').any(|it| it.trim().eq_ignore_ascii_case("secure"));
        assert_eq!(is_secure, self.is_encrypted, "{line}");
        assert!(!line.to_lowercase().contains("domain"), "the cookie is the host's: {line}");
        let cookie = format!("JSESSIONID={}", answer.cookie("JSESSIONID").unwrap());
        let with_cookie = |it: Request| it.header("Cookie", &*cookie);
        let token = self.send("GET", TOKEN, with_cookie).expect(200).text();
        self.send("GET", SERVER, with_cookie).expect(200);
        self.send("GET", DEVICES, with_cookie).expect(200);
        let out = self.send("POST", "/logout", |it| with_cookie(it).header("X-XSRF-TOKEN", &*token));
        let place = out.expect(302).header("location").unwrap().to_owned();
        // Whatever the address was, the way on leads to it again.
        let path = match place.split_once("://") {
            None => &*place,
            Some((scheme, rest)) => {
                assert_eq!(scheme, if self.is_encrypted { "https" } else { "http" }, "{place}");
                rest.strip_prefix(self.host).unwrap_or_else(|| panic!("{place}"))
            }
        };
        assert!(path.starts_with("/welcome.html"), "{place}");
        self.send("GET", path, with_cookie).expect(200);
        super::assert_dead(&self.send("GET", SERVER, with_cookie));
    }
}

#[test]
fn row_07_10_40_plain_http_with_a_port_is_served_as_it_is() {
    let manager = Manager::new();
    for host in ["example.com:666", "example.com:123"] {
        Base { manager: &manager, is_encrypted: false, host }.live();
    }
}

#[test]
fn row_08_09_40_https_is_served_with_and_without_a_port() {
    let manager = Manager::new();
    for host in ["www.example.com", "example.com", "example.com:123"] {
        Base { manager: &manager, is_encrypted: true, host }.live();
    }
}
