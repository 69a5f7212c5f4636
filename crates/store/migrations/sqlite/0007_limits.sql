-- What a client token may use, as a JSON object; NULL limits nothing.
ALTER TABLE client_tokens ADD COLUMN limits TEXT;
ALTER TABLE client_tokens ADD COLUMN expires_at INTEGER;

-- Secrets that were replaced, and until when they open all the same.
CREATE TABLE former_secrets (
    digest TEXT NOT NULL PRIMARY KEY,
    token_id TEXT NOT NULL,
    valid_until INTEGER NOT NULL
) STRICT;
CREATE INDEX former_secrets_token ON former_secrets (token_id);

-- What client tokens have used, day by day. Every process counts for itself; `replica` is its name,
-- another one after each start. `cost` is the list price in billionths of a dollar.
CREATE TABLE token_usage (
    token_id TEXT NOT NULL,
    day TEXT NOT NULL,
    replica TEXT NOT NULL,
    requests INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    PRIMARY KEY (token_id, day, replica)
) STRICT;
CREATE INDEX token_usage_day ON token_usage (day);
