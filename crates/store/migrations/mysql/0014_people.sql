-- The second factor: the newest code that was used, which is good once, and what is left of the recovery
-- codes, as digests in JSON.
ALTER TABLE administrators ADD COLUMN totp_step BIGINT;
ALTER TABLE administrators ADD COLUMN recovery_codes TEXT;

-- What opens the admin API to scripts: the digest of each token, and what it may do.
CREATE TABLE admin_tokens (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    name VARCHAR(190) NOT NULL,
    digest VARCHAR(190) NOT NULL UNIQUE,
    mask VARCHAR(190) NOT NULL,
    scope VARCHAR(190) NOT NULL,
    maker VARCHAR(190) NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
