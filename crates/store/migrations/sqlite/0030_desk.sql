-- The models that Google lists, and when each of them was seen there first and last.
CREATE TABLE listed_models (
    name TEXT NOT NULL PRIMARY KEY,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    listing TEXT NOT NULL
) STRICT;

-- Conversations of the playground that somebody has kept.
CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_person ON conversations (person);

-- The way out that an administrator has bound a key to.
ALTER TABLE api_keys ADD COLUMN proxy TEXT;

-- The job that added a key, with others at once.
ALTER TABLE api_keys ADD COLUMN batch TEXT;
