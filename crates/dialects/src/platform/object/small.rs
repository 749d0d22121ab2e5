//! Small endpoints: where applications are found, and what kinds of authenticators there are.

use axum::extract::{Request, State as Extracted};
use axum::response::Response;
use http::{Method, StatusCode};
use identity::model::object::Noun;
use identity::model::query::{APP_URL_FIELDS, Within};
use serde_json::json;

use super::serve::{Asked, Stop, answer, list_filtered};
use super::{collection, show};
use crate::drf::State;
use crate::drf::caller::Caller;
use crate::drf::filter::{self, Filtered};
use crate::drf::{page, respond};

/// The long name of the only plugin (contract section F2).
const LOCAL_PLUGIN: &str = "ansible_base.authentication.authenticator_plugins.local";

/// The applications that people can be sent to.
pub(super) async fn app_urls(
    Extracted(state): Extracted<State>,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = list_app_urls(&asked).await;
    answer(&asked.state, &asked.parts, result)
}

async fn list_app_urls(asked: &Asked) -> Result<Response, Stop> {
    if asked.parts.method == Method::OPTIONS {
        return Ok(asked.options(None));
    }
    asked.principal()?;
    let filtered = filter::read(Noun::Application, &asked.pairs()?)?;
    if let Filtered::Some(query) = &filtered
        && !query.asks_only(&APP_URL_FIELDS)
    {
        let text = "AppUrl has only the fields id, name, app_url, created and modified.";
        return Err(respond::detail(StatusCode::BAD_REQUEST, text).into());
    }
    let within = Some(Within::AppUrls);
    list_filtered(asked, &collection::APPLICATIONS, (filtered, within), &|object, _| show::app_url(object))
        .await
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
