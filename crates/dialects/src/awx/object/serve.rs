//! Collections and their objects: listed, made, read, changed, removed (contract sections A.3 to A.10).

use axum::body::Body as Stream;
use axum::extract::Request;
use axum::response::Response;
use http::{Method, StatusCode};
use identity::action::Written;
use identity::model::object::{Noun, Object};
use identity::{Denial, Refusal};
use serde_json::{Value, json};

use super::ask::Asked;
use super::collection::Collection;
use super::options::{self, About};
use super::{list, show};
use crate::awx::body;
use crate::door;
use crate::drf::State;
use crate::drf::body::Body;
use crate::drf::caller::Caller;
use crate::drf::respond;
use crate::drf::stop::Stop;
use crate::drf::validate::{Aim, integer, validate};

/// Answers at a collection: lists it, or makes an object.
pub(super) async fn many(
    collection: &'static Collection,
    state: State,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, stream) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = match asked.parts.method {
        Method::POST => make(&asked, collection, stream, |_| Ok(())).await,
        Method::OPTIONS => describe_many(&asked, collection, None),
        _ => list::serve(&asked, collection, None).await,
    };
    asked.answer(result)
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
    let result = match asked.parts.method {
        Method::PUT => change(&asked, collection, Aim::Replace, stream).await,
        Method::PATCH => change(&asked, collection, Aim::Change, stream).await,
        Method::DELETE => remove(&asked, collection).await,
        Method::OPTIONS => describe_one(&asked, collection).await,
        _ => get(&asked, collection).await,
    };
    asked.answer(result)
}

/// Makes an object of a body in which the address has set what it knows.
pub(super) async fn make(
    asked: &Asked,
    collection: &Collection,
    stream: Stream,
    set: impl FnOnce(&mut Body) -> Result<(), Stop>,
) -> Result<Response, Stop> {
    if !asked.state.authority.may_create(asked.principal()?, collection.noun) {
        return Err(Denial::NotPermitted.into());
    }
    let mut body = body::read(&asked.parts, stream).await?;
    set(&mut body)?;
    match make_of(asked, collection, &body).await? {
        Some(written) => made(asked, collection, &written).await,
        None => Ok(respond::no_content()),
    }
}

/// Makes an object of a body; none if nothing was to be written.
pub(super) async fn make_of(
    asked: &Asked,
    collection: &Collection,
    body: &Body,
) -> Result<Option<Written>, Stop> {
    let (authority, principal) = (&asked.state.authority, asked.principal()?);
    let read = collection.read.ok_or(Denial::NotPermitted)?;
    check_keys(collection, body)?;
    let fields = read(validate(collection.fields, body, Aim::Make)?, Aim::Make)?;
    Ok(authority.create(&asked.caller.context, principal, fields, false).await?)
}

/// The answer that shows an object that was made.
pub(super) async fn made(
    asked: &Asked,
    collection: &Collection,
    written: &Written,
) -> Result<Response, Stop> {
    let location = asked.place().of(collection.noun, written.object.id());
    Ok(respond::created(&location, &show::written(asked, written).await?))
}

/// Refuses numbers of other objects that are none, in the words that the contract has for tokens.
fn check_keys(collection: &Collection, body: &Body) -> Result<(), Stop> {
    let application = body.get("application").filter(|it| !it.is_null() && *it != json!(""));
    if collection.noun == Noun::Token && application.is_some_and(|it| integer(&it).is_none()) {
        let text = "Bad data found in related field application.";
        return Err(respond::detail(StatusCode::BAD_REQUEST, text).into());
    }
    Ok(())
}

async fn get(asked: &Asked, collection: &Collection) -> Result<Response, Stop> {
    let id = asked.id(collection.noun).await?;
    let (object, references) = asked.state.authority.get(asked.principal()?, collection.noun, id).await?;
    Ok(respond::json(StatusCode::OK, &show::alone(asked, &object, &references).await?))
}

