//! The administrators' endpoints: users, groups, passwords, active sessions, settings, tenants.

use axum::Router;
use axum::body::Body;
use axum::extract::State as Extracted;
use axum::routing::{delete, get, post, put};
use http::request::Parts;

use self::call::{Call, Name};
use crate::catalyst::wire::admin as wire;
use crate::door::Door;

mod call;
mod given;

mod account;
mod password;
mod user;
mod usergroup;

mod active;
mod setting;
mod tenant;

#[cfg(test)]
mod tests;

/// The paths of these endpoints; a segment in braces stands for any one segment.
pub const PATHS: &[&str] = &[
    wire::USERS,
    wire::USER,
    wire::USER_PASSWORD,
    wire::OWN_PASSWORD,
    wire::ADMIN_PASSWORD,
    wire::UNLOCK,
    wire::LOCK,
    wire::ROLE,
    wire::AUTH_TYPE,
    wire::GROUPS,
    wire::GROUP,
    wire::ACTIVE_SESSIONS,
    wire::REMOVE_SESSIONS,
    wire::LIFE_TIME,
    wire::SERVER_TIMEOUT,
    wire::CLIENT_TIMEOUT,
    wire::CLIENT_TIMEOUT_READ,
    wire::SESSIONS_PER_USER,
    wire::PASSWORD_POLICY,
    wire::TENANTS,
    wire::TENANT_SESSION,
];

/// An endpoint: who asks is known and the body is read before it is called, and its errors are spelled after.
macro_rules! endpoint {
    ($work:path) => {
        |Extracted(door): Extracted<Door>, parts: Parts, name: Name, body: Body| async move {
            let call = match Call::new(&door, &parts, name, body).await {
                Ok(call) => call,
                Err(response) => return *response,
            };
            match $work(&call).await {
                Ok(response) => response,
                Err(stop) => call.answer(stop),
            }
        }
    };
}

/// The routes of these endpoints.
pub fn routes() -> Router<Door> {
    Router::new()
        .route(wire::USERS, get(endpoint!(user::list)).post(endpoint!(user::create)))
        .route(wire::USER, put(endpoint!(user::update)).delete(endpoint!(user::remove)))
        .route(wire::USER_PASSWORD, put(endpoint!(password::change)))
        .route(wire::OWN_PASSWORD, put(endpoint!(password::change_own)))
        .route(wire::ADMIN_PASSWORD, post(endpoint!(password::change_admin)))
        .route(wire::UNLOCK, post(endpoint!(user::unlock)))
        .route(wire::LOCK, put(endpoint!(user::lock)))
        .route(wire::ROLE, get(endpoint!(user::role)))
        .route(wire::AUTH_TYPE, get(endpoint!(user::auth_type)))
        .route(wire::GROUPS, get(endpoint!(usergroup::list)).post(endpoint!(usergroup::create)))
        .route(wire::GROUP, put(endpoint!(usergroup::update)).delete(endpoint!(usergroup::remove)))
        .route(wire::ACTIVE_SESSIONS, get(endpoint!(active::list)))
        .route(wire::REMOVE_SESSIONS, delete(endpoint!(active::remove)))
        .route(wire::LIFE_TIME, get(endpoint!(setting::life_time)).put(endpoint!(setting::set_life_time)))
        .route(
            wire::SERVER_TIMEOUT,
            get(endpoint!(setting::server_timeout)).put(endpoint!(setting::set_server_timeout)),
        )
        .route(
            wire::CLIENT_TIMEOUT,
            get(endpoint!(setting::client_timeout)).put(endpoint!(setting::set_client_timeout)),
        )
        .route(wire::CLIENT_TIMEOUT_READ, get(endpoint!(setting::read_client_timeout)))
        .route(
            wire::SESSIONS_PER_USER,
            get(endpoint!(setting::sessions_per_user)).put(endpoint!(setting::set_sessions_per_user)),
        )
        .route(
            wire::PASSWORD_POLICY,
            get(endpoint!(setting::password_policy)).put(endpoint!(setting::set_password_policy)),
        )
        .route(wire::TENANTS, get(endpoint!(tenant::list)))
        .route(wire::TENANT_SESSION, post(endpoint!(tenant::enter)))
}
