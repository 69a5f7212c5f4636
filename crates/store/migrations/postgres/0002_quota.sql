-- The sizes of quotas, as Google named them.
CREATE TABLE quota_limits (
    subject TEXT NOT NULL,
    model TEXT NOT NULL,
    quota_window TEXT NOT NULL,
    quota_limit BIGINT NOT NULL,
    met_at BIGINT NOT NULL,
    PRIMARY KEY (subject, model, quota_window)
);

-- What was used of them: since midnight Pacific, and in the minute before `used_at`.
CREATE TABLE quota_usage (
    subject TEXT NOT NULL,
    model TEXT NOT NULL,
    day_ends BIGINT NOT NULL,
    day_requests BIGINT NOT NULL,
    day_tokens BIGINT NOT NULL,
    minute_requests BIGINT NOT NULL,
    minute_tokens BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (subject, model)
);
