//! `portcullis status`.

use std::sync::Arc;
use std::time::Duration;

use client::saved::Name;
use client::{TalkError, Unwatched};
use dialects::Rejection;
use identity::port::Clock as _;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Opened, Printing, block_on, profiles, saved, told};
use crate::clock::SystemClock;
use crate::exit::Outcome;
use crate::output::{self, Report};

/// How many platforms are asked at once.
const AT_ONCE_MAX: usize = 32;
/// Longest wait for what one platform says.
const WAIT_MAX: Duration = Duration::from_secs(15);

/// Shows what is held.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Asks each platform whether it still takes what is held; a platform that does not answer is\n\
                        shown so, and is no error. The state says: held (until then), over, signed out, refused,\n\
                        not reachable, or that the password is asked for each time.\n\n\
                        Examples:\n  \
                        portcullis status\n  \
                        portcullis status --profile prod -o json\n  \
                        portcullis status --offline"
)]
pub struct Status {
    /// Only this saved sign-in
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Ask nobody: only what is known here
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    printing: Printing,
}

impl Status {
    /// Runs the command.
    pub fn run(self) -> Outcome {
        let profiles = profiles()?;
        let current = profiles.current().map_err(saved)?;
        let names = match &self.profile {
            Some(name) => vec![Name::parse(name).map_err(saved)?],
            None => profiles.list().map_err(saved)?,
        };
        let mut rows = Vec::new();
        let mut open = Vec::new();
        for name in names {
            let is_current = current.as_ref() == Some(&name);
            let profile = match profiles.get(&name) {
                Ok(profile) => profile,
                Err(error) if self.profile.is_some() => return Err(saved(error)),
                Err(error) => {
                    rows.push(told::unusable(name.as_str(), is_current, &error.to_string()));
                    continue;
                }
            };
            let row = told::profile(name.as_str(), is_current, &profile, SystemClock.now());
            if !self.offline && row["state"] == "held" {
                match Opened::of(profiles.clone(), name.clone(), profile) {
                    Ok(opened) => open.push((rows.len(), opened)),
                    Err(stop) => {
                        let why = format!("{:#}", stop.error);
                        rows.push(told::unusable(name.as_str(), is_current, &why));
                        continue;
                    }
                }
            }
            rows.push(row);
        }
        for (place, mut said) in block_on(async { Ok(ask_all(open).await) })? {
            rows[place].append(&mut said);
        }
        let report = if self.profile.is_some() {
            Report::one(rows.pop().unwrap_or_default())
        } else {
            let columns = [
                "profile",
                "is_current",
                "platform",
                "base",
                "user",
                "method",
                "state",
                "expires_at",
                "place",
            ];
            let is_empty = rows.is_empty();
            let report = Report::list(&columns, rows);
            if is_empty {
                report.with_note("nobody is signed in; run `portcullis login URL`")
            } else {
                report
            }
        };
        output::print(&report, self.printing.format)?;
        Ok(())
    }
}

/// What the platforms say, all at once: one that does not answer keeps nobody waiting for the others.
async fn ask_all(open: Vec<(usize, Opened)>) -> Vec<(usize, told::Row)> {
    let turns = Arc::new(Semaphore::new(AT_ONCE_MAX));
    let mut asking = JoinSet::new();
    for (place, opened) in open {
        let turns = Arc::clone(&turns);
        asking.spawn(async move {
            let _turn = turns.acquire_owned().await;
            let said = tokio::time::timeout(WAIT_MAX, asked(&opened)).await;
            (place, said.unwrap_or_else(|_| silent()))
        });
    }
    asking.join_all().await
}

/// Of a platform that says nothing.
fn silent() -> told::Row {
    let why = format!("the server did not answer within {} seconds", WAIT_MAX.as_secs());
    told::row([("state", json!("not reachable")), ("why", json!(why))])
}

/// What the platform says of it. Nothing that goes wrong there is an error of this command.
async fn asked(opened: &Opened) -> told::Row {
    let Some(holding) = &opened.profile.holding else { return told::Row::new() };
    let mut row = told::Row::new();
    if let Some(standing) = opened.half().standing(holding, SystemClock.now()) {
        match opened.agent().talk(standing, &mut Unwatched).await {
            Ok(standing) => {
                if let Some(end) = standing.expires_at {
                    row.insert("expires_at".to_owned(), json!(told::instant(end)));
                }
                row.append(&mut told::standing(&standing));
            }
            Err(error) => return state(error),
        }
    }
    match opened.agent().talk(opened.half().who(holding), &mut Unwatched).await {
        Ok(who) => {
            row.insert("user".to_owned(), json!(told::cut(&who.username)));
            row
        }
        Err(error) => state(error),
    }
}

/// A failed question as a state, and why.
fn state(error: TalkError) -> told::Row {
    let (state, why) = match error {
        TalkError::Refused(Rejection::Over | Rejection::Token | Rejection::Password) => ("over", None),
        TalkError::Refused(rejection) => ("refused", Some(told::cut(&rejection.to_string()))),
        TalkError::Lost(why) => ("not this platform", Some(told::cut(&why))),
        TalkError::Fault(fault) => ("not reachable", Some(fault.message)),
    };
    told::row([("state", json!(state)), ("why", json!(why))])
}
