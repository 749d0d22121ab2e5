-- Numbers are never given twice (AUTOINCREMENT): what names a removed object names nothing.
-- Instants are microseconds since 1970, flags are 0 or 1, lists are JSON texts, digests are 32 bytes.

CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stable_id TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    is_superuser INTEGER NOT NULL,
    is_enabled INTEGER NOT NULL,
    is_managed INTEGER NOT NULL,
    last_login_at INTEGER,
    last_login_from INTEGER REFERENCES authenticators (id) ON DELETE SET NULL,
    credential_version INTEGER NOT NULL,
    password_hash TEXT,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    modified_at INTEGER NOT NULL,
    modified_by INTEGER REFERENCES users (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX users_created_by ON users (created_by);
CREATE INDEX users_modified_by ON users (modified_by);
CREATE INDEX users_superuser ON users (id) WHERE is_superuser = 1;

CREATE TABLE authenticators (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    is_enabled INTEGER NOT NULL,
    plugin TEXT NOT NULL,
    place INTEGER NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    modified_at INTEGER NOT NULL,
    modified_by INTEGER REFERENCES users (id) ON DELETE SET NULL
) STRICT;

CREATE TABLE user_sources (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    authenticator_id INTEGER NOT NULL REFERENCES authenticators (id) ON DELETE CASCADE,
    uid TEXT NOT NULL,
    email TEXT NOT NULL,
    PRIMARY KEY (authenticator_id, uid)
) STRICT;
CREATE INDEX user_sources_user ON user_sources (user_id);

CREATE TABLE organizations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stable_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    is_managed INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    modified_at INTEGER NOT NULL,
    modified_by INTEGER REFERENCES users (id) ON DELETE SET NULL
) STRICT;

CREATE TABLE teams (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stable_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    modified_at INTEGER NOT NULL,
    modified_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    UNIQUE (organization_id, name)
) STRICT;

