//! The registry of all fixed SQL texts. A test prepares each of them on a migrated database.
//!
//! Numbers of roles stand as literals: 1 auditor, 2 team member, 3 team administrator, 4 organization
//! administrator, 5 organization member. Lists are bound as one JSON text and opened by `json_each`.

macro_rules! statements {
    ($($name:ident = $($part:expr),+;)*) => {
        $(pub(crate) const $name: &str = concat!($($part),+);)*

        /// All of them, by name.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name)),*];
    };
}

/// The teams that user `$1` belongs to or administers, itself or through other teams, as `held`.
macro_rules! held {
    () => {
        "WITH RECURSIVE held (id) AS ( \
           SELECT team_id FROM user_assignments WHERE user_id = $1 AND role_id IN (2, 3) \
           UNION \
           SELECT a.team_id FROM team_assignments a JOIN held ON a.holder_id = held.id \
             WHERE a.role_id IN (2, 3)) "
    };
}

statements! {
    // The engine.
    BEGIN = "BEGIN IMMEDIATE";
    SAVEPOINT = "SAVEPOINT job";
    ROLLBACK_TO = "ROLLBACK TO job";
    RELEASE = "RELEASE job";
    COMMIT = "COMMIT";
    ROLLBACK = "ROLLBACK";
    PING = "SELECT COUNT(*) FROM facts";
    CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)";
    DATA_VERSION = "PRAGMA data_version";
    APPLICATION_ID = "PRAGMA application_id";
    USER_VERSION = "PRAGMA user_version";
    TABLE_COUNT = "SELECT COUNT(*) FROM sqlite_master";

    // Facts.
    FACT = "SELECT value FROM facts WHERE name = $1";
    FACT_PUT = "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";

    // Users.
    CREDENTIAL = "SELECT id, password_hash, credential_version FROM users WHERE username = $1";
    USER_BY_STABLE_ID = "SELECT id FROM users WHERE stable_id = $1";
    ORGANIZATION_BY_STABLE_ID = "SELECT id FROM organizations WHERE stable_id = $1";
    TEAM_BY_STABLE_ID = "SELECT id FROM teams WHERE stable_id = $1";
    CREDENTIAL_UPGRADE = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
    USER_INSERT = "INSERT INTO users (stable_id, username, email, first_name, last_name, is_superuser, \
        is_enabled, is_managed, password_hash, created_at, created_by, modified_at, modified_by, \
        credential_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)";
    USER_UPDATE = "UPDATE users SET username = $3, email = $4, first_name = $5, last_name = $6, \
        is_superuser = $7, is_enabled = $8, is_managed = $9, \
        credential_version = credential_version + (CASE WHEN $10 IS NULL THEN 0 ELSE 1 END), \
        password_hash = COALESCE($10, password_hash), modified_at = $11, modified_by = $12 \
        WHERE id = $1 AND modified_at = $2";
    USER_DELETE = "DELETE FROM users WHERE id = $1 RETURNING is_superuser, is_enabled";
    USER_LOGIN = "UPDATE users SET last_login_at = $2, last_login_from = $3 \
        WHERE id = $1 AND is_enabled = 1 AND credential_version = $4";
    ADMINISTRATOR = "SELECT id FROM users WHERE is_superuser = 1 AND is_enabled = 1 LIMIT 1";
    SOURCES = "SELECT s.user_id, s.authenticator_id, a.name, s.uid, s.email FROM user_sources s \
        JOIN authenticators a ON a.id = s.authenticator_id \
        WHERE s.user_id IN (SELECT value FROM json_each($1)) ORDER BY a.place, a.id, s.uid";
    SOURCES_DELETE = "DELETE FROM user_sources WHERE user_id = $1";
    SOURCE_INSERT = "INSERT INTO user_sources (user_id, authenticator_id, uid, email) VALUES ($1, $2, $3, $4)";

    // Subjects.
    ROLES = held!(), "SELECT role_id, organization_id, team_id FROM user_assignments WHERE user_id = $1 \
        UNION SELECT a.role_id, a.organization_id, a.team_id FROM team_assignments a \
        JOIN held ON a.holder_id = held.id";
    SUBJECT_ORGANIZATIONS = "SELECT id, stable_id, name FROM organizations \
        WHERE id IN (SELECT value FROM json_each($1)) ORDER BY id";
    SUBJECT_TEAMS = "SELECT t.id, t.stable_id, t.name, o.id AS organization_id, \
        o.stable_id AS organization_stable_id, o.name AS organization_name FROM teams t \
        JOIN organizations o ON o.id = t.organization_id \
        WHERE t.id IN (SELECT value FROM json_each($1)) ORDER BY t.id";

    // Organizations, teams, applications, authenticators.
    ORGANIZATION_INSERT = "INSERT INTO organizations (stable_id, name, description, is_managed, created_at, \
        created_by, modified_at, modified_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ORGANIZATION_UPDATE = "UPDATE organizations SET name = $3, description = $4, is_managed = $5, \
        modified_at = $6, modified_by = $7 WHERE id = $1 AND modified_at = $2";
    ORGANIZATION_DELETE = "DELETE FROM organizations WHERE id = $1";
    TEAM_INSERT = "INSERT INTO teams (stable_id, name, organization_id, description, created_at, created_by, \
        modified_at, modified_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    TEAM_UPDATE = "UPDATE teams SET name = $3, organization_id = $4, description = $5, modified_at = $6, \
        modified_by = $7 WHERE id = $1 AND modified_at = $2";
    TEAM_DELETE = "DELETE FROM teams WHERE id = $1";
    APPLICATION_INSERT = "INSERT INTO applications (name, description, client_id, client_secret_hash, \
        client_type, grant_type, redirect_uris, post_logout_redirect_uris, algorithm, skip_authorization, \
        app_url, organization_id, user_id, created_at, created_by, modified_at, modified_by) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    APPLICATION_UPDATE = "UPDATE applications SET name = $3, description = $4, client_id = $5, \
        client_secret_hash = $6, client_type = $7, grant_type = $8, redirect_uris = $9, \
        post_logout_redirect_uris = $10, algorithm = $11, skip_authorization = $12, app_url = $13, \
        organization_id = $14, user_id = $15, modified_at = $16, modified_by = $17 \
        WHERE id = $1 AND modified_at = $2";
    APPLICATION_DELETE = "DELETE FROM applications WHERE id = $1";
    AUTHENTICATOR_INSERT = "INSERT INTO authenticators (name, is_enabled, plugin, place, slug, created_at, \
        created_by, modified_at, modified_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    AUTHENTICATOR_UPDATE = "UPDATE authenticators SET name = $3, is_enabled = $4, place = $5, \
        modified_at = $6, modified_by = $7 WHERE id = $1 AND modified_at = $2";

    // Roles.
    ROLE_INSERT = "INSERT INTO role_definitions (id, name, description, permissions, target, is_managed, \
        created_at, created_by, modified_at, modified_by) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $6, $7)";
    USER_ASSIGNMENT_INSERT = "INSERT INTO user_assignments (role_id, user_id, object_id, organization_id, \
        team_id, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    USER_ASSIGNMENT_DELETE = "DELETE FROM user_assignments WHERE id = $1";
    TEAM_ASSIGNMENT_INSERT = "INSERT INTO team_assignments (role_id, holder_id, object_id, organization_id, \
        team_id, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    TEAM_ASSIGNMENT_DELETE = "DELETE FROM team_assignments WHERE id = $1";

    // Tokens.
    TOKEN_BY_DIGEST = "SELECT id, digest, refresh_digest, user_id, application_id, description, scope, \
        expires_at, last_used_at, created_at, created_by, modified_at, modified_by FROM tokens \
        WHERE digest = $1";
    TOKEN_INSERT = "INSERT INTO tokens (digest, refresh_digest, user_id, application_id, description, scope, \
        expires_at, last_used_at, created_at, created_by, modified_at, modified_by) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    TOKEN_UPDATE = "UPDATE tokens SET digest = $3, refresh_digest = $4, description = $5, scope = $6, \
        expires_at = $7, modified_at = $8, modified_by = $9 WHERE id = $1 AND modified_at = $2";
    TOKEN_DELETE = "DELETE FROM tokens WHERE id = $1 RETURNING digest";
    TOKENS_DELETE_OF = "DELETE FROM tokens WHERE user_id = $1 RETURNING id, digest";
    TOKENS_DELETE = "DELETE FROM tokens RETURNING id";
    TOKENS_DELETE_FOR = "DELETE FROM tokens WHERE application_id = $1 RETURNING digest";
    TOKENS_DELETE_IN = "DELETE FROM tokens WHERE application_id IN \
        (SELECT id FROM applications WHERE organization_id = $1) RETURNING digest";
    TOKEN_USED = "UPDATE tokens SET last_used_at = $2 WHERE id = $1 \
        AND (last_used_at IS NULL OR last_used_at < $2)";

    // Sessions.
    SESSION_BY_DIGEST = "SELECT id, kind, digest, user_id, created_at, expires_at, last_used_at, address \
        FROM sessions WHERE digest = $1";
    SESSION_INSERT = "INSERT INTO sessions (kind, digest, user_id, created_at, expires_at, last_used_at, \
        address, authenticator_id) VALUES ($1, $2, $3, $4, $5, $4, $6, $7)";
    SESSION_DELETE = "DELETE FROM sessions WHERE id = $1 RETURNING digest";
    SESSIONS_DELETE_OF = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING digest";
    SESSIONS_DELETE = "DELETE FROM sessions";
    SESSIONS_EXPIRED = "DELETE FROM sessions WHERE id IN \
        (SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 10000) RETURNING digest";
    SESSION_EXTEND = "UPDATE sessions SET expires_at = $2 WHERE id = $1 \
        RETURNING id, kind, digest, user_id, created_at, expires_at, last_used_at, address";
    SESSION_USED = "UPDATE sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2";
    SESSIONS_LIVE = "SELECT s.id, s.kind, s.digest, s.user_id, s.created_at, s.expires_at, s.last_used_at, \
        s.address, u.username FROM sessions s JOIN users u ON u.id = s.user_id \
        WHERE ($1 IS NULL OR s.user_id = $1) AND s.expires_at > $2 \
        ORDER BY s.created_at DESC, s.id DESC LIMIT $3";

    // Attempts: kind 1 is an account, kind 2 an address.
    TALLY = "SELECT failures, began_at, failed_at FROM tallies WHERE kind = $1 AND digest = $2";
    TALLY_PUT = "INSERT INTO tallies (kind, digest, failures, began_at, failed_at) \
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (kind, digest) DO UPDATE SET failures = $3, began_at = $4, \
        failed_at = $5";
    TALLY_DELETE = "DELETE FROM tallies WHERE kind = $1 AND digest = $2";
    TALLIES_COUNT = "SELECT COUNT(*) FROM tallies";
    TALLIES_OLD = "DELETE FROM tallies WHERE failed_at < $1";
    TALLIES_OLDEST = "DELETE FROM tallies WHERE (kind, digest) IN \
        (SELECT kind, digest FROM tallies ORDER BY failed_at LIMIT $1)";

    // The activity stream.
    ENTRY_INSERT = "INSERT INTO entries (operation, changes, noun, object_id, related_noun, related_id, \
        created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    ENTRIES_SURPLUS = "DELETE FROM entries WHERE id IN (SELECT id FROM entries \
        WHERE id <= (SELECT MAX(id) - $1 FROM entries) ORDER BY id LIMIT 10000)";

    // Settings.
    SETTINGS = "SELECT name, value FROM settings";
    SETTING_PUT = "INSERT INTO settings (name, value) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET value = $2";
    SETTING_DELETE = "DELETE FROM settings WHERE name = $1";

    // References.
    USER_NAMES = "SELECT id, username, first_name, last_name FROM users \
        WHERE id IN (SELECT value FROM json_each($1))";
    ORGANIZATION_NAMES = "SELECT id, name FROM organizations WHERE id IN (SELECT value FROM json_each($1))";
    TEAM_NAMES = "SELECT id, name FROM teams WHERE id IN (SELECT value FROM json_each($1))";
    APPLICATION_NAMES = "SELECT id, name FROM applications WHERE id IN (SELECT value FROM json_each($1))";
    AUTHENTICATOR_NAMES = "SELECT id, name FROM authenticators WHERE id IN (SELECT value FROM json_each($1))";
    ROLE_NAMES = "SELECT id, name, description FROM role_definitions \
        WHERE id IN (SELECT value FROM json_each($1))";
    AUDITORS = "SELECT DISTINCT user_id FROM user_assignments \
        WHERE role_id = 1 AND user_id IN (SELECT value FROM json_each($1)) ORDER BY user_id";
    APPLICATION_TOKENS = "SELECT application_id, id, scope, total FROM (SELECT application_id, id, scope, \
        COUNT(*) OVER (PARTITION BY application_id) AS total, \
        ROW_NUMBER() OVER (PARTITION BY application_id ORDER BY id) AS place \
        FROM tokens WHERE application_id IN (SELECT value FROM json_each($1))) AS numbered \
        WHERE place <= 10 ORDER BY application_id, id";
}
