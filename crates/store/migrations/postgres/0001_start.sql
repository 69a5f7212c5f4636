-- What the gateway knows: pool keys, client tokens, settings, and what it has learned.
-- Times are milliseconds since the Unix epoch. Secrets are sealed before they come here.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- One row; counted up in the transaction of every change that a running server must take up.
CREATE TABLE revision (
    id BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO revision (id, number) VALUES (1, 0);

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    sealed_key TEXT NOT NULL,
    mask TEXT NOT NULL,
    name TEXT,
    project TEXT,
    enabled BOOLEAN NOT NULL,
    weight BIGINT NOT NULL,
    tier BIGINT NOT NULL,
    tags TEXT NOT NULL,
    source TEXT NOT NULL,
    revived_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Keys that an administrator removed; the environment does not bring them back.
CREATE TABLE removed_keys (
    fingerprint TEXT NOT NULL PRIMARY KEY,
    removed_at BIGINT NOT NULL
);

CREATE TABLE key_states (
    key_id TEXT NOT NULL PRIMARY KEY,
    dead_reason TEXT NOT NULL,
    dead_since BIGINT NOT NULL
);

-- `subject` is `project:<name>` or, where the project is unknown, `key:<id>`. `model` is
-- `models/<name>`, empty for calls about no model, `*` for all models together.
CREATE TABLE quota_blocks (
    subject TEXT NOT NULL,
    model TEXT NOT NULL,
    blocked_until BIGINT NOT NULL,
    quota_window TEXT NOT NULL,
    quota_limit BIGINT,
    quota_id TEXT,
    PRIMARY KEY (subject, model)
);

CREATE TABLE client_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    mask TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_used_at BIGINT
);

-- Only what an administrator changed.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    sealed BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL
);

-- What happened: one row a request, one row a failed attempt.

CREATE TABLE request_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    token_id TEXT,
    token_name TEXT,
    dialect TEXT NOT NULL,
    operation TEXT NOT NULL,
    model TEXT,
    key_id TEXT,
    key_mask TEXT,
    status BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    streamed BOOLEAN NOT NULL,
    duration_ms BIGINT NOT NULL,
    first_byte_ms BIGINT,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    thought_tokens BIGINT NOT NULL,
    cached_tokens BIGINT NOT NULL,
    tool_prompt_tokens BIGINT NOT NULL,
    total_tokens BIGINT NOT NULL,
    error TEXT
);
CREATE INDEX request_log_at ON request_log (at);

CREATE TABLE error_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    key_id TEXT,
    key_mask TEXT,
    model TEXT,
    status BIGINT,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    request_body TEXT
);
CREATE INDEX error_log_at ON error_log (at);
