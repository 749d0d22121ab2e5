//! A login without an address: once more as a saved sign-in has it.

use clap::ValueEnum as _;
use client::saved::{Name, Place, Profiles};
use dialects::Method;

use super::super::platform::{Door, Platform, Way};
use super::super::saved;
use super::Signing;
use crate::exit::{Outcome, Stop};

/// What the command line says, and for the rest what the named profile has, or the current one. With an address the
/// command line says all.
pub fn completed(mut signing: Signing, profiles: &Profiles) -> Outcome<Signing> {
    if signing.url.is_some() {
        return Ok(signing);
    }
    let name = match &signing.profile {
        Some(name) => Some(Name::parse(name).map_err(saved)?),
        None => profiles.current().map_err(saved)?,
    };
    let Some(name) = name else {
        let text = "where? give the platform's address, such as: portcullis login https://awx.example.com";
        return Err(Stop::usage(anyhow::anyhow!(text)));
    };
    let before = profiles.get(&name).map_err(saved)?;
    signing.url = Some(before.base);
    signing.profile = Some(name.to_string());
    if signing.entry.platform == Platform::Auto && before.product.is_none() {
        // It was named before, perhaps because it cannot be recognised.
        let is_it = |it: &Platform| it.dialect().is_some_and(|it| it.name() == before.platform);
        signing.entry.platform = Platform::value_variants().iter().copied().find(is_it).unwrap_or_default();
    }
    let has_token = signing.entry.source.has_token();
    if signing.entry.user.is_none() && !before.username.is_empty() && !has_token {
        signing.entry.user = Some(before.username);
    }
    if signing.entry.method.is_none() && !has_token {
        signing.entry.method = Some(way(before.method));
    }
    if !signing.entry.trust.insecure && signing.entry.trust.ca.is_none() {
        (signing.entry.trust.insecure, signing.entry.trust.ca) = (before.is_insecure, before.ca);
    }
    signing.entry.tenant = signing.entry.tenant.or(before.tenant);
    signing.entry.portal = signing.entry.portal.or_else(|| Some(Door::of(before.portal?)));
    signing.keyring |= before.place == Place::Keyring;
    signing.store_password |= before.keeps_password;
    if signing.entry.client_id.is_none()
        && let Some(application) = before.holding.and_then(|it| it.application)
    {
        signing.entry.client_id = Some(application.id);
    }
    Ok(signing)
}

fn way(method: Method) -> Way {
    match method {
        Method::Session => Way::Session,
        Method::Basic => Way::Basic,
        Method::Token => Way::Token,
        Method::Device => Way::Device,
    }
}
