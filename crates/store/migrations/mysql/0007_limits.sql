-- What a client token may use, as a JSON object; NULL limits nothing.
ALTER TABLE client_tokens ADD COLUMN limits MEDIUMTEXT;
ALTER TABLE client_tokens ADD COLUMN expires_at BIGINT;

-- Secrets that were replaced, and until when they open all the same.
CREATE TABLE former_secrets (
    digest VARCHAR(190) NOT NULL PRIMARY KEY,
    token_id VARCHAR(190) NOT NULL,
    valid_until BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX former_secrets_token ON former_secrets (token_id);

-- What client tokens have used, day by day. Every process counts for itself; `replica` is its name,
-- another one after each start. `cost` is the list price in billionths of a dollar.
CREATE TABLE token_usage (
    token_id VARCHAR(190) NOT NULL,
    day VARCHAR(16) NOT NULL,
    replica VARCHAR(64) NOT NULL,
    requests BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (token_id, day, replica)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX token_usage_day ON token_usage (day);
