//! How the gateway proves to services who asks and that it is the gateway that says so.

pub mod proxy_keys;
pub mod secret_source;
pub mod session;
pub mod signed_jwt;
pub mod trusted_headers;
pub mod trusted_proxy;
