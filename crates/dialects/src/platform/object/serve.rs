//! Collections and their objects: listed, made, read, changed, removed (contract sections A0 to A2).

use axum::body::Body as Stream;
use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{Method, StatusCode};
use identity::model::catalog;
use identity::model::object::Object;
use identity::model::principal::Principal;
use identity::model::query::{Order, Query, Within};
use identity::port::References;
use identity::{Denial, Refusal};

use super::collection::{Collection, Reader};
use super::read::Purpose;
use super::{address, show};
use crate::drf::State;
use crate::drf::body;
use crate::drf::caller::Caller;
use crate::drf::endpoint::Endpoint;
use crate::drf::filter::{self, FilterError, Filtered, Pair};
use crate::drf::validate::{Aim, validate};
use crate::drf::{options, page, respond};

pub(super) use crate::drf::stop::{Stop, answer};

/// A request to an endpoint, taken apart.
pub(super) struct Asked {
    /// What decides and spells.
    pub state: State,
    /// Who asks.
    pub caller: Caller,
    /// The head of the request.
    pub parts: Parts,
}

impl Asked {
    /// Who asks.
    pub fn principal(&self) -> Result<&Principal, Refusal> {
        self.caller.known()
    }

    /// The number in the path.
    pub fn id(&self) -> Result<i64, Stop> {
        let id = address::id_in(self.parts.uri.path());
        id.ok_or_else(|| respond::detail(StatusCode::NOT_FOUND, "Not found.").into())
    }

    /// The pairs of the query.
    pub fn pairs(&self) -> Result<Vec<Pair>, FilterError> {
        filter::pairs(self.parts.uri.query())
    }

    /// Whether the request only asks if it would be accepted.
    pub fn is_dry_run(&self) -> bool {
        let pairs = self.pairs().unwrap_or_default();
        let value = pairs.iter().rev().find(|(name, _)| name == "validate").map(|(_, value)| value.as_str());
        value.is_some_and(|value| ["true", "t", "1"].iter().any(|it| value.eq_ignore_ascii_case(it)))
    }

    /// The answer to OPTIONS.
    pub fn options(&self, action: Option<(&str, &Collection)>) -> Response {
        match self.parts.extensions.get::<&'static Endpoint>() {
            Some(endpoint) => {
                options::response(endpoint, action.map(|(method, collection)| (method, collection.fields)))
            }
            None => respond::detail(StatusCode::NOT_FOUND, "Not found."),
        }
    }
}

/// Answers at a collection: lists it, or makes an object.
pub(super) async fn many(
    collection: &'static Collection,
    state: State,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, stream) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = match (&asked.parts.method, collection.read) {
        (&Method::POST, Some(read)) => create(&asked, collection, read, stream).await,
        (&Method::OPTIONS, _) => describe_many(&asked, collection),
        _ => list(&asked, collection, None).await,
    };
    answer(&asked.state, &asked.parts, result)
}

/// Answers at an object: shows it, changes it, removes it.
pub(super) async fn one(
    collection: &'static Collection,
    state: State,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, stream) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = match (&asked.parts.method, collection.read) {
        (&Method::PUT, Some(read)) => update(&asked, collection, (read, Aim::Replace), stream).await,
        (&Method::PATCH, Some(read)) => update(&asked, collection, (read, Aim::Change), stream).await,
        (&Method::DELETE, _) => delete(&asked, collection).await,
        (&Method::OPTIONS, _) => describe_one(&asked, collection).await,
        _ => get(&asked, collection).await,
    };
    answer(&asked.state, &asked.parts, result)
}

/// A page of a collection, or of the part of it that belongs to a parent.
pub(super) async fn list(
    asked: &Asked,
    collection: &Collection,
    within: Option<Within>,
) -> Result<Response, Stop> {
    let pairs = asked.pairs()?;
    let filtered = filter::read(collection.noun, &pairs)?;
    list_filtered(asked, collection, (filtered, within), &|object, references| {
        show::object(object, references)
    })
    .await
}

