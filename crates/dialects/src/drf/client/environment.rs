//! What other tools of these platforms want to find in their environment.

use identity::model::proof::Proof;
use identity::model::secret::Secret;

use crate::client_half::Holding;

/// The address and the proof, under these names: of the address, of a token, of a name and of a password. Nothing
/// for a session, which such tools have no name for.
pub fn environment(holding: &Holding, names: &[&'static str; 4]) -> Vec<(&'static str, Secret)> {
    let [host, token, username, password] = *names;
    let host = (host, Secret::new(holding.base.as_str()));
    match &holding.proof {
        Proof::Bearer(value) => vec![host, (token, value.clone())],
        Proof::Password { username: name, password: secret } => {
            vec![host, (username, Secret::new(name.as_str())), (password, secret.clone())]
        }
        Proof::Session { .. } => Vec::new(),
    }
}
