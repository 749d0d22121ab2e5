//! The form login of this family (AAP contract sections B1 and B2, AWX contract section B3).

use bytes::Bytes;
use http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, COOKIE, LOCATION, REFERER};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::SignedDuration;

use super::Site;
use super::ask::{self, address, whole};
use super::judge::{contains, is_forgery, is_login_page, leads_to_login};
use crate::client_half::{Holding, Login, Rejection};
use crate::drf::wire::{self, CSRF_COOKIE, CSRF_HEADER};
use crate::steps::Step;

/// Longest token of a page that is believed, in bytes.
const TOKEN_MAX: usize = 4096;
/// Longest name of a cookie that is believed, in bytes.
const NAME_MAX: usize = 64;

/// Signs in by the page and its form, and goes on with the session.
pub fn sign_in<T: 'static>(
    site: &'static Site,
    login: Login,
    then: impl FnOnce(Holding) -> Step<T> + Send + 'static,
) -> Step<T> {
    let request = Request::builder()
        .method(Method::GET)
        .uri(address(&login.base, site.login))
        .header(ACCEPT_LANGUAGE, wire::ENGLISH)
        .body(Bytes::new());
    Step::ask(whole(request), move |page| send(site, login, page, then))
}

/// Sends the form with the token of the page.
fn send<T: 'static>(
    site: &'static Site,
    login: Login,
    page: &Response<Bytes>,
    then: impl FnOnce(Holding) -> Step<T> + Send + 'static,
) -> Step<T> {
    if page.status() != StatusCode::OK {
        return no_page(site, &login, page);
    }
    let Some(cookie) = ask::cookie(page.headers(), CSRF_COOKIE) else {
        return Step::lost(format!("{} sets no {CSRF_COOKIE} cookie", site.login));
    };
    // The page's own token is preferred; a page without one is satisfied with the cookie's.
    let token = page_token(page.body()).unwrap_or_else(|| cookie.clone());
    let Some((username, password)) = login.credential.pair() else {
        return Step::refused(Rejection::Invalid(
            "signing in by form takes a name and a password".to_owned(),
        ));
    };
    let request = Request::builder()
        .method(Method::POST)
        .uri(address(&login.base, site.login))
        .header(ACCEPT_LANGUAGE, wire::ENGLISH)
        .header(CONTENT_TYPE, wire::FORM)
        .header(REFERER, address(&login.base, site.login))
        .header(COOKIE, format!("{CSRF_COOKIE}={cookie}"))
        .header(CSRF_HEADER, token)
        .body(ask::form(&[(wire::USERNAME, username), (wire::PASSWORD, password)]));
    Step::ask(whole(request), move |answer| judge(site, &login, &cookie, answer, then))
}

/// What it means that there is no page to sign in with.
fn no_page<T>(site: &Site, login: &Login, page: &Response<Bytes>) -> Step<T> {
    match (page.status().as_u16(), ask::lead(page)) {
        (404, _) => Step::lost(format!("there is no login page at {}", site.login)),
        (300..=399, Some(location)) if !ask::is_upgrade(&login.base, &location) => {
            Step::refused(Rejection::Elsewhere(format!("its login page leads to {location}")))
        }
        _ => ask::common(page, &login.base, site.login),
    }
}

/// What the answer to the form says.
fn judge<T>(
    site: &Site,
    login: &Login,
    csrf: &str,
    answer: &Response<Bytes>,
    then: impl FnOnce(Holding) -> Step<T>,
) -> Step<T> {
    match answer.status() {
        StatusCode::FOUND | StatusCode::SEE_OTHER | StatusCode::OK => {
            let (parts, body) = (answer.headers(), answer.body());
            // Some servers answer a wrong password with the page again, or lead to it; whatever cookie they set.
            let asks_again =
                is_login_page(site, body) || wire::PASSWORD_FIELDS.iter().any(|it| contains(body, it));
            if asks_again || leads_to_login(site, parts) {
                return Step::refused(Rejection::Password);
            }
            match session(site, login, csrf, answer) {
                Some(holding) => then(holding),
                None if parts.contains_key(LOCATION) => Step::lost("the login redirects without a session"),
                None => {
                    Step::lost("the login answers without a session, and with something else than its page")
                }
            }
        }
        StatusCode::UNAUTHORIZED => Step::refused(match site.elsewhere {
            Some(sentence) if ask::words(answer) == sentence => Rejection::Elsewhere(sentence.to_owned()),
            _ => Rejection::Password,
        }),
        StatusCode::FORBIDDEN => match forgery(answer) {
            Some(check) => Step::refused(Rejection::Forgery(check)),
            None => Step::lost("the login answers 403"),
        },
        _ => ask::common(answer, &login.base, site.login),
    }
}

/// The session that an answer gives.
fn session(site: &Site, login: &Login, csrf: &str, answer: &Response<Bytes>) -> Option<Holding> {
    let headers = answer.headers();
    let (name, secret) = names(site, headers).find_map(|name| Some((name, ask::cookie(headers, name)?)))?;
    // The token changes at a login; a server that sends none goes on with the page's.
    let csrf = ask::cookie(headers, CSRF_COOKIE).unwrap_or_else(|| csrf.to_owned());
    let proof = Proof::Session { secret: Secret::new(secret), csrf: Some(Secret::new(csrf)) };
    let timeout = ask::header(headers, wire::TIMEOUT_HEADER).and_then(|it| it.parse().ok());
    let expires_at = ask::cookie_end(headers, name, login.now)
        .or_else(|| Some(ask::after(login.now, SignedDuration::from_secs(timeout?))));
    let cookie = (name != site.habits.session_cookie).then(|| name.to_owned());
    Some(Holding { cookie, expires_at, ..Holding::new(login, proof) })
}

/// The names that the session's cookie may have: the usual one; the one that the server says it has been given; the
/// framework's own, which old releases keep (AWX contract section B4 and the landscape of releases).
fn names<'a>(site: &Site, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
    let is_name = |it: &&str| {
        let is_one = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !it.is_empty() && it.len() <= NAME_MAX && it.bytes().all(is_one) && *it != CSRF_COOKIE
    };
    let told = ask::header(headers, wire::COOKIE_NAME_HEADER).filter(is_name);
    [Some(site.habits.session_cookie), told, Some(wire::OLD_SESSION_COOKIE)].into_iter().flatten()
}

/// Which check a request failed that was taken for a forgery; none if the answer is about something else.
pub fn forgery(answer: &Response<Bytes>) -> Option<String> {
    if !is_forgery(answer.headers(), answer.body()) {
        return None;
    }
    let text = String::from_utf8_lossy(answer.body());
    let check = wire::FORGERIES.iter().find(|(said, _)| text.contains(said));
    Some(check.map_or("it does not say why", |(_, meant)| meant).to_owned())
}

/// The token of the page's JSON island: letters and digits between quotes.
fn page_token(page: &[u8]) -> Option<String> {
    let page = std::str::from_utf8(page).ok()?;
    let (_, rest) = page.split_once(wire::ISLAND_TOKEN)?;
    let (token, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    let is_token = !token.is_empty()
        && token.len() <= TOKEN_MAX
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_token.then(|| token.to_owned())
}
