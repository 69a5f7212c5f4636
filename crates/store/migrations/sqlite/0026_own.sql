-- What people set for themselves: which columns they see, how dense tables are.
CREATE TABLE preferences (
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (person, name)
) STRICT;

-- Filters of a page that somebody gave a name.
CREATE TABLE saved_views (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    pinned INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX saved_views_person ON saved_views (person);

-- Whose password was made by somebody else, and is to be changed when they sign in.
ALTER TABLE administrators ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0;

-- What people write down about a key.
ALTER TABLE api_keys ADD COLUMN note TEXT;
