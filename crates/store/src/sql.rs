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

/// Grants that nothing carries on at `$1`: no access token, no live refresh token, and no code whose replay
/// would have to end them.
macro_rules! empty {
    () => {
        "NOT EXISTS (SELECT 1 FROM tokens t WHERE t.grant_id = grants.id) \
         AND NOT EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.grant_id = grants.id AND r.ended_at IS NULL) \
         AND NOT EXISTS (SELECT 1 FROM codes c WHERE c.grant_id = grants.id AND c.expires_at > $1)"
    };
}

pub(crate) mod sessions;

statements! {
    // The engine.
    BEGIN = "BEGIN IMMEDIATE";
    COMMIT = "COMMIT";
    // Two at once: each text is one more way to the connection's thread and back.
    BEGIN_JOBS = "BEGIN IMMEDIATE; SAVEPOINT job";
    ROLLBACK_TO = "ROLLBACK TO job";
    NEXT_JOB = "RELEASE job; SAVEPOINT job";
    COMMIT_JOBS = "RELEASE job; COMMIT";
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

    FACT_REPLACE = "UPDATE facts SET value = $2 WHERE name = $1";
    FACT_DELETE = "DELETE FROM facts WHERE name = $1";
    SEALED_FACTS = "SELECT name, value AS sealed FROM facts WHERE substr(name, 1, 7) = 'sealed:'";

    // Secrets.
    SECRET = "SELECT sealed FROM secrets WHERE name = $1";
    SECRETS = "SELECT name, sealed FROM secrets";
    SECRET_COUNT = "SELECT COUNT(*) FROM secrets";
    SECRET_NAMES = "SELECT name FROM secrets WHERE substr(name, 1, length($1)) = $1 ORDER BY name";
    SECRET_PUT = "INSERT INTO secrets (name, sealed) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed";
    SECRET_DELETE = "DELETE FROM secrets WHERE name = $1";
    SEALED_COUNT = "SELECT (SELECT COUNT(*) FROM secrets) \
        + (SELECT COUNT(*) FROM facts WHERE substr(name, 1, 7) = 'sealed:') \
        + (SELECT COUNT(*) FROM settings WHERE substr(value, 1, 10) = '{\"sealed\":')";

    // Users.
    CREDENTIAL = "SELECT id, password_hash, credential_version FROM users WHERE username = $1";
    USER_BY_STABLE_ID = "SELECT id FROM users WHERE stable_id = $1";
    ORGANIZATION_BY_STABLE_ID = "SELECT id FROM organizations WHERE stable_id = $1";
    TEAM_BY_STABLE_ID = "SELECT id FROM teams WHERE stable_id = $1";
    CREDENTIAL_UPGRADE = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
    USER_INSERT = "INSERT INTO users (stable_id, username, email, first_name, last_name, is_superuser, \
        is_enabled, is_managed, password_hash, created_at, created_by, modified_at, modified_by, \
        credential_version, id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, $14)";
    USER_NUMBER = "SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM users) THEN 2 \
        WHEN (SELECT seq FROM sqlite_sequence WHERE name = 'users') = 1 THEN 1 END AS id";
    USER_NUMBERED = "UPDATE sqlite_sequence SET seq = 3 - $1 WHERE name = 'users'";
    USER_UPDATE = "UPDATE users SET username = $3, email = $4, first_name = $5, last_name = $6, \
        is_superuser = $7, is_enabled = $8, is_managed = $9, \
        credential_version = credential_version + (CASE WHEN $10 IS NULL THEN 0 ELSE 1 END), \
        password_hash = COALESCE($10, password_hash), modified_at = $11, modified_by = $12 \
        WHERE id = $1 AND modified_at = $2";
    USER_DELETE = "DELETE FROM users WHERE id = $1 RETURNING is_superuser, is_enabled";
    USER_LOGIN = "UPDATE users SET last_login_from = $3, \
                  last_login_at = CASE WHEN last_login_at > $2 THEN last_login_at ELSE $2 END \
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
    USER_ANNEX_PUT = "INSERT INTO user_annexes (user_id, text) VALUES ($1, $2) \
        ON CONFLICT (user_id) DO UPDATE SET text = excluded.text";
    TEAM_ANNEX_PUT = "INSERT INTO team_annexes (team_id, text) VALUES ($1, $2) \
        ON CONFLICT (team_id) DO UPDATE SET text = excluded.text";
    USER_ANNEXES = "SELECT user_id AS id, text FROM user_annexes \
        WHERE user_id IN (SELECT value FROM json_each($1))";
    TEAM_ANNEXES = "SELECT team_id AS id, text FROM team_annexes \
        WHERE team_id IN (SELECT value FROM json_each($1))";
    APPLICATION_INSERT = "INSERT INTO applications (name, description, client_id, client_secret_hash, \
        client_type, grant_type, redirect_uris, post_logout_redirect_uris, algorithm, skip_authorization, \
        app_url, organization_id, user_id, created_at, created_by, modified_at, modified_by, allowances, \
        requires_pkce) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
        $18, $19)";
    APPLICATION_UPDATE = "UPDATE applications SET name = $3, description = $4, client_id = $5, \
        client_secret_hash = $6, client_type = $7, grant_type = $8, redirect_uris = $9, \
        post_logout_redirect_uris = $10, algorithm = $11, skip_authorization = $12, app_url = $13, \
        organization_id = $14, user_id = $15, modified_at = $16, modified_by = $17, allowances = $18, \
        requires_pkce = $19 WHERE id = $1 AND modified_at = $2";
    APPLICATION_DELETE = "DELETE FROM applications WHERE id = $1 RETURNING client_id";
    APPLICATION_BY_CLIENT_ID = "SELECT id, name, description, client_id, client_secret_hash, client_type, \
        grant_type, redirect_uris, post_logout_redirect_uris, algorithm, skip_authorization, allowances, \
        requires_pkce, app_url, organization_id, user_id, created_at, created_by, modified_at, modified_by \
        FROM applications WHERE client_id = $1";
    APPLICATION_UPGRADE = "UPDATE applications SET client_secret_hash = $3 \
        WHERE id = $1 AND client_secret_hash = $2 RETURNING client_id";
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
    TOKEN_BY_DIGEST = "SELECT id, digest, (SELECT r.digest FROM refresh_tokens r WHERE r.token_id = t.id \
        AND r.ended_at IS NULL) AS refresh_digest, grant_id, user_id, application_id, description, scope, \
        expires_at, last_used_at, created_at, created_by, modified_at, modified_by FROM tokens t \
        WHERE digest = $1";
    TOKEN_INSERT = "INSERT INTO tokens (digest, grant_id, user_id, application_id, description, scope, \
        expires_at, last_used_at, created_at, created_by, modified_at, modified_by) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    TOKEN_UPDATE = "UPDATE tokens SET digest = $3, description = $4, scope = $5, expires_at = $6, \
        modified_at = $7, modified_by = $8 WHERE id = $1 AND modified_at = $2";
    TOKEN_DELETE = "DELETE FROM tokens WHERE id = $1 RETURNING digest, grant_id";
    TOKEN_DIGESTS = "SELECT digest FROM tokens WHERE id IN (SELECT value FROM json_each($1))";
    TOKENS_DELETE_OF = "DELETE FROM tokens WHERE user_id = $1 RETURNING id, digest";
    TOKENS_DELETE = "DELETE FROM tokens RETURNING id";
    TOKENS_DELETE_FOR = "DELETE FROM tokens WHERE application_id = $1 RETURNING digest";
    TOKENS_DELETE_IN = "DELETE FROM tokens WHERE application_id IN \
        (SELECT id FROM applications WHERE organization_id = $1) RETURNING digest";
    TOKENS_DELETE_GRANT = "DELETE FROM tokens WHERE grant_id = $1 RETURNING digest";
    TOKENS_EXPIRED = "SELECT id FROM tokens WHERE expires_at <= $1 LIMIT 2000";
    TOKENS_DELETE_EXPIRED = "DELETE FROM tokens WHERE id IN (SELECT value FROM json_each($2)) \
        AND expires_at <= $1 RETURNING digest";
    // A consent is to the application as it was then: who changes its addresses does not inherit it.
    TOKEN_SCOPES = "SELECT DISTINCT t.scope FROM tokens t \
        JOIN applications a ON a.id = t.application_id LEFT JOIN grants g ON g.id = t.grant_id \
        WHERE t.user_id = $1 AND t.application_id = $2 AND t.expires_at > $3 \
        AND coalesce(g.created_at, t.created_at) >= a.modified_at";
    TOKEN_USED = "UPDATE tokens SET last_used_at = $2 WHERE id = $1 \
        AND (last_used_at IS NULL OR last_used_at < $2)";

    // Grants, and what carries them.
    GRANT_INSERT = "INSERT INTO grants (user_id, application_id, created_at) \
        SELECT u.id, a.id, $3 FROM users u, applications a \
        WHERE u.id = $1 AND u.is_enabled = 1 AND a.id = $2";
    GRANT_DELETE = "DELETE FROM grants WHERE id = $1";
    GRANTS_EMPTY = "SELECT id FROM grants WHERE ", empty!(), " LIMIT 10000";
    GRANTS_DELETE_EMPTY = "DELETE FROM grants WHERE id IN (SELECT value FROM json_each($2)) AND ", empty!();
    REFRESH_INSERT = "INSERT INTO refresh_tokens (digest, grant_id, token_id, scope, created_at) \
        VALUES ($1, $2, $3, $4, $5)";
    REFRESH_SURPLUS = "DELETE FROM refresh_tokens WHERE id IN (SELECT id FROM refresh_tokens \
        WHERE grant_id = $1 ORDER BY id DESC LIMIT 1000000 OFFSET $2)";
    REFRESH_BY_DIGEST = "SELECT r.id, r.grant_id, g.created_at AS granted_at, g.application_id, g.user_id, \
        r.scope, r.token_id, r.created_at, r.ended_at FROM refresh_tokens r \
        JOIN grants g ON g.id = r.grant_id WHERE r.digest = $1";
    REFRESH_TAKE = "UPDATE refresh_tokens SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL \
        AND grant_id IN (SELECT g.id FROM grants g JOIN users u ON u.id = g.user_id \
        WHERE g.user_id = $3 AND g.application_id = $4 AND u.is_enabled = 1) \
        RETURNING grant_id, token_id, scope";
    REFRESH_TAKEN = "SELECT grant_id FROM refresh_tokens WHERE id = $1 AND ended_at IS NOT NULL";
    REFRESH_RESCOPE = "UPDATE refresh_tokens SET scope = $2 WHERE token_id = $1 AND ended_at IS NULL";
    REFRESH_END = "UPDATE refresh_tokens SET ended_at = $2 WHERE grant_id = $1 AND ended_at IS NULL";
    REFRESH_REVOKE_OF = "UPDATE refresh_tokens SET ended_at = $1 WHERE ended_at IS NULL \
        AND grant_id IN (SELECT id FROM grants WHERE user_id = $2) RETURNING id, token_id";
    REFRESH_REVOKE = "UPDATE refresh_tokens SET ended_at = $1 WHERE ended_at IS NULL RETURNING id, token_id";
    REFRESH_OLD = "SELECT id FROM refresh_tokens WHERE created_at < $1 LIMIT 2000";
    REFRESH_DELETE_OLD = "DELETE FROM refresh_tokens WHERE id IN (SELECT value FROM json_each($2)) \
        AND created_at < $1 RETURNING token_id";
    CODE_INSERT = "INSERT INTO codes (digest, application_id, user_id, redirect_uri, scope, challenge, \
        created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    CODES_SURPLUS = "DELETE FROM codes WHERE digest IN (SELECT digest FROM codes WHERE user_id = $1 \
        ORDER BY created_at DESC LIMIT 1000000 OFFSET $2)";
    CODE = "SELECT digest, application_id, user_id, redirect_uri, scope, challenge, created_at, expires_at, \
        used_at, grant_id FROM codes WHERE digest = $1";
    CODE_TAKE = "UPDATE codes SET used_at = $2 WHERE digest = $1 AND used_at IS NULL AND expires_at > $2 \
        AND user_id = $3 AND application_id = $4 RETURNING digest";
    CODE_TAKEN = "SELECT grant_id FROM codes WHERE digest = $1 AND used_at IS NOT NULL";
    CODE_GAVE = "UPDATE codes SET grant_id = $2 WHERE digest = $1";
    CODES_UNUSED = "DELETE FROM codes WHERE used_at IS NULL AND ($1 IS NULL OR user_id = $1)";
    CODES_OVER = "DELETE FROM codes WHERE digest IN \
        (SELECT digest FROM codes WHERE expires_at <= $1 LIMIT 10000)";
    DEVICE_INSERT = "INSERT INTO devices (device_digest, user_digest, application_id, scope, address, \
        created_at, expires_at, poll_interval, polled_at, decision, user_id) \
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE NOT EXISTS \
        (SELECT 1 FROM devices WHERE user_digest = $2 AND expires_at > $6)";
    DEVICES_COUNTS = "SELECT (SELECT COUNT(*) FROM devices) AS kept, (SELECT COUNT(*) FROM devices \
        WHERE application_id = $1 AND expires_at > $2 AND decision = 'open') AS open";
    DEVICE = "SELECT device_digest, user_digest, application_id, scope, address, created_at, expires_at, \
        poll_interval, polled_at, decision, user_id FROM devices WHERE device_digest = $1";
    DEVICE_BY_USER_CODE = "SELECT device_digest, user_digest, application_id, scope, address, created_at, \
        expires_at, poll_interval, polled_at, decision, user_id FROM devices WHERE user_digest = $1 \
        ORDER BY expires_at DESC LIMIT 1";
    DEVICE_POLLED = "UPDATE devices SET polled_at = $2, poll_interval = $3 WHERE device_digest = $1";
    DEVICE_DECIDE = "UPDATE devices SET decision = $2, user_id = $3 \
        WHERE user_digest = $1 AND decision = 'open' AND expires_at > $4";
    DEVICE_TAKE = "UPDATE devices SET decision = 'used' WHERE device_digest = $1 AND decision = 'allowed' \
        AND expires_at > $2 AND user_id = $3 AND application_id = $4 RETURNING device_digest";
    DEVICE_TAKEN = "SELECT grant_id FROM devices WHERE device_digest = $1 AND decision = 'used'";
    DEVICE_GAVE = "UPDATE devices SET grant_id = $2 WHERE device_digest = $1";
    DEVICES_ALLOWED = "UPDATE devices SET decision = 'denied' \
        WHERE decision = 'allowed' AND ($1 IS NULL OR user_id = $1)";
    DEVICES_OVER = "DELETE FROM devices WHERE device_digest IN \
        (SELECT device_digest FROM devices WHERE expires_at <= $1 LIMIT 10000)";

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

    // Imports.
    IMPORT_SAVEPOINT = "SAVEPOINT import";
    IMPORT_ROLLBACK = "ROLLBACK TO import";
    IMPORT_RELEASE = "RELEASE import";
    AUTHENTICATOR_BY_NAME = "SELECT id FROM authenticators WHERE name = $1";
    SOURCE_OWNER = "SELECT user_id FROM user_sources WHERE authenticator_id = $1 AND uid = $2";
    USER_SEEN = "UPDATE users SET last_login_at = $2 WHERE id = $1";
    ORGANIZATION_BY_NAME = "SELECT id FROM organizations WHERE name = $1";
    TEAM_BY_NAME = "SELECT id FROM teams WHERE organization_id = $1 AND name = $2";
    USER_ASSIGNMENT = "SELECT id FROM user_assignments WHERE user_id = $1 AND role_id = $2 AND object_id = $3";
    TOKEN_ID = "SELECT id FROM tokens WHERE digest = $1";
    TOKEN_GRANT = "SELECT grant_id FROM tokens WHERE id = $1";
    REFRESH_STATE = "SELECT id, ended_at FROM refresh_tokens WHERE digest = $1";
    GRANT_IMPORT = "INSERT INTO grants (user_id, application_id, created_at) VALUES ($1, $2, $3)";

    // Settings.
    SETTINGS = "SELECT name, value FROM settings";
    SETTING_PUT = "INSERT INTO settings (name, value) VALUES ($1, $2) \
        ON CONFLICT (name) DO UPDATE SET value = $2";
    SETTING_DELETE = "DELETE FROM settings WHERE name = $1";

    // References.
    USER_NAMES = "SELECT id, username, first_name, last_name FROM users \
        WHERE id IN (SELECT value FROM json_each($1))";
    ORGANIZATION_NAMES = "SELECT id, name, description FROM organizations \
        WHERE id IN (SELECT value FROM json_each($1))";
    ORGANIZATION_COUNTS = "SELECT o.id, \
        (SELECT COUNT(*) FROM user_assignments a WHERE a.organization_id = o.id AND a.role_id = 5) AS users, \
        (SELECT COUNT(*) FROM user_assignments a WHERE a.organization_id = o.id AND a.role_id = 4) AS admins, \
        (SELECT COUNT(*) FROM teams t WHERE t.organization_id = o.id) AS teams \
        FROM organizations o WHERE o.id IN (SELECT value FROM json_each($1))";
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
