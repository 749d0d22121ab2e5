//! What the tests share: a gateway to talk to, a client to talk with, an upstream to stand behind it. No
//! test lives here.

pub mod conversation;
pub mod http;
pub mod lab;
pub mod raw;
pub mod server;
pub mod shell;
pub mod tls;
pub mod tools;
pub mod upstream;
pub mod visitor;

pub use http::{Request, Response};
pub use server::{ADMIN_PASSWORD, Options, Server};
pub use tools::need;
pub use upstream::Upstream;
pub use visitor::Session;
