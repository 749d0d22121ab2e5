//! What stands in the logs: no token of a path, no query, whatever becomes of the request.

use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, OnceLock};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::rig::{Rig, config, service, status};
use super::upstream::Upstream;
use crate::config::{PublicPath, Service};

/// All that was logged in this process, by all tests.
static LOGGED: Mutex<String> = Mutex::new(String::new());
static BEGUN: OnceLock<()> = OnceLock::new();

/// Keeps what is logged at any level.
struct Keeper;

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        line.0.push('\n');
        LOGGED.lock().unwrap().push_str(&line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_of_a_path_and_no_query_is_logged() {
    BEGUN.get_or_init(|| tracing::subscriber::set_global_default(Keeper).unwrap());
    let upstream = Upstream::ok().await;
    let sessions = Service {
        name: "sessions".into(),
        path: "/authentication/".into(),
        public: vec![PublicPath::Exact("/authentication/open".into())],
        dialect: dialects::named("apprenda").unwrap(),
        ..service(&[upstream.address])
    };
    let rig = Rig::start(config(vec![sessions, service(&[upstream.address])])).await;
    let folder = "/authentication/api/v1/sessions/soc";
    let mark = "c2VjcmV0aXZl";
    for path in [
        format!("{folder}/{mark}%3D%3D"),
        format!("{folder}/{mark}=="),
        format!("/Authentication/API/v1/Sessions/Soc/{mark}"),
        format!("/authentication/api/v1/sessions/developer/{mark}/"),
        format!("//authentication//api/v1/%73essions/account/{mark}"),
        // Those have no canonical form.
        format!("{folder}/{mark}/%2e%2e"),
        format!("{folder}/../soc/{mark}"),
        format!("/x/..;y/authentication/api/v1/sessions/soc/{mark}"),
        format!("/authentication/api/v1%2fsessions%2Fsoc%2f{mark}"),
        format!("/authentication\\api\\v1\\sessions\\soc\\{mark}"),
        format!("/authentication/api/v1/%2573essions/soc/{mark}/.."),
        format!("{folder}/{mark}%00"),
        format!("{folder}/tenants?username=ann&password={mark}"),
        format!("/nowhere?password={mark}"),
        format!("/api/controller/open/x?password={mark}"),
        format!("/api/controller/v2/x?password={mark}"),
        format!("/%00?password={mark}"),
        "/api/controller/seen".to_owned(),
    ] {
        for method in ["DELETE", "GET"] {
            let head = format!("{method} {path} HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n");
            assert_ne!(status(&rig.raw(head.as_bytes()).await), 0, "{path}");
        }
    }
    let logged = LOGGED.lock().unwrap().clone();
    assert!(logged.contains("path=\"/api/controller/seen\""), "{logged}");
    assert!(logged.contains(&format!("path=\"{folder}/…\"")), "{logged}");
    let told: Vec<&str> = logged.lines().filter(|it| it.contains(mark)).collect();
    assert!(told.is_empty(), "{told:#?}");
    let audited = rig.audited();
    assert!(!audited.is_empty());
    assert!(audited.iter().all(|it| !it.detail.contains(mark)), "{audited:#?}");
}
