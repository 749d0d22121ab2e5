//! What the pages of signing in and out have in common, and their answers that are no pages.

use axum::extract::State as Extracted;
use axum::response::Response;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, EXPIRES, LOCATION, SET_COOKIE, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use identity::Denial;
use identity::model::audit::EventKind;
use identity::model::csrf::Forgery;
use identity::model::principal::Principal;

use super::super::wire;
use crate::drf::endpoint::Endpoint;
use crate::drf::html;
use crate::drf::html::visit::{Visit, put};
use crate::drf::respond::escape;
use crate::drf::{State, csrf, respond, time};

/// The answer of a page as the contract has it. `live`: whose session the request shows, if it lives and
/// stays as it is.
pub fn finish(visit: &Visit<'_>, live: Option<&Principal>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("Cookie, Accept-Language, origin"));
    if let Some(principal) = live {
        let mut kept = HeaderMap::new();
        visit.state.dialect.keep_alive(&visit.presented, principal, visit.doorway, &mut kept);
        for (name, value) in &kept {
            headers.append(name, value.clone());
        }
    } else if visit.presented.session.is_some() && !sets_session(headers) {
        headers.append(SET_COOKIE, HeaderValue::from_static(wire::SESSION_COOKIE_GONE));
    }
    response
}

fn sets_session(headers: &HeaderMap) -> bool {
    headers
        .get_all(SET_COOKIE)
        .iter()
        .any(|line| line.as_bytes().starts_with(wire::SESSION_COOKIE.as_bytes()))
}

/// 403 to a request that may be forged. It says what is missing and how to send it: programs that post a name
/// and a password and nothing else meet this page first.
pub fn forbidden(visit: &Visit<'_>, live: Option<&Principal>, forgery: &Forgery) -> Response {
    let reason = csrf::reason(forgery);
    let detail = format!("{}: {reason}", visit.parts.uri.path());
    visit.state.authority.audit(visit.context, EventKind::Refusal, None, detail);
    let login = escape(&visit.doorway.address(wire::LOGIN));
    let content = format!(
        "      <h1>Forbidden <span>(403)</span></h1>
      <p>CSRF verification failed. Request aborted.</p>
      <p>{reason}</p>
      <p>A request to this page must show that it comes from this page. Programs do it so:</p>
      <ol>
        <li>GET {login} and keep the cookie <code>{cookie}</code> of the answer.</li>
        <li>Send the cookie back, and its value again in the header <code>{header}</code> or in the form field \
         <code>{field}</code>.</li>
        <li>Over HTTPS also send the header <code>Referer</code> with the address of this page.</li>
      </ol>
      <p>Programs need no session at all: Basic authentication or a token in the header \
         <code>Authorization</code> needs none of this.</p>",
        reason = escape(&reason),
        cookie = wire::CSRF_COOKIE,
        header = wire::CSRF_HEADER_SHOWN,
        field = wire::CSRF_FIELD,
    );
    let text = html::frame(visit.language, "403 Forbidden", &content, "");
    let page = visit.page(StatusCode::FORBIDDEN, text);
    let mut response = visit.marked(Denial::Forged(forgery.clone()), page);
    if live.is_some() {
        return finish(visit, live, response);
    }
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Language, origin"));
    response
}

/// 406 to a program that wants the page as something else than a page.
pub fn not_acceptable(visit: &Visit<'_>) -> Response {
    let mut response = respond::with_body(StatusCode::NOT_ACCEPTABLE, "text/html", b"None".to_vec());
    response.headers_mut().remove(CONTENT_TYPE);
    put(&mut response, EXPIRES, &time::http_date(visit.context.now));
    put(&mut response, CACHE_CONTROL, wire::NEVER_CACHED);
    put(&mut response, VARY, "Accept-Language, origin");
    response
}

/// The pages of the old interface know their login under this address.
pub async fn to_interface() -> Response {
    let mut response = respond::html(StatusCode::FOUND, "");
    put(&mut response, LOCATION, "/#/login");
    response
}

/// The answer to OPTIONS at a page.
pub async fn options(parts: Parts) -> Response {
    let mut response = respond::plain(StatusCode::OK);
    put(&mut response, ALLOW, methods(&parts));
    response
}

/// The answer to a method that a page does not know.
pub async fn method_unknown(Extracted(_): Extracted<State>, parts: Parts) -> Response {
    let text = format!("Method \"{}\" not allowed.", parts.method);
    let mut response = respond::detail(StatusCode::METHOD_NOT_ALLOWED, &text);
    put(&mut response, ALLOW, methods(&parts));
    response
}

fn methods(parts: &Parts) -> &'static str {
    parts.extensions.get::<&'static Endpoint>().map_or("", |endpoint| endpoint.methods)
}
