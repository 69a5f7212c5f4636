-- What a client token may use, as a JSON object; NULL limits nothing.
ALTER TABLE client_tokens ADD COLUMN limits TEXT;
ALTER TABLE client_tokens ADD COLUMN expires_at BIGINT;

-- Secrets that were replaced, and until when they open all the same.
CREATE TABLE former_secrets (
    digest TEXT NOT NULL PRIMARY KEY,
    token_id TEXT NOT NULL,
    valid_until BIGINT NOT NULL
);
CREATE INDEX former_secrets_token ON former_secrets (token_id);

-- What client tokens have used, day by day. Every process counts for itself; `replica` is its name,
-- another one after each start. `cost` is the list price in billionths of a dollar.
CREATE TABLE token_usage (
    token_id TEXT NOT NULL,
    day TEXT NOT NULL,
    replica TEXT NOT NULL,
    requests BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (token_id, day, replica)
);
CREATE INDEX token_usage_day ON token_usage (day);
