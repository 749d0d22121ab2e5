//! One proof of any contract: what a request to our own API presents.

use dialects::{Dialect, Doorway};
use http::request::Parts;
use identity::Malformed;
use identity::model::proof::Presented;
use identity::model::secret::Secret;
use identity::model::session::SessionKind;

/// Reads a request as every contract would, and keeps what it presents. None if that is more than one proof: then it
/// is not for us to say which one counts.
pub fn read(dialects: &[&'static dyn Dialect], parts: &Parts, doorway: &Doorway) -> Option<Presented> {
    let mut bearer: Option<Secret> = None;
    let mut basic: Option<(String, Secret)> = None;
    let mut sessions: Vec<(SessionKind, Secret)> = Vec::new();
    let mut malformed: Option<Malformed> = None;
    for dialect in dialects {
        let read = dialect.read_proof(parts, doorway);
        malformed = worse(malformed, read.malformed);
        if let Some(found) = read.bearer
            && bearer.replace(found.clone()).is_some_and(|other| other != found)
        {
            return None;
        }
        if let Some(found) = read.basic
            && basic.replace(found.clone()).is_some_and(|other| other != found)
        {
            return None;
        }
        if let Some(found) = read.session
            && !sessions.contains(&found)
        {
            sessions.push(found);
        }
    }
    // One contract has sessions whose secret travels as a bearer token; the others read the same text as a token.
    let is_same = |it: &(SessionKind, Secret)| {
        it.0 == SessionKind::ManagerToken && bearer.as_ref().is_some_and(|bearer| *bearer == it.1)
    };
    if sessions.iter().any(is_same) {
        bearer = None;
    }
    if usize::from(bearer.is_some()) + usize::from(basic.is_some()) + sessions.len() > 1 {
        return None;
    }
    // What one contract can read as a proof is one, though others have no such proof.
    let is_explicit = bearer.is_some()
        || basic.is_some()
        || sessions.iter().any(|(kind, _)| *kind == SessionKind::ManagerToken);
    let malformed = malformed.filter(|it| *it == Malformed::Several || !is_explicit);
    Some(Presented {
        bearer,
        basic,
        session: sessions.pop(),
        malformed,
        is_safe: true,
        ..Presented::default()
    })
}

/// Of two complaints the first, but that there are several proofs outweighs all. That a contract takes nothing
/// unencrypted says nothing about the others.
fn worse(one: Option<Malformed>, other: Option<Malformed>) -> Option<Malformed> {
    let other = other.filter(|it| *it != Malformed::Unencrypted);
    if other == Some(Malformed::Several) { other } else { one.or(other) }
}
