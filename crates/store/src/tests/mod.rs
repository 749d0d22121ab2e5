//! The conformance suite of the store, run on a database in a temporary directory.

mod annexes;
mod applications;
mod attempts;
mod changes;
mod continued;
mod devices;
mod ended;
mod endings;
mod eviction;
mod filters;
mod grants;
mod lists;
mod opening;
mod proofs;
mod resting;
mod security;
mod subjects;
mod vault;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use identity::model::application::{Allowances, Application, ClientType, GrantType};
use identity::model::entry::{Entry, FieldChange, Operation};
use identity::model::object::{
    ApplicationId, AssignmentId, AuthenticatorId, EntryId, Noun, Object, OrganizationId, StableId, Stamp,
    TeamId, TokenId, UserId,
};
use identity::model::organization::Organization;
use identity::model::query::{PageRequest, Query, Sight};
use identity::model::role::{ManagedRole, TeamAssignment, UserAssignment};
use identity::model::scope::Scope;
use identity::model::secret::Digest;
use identity::model::session::{Session, SessionKind};
use identity::model::session_policy::SessionPolicy;
use identity::model::team::Team;
use identity::model::token::Token;
use identity::model::user::User;
use identity::port::{Change, NewSession, Page, PasswordHash, Random, Store, StoreError, Trail};
use jiff::{SignedDuration, Timestamp};

use crate::{SqliteStore, StoreOptions};

static COUNTER: AtomicU64 = AtomicU64::new(1);

/// Bytes that differ each time and are known to be no secret.
pub(crate) struct Counting;

impl Random for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        for (place, byte) in buffer.iter_mut().enumerate() {
            *byte = number.to_le_bytes()[place % 8];
        }
    }
}

/// A store in a directory of its own, which goes with it.
pub(crate) struct Bench {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) directory: Directory,
}

pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("store-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("gateway.db")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) async fn open(&self) -> Result<Arc<SqliteStore>, identity::Fault> {
        SqliteStore::open(StoreOptions::new(self.file()), at(0), &Counting).await
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) async fn bench() -> Bench {
    let directory = Directory::new();
    let store = directory.open().await.unwrap();
    Bench { store, directory }
}

/// An instant so many seconds after the beginning of the tests.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

pub(crate) fn stable_id() -> StableId {
    let mut bytes = [0; 16];
    Counting.fill(&mut bytes);
    StableId::from_random(bytes)
}

pub(crate) fn trail(seconds: i64) -> Trail {
    Trail { at: at(seconds), by: None, entries: Vec::new() }
}

pub(crate) fn stamp(seconds: i64) -> Stamp {
    Stamp::new(at(seconds), Some(UserId(2)))
}

pub(crate) fn user(username: &str) -> User {
    User {
        id: UserId::NEW,
        stable_id: stable_id(),
        username: username.to_owned(),
        email: format!("{username}@example.com"),
        first_name: "First".to_owned(),
        last_name: "Last".to_owned(),
        is_superuser: false,
        is_enabled: true,
        is_managed: false,
        last_login_at: None,
        last_login_from: None,
        credential_version: 1,
        sources: Vec::new(),
        stamp: stamp(1),
    }
}

pub(crate) fn organization(name: &str) -> Organization {
    Organization {
        id: OrganizationId::NEW,
        stable_id: stable_id(),
        name: name.to_owned(),
        description: String::new(),
        is_managed: false,
        stamp: stamp(1),
    }
}

pub(crate) fn team(name: &str, organization: OrganizationId) -> Team {
    let description = String::new();
    let id = TeamId::NEW;
    Team { id, stable_id: stable_id(), name: name.to_owned(), organization, description, stamp: stamp(1) }
}

pub(crate) fn token(value: &str, user: UserId, application: Option<ApplicationId>) -> Token {
    Token {
        id: TokenId::NEW,
        digest: Digest::of(value.as_bytes()).to_tagged(),
        refresh_digest: application.map(|_| Digest::of(format!("{value} again").as_bytes()).to_tagged()),
        grant: None,
        user,
        application,
        description: value.to_owned(),
        scope: Scope::write(),
        expires_at: at(100_000),
        last_used_at: None,
        stamp: stamp(1),
    }
}

pub(crate) fn application(name: &str, organization: OrganizationId) -> Application {
    Application {
        id: ApplicationId::NEW,
        name: name.to_owned(),
        description: String::new(),
        client_id: format!("client of {name}"),
        client_secret_hash: Some(Digest::of(name.as_bytes()).to_tagged()),
        client_type: ClientType::Confidential,
        grant_type: GrantType::Password,
        redirect_uris: String::new(),
        post_logout_redirect_uris: String::new(),
        algorithm: String::new(),
        skip_authorization: false,
        allowances: Allowances::default(),
        requires_pkce: false,
        app_url: None,
        organization,
        user: None,
        stamp: stamp(1),
    }
}

