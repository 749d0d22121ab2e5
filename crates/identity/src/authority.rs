//! The authority: the ports and settings that every decision needs, in one struct.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::model::attempt::AttemptPolicy;
use crate::model::audit::{Event, EventKind};
use crate::model::csrf;
use crate::model::grant::GrantPolicy;
use crate::model::object::UserId;
use crate::model::refusal_log::RefusalLog;
use crate::model::setting::Settings;
use crate::model::tenant::Tenant;
use crate::model::user::User;
use crate::port::{Store, World};
use crate::turn::Turns;

/// Decides. One for the whole program; all doors share it.
pub struct Authority {
    /// The memory.
    pub store: Arc<dyn Store>,
    /// The clock, the random source, the verifier, the audit log, the installation.
    pub world: World,
    /// The key of CSRF tokens.
    pub csrf_key: csrf::Key,
    /// How failures are counted.
    pub attempt_policy: AttemptPolicy,
    /// The life of a new access token, unless a setting says another.
    pub token_life: SignedDuration,
    /// How tokens are granted to applications.
    pub grant_policy: GrantPolicy,
    /// The tenants that providers may act for.
    pub tenants: Vec<Tenant>,
    /// The release that Catalyst Manager's contract tells its clients, such as `20.12.1`.
    pub manager_version: String,
    /// What was refused of late.
    pub refusals: RefusalLog,
    /// The key under which password verdicts are remembered; new with each start.
    pub verdict_key: [u8; 32],
    /// The passwords being looked at.
    pub(crate) turns: Turns,
}

/// What is known about a request before anybody is known to have made it.
#[derive(Clone, Debug)]
pub struct Context {
    /// The id under which logs know it: a UUID.
    pub request_id: String,
    /// The client's address, as far as trusted proxies tell.
    pub address: String,
    /// The door it came through: the dialect's name, `shell` or `proxy`.
    pub door: &'static str,
    /// When it came.
    pub now: Timestamp,
}

/// What an authority is made of, beside its ports.
#[derive(Clone, Debug)]
pub struct AuthoritySettings {
    /// The key of CSRF tokens: 32 random bytes that survive restarts.
    pub csrf_key: csrf::Key,
    /// How failures are counted.
    pub attempt_policy: AttemptPolicy,
    /// The life of a new access token, unless a setting says another.
    pub token_life: SignedDuration,
    /// How tokens are granted to applications.
    pub grant_policy: GrantPolicy,
    /// The tenants that providers may act for.
    pub tenants: Vec<Tenant>,
    /// The release that Catalyst Manager's contract tells its clients, such as `20.12.1`.
    pub manager_version: String,
}

impl Authority {
    /// An authority over this memory and this world.
    pub fn new(store: Arc<dyn Store>, world: World, settings: AuthoritySettings) -> Self {
        let mut verdict_key = [0; 32];
        world.random.fill(&mut verdict_key);
        Self {
            store,
            world,
            csrf_key: settings.csrf_key,
            attempt_policy: settings.attempt_policy,
            token_life: settings.token_life,
            grant_policy: settings.grant_policy,
            tenants: settings.tenants,
            manager_version: settings.manager_version,
            refusals: RefusalLog::default(),
            verdict_key,
            turns: Turns::default(),
        }
    }

    /// All settings now.
    pub fn settings(&self) -> Arc<Settings> {
        self.store.settings()
    }

    /// The life of an access token that is made now.
    pub fn token_life(&self) -> SignedDuration {
        self.settings().token_life.unwrap_or(self.token_life)
    }

    /// Records one event of a request.
    pub fn audit(&self, context: &Context, kind: EventKind, user: Option<&User>, detail: impl Into<String>) {
        self.audit_named(context, kind, user.map(|user| (user.id, user.username.clone())), detail.into());
    }

    pub(crate) fn audit_named(
        &self,
        context: &Context,
        kind: EventKind,
        user: Option<(UserId, String)>,
        detail: String,
    ) {
        self.world.audit.record(&Event {
            at: context.now,
            kind,
            user,
            door: context.door,
            address: context.address.clone(),
            request_id: context.request_id.clone(),
            detail,
        });
    }
}
