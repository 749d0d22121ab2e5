//! The token endpoint: what an application shows becomes a token (RFC 6749 sections 4 to 6).

use std::sync::Arc;

use jiff::SignedDuration;

use crate::authority::{Authority, Context};
use crate::denial::Refusal;
use crate::model::application::Application;
use crate::model::secret::Secret;
use crate::model::token::Token;

/// What an application shows for a token.
#[derive(Clone, Copy, Debug)]
pub enum GrantRequest<'a> {
    /// A user's name and password (RFC 6749 section 4.3).
    Password {
        /// The name.
        username: &'a str,
        /// The password.
        password: &'a Secret,
        /// How far the token shall reach.
        scope: Option<&'a str>,
    },
    /// An authorization code (RFC 6749 section 4.1.3).
    Code {
        /// The code.
        code: &'a Secret,
        /// The redirection URI of the authorization request.
        redirect_uri: Option<&'a str>,
        /// What shows that it began the authorization (RFC 7636).
        verifier: Option<&'a Secret>,
    },
    /// A refresh token (RFC 6749 section 6).
    Refresh {
        /// The refresh token.
        token: &'a Secret,
        /// How far the new token shall reach; no further than the old one.
        scope: Option<&'a str>,
    },
    /// Nothing but itself (RFC 6749 section 4.4).
    Application {
        /// How far the token shall reach.
        scope: Option<&'a str>,
    },
    /// A device code (RFC 8628 section 3.4).
    Device {
        /// The device code.
        code: &'a Secret,
    },
}

/// A token for an application.
#[derive(Debug)]
pub struct Granted {
    /// The token.
    pub token: Token,
    /// Its value; nobody can ask for it again.
    pub value: Secret,
    /// The refresh token's value, if there is one.
    pub refresh: Option<Secret>,
    /// The token's life.
    pub expires_in: SignedDuration,
}

impl Authority {
    /// Gives an application a token for what it shows. Refused with [`Denial::Grant`](crate::Denial::Grant) or
    /// [`Denial::ExternalUser`](crate::Denial::ExternalUser).
    pub async fn grant(
        &self,
        context: &Context,
        application: &Arc<Application>,
        request: GrantRequest<'_>,
    ) -> Result<Granted, Refusal> {
        let _ = (context, application, request);
        todo!()
    }
}
