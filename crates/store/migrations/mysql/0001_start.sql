-- What the gateway knows: pool keys, client tokens, settings, and what it has learned.
-- Times are milliseconds since the Unix epoch. Secrets are sealed before they come here.

CREATE TABLE meta (
    name VARCHAR(190) NOT NULL PRIMARY KEY,
    value MEDIUMTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- One row; counted up in the transaction of every change that a running server must take up.
CREATE TABLE revision (
    id BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO revision (id, number) VALUES (1, 0);

CREATE TABLE api_keys (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    fingerprint VARCHAR(190) NOT NULL UNIQUE,
    sealed_key TEXT NOT NULL,
    mask VARCHAR(190) NOT NULL,
    name VARCHAR(190),
    project VARCHAR(190),
    enabled BOOLEAN NOT NULL,
    weight BIGINT NOT NULL,
    tier BIGINT NOT NULL,
    tags TEXT NOT NULL,
    source VARCHAR(64) NOT NULL,
    revived_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Keys that an administrator removed; the environment does not bring them back.
CREATE TABLE removed_keys (
    fingerprint VARCHAR(190) NOT NULL PRIMARY KEY,
    removed_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE key_states (
    key_id VARCHAR(190) NOT NULL PRIMARY KEY,
    dead_reason VARCHAR(64) NOT NULL,
    dead_since BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- `subject` is `project:<name>` or, where the project is unknown, `key:<id>`. `model` is
-- `models/<name>`, empty for calls about no model, `*` for all models together.
CREATE TABLE quota_blocks (
    subject VARCHAR(190) NOT NULL,
    model VARCHAR(190) NOT NULL,
    blocked_until BIGINT NOT NULL,
    quota_window VARCHAR(64) NOT NULL,
    quota_limit BIGINT,
    quota_id TEXT,
    PRIMARY KEY (subject, model)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE client_tokens (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    name VARCHAR(190) NOT NULL,
    digest VARCHAR(190) NOT NULL UNIQUE,
    mask VARCHAR(190) NOT NULL,
    source VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_used_at BIGINT
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Only what an administrator changed.
CREATE TABLE settings (
    name VARCHAR(190) NOT NULL PRIMARY KEY,
    value MEDIUMTEXT NOT NULL,
    sealed BOOLEAN NOT NULL,
    updated_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What happened: one row a request, one row a failed attempt.

CREATE TABLE request_log (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    request_id VARCHAR(190) NOT NULL,
    at BIGINT NOT NULL,
    token_id VARCHAR(190),
    token_name VARCHAR(190),
    dialect VARCHAR(64) NOT NULL,
    operation VARCHAR(64) NOT NULL,
    model VARCHAR(190),
    key_id VARCHAR(190),
    key_mask VARCHAR(190),
    status BIGINT NOT NULL,
    outcome VARCHAR(64) NOT NULL,
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
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX request_log_at ON request_log (at);

CREATE TABLE error_log (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    request_id VARCHAR(190) NOT NULL,
    at BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    key_id VARCHAR(190),
    key_mask VARCHAR(190),
    model VARCHAR(190),
    status BIGINT,
    outcome VARCHAR(64) NOT NULL,
    message MEDIUMTEXT NOT NULL,
    request_body MEDIUMTEXT
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX error_log_at ON error_log (at);