/// A page of what a query that was read already asks for, shown in a way of its own.
pub(super) async fn list_filtered(
    asked: &Asked,
    collection: &Collection,
    (filtered, within): (Filtered, Option<Within>),
    show: &(dyn Fn(&Object, &References) -> serde_json::Value + Sync),
) -> Result<Response, Stop> {
    let principal = asked.principal()?;
    let pairs = asked.pairs()?;
    let Some(wanted) = page::wanted(&pairs, &asked.state.authority.settings()) else {
        return Err(no_page());
    };
    let (query, is_nothing) = match filtered {
        Filtered::Some(query) => (query, false),
        Filtered::Nothing => (Query::default(), true),
    };
    let mut query = Query { within, page: wanted.page, is_count_disabled: wanted.is_count_disabled, ..query };
    if query.order.is_empty()
        && collection.is_newest_first
        && let Some(field) = catalog::entry(collection.noun).field("id")
    {
        query.order.push(Order { field, is_descending: true });
    }
    let found = asked.state.authority.list(principal, collection.noun, &query).await?;
    let Some(found) = found else { return Err(no_page()) };
    if is_nothing {
        let shown = page::show(&asked.parts.uri, &pairs, wanted, (1, Some(0)), Vec::new());
        return Ok(respond::json(StatusCode::OK, &shown));
    }
    let results = found.objects.iter().map(|object| show(object, &found.references)).collect();
    let shown = page::show(&asked.parts.uri, &pairs, wanted, (found.number, found.total), results);
    Ok(respond::json(StatusCode::OK, &shown))
}

fn no_page() -> Stop {
    respond::detail(StatusCode::NOT_FOUND, "Invalid page.").into()
}

async fn get(asked: &Asked, collection: &Collection) -> Result<Response, Stop> {
    let authority = &asked.state.authority;
    let principal = asked.principal()?;
    let (object, references) = authority.get(principal, collection.noun, asked.id()?).await?;
    Ok(respond::json(StatusCode::OK, &show::object(&object, &references)))
}

async fn create(
    asked: &Asked,
    collection: &Collection,
    read: Reader,
    stream: Stream,
) -> Result<Response, Stop> {
    let authority = &asked.state.authority;
    let principal = asked.principal()?;
    if !authority.may_create(principal, collection.noun) {
        return Err(Denial::NotPermitted.into());
    }
    let body = body::read(&asked.parts, stream).await?;
    let fields = read(validate(collection.fields, &body, Aim::Make)?, Purpose::Create)?;
    match authority.create(&asked.caller.context, principal, fields, asked.is_dry_run()).await? {
        Some(written) => {
            let location = address::of(collection.noun, written.object.id()).unwrap_or_default();
            Ok(respond::created(&location, &show::written(&written)))
        }
        None => Ok(accepted()),
    }
}

async fn update(
    asked: &Asked,
    collection: &Collection,
    (read, aim): (Reader, Aim),
    stream: Stream,
) -> Result<Response, Stop> {
    let authority = &asked.state.authority;
    let principal = asked.principal()?;
    let id = asked.id()?;
    // Whether the object is there, and may be changed, is told before anything about the body.
    let (object, _) = authority.get(principal, collection.noun, id).await?;
    if !authority.may_change(principal, &object).await? {
        return Err(Denial::NotPermitted.into());
    }
    let body = body::read(&asked.parts, stream).await?;
    let fields = read(validate(collection.fields, &body, aim)?, Purpose::Update)?;
    match authority.update(&asked.caller.context, principal, id, fields, asked.is_dry_run()).await? {
        Some(written) => Ok(respond::json(StatusCode::OK, &show::written(&written))),
        None => Ok(accepted()),
    }
}

async fn delete(asked: &Asked, collection: &Collection) -> Result<Response, Stop> {
    let principal = asked.principal()?;
    let id = asked.id()?;
    asked.state.authority.delete(&asked.caller.context, principal, collection.noun, id).await?;
    Ok(respond::no_content())
}

fn describe_many(asked: &Asked, collection: &Collection) -> Result<Response, Stop> {
    let may_create =
        collection.read.is_some() && asked.state.authority.may_create(asked.principal()?, collection.noun);
    Ok(asked.options(may_create.then_some(("POST", collection))))
}

async fn describe_one(asked: &Asked, collection: &Collection) -> Result<Response, Stop> {
    let authority = &asked.state.authority;
    let principal = asked.principal()?;
    let is_changeable = asked
        .parts
        .extensions
        .get::<&'static Endpoint>()
        .is_some_and(|endpoint| endpoint.allows(Method::PUT.as_str()));
    let (object, _) = authority.get(principal, collection.noun, asked.id()?).await?;
    let may_change = is_changeable && authority.may_change(principal, &object).await?;
    Ok(asked.options(may_change.then_some(("PUT", collection))))
}

/// The answer to a dry run that went well.
pub(super) fn accepted() -> Response {
    respond::detail(StatusCode::ACCEPTED, "Request would have been accepted")
}
