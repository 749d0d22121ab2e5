//! The moment of a login in which something is won at the server. Whatever ends it, what was won is kept or ended.

use std::time::Duration;

use client::{TalkError, Unwatched, Watch};
use dialects::client_half::{Prompt, Wait, Who};
use dialects::{Holding, Method, Rejection};
use identity::port::Clock as _;

use super::super::refusal::Moment;
use super::super::{Opened, interrupt, logout, say, warn};
use super::plan::Plan;
use crate::clock::SystemClock;
use crate::exit::Outcome;
use crate::output::printable;

/// How long after Ctrl-C the answer is waited for that may have opened a session.
const GRACE: Duration = Duration::from_secs(10);

/// Tells the user what to do elsewhere, while a device waits.
struct Guide;

impl Watch for Guide {
    fn waits(&mut self, wait: &Wait) {
        if let Some(Prompt { address, complete, code }) = &wait.prompt {
            let there = complete.as_ref().unwrap_or(address);
            say(&format!(
                "open {}\nand enter the code {} there; waiting ...",
                printable(there),
                printable(code)
            ));
        }
    }
}

/// Signs in, once, and asks whom the platform takes us for.
pub async fn win(opened: &Opened, plan: &Plan) -> Outcome<(Holding, Option<Who>)> {
    let login = plan.login(&opened.profile, SystemClock.now());
    let is_device = login.method == Method::Device;
    let agent = opened.agent();
    let mut guide = Guide;
    let winning = agent.talk(opened.half().sign_in(login), &mut guide);
    tokio::pin!(winning);
    let won = tokio::select! {
        biased;
        won = &mut winning => won,
        () = interrupt::pressed() => {
            // Nothing is won yet where the user has not let the device in.
            if !is_device {
                say("stopping: what this login may have opened is ended first; Ctrl-C again stops at once");
                if let Ok(Ok(holding)) = tokio::time::timeout(GRACE, &mut winning).await {
                    give_up(opened, &holding).await;
                }
            }
            interrupt::stop();
        }
    };
    let holding = won.map_err(|it| Moment::SigningIn.talk(it))?;
    let mut nobody = Unwatched;
    let who = tokio::select! {
        biased;
        who = agent.talk(opened.half().who(&holding), &mut nobody) => who,
        () = interrupt::pressed() => {
            give_up(opened, &holding).await;
            interrupt::stop();
        }
    };
    match who {
        Ok(who) => Ok((holding, Some(who))),
        // A ready token and a password were shown to nobody yet: this was their test.
        Err(error @ TalkError::Refused(Rejection::Over | Rejection::Token | Rejection::Password)) => {
            give_up(opened, &holding).await;
            Err(Moment::SigningIn.talk(error))
        }
        Err(error) => {
            let stop = Moment::SigningIn.talk(error);
            warn(&format!("signed in, but the platform does not say as whom: {:#}", stop.error));
            Ok((holding, None))
        }
    }
}

/// Ends what was won and is not kept.
async fn give_up(opened: &Opened, holding: &Holding) {
    if tokio::time::timeout(GRACE, logout::end(opened, holding)).await.is_err() {
        warn("the server does not answer: what this login has opened lives on there until its end");
    }
}
