//! The OAuth 2.0 authorization server that two contracts carry: its endpoints, its forms, its answers (AAP
//! contract section C4, AWX contract section D; RFC 6749, 7009, 7662, 8414, 8628).
//!
//! It decides nothing: what an application or a browser asks goes to `identity`, and what `identity` says
//! comes back in the words of the standard. The endpoints for applications look at no session, so no foreign
//! page can abuse one; the pages for people (`authorize`, `verify`) look at nothing else.

use axum::Router;
use axum::extract::FromRequestParts;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};
use http::StatusCode;
use http::request::Parts;
use identity::{Context, Fault, Origin, Refusal};

use crate::dialect::{Doorway, Owned};
use crate::drf::State;

pub mod wire;

mod answer;
mod denial;
mod form;

mod application;
mod device;
mod introspect;
mod metadata;
mod revoke;
mod token;

mod authorize;
mod consent;
mod page;
mod verify;

#[cfg(test)]
pub(crate) mod bed;
#[cfg(test)]
mod tests;

pub use form::{Fields, FormError};

/// In what the contracts differ here.
#[derive(Clone, Copy, Debug)]
pub struct Flavour {
    /// The path below which it answers, without a slash at its end.
    pub root: &'static str,
    /// The status of an answer that carries a token.
    pub granted: StatusCode,
    /// The login page, to which a browser without a session is sent.
    pub login: &'static str,
    /// What the root lists, in this order: names, and paths below the root.
    pub links: &'static [(&'static str, &'static str)],
}

impl Flavour {
    /// The platform gateway's (AAP contract section C4).
    pub const AAP: Self = Self {
        root: "/o",
        granted: StatusCode::CREATED,
        login: "/api/gateway/v1/login/",
        links: &[
            ("authorize", "/authorize/"),
            ("revoke_token", "/revoke_token/"),
            ("token", "/token/"),
            ("oidc-connect-discovery-info", "/.well-known/openid-configuration/"),
            ("jwks-info", "/.well-known/jwks.json"),
        ],
    };
    /// AWX's (AWX contract section D).
    pub const AWX: Self = Self {
        root: "/api/o",
        granted: StatusCode::OK,
        login: "/api/login/",
        links: &[("authorize", "/authorize/"), ("token", "/token/"), ("revoke_token", "/revoke_token/")],
    };
}

/// What all endpoints here share. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    /// What the dialect's endpoints share.
    pub state: State,
    /// Which contract is spoken.
    pub flavour: &'static Flavour,
}

impl Site {
    /// Where clients reach the gateway, without a slash at its end: as the configuration says, or else as this
    /// client does.
    pub fn base(&self, doorway: &Doorway) -> String {
        match &self.state.authority.grant_policy.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("{}://{}", if doorway.is_secure { "https" } else { "http" }, doorway.host),
        }
    }

    /// The issuer's name (RFC 8414 section 2). It is one and the same however a request came: a prefix that was
    /// taken off is not in it, nor in the addresses that the metadata lists below it. Clients compare it letter
    /// by letter, and those addresses are answered without the prefix too.
    pub fn issuer(&self, doorway: &Doorway) -> String {
        format!("{}{}", self.base(doorway), self.flavour.root)
    }
}

/// How a request came: what its listener has put beside it.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// What is known of the request.
    pub context: Context,
    /// What the listener knows of it.
    pub doorway: Doorway,
}

impl FromRequestParts<Site> for Arrival {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Response> {
        let (Some(context), Some(doorway)) =
            (parts.extensions.get::<Context>(), parts.extensions.get::<Doorway>())
        else {
            let fault = Fault::new(Origin::Internal, "a request came without its context");
            return Err(denial::refuse(&Refusal::Broken(fault)));
        };
        Ok(Self { context: context.clone(), doorway: doorway.clone() })
    }
}

/// Whether a path is one of these endpoints. All are open without a proof: the pages ask for a session
/// themselves.
pub fn owns(path: &str, flavour: &Flavour) -> Owned {
    let rest =
        |prefix: &str| path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    let is_own = rest(flavour.root).is_some()
        || path == wire::PROTECTED_RESOURCE
        || [wire::SERVER_METADATA, wire::OPENID_METADATA].iter().any(|known| {
            // A metadata path is the well-known one, with or without the issuer's path behind it.
            rest(known).is_some_and(|issuer| matches!(issuer, "" | "/") || issuer == flavour.root)
        });
    if is_own { Owned::Public } else { Owned::No }
}

/// The endpoints. They have no fallback of their own, so that they can be merged with others.
pub fn routes(state: State, flavour: &'static Flavour) -> Router {
    let site = Site { state, flavour };
    let at = |path: &str| format!("{}{path}", flavour.root);
    let form =
        |routes: MethodRouter<Site>| routes.options(answer::form_options).fallback(answer::form_method);
    let read =
        |routes: MethodRouter<Site>| routes.options(answer::read_options).fallback(answer::read_method);
    let page =
        |routes: MethodRouter<Site>| routes.options(answer::page_options).fallback(answer::page_method);
    Router::new()
        .route(&at("/"), read(get(metadata::root)))
        .route(&at("/token/"), form(post(token::post)))
        .route(&at("/revoke_token/"), form(post(revoke::post)))
        .route(&at("/introspect/"), form(post(introspect::post)))
        .route(&at("/device_authorization/"), form(post(device::post)))
        .route(&at("/authorize/"), page(get(authorize::get).post(authorize::post)))
        .route(&at("/device/"), page(get(verify::get).post(verify::post)))
        .route(&at("/.well-known/openid-configuration"), read(get(metadata::openid)))
        .route(&at("/.well-known/openid-configuration/"), read(get(metadata::openid)))
        .route(&at("/.well-known/jwks.json"), read(get(metadata::keys)))
        .route(flavour.root, any(answer::unknown))
        .route(&at("/{*rest}"), any(answer::unknown))
        .merge(metadata::well_known(flavour))
        .layer(axum::middleware::from_fn_with_state(site.clone(), answer::dress))
        .with_state(site)
}
