-- Pictures that answers name by their address, until the time in `at`. Bodies are sealed.
CREATE TABLE pictures (
    id TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    mime TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX pictures_at ON pictures (at);
