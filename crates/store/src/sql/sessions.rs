//! The texts about sessions, those that live and those that are over.

/// Puts into `ended_sessions` what was a session before: `$2` why, `$3` when, `$4` because of which newer one. A
/// condition on the sessions is its argument.
macro_rules! end {
    ($where:literal) => {
        concat!(
            "INSERT INTO ended_sessions (digest, session_id, user_id, reason, ended_at, successor_id) \
             SELECT digest, id, user_id, $2, $3, $4 FROM sessions WHERE ",
            $where,
            " ON CONFLICT (digest) DO UPDATE SET session_id = excluded.session_id, \
             user_id = excluded.user_id, reason = excluded.reason, ended_at = excluded.ended_at, \
             successor_id = excluded.successor_id"
        )
    };
}

/// A text for each reach of a cap: `$1` is the kind, `$2` the user, each none where it does not matter. Written
/// apart, because an index serves only a plain comparison.
macro_rules! within {
    (system, $before:expr, $after:expr) => {
        concat!($before, " WHERE $1 IS NULL AND $2 IS NULL", $after)
    };
    (platform, $before:expr, $after:expr) => {
        concat!($before, " WHERE kind = $1 AND $2 IS NULL", $after)
    };
    (user, $before:expr, $after:expr) => {
        concat!($before, " WHERE kind = $1 AND user_id = $2", $after)
    };
}

/// How many sessions there are, over or not.
macro_rules! counted {
    ($reach:ident) => {
        within!($reach, "SELECT COUNT(*) FROM sessions", "")
    };
}

/// Those beside `$3`, behind the number `$5`, that may be over at `$4`, as far as the disk knows.
macro_rules! over {
    ($reach:ident) => {
        within!(
            $reach,
            "SELECT id, kind, digest, user_id, created_at, expires_at, inactivity, last_used_at, address \
             FROM sessions",
            " AND id <> $3 AND id > $5 AND (expires_at <= $4 OR created_at > $4 \
             OR last_used_at + inactivity <= $4 OR last_used_at > $4) ORDER BY id LIMIT 1000"
        )
    };
}

/// Those beside `$3` that were used the longest time ago, as far as the disk knows; `$4` at most.
macro_rules! least_used {
    ($reach:ident) => {
        within!(
            $reach,
            "SELECT id, kind, digest, user_id, created_at, last_used_at FROM sessions",
            " AND id <> $3 ORDER BY last_used_at, created_at, id LIMIT $4"
        )
    };
}

/// Those beside `$3` that began the longest time ago; `$4` at most.
macro_rules! oldest {
    ($reach:ident) => {
        within!(
            $reach,
            "SELECT id, kind, digest, user_id, created_at, last_used_at FROM sessions",
            " AND id <> $3 ORDER BY created_at, id LIMIT $4"
        )
    };
}

statements! {
    // Those that live.
    BY_DIGEST = "SELECT id, kind, digest, user_id, created_at, expires_at, inactivity, last_used_at, \
        address FROM sessions WHERE digest = $1";
    INSERT = "INSERT INTO sessions (kind, digest, user_id, created_at, expires_at, last_used_at, \
        address, authenticator_id, inactivity) VALUES ($1, $2, $3, $4, $5, $9, $6, $7, $8)";
    BEGAN = "SELECT created_at FROM sessions WHERE id = $1";
    EXTEND = "UPDATE sessions SET expires_at = $2 WHERE id = $1 \
        RETURNING id, kind, digest, user_id, created_at, expires_at, inactivity, last_used_at, address";
    USED = "UPDATE sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2";
    // With those that only memory may know to be alive: the disk hears of a use up to $5 later.
    LIVE = "SELECT s.id, s.kind, s.digest, s.user_id, s.created_at, s.expires_at, s.inactivity, \
        s.last_used_at, s.address, u.username FROM sessions s JOIN users u ON u.id = s.user_id \
        WHERE ($1 IS NULL OR s.user_id = $1) AND ($4 IS NULL OR s.kind = $4) AND s.expires_at > $2 \
        AND (s.inactivity IS NULL OR s.last_used_at + s.inactivity > $2 - $5) \
        ORDER BY s.created_at DESC, s.id DESC LIMIT $3";
    OF_USER = "SELECT id FROM sessions WHERE user_id = $1 AND id <> $2";
    EXPIRED = "SELECT id FROM sessions WHERE expires_at <= $1 LIMIT 10000";
    RESTING = "SELECT id, digest FROM sessions WHERE last_used_at + inactivity <= $1 LIMIT 10000";
    RESTED = "SELECT id FROM sessions WHERE id IN (SELECT value FROM json_each($2)) \
        AND last_used_at + inactivity <= $1";

    // Those that are too many.
    COUNT_SYSTEM = counted!(system);
    COUNT_PLATFORM = counted!(platform);
    COUNT_USER = counted!(user);
    OVER_SYSTEM = over!(system);
    OVER_PLATFORM = over!(platform);
    OVER_USER = over!(user);
    LEAST_USED_SYSTEM = least_used!(system);
    LEAST_USED_PLATFORM = least_used!(platform);
    LEAST_USED_USER = least_used!(user);
    OLDEST_SYSTEM = oldest!(system);
    OLDEST_PLATFORM = oldest!(platform);
    OLDEST_USER = oldest!(user);

    // Those that end, and what is kept of them.
    END = end!("id IN (SELECT value FROM json_each($1))");
    DELETE = "DELETE FROM sessions WHERE id IN (SELECT value FROM json_each($1)) RETURNING digest";
    // Of everybody's, no more are told of than are kept.
    END_ALL = end!("id IN (SELECT id FROM sessions ORDER BY id DESC LIMIT $1)");
    DELETE_ALL = "DELETE FROM sessions";
    ENDED = "SELECT session_id, user_id, reason, ended_at, successor_id FROM ended_sessions WHERE digest = $1";
    ENDED_OLD = "DELETE FROM ended_sessions WHERE digest IN \
        (SELECT digest FROM ended_sessions WHERE ended_at <= $1 LIMIT 10000)";
    ENDED_SURPLUS = "DELETE FROM ended_sessions WHERE digest IN \
        (SELECT digest FROM ended_sessions ORDER BY ended_at DESC, session_id DESC LIMIT 10000 OFFSET $1)";
}
