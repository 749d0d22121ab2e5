//! Stops: why a handler has another answer than the one that was asked for.

use axum::response::Response;
use http::request::Parts;
use identity::{Denial, Refusal};

use super::State;
use super::body::BodyError;
use super::caller::refuse;
use super::filter::FilterError;
use super::validate::Errors;

/// Why there is another answer than the one that was asked for.
pub enum Stop {
    /// `identity` refused.
    Refused(Refusal),
    /// What was asked is spelled wrong.
    Answer(Box<Response>),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Denial> for Stop {
    fn from(denial: Denial) -> Self {
        Self::Refused(denial.into())
    }
}

impl From<Response> for Stop {
    fn from(response: Response) -> Self {
        Self::Answer(Box::new(response))
    }
}

impl From<Box<Response>> for Stop {
    fn from(response: Box<Response>) -> Self {
        Self::Answer(response)
    }
}

impl From<BodyError> for Stop {
    fn from(error: BodyError) -> Self {
        error.response().into()
    }
}

impl From<FilterError> for Stop {
    fn from(error: FilterError) -> Self {
        error.response().into()
    }
}

impl From<Errors> for Stop {
    fn from(errors: Errors) -> Self {
        errors.response().into()
    }
}

/// The answer of a handler, whichever way it came about.
pub fn answer(state: &State, parts: &Parts, result: Result<Response, Stop>) -> Response {
    match result {
        Ok(response) => response,
        Err(Stop::Answer(response)) => *response,
        Err(Stop::Refused(refusal)) => refuse(state, &refusal, parts),
    }
}
