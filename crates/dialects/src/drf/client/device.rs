//! Signing in on a device without a browser: the user lets it in elsewhere (RFC 8628).

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::SignedDuration;
use serde_json::Value;

use super::{Site, ask, grant};
use crate::client_half::{Application, Holding, Login, Prompt, Rejection, Wait};
use crate::oauth::wire;
use crate::steps::Step;

/// How long to wait between two questions where the server does not say it (RFC 8628 section 3.5).
const INTERVAL: u64 = 5;
/// What a server adds that says "slow down", in seconds (RFC 8628 section 3.5).
const SLOWER: u64 = 5;
/// The longest pause, in seconds.
const INTERVAL_MAX: u64 = 60;
/// The longest time that a user is waited for, in seconds.
const LIFE_MAX: u64 = 1800;
/// Longest code, in bytes.
const CODE_MAX: usize = 1024;

/// A device that waits.
struct Waiting {
    site: &'static Site,
    login: Login,
    application: Application,
    code: String,
    /// Between two questions, in seconds.
    interval: u64,
    /// Since the codes came, in seconds.
    waited: u64,
    /// Of the codes, in seconds.
    life: u64,
}

/// Asks for the two codes.
pub fn begin(site: &'static Site, login: Login) -> Step<Holding> {
    let Some(application) = login.application.clone() else {
        let why = "signing in by device takes an application of the server, by its client_id";
        return Step::refused(Rejection::Application(why.to_owned()));
    };
    let fields: Vec<(&str, &str)> = login.scope.iter().map(|it| (wire::SCOPE, it.as_str())).collect();
    let path = format!("{}{}", site.oauth, wire::DEVICE_PATH);
    let request = grant::request(&login.base, &path, &application, &fields);
    Step::ask(request, move |answer| {
        let body = ask::json(answer).unwrap_or_default();
        match answer.status() {
            StatusCode::OK => started(site, login, application, &body),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                Step::refused(Rejection::Device("the server has no sign-in for devices".to_owned()))
            }
            _ => grant::refused(site, &login.base, &body, answer, Rejection::Over),
        }
    })
}

/// Shows the user where to go.
fn started(site: &'static Site, login: Login, application: Application, body: &Value) -> Step<Holding> {
    let text = |key| ask::text(body, key).filter(|it| !it.is_empty() && it.len() <= CODE_MAX);
    let (Some(code), Some(shown), Some(page)) =
        (text(wire::DEVICE_CODE), text(wire::USER_CODE), text(wire::VERIFICATION_URI))
    else {
        return Step::lost("the authorization server gives no codes for a device");
    };
    let number = |key| body.get(key).and_then(Value::as_u64);
    let prompt = Prompt {
        address: ask::said(&page),
        complete: text(wire::VERIFICATION_URI_COMPLETE).map(|it| ask::said(&it)),
        code: ask::said(&shown),
    };
    let waiting = Waiting {
        site,
        login,
        application,
        code,
        interval: number(wire::INTERVAL).unwrap_or(INTERVAL).clamp(1, INTERVAL_MAX),
        waited: 0,
        life: number(wire::EXPIRES_IN).unwrap_or(LIFE_MAX).min(LIFE_MAX),
    };
    poll(waiting, Some(prompt))
}

/// Waits, and asks whether the user has let the device in.
fn poll(mut waiting: Waiting, prompt: Option<Prompt>) -> Step<Holding> {
    if waiting.waited >= waiting.life {
        return Step::refused(Rejection::Device("the time for it is over".to_owned()));
    }
    waiting.waited += waiting.interval;
    let wait = Wait { time: Duration::from_secs(waiting.interval), prompt };
    let fields = [(wire::GRANT_TYPE, wire::GRANT_DEVICE), (wire::DEVICE_CODE, waiting.code.as_str())];
    let path = grant::token_path(waiting.site);
    let request = grant::request(&waiting.login.base, &path, &waiting.application, &fields);
    Step::wait(wait, Step::ask(request, move |answer| polled(waiting, answer)))
}

/// What the answer says.
fn polled(mut waiting: Waiting, answer: &Response<Bytes>) -> Step<Holding> {
    let body = ask::json(answer).unwrap_or_default();
    match ask::text(&body, wire::ERROR).as_deref() {
        Some(wire::AUTHORIZATION_PENDING) => poll(waiting, None),
        Some(wire::SLOW_DOWN) => {
            waiting.interval = (waiting.interval + SLOWER).min(INTERVAL_MAX);
            poll(waiting, None)
        }
        Some(wire::EXPIRED_TOKEN) => Step::refused(Rejection::Device("the time for it is over".to_owned())),
        Some(wire::ACCESS_DENIED) => Step::refused(Rejection::Device("the user said no".to_owned())),
        _ => {
            let waited = SignedDuration::try_from(Duration::from_secs(waiting.waited)).unwrap_or_default();
            let now = ask::after(waiting.login.now, waited);
            let held = Holding::new(&waiting.login, grant::none());
            let not_valid = Rejection::Device("the server does not know this device any more".to_owned());
            grant::given(waiting.site, held, now, answer, not_valid)
        }
    }
}
