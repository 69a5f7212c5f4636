-- The second factor: the newest code that was used, which is good once, and what is left of the recovery
-- codes, as digests in JSON.
ALTER TABLE administrators ADD COLUMN totp_step BIGINT;
ALTER TABLE administrators ADD COLUMN recovery_codes TEXT;

-- What opens the admin API to scripts: the digest of each token, and what it may do.
CREATE TABLE admin_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    mask TEXT NOT NULL,
    scope TEXT NOT NULL,
    maker TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
