-- What happened: one row a request, one row a failed attempt. In a file of its own, so that a flood
-- of logs or a damaged log cannot hurt the keys.

CREATE TABLE request_log (
    id INTEGER NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    token_id TEXT,
    token_name TEXT,
    dialect TEXT NOT NULL,
    operation TEXT NOT NULL,
    model TEXT,
    key_id TEXT,
    key_mask TEXT,
    status INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    streamed INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    first_byte_ms INTEGER,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    thought_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    tool_prompt_tokens INTEGER NOT NULL,
    total_tokens INTEGER NOT NULL,
    error TEXT
) STRICT;
CREATE INDEX request_log_at ON request_log (at);

CREATE TABLE error_log (
    id INTEGER NOT NULL PRIMARY KEY,
    request_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    key_id TEXT,
    key_mask TEXT,
    model TEXT,
    status INTEGER,
    outcome TEXT NOT NULL,
    message TEXT NOT NULL,
    request_body TEXT
) STRICT;
CREATE INDEX error_log_at ON error_log (at);
