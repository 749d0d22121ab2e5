//! The endpoints of roles: listed, shown, given to users and teams (contract sections A.3, A.6, G.2).

use axum::body::Body as Stream;
use axum::extract::{Request, State as Extracted};
use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use identity::action::{AssignmentFields, Fields};
use identity::model::catalog;
use identity::model::object::{Noun, Object};
use identity::model::query::{Comparison, Lookup, PageRequest, Query, Term, Value, Within};
use identity::model::role::ManagedRole;
use identity::{Denial, Invalid, Refusal, Violation};
use serde_json::Value as Json;

use super::ask::Asked;
use super::collection::{ROLES, TEAMS, USERS};
use super::member::{self, Attach, give, message, no_such};
use super::role::{Numbered, SINGLETONS};
use super::{list, options, serve, show};
use crate::awx::body;
use crate::drf::State;
use crate::drf::caller::Caller;
use crate::drf::respond;
use crate::drf::stop::Stop;

/// Most organizations, and most teams, whose roles are listed.
const OBJECTS_MAX: u64 = 1000;
/// What is said about lists that the contract wants to be rid of.
const DEPRECATED: &str =
    "299 awx \"This resource has been deprecated and will be removed in a future release.\"";

/// Where roles are asked for.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// All of them.
    All,
    /// One.
    One,
    /// The users that have one.
    Users,
    /// The teams that have one.
    Teams,
    /// Those of an object of this kind.
    Object(Noun),
    /// Those that a user or a team has.
    Held(Noun),
}

/// All places, by their paths.
pub(super) static ALL: &[(&str, Place)] = &[
    ("/api/v2/roles/", Place::All),
    ("/api/v2/roles/{id}/", Place::One),
    ("/api/v2/roles/{id}/users/", Place::Users),
    ("/api/v2/roles/{id}/teams/", Place::Teams),
    ("/api/v2/organizations/{id}/object_roles/", Place::Object(Noun::Organization)),
    ("/api/v2/teams/{id}/object_roles/", Place::Object(Noun::Team)),
    ("/api/v2/users/{id}/roles/", Place::Held(Noun::User)),
    ("/api/v2/teams/{id}/roles/", Place::Held(Noun::Team)),
];

/// Answers where roles are asked for.
pub(super) async fn serve(
    place: Place,
    Extracted(state): Extracted<State>,
    caller: Caller,
    request: Request,
) -> Response {
    let (parts, stream) = request.into_parts();
    let asked = Asked { state, caller, parts };
    let result = match asked.parts.method {
        Method::OPTIONS => Ok(describe(&asked, place)),
        Method::POST => change(&asked, place, stream).await,
        _ => read(&asked, place).await,
    };
    let mut response = asked.answer(result);
    if matches!(place, Place::Held(Noun::User)) {
        let value = HeaderValue::from_static(DEPRECATED);
        response.headers_mut().insert(HeaderName::from_static("warning"), value);
    }
    response
}

fn describe(asked: &Asked, place: Place) -> Response {
    let (collection, is_list) = match place {
        Place::Users => (&USERS, true),
        Place::Teams => (&TEAMS, true),
        Place::One => (&ROLES, false),
        Place::All | Place::Object(_) | Place::Held(_) => (&ROLES, true),
    };
    let can_attach = asked.may_write() && asked.endpoint().is_some_and(|it| it.allows("POST"));
    serve::describe(asked, collection, can_attach.then_some(("POST", Some(options::ATTACHED))), is_list)
}

async fn read(asked: &Asked, place: Place) -> Result<Response, Stop> {
    match place {
        Place::All => list::of_rows(asked, all(asked).await?),
        Place::One => {
            let (numbered, name) = numbered(asked).await?;
            Ok(respond::json(StatusCode::OK, &show::role(asked.place(), numbered, &name)))
        }
        Place::Users => users(asked).await,
        Place::Teams => {
            let (numbered, _) = numbered(asked).await?;
            teams(asked, numbered).await
        }
        Place::Object(noun) => {
            let id = asked.id(noun).await?;
            let (object, _) = asked.state.authority.get(asked.principal()?, noun, id).await?;
            list::of_rows(asked, rows(asked, &object))
        }
        Place::Held(noun) => held(asked, noun).await,
    }
}

