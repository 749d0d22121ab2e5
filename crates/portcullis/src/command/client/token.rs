//! `portcullis token` at the platform that somebody is signed in at.

use client::Unwatched;
use dialects::client_half::Tokens;
use dialects::client_half::{ListedToken, WantedToken};
use serde_json::json;

use super::interrupt::Patience;
use super::{Opened, block_on, told};
use crate::exit::{Exit, Outcome, Stop};
use crate::output::{self, Format, Report};

/// What the table of a list shows.
const COLUMNS: [&str; 5] = ["id", "description", "scope", "expires", "last_used"];

/// Makes a token for whoever is signed in, and shows its value this once.
pub fn create(opened: &Opened, wanted: WantedToken, format: Format) -> Outcome {
    let tokens = tokens(opened)?;
    // Nobody could revoke by its value a token that nobody has seen.
    let _patience = Patience::begin();
    let made = block_on(async {
        let holding = opened.fresh().await?;
        let made = opened.agent().talk(tokens.create(&holding, wanted), &mut Unwatched).await;
        made.map_err(|it| opened.moment().talk(it))
    })?;
    let mut row = row(&made.listed);
    row.insert("token".to_owned(), made.value.expose().into());
    output::print(&Report::one(row).with_note("keep the token now: it is not shown again"), format)?;
    Ok(())
}

/// Lists the tokens of whoever is signed in.
pub fn list(opened: &Opened, format: Format) -> Outcome {
    let tokens = tokens(opened)?;
    let listed = block_on(async {
        let holding = opened.fresh().await?;
        let listed = opened.agent().talk(tokens.list(&holding), &mut Unwatched).await;
        listed.map_err(|it| opened.moment().talk(it))
    })?;
    output::print(&Report::list(&COLUMNS, listed.iter().map(row).collect()), format)?;
    Ok(())
}

/// Revokes the token of this number.
pub fn revoke(opened: &Opened, id: &str, format: Format) -> Outcome {
    let tokens = tokens(opened)?;
    block_on(async {
        let holding = opened.fresh().await?;
        let revoked = opened.agent().talk(tokens.revoke(&holding, id), &mut Unwatched).await;
        revoked.map_err(|it| opened.moment().talk(it))
    })?;
    output::print(&Report::one(told::row([("revoked", json!(1))])), format)?;
    Ok(())
}

/// The tokens of the platform, if it has any.
fn tokens(opened: &Opened) -> Outcome<&'static dyn Tokens> {
    let name = opened.dialect.name();
    let refused =
        || Stop::new(Exit::Refused, format!("{name} has no tokens that can be made or listed from here"));
    opened.half().tokens().ok_or_else(refused)
}

fn row(token: &ListedToken) -> told::Row {
    told::row([
        ("id", token.id.parse::<u64>().map_or_else(|_| json!(token.id), |id| json!(id))),
        ("description", json!(token.description)),
        ("scope", json!(token.scope)),
        ("expires", json!(token.expires)),
        ("last_used", json!(token.last_used)),
    ])
}
