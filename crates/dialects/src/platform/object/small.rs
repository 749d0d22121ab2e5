//! Small endpoints: where applications are found, and what kinds of authenticators there are.

use axum::extract::{Request, State as Extracted};
use axum::response::Response;
use http::{Method, StatusCode};
use identity::model::catalog;
use identity::model::object::Noun;
use identity::model::query::{Comparison, Lookup, Query, Term, Value as Compared};
use serde_json::json;

use super::serve::{Asked, Stop, answer, list_filtered};
use super::{collection, show};
use crate::drf::State;
use crate::drf::caller::Caller;
use crate::drf::filter::{self, Filtered};
use crate::drf::{page, respond};

/// The long name of the only plugin (contract section F2).
const LOCAL_PLUGIN: &str = "ansible_base.authentication.authenticator_plugins.local";
/// The fields of an application that everybody who is signed in may ask about.
const OPEN_FIELDS: [&str; 5] = ["id", "name", "app_url", "created", "modified"];

/// The applications that people can be sent to.
pub(super) async fn app_urls(
    Extracted(state): Extracted<State>,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = list_app_urls(asked).await;
    match result {
        Ok(response) => response,
        Err((asked, stop)) => answer(&asked.state, &asked.parts, Err(stop)),
    }
}

async fn list_app_urls(mut asked: Asked) -> Result<Response, (Box<Asked>, Stop)> {
    if asked.parts.method == Method::OPTIONS {
        return Ok(asked.options(None));
    }
    let query = match app_url_query(&asked) {
        Ok(query) => query,
        Err(stop) => return Err((Box::new(asked), stop)),
    };
    // Whoever is signed in may find an application, though only administrators may see the object itself:
    // the list is read with the system's eyes and shows nothing but names and addresses.
    match asked.state.authority.operator().await {
        Ok(operator) => asked.caller.principal = Some(operator),
        Err(refusal) => return Err((Box::new(asked), refusal.into())),
    }
    let result =
        list_filtered(&asked, &collection::APPLICATIONS, (query, None), &|object, _| show::app_url(object))
            .await;
    result.map_err(|stop| (Box::new(asked), stop))
}

fn app_url_query(asked: &Asked) -> Result<Filtered, Stop> {
    asked.principal()?;
    let mut query = match filter::read(Noun::Application, &asked.pairs()?)? {
        Filtered::Some(query) => query,
        Filtered::Nothing => return Ok(Filtered::Nothing),
    };
    let is_open = |name: &str| OPEN_FIELDS.contains(&name);
    let terms_are_open = query.all.iter().chain(&query.any).all(|term| match &term.comparison {
        Comparison::Field { field, .. } => term.path.is_empty() && is_open(field.name),
        Comparison::Missing(_) | Comparison::Search(_) => false,
    });
    if !terms_are_open || !query.order.iter().all(|order| is_open(order.field.name)) {
        let text = "AppUrl has only the fields id, name, app_url, created and modified.";
        return Err(respond::detail(StatusCode::BAD_REQUEST, text).into());
    }
    with_address(&mut query);
    Ok(Filtered::Some(query))
}

/// Leaves out what has no address.
fn with_address(query: &mut Query) {
    if let Some(field) = catalog::entry(Noun::Application).field("app_url") {
        let comparison = Comparison::Field { field, lookup: Lookup::IsNull, value: Compared::Boolean(false) };
        query.all.push(Term { is_negated: false, path: Vec::new(), is_chained: false, comparison });
    }
}

/// The kinds of authenticators there are.
pub(super) async fn plugins(
    Extracted(state): Extracted<State>,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let asked = Asked { state, caller, parts };
    if asked.parts.method == Method::OPTIONS {
        return asked.options(None);
    }
    let body = json!({
        "authenticators": [
            { "type": LOCAL_PLUGIN, "configuration_schema": [], "documentation_url": null },
        ],
    });
    respond::json(StatusCode::OK, &body)
}

/// The maps of an authenticator. The built-in one has none.
pub(super) async fn authenticator_maps(
    Extracted(state): Extracted<State>,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = no_maps(&asked).await;
    answer(&asked.state, &asked.parts, result)
}

async fn no_maps(asked: &Asked) -> Result<Response, Stop> {
    if asked.parts.method == Method::OPTIONS {
        return Ok(asked.options(None));
    }
    let authority = &asked.state.authority;
    let id = asked.id()?;
    authority.get(asked.principal()?, Noun::Authenticator, id).await?;
    let pairs = asked.pairs()?;
    let Some(wanted) = page::wanted(&pairs, &authority.settings()) else {
        return Err(respond::detail(StatusCode::NOT_FOUND, "Invalid page.").into());
    };
    let shown = page::show(&asked.parts.uri, &pairs, wanted, (1, Some(0)), Vec::new());
    Ok(respond::json(StatusCode::OK, &shown))
}