async fn change(asked: &Asked, collection: &Collection, aim: Aim, stream: Stream) -> Result<Response, Stop> {
    let (authority, principal) = (&asked.state.authority, asked.principal()?);
    let read = collection.read.ok_or(Denial::NotPermitted)?;
    let id = asked.id(collection.noun).await?;
    // Whether the object is there, and may be changed, is told before anything about the body.
    let (object, _) = authority.get(principal, collection.noun, id).await?;
    if !authority.may_change(principal, &object).await? {
        return Err(Denial::NotPermitted.into());
    }
    let body = body::read(&asked.parts, stream).await?;
    // The number of hosts is the installation's, not the organization's.
    let wants_hosts = body.get("max_hosts").is_some_and(|it| integer(&it).is_some_and(|it| it != 0));
    if collection.noun == Noun::Organization && wants_hosts && !principal.is_superuser() {
        let said = json!({ "__all__": ["Cannot change max_hosts."] });
        return Err(respond::json(StatusCode::BAD_REQUEST, &said).into());
    }
    let fields = read(validate(collection.fields, &body, aim)?, aim)?;
    match authority.update(&asked.caller.context, principal, id, fields, false).await? {
        Some(written) => Ok(respond::json(StatusCode::OK, &show::written(asked, &written).await?)),
        None => Ok(respond::no_content()),
    }
}

async fn remove(asked: &Asked, collection: &Collection) -> Result<Response, Stop> {
    let principal = asked.principal()?;
    let id = asked.id(collection.noun).await?;
    let removed = asked.state.authority.delete(&asked.caller.context, principal, collection.noun, id).await;
    let is_self = collection.noun == Noun::User && id == principal.user().id.0;
    match removed {
        // Who may remove everybody else is told why this is another thing.
        Err(Refusal::Denied(Denial::NotPermitted)) if is_self && principal.is_superuser() => {
            let mut response = respond::detail(StatusCode::FORBIDDEN, "Cannot delete user.");
            door::mark(&Denial::NotPermitted.into(), Some(principal), &mut response);
            Err(response.into())
        }
        removed => {
            removed?;
            Ok(respond::no_content())
        }
    }
}

/// The answer to OPTIONS at a list; of the fields only these can be written.
pub(super) fn describe_many(
    asked: &Asked,
    collection: &Collection,
    fields: Option<&[&str]>,
) -> Result<Response, Stop> {
    let may_create = asked.may_write()
        && collection.read.is_some()
        && asked.endpoint().is_some_and(|it| it.allows("POST"))
        && asked.state.authority.may_create(asked.principal()?, collection.noun);
    Ok(describe(asked, collection, may_create.then_some(("POST", fields)), true))
}

async fn describe_one(asked: &Asked, collection: &Collection) -> Result<Response, Stop> {
    let may_change = asked.may_write()
        && collection.read.is_some()
        && match find(asked, collection).await? {
            Some(object) => asked.state.authority.may_change(asked.principal()?, &object).await?,
            None => false,
        };
    Ok(describe(asked, collection, may_change.then_some(("PUT", None)), false))
}

/// The object of the path, if the caller may see it: OPTIONS is answered also where there is none.
async fn find(asked: &Asked, collection: &Collection) -> Result<Option<Object>, Stop> {
    let id = asked.id(collection.noun).await?;
    match asked.state.authority.get(asked.principal()?, collection.noun, id).await {
        Ok((object, _)) => Ok(Some(object)),
        Err(Refusal::Absent(_) | Refusal::Denied(_)) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The answer to OPTIONS.
pub(super) fn describe(
    asked: &Asked,
    collection: &Collection,
    action: Option<(&'static str, Option<&[&str]>)>,
    is_list: bool,
) -> Response {
    match asked.endpoint() {
        Some(endpoint) => options::response(endpoint, &About { collection, action, is_list }),
        None => respond::json(StatusCode::OK, &Value::Object(serde_json::Map::new())),
    }
}
