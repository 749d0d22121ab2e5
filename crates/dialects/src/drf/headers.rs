//! The layer around the own endpoints: negotiation, the caller, unknown methods and paths, and the headers
//! of every answer in the contract's order (contract section A0).

use axum::Router;
use axum::extract::{Request, State as Extracted};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::header;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use identity::{Context, Denial, Refusal};

use super::State;
use super::caller::{Caller, read_form_token, refuse};
use super::endpoint::{self, Access, Endpoint, Tables};
use super::language::{Language, preferred};
use super::manner::Occasion;
use super::negotiate::{self, Form};
use super::{options, respond, translate};
use crate::dialect::Doorway;

/// What the layer needs.
#[derive(Clone)]
struct Gate {
    state: State,
    tables: Tables,
}

/// What the layer learns about a request on its way in and says on the answer's way out.
struct Seen {
    context: Option<Context>,
    /// The id that the client gave the request.
    given_id: Option<String>,
    is_known: bool,
    is_session_dead: bool,
    /// What keeps the session alive at the client.
    kept_alive: HeaderMap,
}

/// The header by which clients of AWX name their requests (AWX contract section 1.3).
pub(super) const GIVEN_ID: &str = "x-api-request-id";

/// Puts the layer around routes. Every route must stand in one of the tables.
pub fn serve(routes: Router<State>, state: State, tables: Tables) -> Router {
    let gate = Gate { state: state.clone(), tables };
    routes.fallback(not_found).layer(from_fn_with_state(gate, answer)).with_state(state)
}

async fn not_found(Extracted(state): Extracted<State>) -> Response {
    respond::detail(StatusCode::NOT_FOUND, state.brand.manner.not_found)
}

async fn answer(Extracted(gate): Extracted<Gate>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let mut seen = Seen {
        context: parts.extensions.get::<Context>().cloned(),
        given_id: parts.headers.get(GIVEN_ID).and_then(|id| id.to_str().ok()).map(str::to_owned),
        is_known: false,
        is_session_dead: false,
        kept_alive: HeaderMap::new(),
    };
    let language =
        if gate.state.brand.manner.translates { preferred(&parts.headers) } else { Language::English };
    let Some(endpoint) = endpoint::find(gate.tables, parts.uri.path()) else {
        let response = translate::answer(unknown(&gate, &parts), language).await;
        return dress(&gate.state, &seen, None, response);
    };
    parts.extensions.insert(endpoint);
    parts.extensions.insert(gate.tables);
    if endpoint.access == Access::Page {
        let response = next.run(Request::from_parts(parts, body)).await;
        return dress_page(&gate.state, &seen, endpoint, response);
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
    let response = if is_left { options::bare(endpoint, gate.state.brand.manner.parses) } else { response };
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
    let presented = Caller::presented(state, parts);
    let caller = match Caller::judge(state, parts, &presented).await {
        Ok(caller) => caller,
        Err(Refusal::Denied(_))
            if endpoint.access == Access::Public && state.brand.manner.overlooks_bad_proofs =>
        {
            Caller::nobody(parts).map_err(|refusal| Box::new(refuse(state, &refusal, parts)))?
        }
        // A request whose form cannot be served learns only that.
        Err(refusal) => {
            let form = form?;
            seen.is_known = matches!(refusal, Refusal::Denied(Denial::MissingScope));
            return Ok((form, Some(refuse(state, &refusal, parts))));
        }
    };
    if let Some(principal) = &caller.principal {
        seen.is_known = true;
        state.dialect.keep_alive(&presented, principal, &caller.doorway, &mut seen.kept_alive);
    }
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
    let manner = gate.state.brand.manner;
    let path = parts.uri.path();
    let slashed = format!("{path}/");
    let is_redirected = manner.redirects_all || parts.method == Method::GET || parts.method == Method::HEAD;
    if !is_redirected || path.ends_with('/') || endpoint::find(gate.tables, &slashed).is_none() {
        return respond::detail(StatusCode::NOT_FOUND, manner.not_found);
    }
    // `//host/` would lead a browser to another host; no endpoint begins so, and `find` has said it is one.
    let slashed = match parts.extensions.get::<Doorway>() {
        Some(doorway) => doorway.address(&slashed).into_owned(),
        None => slashed,
    };
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
    let manner = state.brand.manner;
    let mut given = std::mem::take(response.headers_mut());
    for (name, value) in &seen.kept_alive {
        given.append(name, value.clone());
    }
    let slots = if endpoint.is_some() { manner.api } else { manner.nowhere };
    let mut headers = seen.occasion(state, endpoint).dress(slots, given);
    if seen.is_session_dead && !headers.contains_key(header::SET_COOKIE) {
        let deletion = deleted_cookie(state.brand.session_cookie);
        if let Ok(deletion) = HeaderValue::from_str(&deletion) {
            headers.append(header::SET_COOKIE, deletion);
        }
    }
    *response.headers_mut() = headers;
    response
}

/// Puts on a page what every answer has; the page has written the rest.
fn dress_page(state: &State, seen: &Seen, endpoint: &Endpoint, mut response: Response) -> Response {
    seen.occasion(state, Some(endpoint)).complete(state.brand.manner.page, response.headers_mut());
    response
}

impl Seen {
    fn occasion<'a>(&'a self, state: &'a State, endpoint: Option<&'a Endpoint>) -> Occasion<'a> {
        Occasion {
            state,
            context: self.context.as_ref(),
            endpoint,
            is_known: self.is_known,
            given_id: self.given_id.as_deref(),
        }
    }
}

/// The cookie that makes a client forget another (contract section B4).
pub fn deleted_cookie(name: &str) -> String {
    format!("{name}=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/; SameSite=Lax")
}
