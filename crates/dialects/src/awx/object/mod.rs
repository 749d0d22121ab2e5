//! The objects of the contract: users, organizations, teams, tokens, applications, roles, the activity stream.

use axum::Router;

use crate::drf::State;
use crate::drf::endpoint::Endpoint;

/// The endpoints of the objects.
pub static ENDPOINTS: &[Endpoint] = &[];

/// The routes of the objects.
pub fn routes() -> Router<State> {
    Router::new()
}
