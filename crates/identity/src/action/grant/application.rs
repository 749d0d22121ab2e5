//! Applications show who they are (RFC 6749 section 2.3).

use std::sync::Arc;

use crate::authority::{Authority, Context};
use crate::denial::{Denial, Refusal};
use crate::model::application::{Application, CLIENT_ID_MAX, ClientType};
use crate::model::attempt::Standing;
use crate::model::audit::EventKind;
use crate::model::grant::GrantDenial;
use crate::model::secret::{Digest, Secret, equal};
use crate::port::{PasswordHash, Verdict};

/// Longest secret that is looked at, in bytes.
const SECRET_MAX: usize = 1024;
/// How a digest begins.
const DIGEST_MARK: &str = "$sha256$";

/// What an application shows of itself.
#[derive(Clone, Copy, Debug)]
pub struct ApplicationProof<'a> {
    /// Its public name.
    pub client_id: &'a str,
    /// Its secret, if it showed one.
    pub secret: Option<&'a Secret>,
}

impl Authority {
    /// The application that shows itself. A confidential one must show its secret; a public one has none.
    /// Refused with `InvalidClient`.
    pub async fn authenticate_application(
        &self,
        context: &Context,
        proof: Option<ApplicationProof<'_>>,
    ) -> Result<Arc<Application>, Refusal> {
        let Some(proof) = proof.filter(|it| it.client_id.len() <= CLIENT_ID_MAX) else { return invalid() };
        let application = match self.store.recall_application(proof.client_id) {
            Some(application) => application,
            None => match self.store.find_application(proof.client_id).await? {
                Some(application) => application,
                None => return invalid(),
            },
        };
        let secret = proof.secret.filter(|it| !it.expose().is_empty());
        let is_known = match (application.client_type, secret, &application.client_secret_hash) {
            (ClientType::Public, None, _) => true,
            (ClientType::Confidential, Some(secret), Some(hash)) if secret.expose().len() <= SECRET_MAX => {
                self.check_client_secret(context, &application, secret, hash).await?
            }
            (ClientType::Public | ClientType::Confidential, _, _) => false,
        };
        if is_known {
            return Ok(application);
        }
        let detail = format!("application {} did not show its secret", application.id);
        self.audit(context, EventKind::SignInFailure, None, detail);
        invalid()
    }

    /// Secrets of our own are random and kept as digests. Those of another installation are kept as password
    /// hashes, which cost much to check: wrong ones are counted, and the first right one becomes a digest.
    async fn check_client_secret(
        &self,
        context: &Context,
        application: &Application,
        secret: &Secret,
        hash: &str,
    ) -> Result<bool, Refusal> {
        let digest = Digest::of(secret.expose().as_bytes()).to_tagged();
        if hash.starts_with(DIGEST_MARK) {
            return Ok(equal(hash.as_bytes(), digest.as_bytes()));
        }
        let account = Digest::of_parts(&[b"application", application.client_id.as_bytes()]);
        let address = Digest::of_parts(&[b"address", context.address.as_bytes()]);
        let policy = &self.attempt_policy;
        let standings = self.store.attempt_standing(&account, &address, policy, context.now).await?;
        if [standings.0, standings.1].iter().any(|it| matches!(it, Standing::Closed(_))) {
            return Ok(false);
        }
        let kept = PasswordHash(hash.to_owned());
        if self.world.verifier.verify(secret, Some(&kept)).await? == Verdict::Wrong {
            self.store.attempt_failed(&account, &address, policy, context.now).await?;
            return Ok(false);
        }
        self.store.upgrade_client_secret(application.id, hash, digest).await?;
        Ok(true)
    }
}

fn invalid<T>() -> Result<T, Refusal> {
    Err(Denial::Grant(GrantDenial::InvalidClient).into())
}
