//! Every contract in front of every platform: what crosses over, and what does not.

use serde_json::{Value, json};

use super::{Caller, Entry, FRONTS, gateway, list_of, root_of};
use crate::support::lab::Lab;
use crate::support::{Request, Response, Server};

const PLATFORMS: [&str; 5] = ["aap", "awx", "awx-without-tokens", "catalyst", "apprenda"];
const MARK: &str = "client-mark-77";

/// One pair of contracts.
struct Pair<'a> {
    front: &'a str,
    platform: &'a str,
    caller: &'a Caller,
    lab: &'a Lab,
    server: &'a Server,
}

impl Pair<'_> {
    fn target(&self, rest: &str) -> String {
        format!("/{}/{}/{rest}", self.front, self.platform)
    }

    /// What a client may say about itself, in words that mean nothing in its contract.
    fn marked(&self, mut request: Request, id: &str) -> Request {
        request = request.header("X-Request-Id", id);
        for name in ["Via", "X-Forwarded-User", "X-Api-Key", "Sec-Fetch-Site", "X-Real-IP", "X-Dab-Jw-Token"]
        {
            request = request.header(name, MARK);
        }
        if self.front != "apprenda" {
            request = request.header("ApprendaSessionToken", MARK);
        }
        if self.front != "catalyst" {
            let cookies = format!("JSESSIONID={MARK}; awx_sessionid={MARK}x; other={MARK}");
            request =
                request.header("Cookie", cookies).header("VSessionId", MARK).header("X-XSRF-TOKEN", MARK);
        }
        request
    }

    /// Nothing of the service's own reaches a caller.
    #[track_caller]
    fn expect_clean(&self, answer: &Response) {
        let about = format!("{} before {}", self.front, self.platform);
        for name in
            ["set-cookie", "www-authenticate", "x-xsrf-token", "location", "x-api-session-cookie-name"]
        {
            assert!(answer.header(name).is_none(), "{about}: {answer:#?}");
        }
        let mut body = answer.json();
        // Bodies are the service's own: an address in one, such as Apprenda's of the next page, stays as it is.
        for page in ["firstPage", "previousPage", "nextPage"] {
            if self.platform == "apprenda" && body[page].is_object() {
                body[page].take();
            }
        }
        let text = format!("{:?}\n{body}", answer.headers).to_ascii_lowercase();
        let address = self.lab.https.to_string();
        for word in [address.as_str(), "password", "<html", "j_security_check", "sessiontoken\""] {
            assert!(!text.contains(word), "{about}: {word} in {text}");
        }
    }

    fn check(&self) {
        let (front, platform, server) = (self.front, self.platform, self.server);
        let list = self.target(list_of(platform));
        let read = self.caller.get(server, &list).expect(200);
        self.expect_clean(&read);
        assert!(read.json().is_object(), "{front} {platform}");

        let key = format!("{front}-{platform}");
        let made = self.caller.make(server, &list, &key);
        assert!(matches!(made.status, 200 | 201), "{key} {made:#?} {}", made.text());
        self.expect_clean(&made);
        assert_eq!(self.lab.ran_key(&key), 1, "{key}");
        for fault in ["login-page", "redirect", "empty-401"] {
            self.lab.fault(fault);
            let answer = self.caller.get(server, &list).expect(200);
            self.expect_clean(&answer);
            assert!(answer.json().is_object(), "{key} {fault}");
        }
        self.check_echo();
    }

    /// What reached the service.
    fn check_echo(&self) {
        let id = "5cfe1f44-27a6-4b4a-8d8e-1a3d5d1b0009";
        let answer = self.caller.send(self.server, "GET", &self.target("_echo"), |it| self.marked(it, id));
        let seen = answer.unwrap().expect(200).json();
        let about = format!("{} before {}: {seen}", self.front, self.platform);
        assert_eq!(seen["target"], format!("{}_echo", root_of(self.platform)), "{about}");
        assert_eq!(header(&seen, "x-request-id"), Some(id), "{about}");
        let mut told = seen.to_string();
        let path = format!("{}_echo", root_of(self.platform));
        let (_, exchange) =
            self.lab.transcript().into_iter().rev().find(|(_, it)| it.contains(&path)).unwrap();
        // What the door of the service got, without what it answered, which repeats it.
        told.push_str(exchange.split("\nHTTP/1.1").next().unwrap());
        let mut secrets = self.caller.secrets();
        secrets.extend([MARK.to_owned(), self.server.http.to_string(), self.server.https.to_string()]);
        for secret in secrets {
            assert!(!told.contains(&secret), "{secret}: {told}\n{about}");
        }
    }
}

