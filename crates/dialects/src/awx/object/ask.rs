//! A request to an endpoint of objects, taken apart.

use axum::response::Response;
use http::request::Parts;
use identity::model::object::Noun;
use identity::model::principal::Principal;
use identity::{Denial, Refusal};

use super::address::{self, Place, Target};
use super::collection;
use crate::drf::State;
use crate::drf::caller::Caller;
use crate::drf::endpoint::Endpoint;
use crate::drf::filter::{self, FilterError, Pair};
use crate::drf::stop::{self, Stop};

/// A request, taken apart.
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

    /// What stands before addresses in the answer.
    pub fn place(&self) -> Place {
        Place::under(self.caller.doorway.prefix)
    }

    /// The pairs of the query.
    pub fn pairs(&self) -> Result<Vec<Pair>, FilterError> {
        filter::pairs(self.parts.uri.query())
    }

    /// The endpoint.
    pub fn endpoint(&self) -> Option<&'static Endpoint> {
        self.parts.extensions.get::<&'static Endpoint>().copied()
    }

    /// The number of the object that the path names; 0 if there is none of its name.
    pub async fn id(&self, noun: Noun) -> Result<i64, Stop> {
        match address::target(noun, self.parts.uri.path()) {
            Target::Id(id) => Ok(id),
            Target::Name(name, organization) => {
                let found = self.state.authority.find_named(noun, &name, organization.as_deref()).await?;
                Ok(found.unwrap_or(0))
            }
            Target::Nothing => Ok(0),
        }
    }

    /// Whether the caller's proof reaches changing anything at all.
    pub fn may_write(&self) -> bool {
        self.caller.principal.as_ref().is_some_and(|it| it.scope.allows_write())
    }

    /// The answer, whichever way it came about. Who names an object that it may not see is not told that it
    /// is there.
    pub fn answer(&self, result: Result<Response, Stop>) -> Response {
        let result = match (result, self.named()) {
            (Err(Stop::Refused(Refusal::Denied(Denial::NotPermitted))), Some(noun)) => {
                Err(Refusal::Absent(noun).into())
            }
            (result, _) => result,
        };
        stop::answer(&self.state, &self.parts, result)
    }

    /// The kind of the object that the path names otherwise than by its number.
    fn named(&self) -> Option<Noun> {
        let mut words = self.parts.uri.path().split('/').skip(3);
        let (collection, word) = (words.next()?, words.next()?);
        let is_named = !word.is_empty() && !word.bytes().all(|byte| byte.is_ascii_digit());
        let found = collection::ALL.iter().find(|it| it.name == collection);
        found.filter(|_| is_named).map(|it| it.noun)
    }
}
