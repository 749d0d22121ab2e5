//! What a configuration may say, and what it is told when it says something else.

mod catalyst;
mod grants;
mod mistakes;
mod session;
mod values;