fn header<'a>(seen: &'a Value, name: &str) -> Option<&'a str> {
    seen["headers"].as_array()?.iter().find(|it| it[0] == name)?[1].as_str()
}

#[test]
fn any_contract_stands_in_front_of_any_platform() {
    let labs = PLATFORMS.map(Lab::start);
    let pairs = || {
        FRONTS.iter().flat_map(|front| PLATFORMS.iter().zip(&labs).map(move |(it, lab)| (*front, *it, lab)))
    };
    let entries: Vec<_> =
        pairs().map(|(front, it, lab)| Entry::new(lab, it, front, &format!("/{front}/{it}/"))).collect();
    let server = gateway(&entries);
    let admins = FRONTS.map(|it| Caller::admin(&server, it));
    for (number, (front, platform, lab)) in pairs().enumerate() {
        let caller = &admins[number / PLATFORMS.len()];
        Pair { front, platform, caller, lab, server: &server }.check();
    }
    for (platform, lab) in PLATFORMS.iter().zip(&labs) {
        let state = lab.state();
        assert_eq!(state["logins"], FRONTS.len(), "{platform}: one for each service: {state}");
        assert_eq!(state["sessions"]["alive"], FRONTS.len(), "{platform}: {state}");
    }
    expect_told(&server, pairs().count());
}

/// The access log and the audit log name who asked, and the account that asked for them.
#[track_caller]
fn expect_told(server: &Server, pairs: usize) {
    let output = server.output();
    let lines: Vec<_> = output.lines().filter(|it| it.contains("_echo")).collect();
    assert_eq!(lines.len(), pairs, "{lines:#?}");
    for line in &lines {
        assert!(line.contains("upstream_user=\"operator\"") && line.contains("user=\"admin\""), "{line}");
        assert!(line.contains("5cfe1f44-27a6-4b4a-8d8e-1a3d5d1b0009"), "{line}");
    }
    assert!(!output.contains(super::PASSWORD), "{output}");
    let audit = std::fs::read_to_string(server.data_dir().join("audit.jsonl")).unwrap();
    let changes: Vec<Value> = audit
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .filter(|it: &Value| it.to_string().contains("upstream_change"))
        .collect();
    assert_eq!(changes.len(), pairs, "{changes:#?}");
    for change in &changes {
        let text = change.to_string();
        assert!(text.contains("as operator: 20") && text.contains("\"admin\""), "{text}");
        assert!(text.contains("POST /"), "{text}");
    }
    assert!(!audit.contains(super::PASSWORD) && !audit.contains(MARK), "{audit}");
}

#[test]
fn nobody_gets_to_what_the_session_is_made_of() {
    let lab = Lab::start("catalyst");
    let server = gateway(&[Entry::new(&lab, "catalyst", "aap", "/sdwan/")]);
    let caller = Caller::admin(&server, "aap");
    for (method, path) in [
        ("GET", "/sdwan/client/token"),
        ("GET", "/sdwan/admin/user/activeSessions"),
        ("PUT", "/sdwan/admin/user/password/operator"),
        ("GET", "/sdwan/client%2Ftoken"),
        ("GET", "/sdwan/x/../client/token"),
        ("GET", "/sdwan//client/token"),
        ("GET", "/sdwan/client/token;a=1"),
    ] {
        let answer = caller.send(&server, method, path, |it| it.json(&json!({}))).unwrap();
        assert!(matches!(answer.status, 400 | 403), "{method} {path}: {answer:#?} {}", answer.text());
    }
    let told = caller.get(&server, "/sdwan/client/server").expect(200);
    assert!(told.json()["data"]["CSRFToken"].as_str().is_none_or(str::is_empty), "{}", told.text());
    assert_eq!(lab.count("/resources/total"), 0);
}
