//! The objects of the contract: users, organizations, teams, tokens, applications, roles and the activity
//! stream, each as a table of fields and two functions, one from the wire and one to it.
//!
//! `identity` decides who sees and changes what; here it is only spelled.

use axum::Router;
use axum::extract::{Request, State as Extracted};
use axum::response::Response;
use axum::routing::any;
use http::request::Parts;
use identity::Refusal;
use serde_json::Value;

use crate::drf::State;
use crate::drf::caller::Caller;

mod address;
mod ask;
mod table;

mod collection;
mod fields;
mod read;
mod role;
mod show;

mod list;
mod options;

mod member;
mod roles;
mod serve;
mod sublist;

#[cfg(test)]
mod tests;

use ask::Asked;
use collection::Collection;
pub use table::ENDPOINTS;

const PERSONAL_TOKEN: &str = "/api/v2/users/{id}/personal_tokens/{token}/";

/// The routes of all endpoints in [`ENDPOINTS`]. Their paths are absolute.
pub fn routes() -> Router<State> {
    let mut router = Router::new();
    for collection in collection::ALL {
        let path = format!("/api/v2/{}/", collection.name);
        router = router
            .route(&path, any(collected(collection, serve::many)))
            .route(&format!("{path}{{id}}/"), any(collected(collection, serve::one)));
    }
    for (path, sublist) in sublist::ALL {
        let handler = move |Extracted(state): Extracted<State>, caller: Caller, request: Request| {
            sublist::serve(sublist, state, caller, request)
        };
        router = router.route(path, any(handler));
    }
    router = router.route(PERSONAL_TOKEN, any(personal_token));
    for (path, members) in member::ALL {
        let handler = move |Extracted(state): Extracted<State>, caller: Caller, request: Request| {
            member::serve(members, state, caller, request)
        };
        router = router.route(path, any(handler));
    }
    for (path, place) in roles::ALL {
        let handler = move |state: Extracted<State>, caller: Caller, request: Request| {
            roles::serve(*place, state, caller, request)
        };
        router = router.route(path, any(handler));
    }
    router
}

/// One personal token where the vendor's page has it: AWX has no such address, and people revoke tokens by it.
async fn personal_token(
    Extracted(state): Extracted<State>,
    caller: Caller,
    mut request: Request,
) -> Response {
    let token = request.uri().path().rsplit('/').nth(1).unwrap_or_default();
    if let Ok(uri) = format!("/api/v2/tokens/{token}/").parse() {
        *request.uri_mut() = uri;
    }
    serve::one(&collection::TOKENS, state, caller, request).await
}

/// A handler of one collection.
fn collected<F, R>(
    collection: &'static Collection,
    serve: F,
) -> impl Fn(Extracted<State>, Caller, Request) -> R + Clone + Send + Sync + 'static
where
    F: Fn(&'static Collection, State, Caller, Request) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response> + Send + 'static,
{
    move |Extracted(state), caller, request| serve(collection, state, caller, request)
}

/// The caller's own user, as a row of a list.
pub async fn own(state: &State, caller: &Caller, parts: &Parts) -> Result<Value, Refusal> {
    let (object, references) = state.authority.me(caller.known()?).await?;
    let asked = Asked { state: state.clone(), caller: caller.clone(), parts: parts.clone() };
    show::row(&asked, &object, &references).await
}

/// The list of the caller's own user, for a query that asks for more than it. The contract serves it as the
/// list of users, of which it is the only one (contract section 1.5).
pub async fn own_list(state: &State, caller: &Caller, parts: &Parts) -> Response {
    let asked = Asked { state: state.clone(), caller: caller.clone(), parts: parts.clone() };
    asked.answer(list::of_own(&asked).await)
}

/// Rows that were put together elsewhere, as a page of a list.
pub fn page_of(state: &State, caller: &Caller, parts: &Parts, rows: Vec<Value>) -> Response {
    let asked = Asked { state: state.clone(), caller: caller.clone(), parts: parts.clone() };
    asked.answer(list::of_rows(&asked, rows))
}

/// The fields of users, as OPTIONS describes them where the caller's own user is shown.
pub fn describe_own(state: &State, caller: &Caller, parts: &Parts) -> Response {
    let asked = Asked { state: state.clone(), caller: caller.clone(), parts: parts.clone() };
    serve::describe(&asked, &collection::USERS, None, true)
}
