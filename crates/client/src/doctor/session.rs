//! The part of the way that needs a login: one attempt, and everything that follows from it.

use std::time::Duration;

use dialects::{Credential, Holding, Login, Method, Next, Rejection};
use http::Method as Verb;
use identity::model::secret::Secret;
use jiff::Timestamp;

use super::network::{Way, root};
use super::watch::Notes;
use super::{Patient, StepName, Walk};
use crate::agent::{Agent, TalkError, Unwatched, Watch as _};

/// Longest conversation: a doctor does not wait for a user at another device.
const TIMEOUT: Duration = Duration::from_secs(120);

pub async fn walk(patient: Patient, way: Way, walk: &mut Walk<'_>) {
    let base = patient.base.as_str().to_owned();
    let Some(login) = patient.login else {
        sign_in_page(&way, &base, walk).await;
        return walk.skip(StepName::SignIn, "no name and password were given");
    };
    if login.base != base {
        let advice = "give the name and the password for this server";
        return walk.fail(StepName::SignIn, "the login is for another server", advice);
    }
    if login.method == Method::Session && !sign_in_page(&way, &base, walk).await {
        return;
    }
    let agent = Agent::new(way.dialect.client(), &way.transport);
    let Some(holding) = sign_in(&way, agent, login.clone(), walk).await else { return };
    who(&way, agent, &holding, walk).await;
    sessions(&way, agent, &holding, login.now, walk).await;
    basic(&way, agent, login, walk).await;
    let ended = limited(agent.talk(way.dialect.client().sign_out(&holding), &mut Unwatched)).await;
    match ended {
        Ok(()) => walk.ok(StepName::SignOut, "what was begun for this has been ended"),
        Err(error) => {
            let advice = "the session or token of this diagnosis may live on at the server until it ends";
            walk.warn(StepName::SignOut, told(&error), advice);
        }
    }
}

/// Begins a sign-in with a name and a password that are never sent: whether its page is as it should be shows before
/// they would be. Whether the way goes on.
async fn sign_in_page(way: &Way, base: &str, walk: &mut Walk<'_>) -> bool {
    let name = StepName::SignInPage;
    let login = Login::new(base, "nobody", Secret::new("nothing"), Timestamp::UNIX_EPOCH);
    let mut conversation = way.dialect.client().sign_in(login);
    let mut notes = Notes::default();
    let mut answer = None;
    loop {
        match conversation.next(answer.as_ref()) {
            Next::Send(request) if request.method() == Verb::GET && answer.is_none() => {
                notes.sends(&request);
                match way.transport.send(request).await {
                    Ok(response) => {
                        notes.received(&response);
                        answer = Some(response);
                    }
                    Err(fault) => {
                        walk.fail(name, root(&fault), fault.message);
                        return false;
                    }
                }
            }
            Next::Send(_) | Next::Wait(_) | Next::Done(_) if answer.is_none() => {
                walk.skip(name, "this platform's sign-in needs none");
                return true;
            }
            Next::Send(_) | Next::Wait(_) | Next::Done(_) => {
                walk.ok(name, notes.text());
                return true;
            }
            Next::Refused(rejection) => {
                walk.fail(name, notes.text(), rejection.to_string());
                return false;
            }
            Next::Lost(why) => {
                walk.fail(name, notes.text(), format!("{why}; is this address the platform itself?"));
                return false;
            }
        }
    }
}

async fn sign_in(way: &Way, agent: Agent<'_>, login: Login, walk: &mut Walk<'_>) -> Option<Holding> {
    let name = StepName::SignIn;
    let method = login.method;
    if !way.dialect.client().methods().contains(&method) {
        let advice = "choose another with --method";
        walk.fail(name, format!("{} has no method {}", way.dialect.name(), method.as_str()), advice);
        return None;
    }
    if method == Method::Device {
        walk.skip(name, "a device is let in by `portcullis login --method device`");
        return None;
    }
    let mut notes = Notes::default();
    let outcome = limited(agent.talk(way.dialect.client().sign_in(login), &mut notes)).await;
    let seen = notes.text();
    match outcome {
        Ok(holding) => {
            walk.ok(name, if seen.is_empty() { "nothing had to be sent".to_owned() } else { seen });
            Some(holding)
        }
        Err(error) => {
            walk.fail(name, seen, advice(&error));
            None
        }
    }
}

