-- What the gateway knows: pool keys, client tokens, settings, and what it has learned.
-- Times are milliseconds since the Unix epoch. Secrets are sealed before they come here.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- One row; counted up in the transaction of every change that a running server must take up.
CREATE TABLE revision (
    id INTEGER NOT NULL PRIMARY KEY,
    number INTEGER NOT NULL
) STRICT;
INSERT INTO revision (id, number) VALUES (1, 0);

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    sealed_key TEXT NOT NULL,
    mask TEXT NOT NULL,
    name TEXT,
    project TEXT,
    enabled INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    tier INTEGER NOT NULL,
    tags TEXT NOT NULL,
    source TEXT NOT NULL,
    revived_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Keys that an administrator removed; the environment does not bring them back.
CREATE TABLE removed_keys (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    removed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE key_states (
    key_id TEXT NOT NULL PRIMARY KEY,
    dead_reason TEXT NOT NULL,
    dead_since INTEGER NOT NULL
) STRICT;

-- `subject` is `project:<name>` or, where the project is unknown, `key:<id>`. `model` is
-- `models/<name>`, empty for calls about no model, `*` for all models together.
CREATE TABLE quota_blocks (
    subject TEXT NOT NULL,
    model TEXT NOT NULL,
    blocked_until INTEGER NOT NULL,
    quota_window TEXT NOT NULL,
    quota_limit INTEGER,
    quota_id TEXT,
    PRIMARY KEY (subject, model)
) STRICT;

CREATE TABLE client_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    mask TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    last_used_at INTEGER
) STRICT;

-- Only what an administrator changed.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    sealed INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
