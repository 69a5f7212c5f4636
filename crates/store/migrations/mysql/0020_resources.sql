-- What clients have made at Google: files, caches, batches and so on. Each exists in the project of
-- one key and belongs to the token that made it. `body` is what Google last said of it, sealed.
CREATE TABLE resources (
    name VARCHAR(190) NOT NULL PRIMARY KEY,
    kind VARCHAR(190) NOT NULL,
    key_id VARCHAR(190) NOT NULL,
    project VARCHAR(190),
    token_id VARCHAR(190) NOT NULL,
    state VARCHAR(190) NOT NULL,
    display_name LONGTEXT,
    mime VARCHAR(190),
    size BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    body LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX resources_of_token ON resources (token_id, kind, created_at);
CREATE INDEX resources_expires ON resources (expires_at);