/// The roles of the objects that the caller may see, and those over everything for those who may see these.
async fn all(asked: &Asked) -> Result<Vec<Json>, Stop> {
    let (authority, principal) = (&asked.state.authority, asked.principal()?);
    let mut found = Vec::new();
    if authority.may_see_singleton_roles(principal) {
        let singletons = SINGLETONS.iter().map(|role| Numbered { role, object: None });
        found.extend(singletons.map(|it| show::role(asked.place(), it, "")));
    }
    for noun in [Noun::Organization, Noun::Team] {
        let page = PageRequest { number: 1, size: OBJECTS_MAX };
        let query = Query { page, is_count_disabled: true, ..Query::default() };
        let page = authority.list(principal, noun, &query).await?.unwrap_or_default();
        found.extend(page.objects.iter().flat_map(|object| rows(asked, object)));
    }
    for (name, value) in asked.pairs()? {
        match name.as_str() {
            "page" | "page_size" | "format" | "order" | "order_by" | "count_disabled" | "type" | "search" => {
            }
            "id" => {
                let id = value.trim().parse::<i64>().ok();
                found.retain(|row| id.is_some() && row["id"].as_i64() == id);
            }
            other => {
                let text = format!("Role has no field named '{other}'");
                return Err(respond::detail(StatusCode::BAD_REQUEST, &text).into());
            }
        }
    }
    found.sort_by_key(|row| row["id"].as_i64());
    Ok(found)
}

/// The roles of an organization or a team.
fn rows(asked: &Asked, object: &Object) -> Vec<Json> {
    let roles = Numbered::all(object.noun(), object.id());
    roles.map(|it| show::role(asked.place(), it, name_of(object))).collect()
}

fn name_of(object: &Object) -> &str {
    match object {
        Object::Organization(it) => &it.name,
        Object::Team(it) => &it.name,
        _ => "",
    }
}

/// The role of the path, which is there for those who may see its object, and that object's name.
async fn numbered(asked: &Asked) -> Result<(Numbered, String), Stop> {
    let id = asked.id(Noun::RoleDefinition).await?;
    let absent = || {
        let text = "No Role matches the given query.";
        Stop::from(respond::detail(StatusCode::NOT_FOUND, text))
    };
    let numbered = Numbered::read(id).ok_or_else(absent)?;
    let principal = asked.principal()?;
    match numbered.object {
        Some((noun, id)) => match asked.state.authority.get(principal, noun, id).await {
            Ok((object, _)) => Ok((numbered, name_of(&object).to_owned())),
            Err(Refusal::Absent(_)) => Err(absent()),
            Err(refusal) => Err(refusal.into()),
        },
        None if asked.state.authority.may_see_singleton_roles(principal) => Ok((numbered, String::new())),
        None => Err(Denial::NotPermitted.into()),
    }
}

/// The users that have the role of the path.
async fn users(asked: &Asked) -> Result<Response, Stop> {
    let (numbered, _) = numbered(asked).await?;
    match (numbered.role.managed, numbered.object) {
        (Some(role), object) => {
            let object = object.map_or(0, |(_, id)| id);
            list::serve(asked, &USERS, Some(Within::Holding(role, object))).await
        }
        (None, None) => {
            let term = equal(Noun::User, "is_superuser", Value::Boolean(true));
            list::serve_with(asked, &USERS, None, term.into_iter().collect()).await
        }
        (None, Some(_)) => list::of_rows(asked, Vec::new()),
    }
}

fn equal(noun: Noun, field: &str, value: Value) -> Option<Term> {
    let field = catalog::entry(noun).field(field)?;
    let comparison = Comparison::Field { field, lookup: Lookup::Exact, value };
    Some(Term { is_negated: false, path: Vec::new(), is_chained: false, comparison })
}

/// The assignments that fit all these terms, as the caller may see them.
async fn assignments(asked: &Asked, noun: Noun, terms: Vec<Option<Term>>) -> Result<Vec<Object>, Stop> {
    let page = PageRequest { number: 1, size: OBJECTS_MAX };
    let all = terms.into_iter().flatten().collect();
    let query = Query { all, page, is_count_disabled: true, ..Query::default() };
    let page = asked.state.authority.list(asked.principal()?, noun, &query).await?;
    Ok(page.unwrap_or_default().objects)
}

/// The teams that have a role.
async fn teams(asked: &Asked, numbered: Numbered) -> Result<Response, Stop> {
    let mut rows = Vec::new();
    if let (Some(role), Some((_, id))) = (numbered.role.managed, numbered.object) {
        for found in assignments(asked, Noun::TeamAssignment, held_as(role, id, None)).await? {
            let Object::TeamAssignment(it) = found else { continue };
            let team = asked.state.authority.get(asked.principal()?, Noun::Team, it.team.0).await;
            if let Ok((team, references)) = team {
                rows.push(show::row(asked, &team, &references).await?);
            }
        }
    }
    list::of_rows(asked, rows)
}

fn held_as(role: ManagedRole, object: i64, team: Option<i64>) -> Vec<Option<Term>> {
    let noun = Noun::TeamAssignment;
    vec![
        equal(noun, "role_definition", Value::Integer(role.id().0)),
        equal(noun, "object_id", Value::Text(object.to_string())),
        team.and_then(|team| equal(noun, "team", Value::Integer(team))),
    ]
}

