//! The manners of the Ansible family, clause by clause.

mod body;
mod client;
mod field;
mod page;
mod redirect;
mod shape;
