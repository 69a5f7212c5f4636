-- Responses that clients may go on from. Bodies are sealed, for they hold what people wrote.
CREATE TABLE responses (
    id TEXT NOT NULL PRIMARY KEY,
    token_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX responses_at ON responses (at);
