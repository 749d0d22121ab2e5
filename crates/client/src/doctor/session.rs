//! The part of the way that needs a login.

use super::network::Way;
use super::{Patient, StepName, Walk};

pub async fn walk(patient: Patient, way: Way, walk: &mut Walk<'_>) {
    let _ = (patient.login, way.dialect.name(), way.transport.options());
    walk.skip(StepName::SignIn, "no name and password were given");
}
