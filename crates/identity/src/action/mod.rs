//! The verbs: one file each. Every door calls these, and decides nothing itself.

mod check_password;
mod manager_token;
mod portal;
mod sign_in;
mod sign_out;

mod authenticate;
mod authorize;
mod explain;

mod session;

mod fields;
mod object;
mod write;

mod assign;
mod auditor;
mod build;
mod change;
mod trail;
mod unique;

mod grant;
mod import;

mod account;
mod group;
mod own_password;
mod unlock;

mod member;
mod named;
mod operator;
mod setting;

pub use account::{Account, AccountFields, TeamChoice};
pub use authenticate::Authentication;
pub use fields::{
    ApplicationFields, AssignmentFields, Fields, OrganizationFields, TeamFields, TokenFields, UserFields,
};
pub use grant::{
    ApplicationProof, Authorization, AuthorizationRefusal, AuthorizationRequest, DeviceBegun, DeviceQuestion,
    GrantRequest, Granted, Introspection,
};
pub use import::ImportOptions;
pub use manager_token::{JwtLogin, LIFE_MAX};
pub use operator::{Cleaned, Revoked};
pub use session::ListedSession;
pub use sign_in::{Claim, Draft, Entry, SignedIn, Spelling};
pub use write::Written;
