-- Which of Google's APIs a key is for; none: the Gemini API.
ALTER TABLE api_keys ADD COLUMN platform TEXT;

-- Live sessions that can go on, by the digests of Google's handles: the key in whose project each
-- exists, and the token that began it.
CREATE TABLE live_sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    key_id TEXT NOT NULL,
    project TEXT,
    token_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX live_sessions_expires ON live_sessions (expires_at);
