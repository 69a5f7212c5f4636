-- Which of Google's APIs a key is for; none: the Gemini API.
ALTER TABLE api_keys ADD COLUMN platform VARCHAR(190);

-- Live sessions that can go on, by the digests of Google's handles: the key in whose project each
-- exists, and the token that began it.
CREATE TABLE live_sessions (
    digest VARCHAR(190) NOT NULL PRIMARY KEY,
    key_id VARCHAR(190) NOT NULL,
    project VARCHAR(190),
    token_id VARCHAR(190) NOT NULL,
    expires_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX live_sessions_expires ON live_sessions (expires_at);
