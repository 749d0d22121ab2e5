//! The layer around the own endpoints: negotiation, the caller, unknown methods and paths, and the headers
//! of every answer in the contract's order (contract section A0).

use axum::Router;
use axum::extract::{Request, State as Extracted};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::header::{self, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use identity::{Context, Denial, Refusal};
use jiff::Timestamp;

use super::State;
use super::caller::{Caller, read_form_token, refuse};
use super::endpoint::{self, Access, Endpoint, Tables};
use super::language::preferred;
use super::negotiate::{self, Form};
use super::{options, respond, translate};

/// What the layer needs.
#[derive(Clone)]
struct Gate {
    state: State,
    tables: Tables,
}

/// What the layer learns about a request on its way in and says on the answer's way out.
struct Seen {
    context: Option<Context>,
    is_known: bool,
    is_session_dead: bool,
}

/// Puts the layer around routes. Every route must stand in one of the tables.
pub fn serve(routes: Router<State>, state: State, tables: Tables) -> Router {
    let gate = Gate { state: state.clone(), tables };
    routes.fallback(not_found).layer(from_fn_with_state(gate, answer)).with_state(state)
}

async fn not_found() -> Response {
    respond::detail(StatusCode::NOT_FOUND, "Not found.")
}

async fn answer(Extracted(gate): Extracted<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut seen =
        Seen { context: parts.extensions.get::<Context>().cloned(), is_known: false, is_session_dead: false };
    let language = preferred(&parts.headers);
    let Some(endpoint) = endpoint::find(gate.tables, parts.uri.path()) else {
        let response = translate::answer(unknown(&gate, &parts), language).await;
        return dress(&gate.state, &seen, None, response);
    };
    parts.extensions.insert(endpoint);
    parts.extensions.insert(gate.tables);
    if endpoint.access == Access::Page {
        let response = next.run(Request::from_parts(parts, body)).await;
        return dress_page(&seen, response);
    }
    let body = match read_form_token(gate.state.brand.csrf_field, &mut parts, body).await {
        Ok(body) => body,
        Err(error) => return dress(&gate.state, &seen, Some(endpoint), error.response()),
    };
    let admitted = admit(&gate.state, endpoint, &mut parts, &mut seen).await;
    let path = parts.uri.path().to_owned();
    let is_options = parts.method == Method::OPTIONS;
    let (form, response) = match admitted {
        Ok((form, None)) => (form, next.run(Request::from_parts(parts, body)).await),
        Ok((form, Some(response))) => (form, response),
        Err(response) => (Form::Json, *response),
    };
    // A route that has nothing of its own to tell about its fields leaves OPTIONS to the layer.
    let is_left = is_options && response.status() == StatusCode::METHOD_NOT_ALLOWED;
    let response = if is_left { options::response(endpoint, None) } else { response };
    let response = translate::answer(response, language).await;
    let response = match form {
        Form::Json => response,
        Form::Page => negotiate::page(response, endpoint, &path).await,
    };
    dress(&gate.state, &seen, Some(endpoint), response)
}

/// Lets a request in, or says why not: form, then proof, then method.
async fn admit(
    state: &State,
    endpoint: &Endpoint,
    parts: &mut Parts,
    seen: &mut Seen,
) -> Result<(Form, Option<Response>), Box<Response>> {
    let form = negotiate::form(parts);
    let caller = match Caller::find(state, parts).await {
        Ok(caller) => caller,
        // A request whose form cannot be served learns only that.
        Err(refusal) => {
            let form = form?;
            seen.is_known = matches!(refusal, Refusal::Denied(Denial::MissingScope));
            return Ok((form, Some(refuse(state, &refusal, parts))));
        }
    };
    seen.is_known = caller.principal.is_some();
    seen.is_session_dead = caller.ended.is_some();
    let form = form?;
    if endpoint.access == Access::Known
        && let Err(refusal) = caller.known()
    {
        return Ok((form, Some(refuse(state, &refusal, parts))));
    }
    if !endpoint.allows(parts.method.as_str()) {
        let text = format!("Method \"{}\" not allowed.", parts.method);
        return Ok((form, Some(respond::detail(StatusCode::METHOD_NOT_ALLOWED, &text))));
    }
    parts.extensions.insert(caller);
    Ok((form, None))
}

/// A path that no endpoint has: perhaps only its last slash is missing.
fn unknown(gate: &Gate, parts: &Parts) -> Response {
    let path = parts.uri.path();
    let slashed = format!("{path}/");
    let is_read = parts.method == Method::GET || parts.method == Method::HEAD;
    if !is_read || path.ends_with('/') || endpoint::find(gate.tables, &slashed).is_none() {
        return respond::detail(StatusCode::NOT_FOUND, "Not found.");
    }
    // `//host/` would lead a browser to another host; no endpoint begins so, and `find` has said it is one.
    let location = match parts.uri.query() {
        Some(query) => format!("{slashed}?{query}"),
        None => slashed,
    };
    let mut response = respond::html(StatusCode::MOVED_PERMANENTLY, "");
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Puts the headers of an API answer on it, in the contract's order; what else it has comes last.
fn dress(state: &State, seen: &Seen, endpoint: Option<&Endpoint>, mut response: Response) -> Response {
    let platform = &state.authority.world.platform;
    let mut given = std::mem::take(response.headers_mut());
    let mut headers = HeaderMap::with_capacity(20);
    for name in [header::CONTENT_TYPE, header::LOCATION, header::WWW_AUTHENTICATE] {
        if let Some(value) = given.remove(&name) {
            headers.insert(name, value);
        }
    }
    let mut put = |name: &'static str, value: &str| {
        let name = HeaderName::from_static(name);
        let value = given.remove(&name).or_else(|| HeaderValue::from_str(value).ok());
        if let Some(value) = value {
            headers.insert(name, value);
        }
    };
    put("vary", if endpoint.is_some() { "Accept, Cookie" } else { "Cookie" });
    if let Some(endpoint) = endpoint {
        put("allow", endpoint.methods);
        if seen.is_known {
            put("x-api-product-version", platform.version());
        }
        put("x-api-product-name", platform.product());
        put("x-api-node", platform.node());
        put("x-api-time", &elapsed(seen.context.as_ref(), state.authority.world.clock.now()));
    }
    put("x-frame-options", "DENY");
    put("x-content-type-options", "nosniff");
    put("referrer-policy", "same-origin");
    put("cross-origin-opener-policy", "same-origin");
    // An answer to somebody must never be kept for somebody else.
    put("cache-control", "no-store");
    if let Some(context) = &seen.context {
        put("x-request-id", &context.request_id);
    }
    let is_cookie_set = given.contains_key(header::SET_COOKIE);
    let mut name = None;
    for (next, value) in given {
        name = next.or(name);
        if let Some(name) = &name {
            headers.append(name.clone(), value);
        }
    }
    if seen.is_session_dead && !is_cookie_set {
        let deletion = deleted_cookie(state.brand.session_cookie);
        if let Ok(deletion) = HeaderValue::from_str(&deletion) {
            headers.append(header::SET_COOKIE, deletion);
        }
    }
    *response.headers_mut() = headers;
    response
}

/// Puts on a page what every answer has; the page has written the rest.
fn dress_page(seen: &Seen, mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.entry(HeaderName::from_static(name)).or_insert(value);
        }
    };
    put("x-frame-options", "DENY");
    put("x-content-type-options", "nosniff");
    put("referrer-policy", "same-origin");
    put("cross-origin-opener-policy", "same-origin");
    put("cache-control", "no-store");
    if let Some(context) = &seen.context {
        put("x-request-id", &context.request_id);
    }
    response
}

/// The cookie that makes a client forget another (contract section B4).
pub fn deleted_cookie(name: &str) -> String {
    format!("{name}=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax")
}

/// How long a request has taken, in seconds with three decimals.
fn elapsed(context: Option<&Context>, now: Timestamp) -> String {
    let millis = context.map_or(0, |context| now.duration_since(context.now).as_millis()).max(0);
    format!("{}.{:03}s", millis / 1000, millis % 1000)
}
