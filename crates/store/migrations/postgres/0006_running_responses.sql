-- Responses that a gateway works on while nobody waits. Its row goes when a response has ended;
-- whoever takes it away decides how. `at` is when the gateway said last that it is still at it.
CREATE TABLE running_responses (
    id TEXT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
);
