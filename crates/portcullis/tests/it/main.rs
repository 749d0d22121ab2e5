//! The integration tests: the program as a whole, started for each test and spoken to from outside. One
//! binary, so that it is linked once.

#[cfg(test)]
mod tidy;

#[cfg(test)]
mod refusals;

#[cfg(test)]
mod published;

#[cfg(test)]
mod component;

#[cfg(test)]
mod client;

#[cfg(test)]
mod clients;

#[cfg(test)]
mod cli;

#[cfg(test)]
mod import;

#[cfg(test)]
mod awx;

#[cfg(test)]
mod catalyst;

#[cfg(test)]
mod apprenda;

#[cfg(test)]
mod explain;

#[cfg(test)]
mod lab;

#[cfg(test)]
mod upstream;

#[cfg(test)]
mod security;

#[cfg(test)]
mod durability;

#[cfg(test)]
mod support;