/// What to do about a sign-in that has failed.
fn advice(error: &TalkError) -> String {
    let more = match error {
        TalkError::Refused(Rejection::Password) => {
            "; try the same in a browser, but not often: more attempts may lock the account. If users sign in there \
             through another system (SSO), the account needs a local password or a token"
        }
        TalkError::Refused(Rejection::Forgery(_)) => {
            "; use exactly the address that browsers use, with its scheme and port: the server compares it with \
             Referer and Origin, and a proxy on the way may change the host or leave headers out"
        }
        TalkError::Refused(Rejection::TooMany(_)) => {
            "; end sessions that are no longer needed, or wait until they end by themselves"
        }
        TalkError::Lost(_) => "; look whether a proxy or a maintenance page answers in the platform's place",
        TalkError::Refused(_) | TalkError::Fault(_) => "",
    };
    format!("{}{more}", told(error))
}

async fn who(way: &Way, agent: Agent<'_>, holding: &Holding, walk: &mut Walk<'_>) {
    match limited(agent.talk(way.dialect.client().who(holding), &mut Unwatched)).await {
        Ok(who) => {
            let roles =
                if who.roles.is_empty() { String::new() } else { format!(", in {}", who.roles.join(", ")) };
            walk.ok(StepName::Who, format!("{}{roles}", who.username));
        }
        Err(error) => {
            let advice = "signed in, and yet not known: requests lose their cookie or their token on the way";
            walk.fail(StepName::Who, told(&error), advice);
        }
    }
}

async fn sessions(way: &Way, agent: Agent<'_>, holding: &Holding, now: Timestamp, walk: &mut Walk<'_>) {
    let name = StepName::Sessions;
    let Some(conversation) = way.dialect.client().standing(holding, now) else {
        return walk.skip(name, "the platform does not tell");
    };
    match limited(agent.talk(conversation, &mut Unwatched)).await {
        Ok(standing) => {
            let seen = match (standing.sessions, standing.sessions_max) {
                (Some(count), Some(most)) => format!("{count} of {most}"),
                (Some(count), None) => format!("{count}"),
                (None, Some(most)) => format!("at most {most}"),
                (None, None) => "the platform does not tell how many".to_owned(),
            };
            let is_full = standing.sessions.zip(standing.sessions_max).is_some_and(|(it, most)| it >= most);
            if is_full {
                let advice =
                    "all places are taken: each new sign-in ends an older session; sign out after use";
                walk.warn(name, seen, advice);
            } else {
                walk.ok(name, seen);
            }
        }
        Err(error) => walk.warn(name, told(&error), "the sign-in itself is not affected"),
    }
}

/// Whether basic authentication is on. The password is known to be right by now, so this costs no attempt.
async fn basic(way: &Way, agent: Agent<'_>, mut login: Login, walk: &mut Walk<'_>) {
    let name = StepName::Basic;
    if !way.dialect.client().methods().contains(&Method::Basic) {
        return walk.skip(name, "the platform has none");
    }
    if !matches!(login.credential, Credential::Password { .. }) {
        return walk.skip(name, "no password was given");
    }
    if login.method == Method::Basic {
        return walk.ok(name, "it was used to sign in");
    }
    login.method = Method::Basic;
    match limited(agent.login(login)).await {
        Ok(_) => walk.ok(name, "switched on"),
        Err(TalkError::Refused(_)) => {
            let advice = "programs must sign in with --method session or token; this is no fault";
            walk.warn(name, "switched off, or not for this user", advice);
        }
        Err(error) => walk.warn(name, told(&error), "the sign-in itself is not affected"),
    }
}

/// An error in words, the most exact cause of a fault with it.
fn told(error: &TalkError) -> String {
    match error {
        TalkError::Fault(fault) => fault.message.clone(),
        other => other.to_string(),
    }
}

async fn limited<T>(talk: impl Future<Output = Result<T, TalkError>>) -> Result<T, TalkError> {
    match tokio::time::timeout(TIMEOUT, talk).await {
        Ok(outcome) => outcome,
        Err(_) => Err(TalkError::Fault(crate::trouble::Trouble::Timeout.fault())),
    }
}
