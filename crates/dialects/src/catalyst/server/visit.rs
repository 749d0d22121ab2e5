//! A visit: a request to an own endpoint by somebody who is known.

use axum::response::Response;
use http::request::Parts;
use identity::model::principal::Principal;
use identity::{Authority, Context, Refusal};

use crate::door::{Arrival, Door};

/// A request whose maker is known.
pub struct Visit<'a> {
    /// What the endpoints share.
    pub door: &'a Door,
    /// The request's head.
    pub parts: &'a Parts,
    /// How it came in, and what it presents.
    pub arrival: Arrival,
    /// Who makes it.
    pub principal: Principal,
}

impl<'a> Visit<'a> {
    /// Finds out who makes a request: its proof is looked at, its XSRF token too if it changes something. The
    /// answer to everybody else is the error.
    pub async fn new(door: &'a Door, parts: &'a Parts) -> Result<Self, Box<Response>> {
        let refuse = |refusal: Refusal| Box::new(door.refuse(&refusal, parts, None));
        let arrival = door.arrival(parts).map_err(refuse)?;
        let principal = door.known(&arrival).await.map_err(refuse)?;
        Ok(Self { door, parts, arrival, principal })
    }

    /// Who decides.
    pub fn authority(&self) -> &Authority {
        &self.door.authority
    }

    /// The request's id, address, door and time.
    pub fn context(&self) -> &Context {
        &self.arrival.context
    }

    /// The answer to a refusal, told to whom it concerns.
    pub fn refuse(&self, refusal: &Refusal) -> Response {
        self.door.refuse(refusal, self.parts, Some(&self.principal))
    }
}