pub(crate) fn hash(text: &str) -> PasswordHash {
    PasswordHash(text.to_owned())
}

pub(crate) fn entry(operation: Operation, noun: Noun) -> Entry {
    Entry {
        id: EntryId::NEW,
        operation,
        changes: vec![FieldChange { field: "name".to_owned(), before: None, after: Some("a".to_owned()) }],
        noun,
        object_id: String::new(),
        related_noun: None,
        related_id: None,
        created_at: at(0),
        created_by: None,
    }
}

impl Bench {
    pub(crate) async fn create(&self, object: Object) -> Object {
        self.try_create(object).await.unwrap()
    }

    pub(crate) async fn try_create(&self, object: Object) -> Result<Object, StoreError> {
        let made = self.store.apply(Change::Create(object, None), trail(1)).await?;
        Ok(made.unwrap().0)
    }

    pub(crate) async fn user(&self, username: &str) -> User {
        let change = Change::Create(Object::User(user(username)), Some(hash("hash of the first password")));
        match self.store.apply(change, trail(1)).await.unwrap() {
            Some((Object::User(user), _)) => user,
            other => panic!("no user but {other:?}"),
        }
    }

    pub(crate) async fn superuser(&self, username: &str) -> User {
        let mut it = user(username);
        it.is_superuser = true;
        let Object::User(user) = self.create(Object::User(it)).await else { panic!("no user") };
        user
    }

    pub(crate) async fn organization(&self, name: &str) -> Organization {
        let made = self.create(Object::Organization(organization(name))).await;
        let Object::Organization(it) = made else { panic!("no organization") };
        it
    }

    pub(crate) async fn team(&self, name: &str, organization: OrganizationId) -> Team {
        let Object::Team(it) = self.create(Object::Team(team(name, organization))).await else {
            panic!("no team")
        };
        it
    }

    pub(crate) async fn application(&self, name: &str, organization: OrganizationId) -> Application {
        let made = self.create(Object::Application(application(name, organization))).await;
        let Object::Application(it) = made else { panic!("no application") };
        it
    }

    pub(crate) async fn token(&self, value: &str, user: UserId, for_: Option<ApplicationId>) -> Token {
        let Object::Token(it) = self.create(Object::Token(token(value, user, for_))).await else {
            panic!("no token")
        };
        it
    }

    pub(crate) async fn give(
        &self,
        role: ManagedRole,
        user: UserId,
        object_id: Option<i64>,
    ) -> UserAssignment {
        let assignment = UserAssignment {
            id: AssignmentId::NEW,
            role,
            user,
            user_stable_id: StableId(String::new()),
            object_id,
            object_stable_id: None,
            created_at: at(1),
            created_by: None,
        };
        let made = self.create(Object::UserAssignment(assignment)).await;
        let Object::UserAssignment(it) = made else { panic!("no assignment") };
        it
    }

    pub(crate) async fn give_team(&self, role: ManagedRole, team: TeamId, object_id: i64) -> TeamAssignment {
        let assignment = TeamAssignment {
            id: AssignmentId::NEW,
            role,
            team,
            team_stable_id: StableId(String::new()),
            object_id: Some(object_id),
            object_stable_id: None,
            created_at: at(1),
            created_by: None,
        };
        let made = self.create(Object::TeamAssignment(assignment)).await;
        let Object::TeamAssignment(it) = made else { panic!("no assignment") };
        it
    }

    pub(crate) async fn delete(&self, object: Object) {
        assert!(self.store.apply(Change::Delete(object), trail(2)).await.unwrap().is_none());
    }

    pub(crate) async fn session(&self, secret: &str, user: UserId) -> Session {
        self.store.create_session(new_session(secret, user)).await.unwrap().unwrap().session
    }

    pub(crate) async fn page(&self, noun: Noun, query: &Query, sight: Sight) -> Page {
        self.store.list(noun, query, sight).await.unwrap().unwrap()
    }

    /// The numbers of the objects that a query finds.
    pub(crate) async fn ids(&self, noun: Noun, query: &Query, sight: Sight) -> Vec<i64> {
        self.page(noun, query, sight).await.objects.iter().map(Object::id).collect()
    }
}

pub(crate) fn new_session(secret: &str, user: UserId) -> NewSession {
    NewSession {
        kind: SessionKind::Gateway,
        digest: Digest::of(secret.as_bytes()),
        user,
        credential_version: 1,
        created_at: at(10),
        expires_at: at(910),
        policy: SessionPolicy::of_length(SignedDuration::from_secs(900), false),
        address: "192.0.2.7".to_owned(),
        authenticator: AuthenticatorId::LOCAL,
        replaces: None,
        continues: None,
    }
}

pub(crate) fn everything() -> Query {
    Query { page: PageRequest { number: 1, size: 200 }, ..Query::default() }
}

pub(crate) fn week() -> SignedDuration {
    SignedDuration::from_hours(24 * 7)
}
