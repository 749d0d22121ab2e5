//! The client half of the family: against our own server halves, and against what other servers say.

mod answer;
mod application;
mod hostile;
mod life;
mod login;
mod path;
mod recorded;
mod token;

use identity::model::proof::Proof;
use identity::model::secret::Secret;
use jiff::Timestamp;

use crate::bed::talk::{base, talk};
use crate::bed::{Bed, PASSWORD};
use crate::client_half::{Credential, Holding, Login, Method, Next, Rejection};
use crate::dialect::Dialect;

/// The two contracts of the family.
fn both() -> [&'static dyn Dialect; 2] {
    ["aap", "awx"].map(|name| crate::named(name).unwrap())
}

/// A login of a user of the bed.
fn login(name: &str, password: &str, method: Method, now: Timestamp) -> Login {
    Login { method, ..Login::new(base(), name, Secret::new(password), now) }
}

/// A login of nobody in particular, at a server that is not ours.
fn anybody(method: Method) -> Login {
    login("ann", "secret", method, Timestamp::UNIX_EPOCH)
}

/// What alice holds who signed in so.
async fn won(bed: &Bed, dialect: &'static dyn Dialect, method: Method) -> Holding {
    let login = login("alice", PASSWORD, method, bed.authority.world.clock.now());
    talk(bed, dialect, dialect.client().sign_in(login)).await.done()
}

/// A token that was made elsewhere.
fn given(token: &str) -> Login {
    Login { credential: Credential::Token(Secret::new(token)), ..anybody(Method::Token) }
}

/// A session at a server that is not ours.
fn session() -> Holding {
    let proof = Proof::Session { secret: Secret::new("s3cret"), csrf: Some(Secret::new("t0ken")) };
    Holding::new(&anybody(Method::Session), proof)
}

/// A token at a server that is not ours.
fn bearer() -> Holding {
    Holding::new(&anybody(Method::Token), Proof::Bearer(Secret::new("t0ken")))
}

/// Why the server said no.
#[track_caller]
fn rejection<T: std::fmt::Debug>(end: Next<T>) -> Rejection {
    match end {
        Next::Refused(rejection) => rejection,
        other => panic!("a refusal was expected, not {other:?}"),
    }
}

/// Why it is no server of this contract.
#[track_caller]
fn lost<T: std::fmt::Debug>(end: Next<T>) -> String {
    match end {
        Next::Lost(why) => why,
        other => panic!("something lost was expected, not {other:?}"),
    }
}
