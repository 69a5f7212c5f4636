-- What clients have made at Google: files, caches, batches and so on. Each exists in the project of
-- one key and belongs to the token that made it. `body` is what Google last said of it, sealed.
CREATE TABLE resources (
    name TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    key_id TEXT NOT NULL,
    project TEXT,
    token_id TEXT NOT NULL,
    state TEXT NOT NULL,
    display_name TEXT,
    mime TEXT,
    size BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    body TEXT NOT NULL
);
CREATE INDEX resources_of_token ON resources (token_id, kind, created_at);
CREATE INDEX resources_expires ON resources (expires_at);
