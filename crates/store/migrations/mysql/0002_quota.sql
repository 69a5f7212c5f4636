-- The sizes of quotas, as Google named them.
CREATE TABLE quota_limits (
    subject VARCHAR(190) NOT NULL,
    model VARCHAR(190) NOT NULL,
    quota_window VARCHAR(64) NOT NULL,
    quota_limit BIGINT NOT NULL,
    met_at BIGINT NOT NULL,
    PRIMARY KEY (subject, model, quota_window)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- What was used of them: since midnight Pacific, and in the minute before `used_at`.
CREATE TABLE quota_usage (
    subject VARCHAR(190) NOT NULL,
    model VARCHAR(190) NOT NULL,
    day_ends BIGINT NOT NULL,
    day_requests BIGINT NOT NULL,
    day_tokens BIGINT NOT NULL,
    minute_requests BIGINT NOT NULL,
    minute_tokens BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (subject, model)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
