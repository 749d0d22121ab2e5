//! Grants: how applications get tokens (RFC 6749), and what becomes of them.

mod application;
mod asker;
mod authorization;
mod device;
mod exchange;
mod inspect;
mod scope;

pub use application::ApplicationProof;
pub use authorization::{Authorization, AuthorizationRefusal, AuthorizationRequest};
pub use device::{DeviceBegun, DeviceQuestion};
pub use exchange::{GrantRequest, Granted};
pub use inspect::Introspection;
