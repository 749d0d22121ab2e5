//! The administrators' endpoints: users, groups, passwords, active sessions, settings, tenants.

use axum::Router;

use crate::door::Door;

/// The paths of these endpoints; a segment in braces stands for any one segment.
pub const PATHS: &[&str] = &[];

/// The routes of these endpoints.
pub fn routes() -> Router<Door> {
    Router::new()
}
