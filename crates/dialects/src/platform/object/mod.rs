//! The objects of the contract: users, organizations, teams, tokens, applications, roles and the rest, each
//! as a table of fields and two functions, one from the wire and one to it (contract sections A1 to A4).
//!
//! `identity` decides who sees and changes what; here it is only spelled.

use axum::Router;
use axum::extract::{Request, State as Extracted};
use axum::response::Response;
use axum::routing::any;

use crate::drf::State;
use crate::drf::caller::Caller;

pub mod table;

mod address;
mod collection;
mod fields;
mod read;
pub mod show;

mod serve;
mod sublist;

mod docs;
mod member;
mod small;

#[cfg(test)]
mod tests;

use collection::Collection;
pub use table::{ENDPOINTS, endpoint_names};

/// The routes of all endpoints in [`ENDPOINTS`]. Their paths are absolute.
pub fn routes() -> Router<State> {
    let mut router = Router::new();
    for collection in collection::ALL {
        router = router
            .route(&format!("{}{}/", address::V1, collection.name), any(collected(collection, serve::many)))
            .route(
                &format!("{}{}/{{id}}/", address::V1, collection.name),
                any(collected(collection, serve::one)),
            );
    }
    for (path, sublist) in sublist::ALL {
        let handler = move |Extracted(state): Extracted<State>, caller: Caller, request: Request| {
            sublist::serve(sublist, state, caller, request)
        };
        router = router.route(path, any(handler));
    }
    for (path, change) in member::ALL {
        let handler = move |Extracted(state): Extracted<State>, caller: Caller, request: Request| {
            member::serve(change, state, caller, request)
        };
        router = router.route(path, any(handler));
    }
    router
        .route(table::APP_URLS, any(small::app_urls))
        .route(table::PLUGINS, any(small::plugins))
        .route(table::AUTHENTICATOR_MAPS, any(small::authenticator_maps))
        .route(table::DOCS, any(docs::index))
        .route(table::SCHEMA, any(docs::schema))
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
