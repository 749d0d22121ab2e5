//! The caches: sessions, tokens, applications, subjects and password verdicts, all bounded, all keyed by everything that
//! decided what they hold.
//!
//! A reading that began before a change must not leave its result behind after it. The placeholder that a
//! reading holds is removed with the key it stands for, and a result without its placeholder is not kept.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use identity::Fault;
use identity::model::application::Application;
use identity::model::object::{ApplicationId, SessionId, TokenId, UserId};
use identity::model::pace::Paces;
use identity::model::principal::Subject;
use identity::model::secret::Digest;
use identity::model::session::Session;
use identity::model::setting::Settings;
use identity::model::token::Token;
use identity::port::{Recalled, RecalledToken};
use jiff::{SignedDuration, Timestamp};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, UnitWeighter};

use crate::CacheSizes;
use crate::rows::{instant, micros};
use crate::sealer::Sealer;

/// Users whose recent change of password is kept in mind.
const CHANGED_MAX: usize = 10_000;
/// How long after a change of password no verdict of a request from before it is remembered. Longer than
/// a request may take.
const CHANGED_LIFE: SignedDuration = SignedDuration::from_mins(2);

/// What a commit means for the caches.
#[derive(Debug)]
pub(crate) enum Effect {
    /// A session is there, in this state.
    PutSession(Arc<Session>),
    /// The session of this digest is over.
    DropSession(Digest),
    /// All sessions are over.
    DropSessions,
    /// The token of this digest has changed or is gone.
    DropToken(Digest),
    /// All tokens have changed or are gone.
    DropTokens,
    /// The application of this number and public name has changed or is gone.
    DropApplication(ApplicationId, String),
    /// All applications may have changed.
    DropApplications,
    /// A user or its roles have changed.
    DropSubject(UserId),
    /// All users or their roles may have changed.
    DropSubjects,
    /// The right password of a user is another one since then.
    DropVerdicts(UserId, Timestamp),
    /// The settings are these.
    SwapSettings(Arc<Settings>),
}

/// A token in memory, with its use.
#[derive(Debug)]
pub(crate) struct Kept {
    token: Arc<Token>,
    used_at: AtomicI64,
    is_noted: AtomicBool,
    is_fresh: AtomicBool,
}

impl Kept {
    fn new(token: Token) -> Arc<Self> {
        Arc::new(Self {
            used_at: AtomicI64::new(token.last_used_at.map_or(i64::MIN, micros)),
            token: Arc::new(token),
            is_noted: AtomicBool::new(false),
            is_fresh: AtomicBool::new(true),
        })
    }
}

/// All that is kept in memory.
pub(crate) struct Caches {
    sessions: Cache<Digest, Arc<Session>>,
    tokens: Cache<Digest, Arc<Kept>>,
    applications: Cache<String, Arc<Application>>,
    numbered: Cache<ApplicationId, Arc<Application>>,
    subjects: Cache<UserId, Arc<Subject>>,
    paces: Cache<UserId, Arc<Paces>>,
    verdicts: Cache<Digest, (Recalled, i64)>,
    verdict_life: SignedDuration,
    changed: Mutex<HashMap<UserId, Timestamp>>,
    used: Mutex<Vec<Arc<Kept>>>,
    used_sessions: Mutex<Vec<Arc<Session>>>,
    settings: ArcSwap<Settings>,
    /// What opens secret settings.
    pub(crate) sealer: Arc<Sealer>,
}

impl Caches {
    /// Empty caches of these sizes.
    pub(crate) fn new(
        sizes: CacheSizes,
        verdict_life: SignedDuration,
        settings: Settings,
        sealer: Arc<Sealer>,
    ) -> Self {
        Self {
            sessions: bounded(sizes.sessions),
            tokens: bounded(sizes.tokens),
            applications: bounded(sizes.applications),
            numbered: bounded(sizes.applications),
            subjects: bounded(sizes.subjects),
            paces: bounded(sizes.subjects),
            verdicts: bounded(sizes.verdicts),
            verdict_life,
            changed: Mutex::default(),
            used: Mutex::default(),
            used_sessions: Mutex::default(),
            settings: ArcSwap::from_pointee(settings),
            sealer,
        }
    }