-- Texts that a contract keeps with a user or a team; nothing else looks into them.
CREATE TABLE user_annexes (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE team_annexes (
    team_id INTEGER PRIMARY KEY REFERENCES teams (id) ON DELETE CASCADE,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE applications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    client_id TEXT NOT NULL UNIQUE,
    client_secret_hash TEXT,
    client_type TEXT NOT NULL,
    grant_type TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    skip_authorization INTEGER NOT NULL,
    allowances TEXT NOT NULL,
    requires_pkce INTEGER NOT NULL,
    app_url TEXT,
    organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    modified_at INTEGER NOT NULL,
    modified_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    UNIQUE (organization_id, name)
) STRICT;

-- Everything that one authorization gave: when it ends, all of it ends.
CREATE TABLE grants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    application_id INTEGER NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_application ON grants (application_id);

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    grant_id INTEGER REFERENCES grants (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    application_id INTEGER REFERENCES applications (id) ON DELETE CASCADE,
    description TEXT NOT NULL,
    scope TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    modified_at INTEGER NOT NULL,
    modified_by INTEGER REFERENCES users (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX tokens_user ON tokens (user_id);
CREATE INDEX tokens_application ON tokens (application_id, id);
CREATE INDEX tokens_created_by ON tokens (created_by);
CREATE INDEX tokens_modified_by ON tokens (modified_by);
CREATE INDEX tokens_grant ON tokens (grant_id) WHERE grant_id IS NOT NULL;

-- An ended one stays while its grant lives: showing it again gives a thief away.
CREATE TABLE refresh_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    grant_id INTEGER NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    token_id INTEGER REFERENCES tokens (id) ON DELETE SET NULL,
    scope TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);
CREATE INDEX refresh_tokens_token ON refresh_tokens (token_id) WHERE token_id IS NOT NULL;

-- Authorization codes. They and the questions of devices are few, and gone an hour after their end.
CREATE TABLE codes (
    digest BLOB NOT NULL PRIMARY KEY,
    application_id INTEGER NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    challenge TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    grant_id INTEGER REFERENCES grants (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX codes_user ON codes (user_id, created_at);
CREATE INDEX codes_expires ON codes (expires_at);
CREATE INDEX codes_grant ON codes (grant_id) WHERE grant_id IS NOT NULL;

-- A user code is unique among the questions that live; the decision is open, denied, allowed or used.
CREATE TABLE devices (
    device_digest BLOB NOT NULL PRIMARY KEY,
    user_digest BLOB NOT NULL,
    application_id INTEGER NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    address TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    poll_interval INTEGER NOT NULL,
    polled_at INTEGER,
    decision TEXT NOT NULL,
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    grant_id INTEGER REFERENCES grants (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX devices_application ON devices (application_id, expires_at);
CREATE INDEX devices_user_digest ON devices (user_digest);
CREATE INDEX devices_expires ON devices (expires_at);
CREATE INDEX devices_grant ON devices (grant_id) WHERE grant_id IS NOT NULL;

CREATE TABLE role_definitions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    permissions TEXT NOT NULL,
    target TEXT,
    is_managed INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    modified_at INTEGER NOT NULL,
    modified_by INTEGER REFERENCES users (id) ON DELETE SET NULL
) STRICT;

-- The object is named twice: by number (0 is none) for uniqueness, by reference so that it cannot dangle.
CREATE TABLE user_assignments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    role_id INTEGER NOT NULL REFERENCES role_definitions (id),
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    object_id INTEGER NOT NULL,
    organization_id INTEGER REFERENCES organizations (id) ON DELETE CASCADE,
    team_id INTEGER REFERENCES teams (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    UNIQUE (user_id, role_id, object_id)
) STRICT;
CREATE INDEX user_assignments_organization ON user_assignments (organization_id, role_id);
CREATE INDEX user_assignments_team ON user_assignments (team_id, role_id);
CREATE INDEX user_assignments_created_by ON user_assignments (created_by);

CREATE TABLE team_assignments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    role_id INTEGER NOT NULL REFERENCES role_definitions (id),
    holder_id INTEGER NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    object_id INTEGER NOT NULL,
    organization_id INTEGER REFERENCES organizations (id) ON DELETE CASCADE,
    team_id INTEGER REFERENCES teams (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    UNIQUE (holder_id, role_id, object_id)
) STRICT;
CREATE INDEX team_assignments_organization ON team_assignments (organization_id, role_id);
CREATE INDEX team_assignments_team ON team_assignments (team_id, role_id);
CREATE INDEX team_assignments_created_by ON team_assignments (created_by);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    inactivity INTEGER,
    last_used_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    authenticator_id INTEGER NOT NULL REFERENCES authenticators (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires_at);
-- Not by their last use, which is written every second: those that go are sorted where there are too many.
CREATE INDEX sessions_kind ON sessions (kind, user_id);

-- What is told to whoever shows a session that is over. No row refers to another: it outlives what it tells of, and
-- none of it makes a session live again.
CREATE TABLE ended_sessions (
    digest BLOB NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    ended_at INTEGER NOT NULL,
    successor_id INTEGER
) STRICT;
CREATE INDEX ended_sessions_ended ON ended_sessions (ended_at);

CREATE TABLE tallies (
    kind INTEGER NOT NULL,
    digest BLOB NOT NULL,
    failures INTEGER NOT NULL,
    began_at INTEGER NOT NULL,
    failed_at INTEGER NOT NULL,
    PRIMARY KEY (kind, digest)
) STRICT;
CREATE INDEX tallies_failed ON tallies (failed_at);

CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    operation TEXT NOT NULL,
    changes TEXT NOT NULL,
    noun INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    related_noun INTEGER,
    related_id TEXT,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX entries_object ON entries (noun, object_id);
CREATE INDEX entries_created_by ON entries (created_by);
CREATE INDEX entries_created ON entries (created_at);

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE secrets (
    name TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;
