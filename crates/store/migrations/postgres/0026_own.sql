-- What people set for themselves: which columns they see, how dense tables are.
CREATE TABLE preferences (
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (person, name)
);

-- Filters of a page that somebody gave a name.
CREATE TABLE saved_views (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    pinned BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX saved_views_person ON saved_views (person);

-- Whose password was made by somebody else, and is to be changed when they sign in.
ALTER TABLE administrators ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE;

-- What people write down about a key.
ALTER TABLE api_keys ADD COLUMN note TEXT;