    /// Tells the caches of a commit. One that failed only makes them forget.
    pub(crate) fn apply(&self, effect: Effect, is_committed: bool) {
        match effect {
            Effect::PutSession(session) if is_committed => self.put_session(session),
            Effect::PutSession(session) => drop(self.sessions.remove(&session.digest)),
            Effect::DropSession(digest) => drop(self.sessions.remove(&digest)),
            Effect::DropSessions => self.sessions.clear(),
            Effect::DropToken(digest) => drop(self.tokens.remove(&digest)),
            Effect::DropTokens => self.tokens.clear(),
            Effect::DropApplication(id, client_id) => {
                self.applications.remove(&client_id);
                self.numbered.remove(&id);
            }
            Effect::DropApplications => self.drop_applications(),
            Effect::DropSubject(user) => drop(self.subjects.remove(&user)),
            Effect::DropSubjects => self.subjects.clear(),
            Effect::DropVerdicts(user, at) => self.drop_verdicts(user, at),
            Effect::SwapSettings(settings) if is_committed => self.settings.store(settings),
            Effect::SwapSettings(_) => {}
        }
    }

    /// Forgets everything but the settings, the paces and the uses that are still to be written.
    pub(crate) fn clear(&self) {
        self.sessions.clear();
        self.tokens.clear();
        self.drop_applications();
        self.subjects.clear();
        self.verdicts.clear();
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    pub(crate) fn session(&self, digest: &Digest) -> Option<Arc<Session>> {
        self.sessions.get(digest)
    }

    /// The session, if it is in memory; looking so keeps it there no longer.
    pub(crate) fn peek_session(&self, digest: &Digest) -> Option<Arc<Session>> {
        self.sessions.peek(digest)
    }

    /// The session, loaded once however many ask for it.
    pub(crate) async fn session_or(
        &self,
        digest: &Digest,
        load: impl Future<Output = Result<Option<Session>, Fault>> + Send,
    ) -> Result<Option<Arc<Session>>, Fault> {
        filled(&self.sessions, digest, load, Arc::new).await
    }

    /// Puts a session in the place of an older state of it. A use that is not written yet is not lost.
    fn put_session(&self, session: Arc<Session>) {
        if let Some(before) = self.sessions.peek(&session.digest) {
            self.note_session(&session, before.last_use.at());
        }
        self.sessions.insert(session.digest, session);
    }

    /// Whether memory knows of no use that keeps this session alive beyond its rest.
    pub(crate) fn is_rested(&self, digest: &Digest, now: Timestamp) -> bool {
        self.sessions.peek(digest).is_none_or(|it| it.ended(now).is_some())
    }

    pub(crate) fn application(&self, client_id: &str) -> Option<Arc<Application>> {
        self.applications.get(client_id)
    }

    pub(crate) async fn application_or(
        &self,
        client_id: String,
        load: impl Future<Output = Result<Option<Application>, Fault>> + Send,
    ) -> Result<Option<Arc<Application>>, Fault> {
        filled(&self.applications, &client_id, load, Arc::new).await
    }

    pub(crate) fn application_of(&self, id: ApplicationId) -> Option<Arc<Application>> {
        self.numbered.get(&id)
    }

    pub(crate) async fn application_of_or(
        &self,
        id: ApplicationId,
        load: impl Future<Output = Result<Option<Application>, Fault>> + Send,
    ) -> Result<Option<Arc<Application>>, Fault> {
        filled(&self.numbered, &id, load, Arc::new).await
    }

    fn drop_applications(&self) {
        self.applications.clear();
        self.numbered.clear();
    }

    pub(crate) fn subject(&self, user: UserId) -> Option<Arc<Subject>> {
        self.subjects.get(&user)
    }

    pub(crate) async fn subject_or(
        &self,
        user: UserId,
        load: impl Future<Output = Result<Option<Subject>, Fault>> + Send,
    ) -> Result<Option<Arc<Subject>>, Fault> {
        let keep = |loaded| {
            // Whatever changes of a user, the requests that it has made are made. They are lost where so many others
            // come between that a limit means nothing.
            let paces = self.paces.get_or_insert_with(&user, || Ok::<_, Infallible>(Arc::default()));
            Arc::new(Subject { paces: paces.unwrap_or_default(), ..loaded })
        };
        filled(&self.subjects, &user, load, keep).await
    }

    pub(crate) fn token(&self, digest: &Digest, used_at: Timestamp) -> Option<RecalledToken> {
        let kept = self.tokens.get(digest)?;
        Some(self.note(&kept, used_at))
    }

    pub(crate) async fn token_or(
        &self,
        digest: &Digest,
        used_at: Timestamp,
        load: impl Future<Output = Result<Option<Token>, Fault>> + Send,
    ) -> Result<Option<RecalledToken>, Fault> {
        let kept = filled(&self.tokens, digest, load, Kept::new).await?;
        Ok(kept.map(|kept| self.note(&kept, used_at)))
    }

    /// The same for who only looks: no use is noted.
    pub(crate) async fn token_seen(
        &self,
        digest: &Digest,
        load: impl Future<Output = Result<Option<Token>, Fault>> + Send,
    ) -> Result<Option<Arc<Token>>, Fault> {
        let kept = filled(&self.tokens, digest, load, Kept::new).await?;
        Ok(kept.map(|kept| Arc::clone(&kept.token)))
    }

    fn note(&self, kept: &Arc<Kept>, used_at: Timestamp) -> RecalledToken {
        kept.used_at.fetch_max(micros(used_at), Ordering::Relaxed);
        if !kept.is_noted.swap(true, Ordering::AcqRel) {
            lock(&self.used).push(Arc::clone(kept));
        }
        RecalledToken {
            token: Arc::clone(&kept.token),
            is_first_use: kept.is_fresh.swap(false, Ordering::Relaxed),
        }
    }

    pub(crate) fn note_session(&self, session: &Arc<Session>, used_at: Timestamp) {
        if session.last_use.note(used_at) {
            lock(&self.used_sessions).push(Arc::clone(session));
        }
    }

    /// The sessions that were used since the last call, and when.
    pub(crate) fn take_used_sessions(&self) -> Vec<(SessionId, Timestamp)> {
        let used = std::mem::take(&mut *lock(&self.used_sessions));
        used.iter().map(|session| (session.id, session.last_use.take())).collect()
    }

    /// The tokens that were used since the last call, and when.
    pub(crate) fn take_used(&self) -> Vec<(TokenId, Timestamp)> {
        let used = std::mem::take(&mut *lock(&self.used));
        used.iter()
            .map(|kept| {
                // Cleared before the use is read: a use after this is noted anew.
                kept.is_noted.store(false, Ordering::Release);
                (kept.token.id, instant(kept.used_at.load(Ordering::Acquire)))
            })
            .collect()
    }

    pub(crate) fn verdict(&self, key: &Digest, now: Timestamp) -> Option<Recalled> {
        let (recalled, until) = self.verdicts.get(key)?;
        let since = until.saturating_sub(i64::try_from(self.verdict_life.as_micros()).unwrap_or(i64::MAX));
        // A verdict from after now comes from before the clock was set back.
        if micros(now) >= until || micros(now) < since {
            self.verdicts.remove(key);
            return None;
        }
        let subject = self.subjects.peek(&recalled.user);
        let is_current = subject.is_none_or(|it| it.user.credential_version == recalled.credential_version);
        is_current.then_some(recalled)
    }

    pub(crate) fn remember_verdict(&self, key: Digest, verdict: Recalled, now: Timestamp) {
        let Ok(until) = now.checked_add(self.verdict_life) else { return };
        let changed = lock(&self.changed);
        // The password was looked at before or while it changed: the hash may have been the old one.
        let is_in_doubt = changed
            .get(&verdict.user)
            .and_then(|at| at.checked_add(SignedDuration::from_secs(10)).ok())
            .is_some_and(|bound| now <= bound);
        if !is_in_doubt {
            // Under the lock, so that a change that comes now finds it and removes it.
            self.verdicts.insert(key, (verdict, micros(until)));
        }
    }

    fn drop_verdicts(&self, user: UserId, at: Timestamp) {
        let mut changed = lock(&self.changed);
        if changed.len() >= CHANGED_MAX {
            let bound = at.checked_sub(CHANGED_LIFE).unwrap_or(Timestamp::MIN);
            changed.retain(|_, changed_at| *changed_at > bound);
        }
        if changed.len() < CHANGED_MAX {
            changed.insert(user, at);
        }
        self.verdicts.retain(|_, (verdict, _)| verdict.user != user);
    }
}

fn bounded<K: Eq + Hash, V: Clone>(capacity: usize) -> Cache<K, V> {
    // Shards are few enough that the ghosts of removed keys stay a tenth of the entries.
    let options = OptionsBuilder::new()
        .estimated_items_capacity(capacity.max(1))
        .weight_capacity(capacity.max(1) as u64)
        .ghost_allocation(0.1)
        .shards(64)
        .build();
    match options {
        Ok(options) => Cache::with_options(
            options,
            UnitWeighter,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        ),
        Err(_) => Cache::new(capacity),
    }
}

async fn filled<K, V, L>(
    cache: &Cache<K, V>,
    key: &K,
    load: impl Future<Output = Result<Option<L>, Fault>> + Send,
    keep: impl FnOnce(L) -> V + Send,
) -> Result<Option<V>, Fault>
where
    K: Eq + Hash + Clone + Sync,
    V: Clone + Sync,
{
    let guard = match cache.get_value_or_guard_async(key).await {
        Ok(value) => return Ok(Some(value)),
        Err(guard) => guard,
    };
    let Some(loaded) = load.await? else { return Ok(None) };
    let value = keep(loaded);
    // Refused if the key was removed meanwhile: then this caller alone sees what it has read.
    let _ = guard.insert(value.clone());
    Ok(Some(value))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
