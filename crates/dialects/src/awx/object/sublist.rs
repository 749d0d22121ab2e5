//! Lists below an object: the part of a collection that belongs to a parent, and what can be made there.

use axum::body::Body as Stream;
use axum::extract::Request;
use axum::response::Response;
use http::{Method, StatusCode};
use identity::model::object::{Noun, UserId};
use identity::model::query::{TokenSort, Within};
use identity::{Denial, Refusal};
use serde_json::{Value, json};

use super::ask::Asked;
use super::collection::{self, Collection};
use super::{list, serve};
use crate::drf::State;
use crate::drf::body::Body;
use crate::drf::caller::Caller;
use crate::drf::respond;
use crate::drf::stop::Stop;

/// One list below an object.
pub(super) struct Sublist {
    parent: Noun,
    collection: &'static Collection,
    within: fn(i64) -> Within,
    make: Make,
}

/// What can be made at a list.
#[derive(Clone, Copy)]
enum Make {
    /// Nothing.
    Nothing,
    /// What the collection makes.
    Free,
    /// The same with this field set to the parent's number.
    Of(&'static str),
    /// A token without an application.
    Personal,
    /// A token with one.
    Authorized,
}

macro_rules! sublist {
    ($path:literal, $parent:ident, $collection:ident, $make:expr, $within:expr) => {
        (
            concat!("/api/v2/", $path),
            &Sublist {
                parent: Noun::$parent,
                collection: &collection::$collection,
                within: $within,
                make: $make,
            },
        )
    };
}

/// All lists below objects, by their paths.
pub(super) static ALL: &[(&str, &Sublist)] = &[
    sublist!("users/{id}/teams/", User, TEAMS, Make::Nothing, |id| Within::TeamsOf(UserId(id))),
    sublist!("users/{id}/organizations/", User, ORGANIZATIONS, Make::Nothing, |id| {
        Within::OrganizationsOf(UserId(id))
    }),
    sublist!("users/{id}/admin_of_organizations/", User, ORGANIZATIONS, Make::Nothing, |id| {
        Within::AdministeredBy(UserId(id))
    }),
    sublist!("users/{id}/applications/", User, APPLICATIONS, Make::Free, |id| {
        Within::ApplicationsOf(UserId(id))
    }),
    sublist!("users/{id}/tokens/", User, TOKENS, Make::Free, |id| {
        Within::TokensOf(UserId(id), TokenSort::All)
    }),
    sublist!("users/{id}/personal_tokens/", User, TOKENS, Make::Personal, |id| {
        Within::TokensOf(UserId(id), TokenSort::Personal)
    }),
    sublist!("users/{id}/authorized_tokens/", User, TOKENS, Make::Authorized, |id| {
        Within::TokensOf(UserId(id), TokenSort::Authorized)
    }),
    sublist!("users/{id}/activity_stream/", User, ENTRIES, Make::Nothing, |id| {
        Within::EntriesOf(Noun::User, id)
    }),
    sublist!("organizations/{id}/teams/", Organization, TEAMS, Make::Of("organization"), Within::TeamsIn),
    sublist!(
        "organizations/{id}/applications/",
        Organization,
        APPLICATIONS,
        Make::Of("organization"),
        Within::ApplicationsIn
    ),
    sublist!("organizations/{id}/activity_stream/", Organization, ENTRIES, Make::Nothing, |id| {
        Within::EntriesOf(Noun::Organization, id)
    }),
    sublist!("teams/{id}/activity_stream/", Team, ENTRIES, Make::Nothing, |id| {
        Within::EntriesOf(Noun::Team, id)
    }),
    sublist!("applications/{id}/tokens/", Application, TOKENS, Make::Of("application"), Within::TokensFor),
    sublist!("applications/{id}/activity_stream/", Application, ENTRIES, Make::Nothing, |id| {
        Within::EntriesOf(Noun::Application, id)
    }),
    sublist!("tokens/{id}/activity_stream/", Token, ENTRIES, Make::Nothing, |id| {
        Within::EntriesOf(Noun::Token, id)
    }),
];

/// Answers at a list below an object.
pub(super) async fn serve(
    sublist: &'static Sublist,
    state: State,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, stream) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = match asked.parts.method {
        Method::OPTIONS => serve::describe_many(&asked, sublist.collection, sublist.make.fields()),
        Method::POST => make(&asked, sublist, stream).await,
        _ => show(&asked, sublist).await,
    };
    asked.answer(result)
}

async fn show(asked: &Asked, sublist: &Sublist) -> Result<Response, Stop> {
    let principal = asked.principal()?;
    let mut within = (sublist.within)(asked.id(sublist.parent).await?);
    // Whoever's tokens are asked for, only those who read everything see another's; the contract shows
    // everybody else their own. A user who is not seen is as if there were none.
    if let Within::TokensOf(user, _) = &mut within
        && !principal.subject.reads_all()
    {
        match asked.state.authority.get(principal, Noun::User, user.0).await {
            Err(Refusal::Denied(Denial::NotPermitted)) => return Err(Refusal::Absent(Noun::User).into()),
            found => found?,
        };
        *user = principal.user().id;
    }
    list::serve(asked, sublist.collection, Some(within)).await
}

async fn make(asked: &Asked, sublist: &Sublist, stream: Stream) -> Result<Response, Stop> {
    let id = asked.id(sublist.parent).await?;
    asked.state.authority.get(asked.principal()?, sublist.parent, id).await?;
    serve::make(asked, sublist.collection, stream, |body| sublist.make.set(body, id)).await
}

impl Make {
    /// The fields that can be written, if they are not all.
    fn fields(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Nothing | Self::Free => None,
            Self::Of("application") | Self::Personal => Some(&["description", "scope"]),
            Self::Authorized => Some(&["description", "application", "scope"]),
            Self::Of(_) => Some(&[
                "name",
                "description",
                "client_type",
                "redirect_uris",
                "authorization_grant_type",
                "skip_authorization",
            ]),
        }
    }

    /// Sets in a body what the address says.
    fn set(self, body: &mut Body, parent: i64) -> Result<(), Stop> {
        let Body::Json(map) = body else { return Ok(()) };
        match self {
            Self::Nothing | Self::Free => {}
            Self::Of(field) => {
                map.insert(field.to_owned(), json!(parent));
            }
            Self::Personal => {
                map.insert("application".to_owned(), Value::Null);
            }
            Self::Authorized => {
                let text = match map.get("application") {
                    None => "This field is required.",
                    Some(Value::Null) => "This field may not be null.",
                    Some(_) => return Ok(()),
                };
                let said = json!({ "application": [text] });
                return Err(respond::json(StatusCode::BAD_REQUEST, &said).into());
            }
        }
        Ok(())
    }
}
