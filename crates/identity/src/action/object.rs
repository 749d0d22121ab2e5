//! Objects read: whose eyes see what (contract section A4).

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::object::{Noun, Object};
use crate::model::principal::Principal;
use crate::model::query::Query;
use crate::port::{Page, References};

impl Authority {
    /// A page of the objects of a kind that the principal may see. None if there is no such page.
    pub async fn list(
        &self,
        context: &Context,
        principal: &Principal,
        noun: Noun,
        query: &Query,
    ) -> Result<Option<Page>, Refusal> {
        todo!()
    }

    /// One object that the principal may see.
    pub async fn get(
        &self,
        context: &Context,
        principal: &Principal,
        noun: Noun,
        id: i64,
    ) -> Result<(Object, References), Refusal> {
        todo!()
    }

    /// The principal's own user, with the names it refers to. From memory where possible.
    pub async fn me(&self, principal: &Principal) -> Result<(Object, References), Refusal> {
        todo!()
    }

    /// Whether the principal may make objects of this kind at all (for OPTIONS).
    pub fn may_create(&self, principal: &Principal, noun: Noun) -> bool {
        todo!()
    }

    /// Whether the principal may change this object (for OPTIONS and before bodies are read).
    pub fn may_change(&self, principal: &Principal, object: &Object) -> bool {
        todo!()
    }
}
