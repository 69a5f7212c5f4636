-- The models that Google lists, and when each of them was seen there first and last.
CREATE TABLE listed_models (
    name TEXT NOT NULL PRIMARY KEY,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    listing TEXT NOT NULL
);

-- Conversations of the playground that somebody has kept.
CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX conversations_person ON conversations (person);

-- The way out that an administrator has bound a key to.
ALTER TABLE api_keys ADD COLUMN proxy TEXT;

-- The job that added a key, with others at once.
ALTER TABLE api_keys ADD COLUMN batch TEXT;
