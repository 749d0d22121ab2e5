//! The refusals of late: what was refused, to whom and why, so that somebody can ask. Bounded in number and time,
//! and only in memory.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::csrf::{Forgery, Page};
use super::pace::Load;
use super::portal::Portal;
use crate::denial::Denial;

/// Most refusals that are kept.
pub const ENTRIES_MAX: usize = 10_000;
/// Most refusals of one client address, so that a flood pushes out its own first.
pub const ENTRIES_PER_ADDRESS_MAX: usize = 1_000;
/// How long a refusal is kept.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// Most causes that wait for the refusal that they belong to.
const CAUSES_MAX: usize = 4_096;
/// Longest text of one field, in bytes. Clients choose some of them.
const TEXT_MAX: usize = 300;

/// One refusal.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The request's id.
    pub request_id: String,
    /// Whether the client chose that, so that others may have chosen the same.
    pub is_id_chosen: bool,
    /// When.
    pub at: Timestamp,
    /// In which contract's words it was refused.
    pub dialect: &'static str,
    /// The service that the request was for; none is one of our own endpoints.
    pub service: Option<String>,
    /// The client's address.
    pub address: String,
    /// The method.
    pub method: String,
    /// The path, without query and without secrets.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// Who asked, once verified.
    pub username: Option<String>,
    /// The denial; none if the service itself refused.
    pub denial: Option<Denial>,
    /// What was noted of the request beside its denial.
    pub cause: Option<Cause>,
}

/// What those who run the gateway may know about a refusal, and the client may not or need not. Never a name that
/// was only claimed: it may be a password that was typed into the wrong field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There is no user of the claimed name.
    NoSuchUser,
    /// The user has no password.
    NoPassword,
    /// The password is another one.
    WrongPassword,
    /// The password is empty.
    PasswordEmpty,
    /// The password is longer than any that is looked at.
    PasswordTooLong,
    /// The password was right, and the user is disabled.
    Disabled,
    /// The password was changed, or the user disabled, while it was looked at.
    Changed,
    /// The account's failures have closed it until then.
    AccountClosed(Timestamp),
    /// The address's failures have closed it until then.
    AddressClosed(Timestamp),
    /// The session had not been used since then for that long.
    Rested {
        /// When it was used last.
        used_at: Timestamp,
        /// How long it may rest.
        timeout: SignedDuration,
    },
    /// The session began then and had its end then.
    Lived {
        /// When it began.
        created_at: Timestamp,
        /// When its overall timeout was over.
        expires_at: Timestamp,
    },
    /// The token's scope, which does not reach what was asked.
    Scope(String),
    /// The user may not use this portal.
    Portal(Portal),
    /// The named tenant does not exist, the user may not act for it, or the service is not told of tenants.
    Tenant,
    /// The path hands out or ends proofs of the account that the gateway has at the service, which many share.
    Guarded,
    /// The user has made too many requests of this kind.
    Pace(Load),
    /// The service is not open to the user.
    Policy,
}

/// The refusals of late.
#[derive(Debug, Default)]
pub struct RefusalLog {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// By their numbers, which rise.
    entries: BTreeMap<u64, Arc<Refused>>,
    next: u64,
    /// The one that counts of each request's id.
    by_id: HashMap<String, u64>,
    /// The numbers of each address, the oldest first.
    by_address: HashMap<String, VecDeque<u64>>,
    causes: HashMap<String, Cause>,
    causes_order: VecDeque<String>,
}