/// The roles that a user or a team has.
async fn held(asked: &Asked, noun: Noun) -> Result<Response, Stop> {
    let id = asked.id(noun).await?;
    let authority = &asked.state.authority;
    authority.get(asked.principal()?, noun, id).await?;
    let (assignment, field) = match noun {
        Noun::Team => (Noun::TeamAssignment, "team"),
        _ => (Noun::UserAssignment, "user"),
    };
    let mut rows = Vec::new();
    for found in assignments(asked, assignment, vec![equal(assignment, field, Value::Integer(id))]).await? {
        let numbered = match found {
            Object::UserAssignment(it) => Numbered::of(it.role, it.object_id),
            Object::TeamAssignment(it) => Numbered::of(it.role, it.object_id),
            _ => None,
        };
        let Some(numbered) = numbered else { continue };
        let name = match numbered.object {
            Some((noun, id)) => match authority.get(asked.principal()?, noun, id).await {
                Ok((object, _)) => name_of(&object).to_owned(),
                Err(Refusal::Absent(_) | Refusal::Denied(_)) => continue,
                Err(refusal) => return Err(refusal.into()),
            },
            None => String::new(),
        };
        rows.push(show::role(asked.place(), numbered, &name));
    }
    rows.sort_by_key(|row| row["id"].as_i64());
    list::of_rows(asked, rows)
}

async fn change(asked: &Asked, place: Place, stream: Stream) -> Result<Response, Stop> {
    let body = body::read(&asked.parts, stream).await?;
    match place {
        Place::Users | Place::Teams => {
            let (numbered, _) = numbered(asked).await?;
            let (is_team, word) = match place {
                Place::Teams => (true, "Team"),
                _ => (false, "User"),
            };
            let missing = || message(&format!("{word} 'id' field is missing."));
            let Attach { id, is_on } = member::read(&body)?.ok_or_else(missing)?;
            if is_team {
                give_team(asked, numbered, id, is_on).await?;
            } else {
                give(asked, numbered, id, is_on).await?;
            }
        }
        Place::Held(noun) => {
            let holder = asked.id(noun).await?;
            asked.state.authority.get(asked.principal()?, noun, holder).await?;
            let missing = || message("Role 'id' field is missing.");
            let Attach { id, is_on } = member::read(&body)?.ok_or_else(missing)?;
            let numbered = Numbered::read(id).ok_or_else(|| no_such("Role"))?;
            // A role that cannot be given is only told of where there is one.
            if let (None, Some((noun, id))) = (numbered.role.managed, numbered.object) {
                let found = asked.state.authority.get(asked.principal()?, noun, id).await;
                if let Err(Refusal::Absent(_)) = found {
                    return Err(no_such("Role"));
                }
                found?;
            }
            let changed = if noun == Noun::Team {
                give_team(asked, numbered, holder, is_on).await
            } else {
                give(asked, numbered, holder, is_on).await
            };
            // A role without its object is no role.
            match changed {
                Err(Stop::Refused(Refusal::Absent(Noun::Organization | Noun::Team))) => {
                    return Err(no_such("Role"));
                }
                changed => changed?,
            }
        }
        Place::All | Place::One | Place::Object(_) => return Err(Denial::NotPermitted.into()),
    }
    Ok(respond::no_content())
}

/// Gives a role to a team, or takes it.
async fn give_team(asked: &Asked, numbered: Numbered, team: i64, is_on: bool) -> Result<(), Stop> {
    let (authority, principal) = (&asked.state.authority, asked.principal()?);
    let context = &asked.caller.context;
    let (Some(role), Some((_, id))) = (numbered.role.managed, numbered.object) else {
        return Err(message("This role cannot be given: it has no effect here."));
    };
    if !is_on {
        for found in assignments(asked, Noun::TeamAssignment, held_as(role, id, Some(team))).await? {
            authority.delete(context, principal, Noun::TeamAssignment, found.id()).await?;
        }
        return Ok(());
    }
    let fields = AssignmentFields {
        role: Some(role.id().0),
        holder: Some(team),
        object_id: Some(id),
        ..AssignmentFields::default()
    };
    match authority.create(context, principal, Fields::TeamAssignment(fields), false).await {
        Ok(_) => Ok(()),
        Err(Refusal::Invalid(Invalid { violation: Violation::Plain(text), .. })) => Err(message(&text)),
        Err(Refusal::Invalid(Invalid { violation: Violation::NoSuchObject(_), .. })) => Err(no_such("Team")),
        Err(refusal) => Err(refusal.into()),
    }
}
