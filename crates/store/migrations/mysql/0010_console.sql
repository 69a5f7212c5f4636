-- Who may use the console, besides whoever knows AUTH_TOKEN.
CREATE TABLE administrators (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    name VARCHAR(190) NOT NULL UNIQUE,
    role VARCHAR(190) NOT NULL,
    password_hash TEXT NOT NULL,
    sealed_totp TEXT,
    created_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Signed-in browsers. The cookie holds the secret of which this is the digest.
CREATE TABLE sessions (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    digest VARCHAR(190) NOT NULL UNIQUE,
    actor VARCHAR(190) NOT NULL,
    role VARCHAR(190) NOT NULL,
    address VARCHAR(64) NOT NULL,
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What was done, by whom, to what. Rows are added and never changed.
CREATE TABLE audit_log (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor VARCHAR(190) NOT NULL,
    action VARCHAR(190) NOT NULL,
    object VARCHAR(190) NOT NULL,
    detail TEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX audit_log_at ON audit_log (at);
