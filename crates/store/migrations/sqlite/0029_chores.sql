-- What runs by the clock of whichever process comes first, and how it went.
CREATE TABLE chores (
    name TEXT NOT NULL PRIMARY KEY,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    done INTEGER NOT NULL,
    detail TEXT NOT NULL
) STRICT;
INSERT INTO chores (name, begun_at, ended_at, done, detail) VALUES
    ('backup', 0, NULL, 0, ''),
    ('updates', 0, NULL, 0, '');