impl RefusalLog {
    /// Keeps one. The cause that was noted of its request goes with it.
    pub fn record(&self, refused: Refused) {
        let mut refused = bounded(refused);
        let mut kept = self.lock();
        refused.cause = kept.causes.remove(&refused.request_id).or(refused.cause);
        kept.forget_older_than(refused.at);
        let address = network(&refused.address);
        let is_full = kept.by_address.get(&address).is_some_and(|it| it.len() >= ENTRIES_PER_ADDRESS_MAX);
        if is_full && let Some(oldest) = kept.by_address.get(&address).and_then(|it| it.front().copied()) {
            kept.remove(oldest);
        }
        if kept.entries.len() >= ENTRIES_MAX
            && let Some(oldest) = kept.entries.keys().next().copied()
        {
            kept.remove(oldest);
        }
        let number = kept.next;
        kept.next += 1;
        // An id that we made is one request's alone: whoever learns it and chooses it tells no other story of that.
        let is_taken = kept.by_id.get(&refused.request_id).and_then(|it| kept.entries.get(it));
        if !(refused.is_id_chosen && is_taken.is_some_and(|it| !it.is_id_chosen)) {
            kept.by_id.insert(refused.request_id.clone(), number);
        }
        kept.by_address.entry(address).or_default().push_back(number);
        kept.entries.insert(number, Arc::new(refused));
    }

    /// Notes why a request is about to be refused. What is noted last counts, and only if the request really is.
    pub fn note(&self, request_id: &str, cause: Cause) {
        let mut kept = self.lock();
        if kept.causes.insert(request_id.to_owned(), cause).is_none() {
            kept.causes_order.push_back(request_id.to_owned());
        }
        while kept.causes_order.len() > CAUSES_MAX
            && let Some(oldest) = kept.causes_order.pop_front()
        {
            kept.causes.remove(&oldest);
        }
    }

    /// The refusal of a request, if it is still kept. Of several with one id that of the request which we gave it,
    /// else the newest.
    pub fn find(&self, request_id: &str, now: Timestamp) -> Option<Arc<Refused>> {
        let kept = self.lock();
        let found = kept.entries.get(kept.by_id.get(request_id)?)?;
        (!is_over(found, now)).then(|| Arc::clone(found))
    }

    /// How many are kept.
    pub fn count(&self) -> usize {
        self.lock().entries.len()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn forget_older_than(&mut self, now: Timestamp) {
        while let Some((number, oldest)) = self.entries.first_key_value()
            && is_over(oldest, now)
        {
            let number = *number;
            self.remove(number);
        }
    }

    fn remove(&mut self, number: u64) {
        let Some(gone) = self.entries.remove(&number) else { return };
        if self.by_id.get(&gone.request_id) == Some(&number) {
            self.by_id.remove(&gone.request_id);
        }
        let address = network(&gone.address);
        if let Some(numbers) = self.by_address.get_mut(&address) {
            // It is the oldest of its address, whoever is removed.
            numbers.pop_front();
            if numbers.is_empty() {
                self.by_address.remove(&address);
            }
        }
    }
}

fn is_over(refused: &Refused, now: Timestamp) -> bool {
    now.duration_since(refused.at) >= KEPT_FOR
}

/// What counts as one address: of IPv6 the first half, since everybody has the second to choose from.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => {
            let [first, second, third, fourth, ..] = address.segments();
            format!("{first:x}:{second:x}:{third:x}:{fourth:x}")
        }
        Ok(IpAddr::V4(_)) | Err(_) => address.to_owned(),
    }
}

/// What a client chose, cut to what people read; of addresses of pages only whose they are, since a secret may
/// stand behind that.
fn bounded(mut refused: Refused) -> Refused {
    for text in [&mut refused.path, &mut refused.method, &mut refused.address, &mut refused.request_id] {
        cut(text);
    }
    if let Some(name) = &mut refused.username {
        cut(name);
    }
    if let Some(Denial::Forged(Forgery::Origin(page) | Forgery::Referer(page))) = &mut refused.denial {
        *page = Page(page.origin());
    }
    refused
}

fn cut(text: &mut String) {
    if text.len() > TEXT_MAX {
        let end = (0..=TEXT_MAX).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
        // What was cut off would stay taken as long as the rest is kept.
        text.shrink_to_fit();
    }
}
