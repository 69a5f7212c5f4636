-- What runs by the clock of whichever process comes first, and how it went.
CREATE TABLE chores (
    name TEXT NOT NULL PRIMARY KEY,
    begun_at BIGINT NOT NULL,
    ended_at BIGINT,
    done BOOLEAN NOT NULL,
    detail TEXT NOT NULL
);
INSERT INTO chores (name, begun_at, ended_at, done, detail) VALUES
    ('backup', 0, NULL, FALSE, ''),
    ('updates', 0, NULL, FALSE, '');
