//! Members: users attached to organizations and teams, as members or administrators.

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::principal::Principal;
use crate::model::role::ManagedRole;

impl Authority {
    /// Gives users a role on the object that the role is for. Those that have it keep it.
    pub async fn associate(
        &self,
        context: &Context,
        principal: &Principal,
        role: ManagedRole,
        object_id: i64,
        users: &[i64],
    ) -> Result<(), Refusal> {
        todo!()
    }

    /// Takes a role on an object from users, all of whom must have it.
    pub async fn disassociate(
        &self,
        context: &Context,
        principal: &Principal,
        role: ManagedRole,
        object_id: i64,
        users: &[i64],
    ) -> Result<(), Refusal> {
        todo!()
    }
}
