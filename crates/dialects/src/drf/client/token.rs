//! The tokens of a user: made, listed, revoked (AAP contract section C1, AWX contract section A.4).

use bytes::Bytes;
use http::{Method as Verb, Response, StatusCode};
use serde_json::{Value, json};

use super::{Site, ask, form_login, page, stay};
use crate::client_half::{Conversation, Holding, ListedToken, MadeToken, Rejection, Tokens, WantedToken};
use crate::drf::wire;
use crate::steps::{Step, Steps};

/// Most pages of a list that are asked for.
const PAGES_MAX: usize = 100;
/// Most tokens that are listed.
const TOKENS_MAX: usize = 10_000;
/// Longest number of a token, in bytes.
const ID_MAX: usize = 20;

/// The tokens of the users of a server.
pub struct SiteTokens(pub &'static Site);

impl Tokens for SiteTokens {
    fn create(&self, holding: &Holding, wanted: WantedToken) -> Box<dyn Conversation<MadeToken>> {
        let site = self.0;
        let body = body(wanted.scope.as_deref(), wanted.description.as_deref());
        let request = ask::request(site, holding, Verb::POST, site.tokens, Some(&body));
        let base = holding.base.clone();
        Steps::from(Step::ask(request, move |answer| made(site, &base, answer, Step::done)))
    }

    fn list(&self, holding: &Holding) -> Box<dyn Conversation<Vec<ListedToken>>> {
        let (site, holding) = (self.0, holding.clone());
        // Who may see everybody's tokens would be shown them all: the list is asked for below the own number.
        let request = ask::request(site, &holding, Verb::GET, site.me, None);
        Steps::from(Step::ask(request, move |answer| {
            let own = ask::json(answer).as_ref().and_then(stay::read_who).and_then(|it| it.id);
            match own.filter(|it| is_number(it) && answer.status() == StatusCode::OK) {
                Some(id) => {
                    let path = format!("{}{id}{}{}", site.users, wire::USER_TOKENS, wire::LARGE_PAGES);
                    listed(site, holding, &path, Vec::new(), 1)
                }
                None => stay::refused(&holding.base, site.me, answer),
            }
        }))
    }

    fn revoke(&self, holding: &Holding, id: &str) -> Box<dyn Conversation<()>> {
        Steps::from(if is_number(id) {
            revoke(self.0, holding, id, Rejection::Absent)
        } else {
            Step::refused(Rejection::Absent)
        })
    }
}

/// Whether it can be the number of an object, and so stand in a path.
pub fn is_number(id: &str) -> bool {
    !id.is_empty() && id.len() <= ID_MAX && id.bytes().all(|it| it.is_ascii_digit())
}

/// The body that asks for a token.
pub fn body(scope: Option<&str>, description: Option<&str>) -> Value {
    let mut body =
        json!({ wire::DESCRIPTION: description.unwrap_or(wire::TOKEN_PURPOSE), wire::APPLICATION: null });
    if let Some(scope) = scope {
        body[wire::SCOPE] = json!(scope);
    }
    body
}

/// What the answer to that says.
pub fn made<T>(
    site: &Site,
    base: &str,
    answer: &Response<Bytes>,
    then: impl FnOnce(MadeToken) -> Step<T>,
) -> Step<T> {
    match answer.status() {
        StatusCode::CREATED | StatusCode::OK => {
            let body = ask::json(answer).unwrap_or_default();
            match (ask::token(&body, wire::TOKEN), read(&body)) {
                (Some(value), Some(listed)) => then(MadeToken { listed, value }),
                _ => Step::lost(format!("{} shows no token that it made", site.tokens)),
            }
        }
        StatusCode::BAD_REQUEST => Step::refused(Rejection::Invalid(ask::words(answer))),
        StatusCode::FORBIDDEN => Step::refused(match form_login::forgery(answer) {
            Some(check) => Rejection::Forgery(check),
            None => Rejection::TokensNotAllowed(ask::words(answer)),
        }),
        StatusCode::NOT_FOUND => Step::refused(Rejection::NoTokens),
        _ => stay::refused(base, site.tokens, answer),
    }
}

/// A token as a list shows it.
fn read(object: &Value) -> Option<ListedToken> {
    let text = |key| ask::text(object, key).map(|it| ask::said(&it)).unwrap_or_default();
    Some(ListedToken {
        id: ask::text(object, wire::ID).filter(|it| is_number(it))?,
        description: text(wire::DESCRIPTION),
        scope: text(wire::SCOPE),
        expires: text(wire::EXPIRES),
        last_used: text(wire::LAST_USED),
    })
}

/// Asks for one page after the other.
fn listed(
    site: &'static Site,
    holding: Holding,
    path: &str,
    mut found: Vec<ListedToken>,
    count: usize,
) -> Step<Vec<ListedToken>> {
    let request = ask::request(site, &holding, Verb::GET, path, None);
    Step::ask(request, move |answer| {
        let (StatusCode::OK, Some(body)) = (answer.status(), ask::json(answer)) else {
            if answer.status() == StatusCode::NOT_FOUND {
                return Step::refused(Rejection::NoTokens);
            }
            return stay::refused(&holding.base, site.tokens, answer);
        };
        let Some(rows) = page::rows(&body) else {
            return Step::lost(format!("{} shows no list", site.tokens));
        };
        // A page that shows nothing new would go on for ever.
        let before = found.len();
        for row in rows.iter().filter_map(read) {
            if !found.iter().any(|it| it.id == row.id) {
                found.push(row);
            }
        }
        let is_new = found.len() > before;
        let next =
            page::next_written(&body).filter(|_| is_new && count < PAGES_MAX && found.len() < TOKENS_MAX);
        let Some(path) = next.and_then(|it| page::path_at(it, &holding.base)) else {
            found.truncate(TOKENS_MAX);
            return Step::done(found);
        };
        listed(site, holding, &path, found, count + 1)
    })
}

/// Revokes a token. One that is not there: what that means the caller knows.
pub fn revoke(site: &'static Site, holding: &Holding, id: &str, absent: Rejection) -> Step<()> {
    let request = ask::request(site, holding, Verb::DELETE, &format!("{}{id}/", site.tokens), None);
    let base = holding.base.clone();
    Step::ask(request, move |answer| match answer.status() {
        StatusCode::NO_CONTENT | StatusCode::OK | StatusCode::ACCEPTED => Step::done(()),
        StatusCode::NOT_FOUND => Step::refused(absent),
        StatusCode::FORBIDDEN => Step::refused(match form_login::forgery(answer) {
            Some(check) => Rejection::Forgery(check),
            None => Rejection::NotPermitted(ask::words(answer)),
        }),
        _ => stay::refused(&base, site.tokens, answer),
    })
}
