-- The sizes of quotas, as Google named them.
CREATE TABLE quota_limits (
    subject TEXT NOT NULL,
    model TEXT NOT NULL,
    quota_window TEXT NOT NULL,
    quota_limit INTEGER NOT NULL,
    met_at INTEGER NOT NULL,
    PRIMARY KEY (subject, model, quota_window)
) STRICT;

-- What was used of them: since midnight Pacific, and in the minute before `used_at`.
CREATE TABLE quota_usage (
    subject TEXT NOT NULL,
    model TEXT NOT NULL,
    day_ends INTEGER NOT NULL,
    day_requests INTEGER NOT NULL,
    day_tokens INTEGER NOT NULL,
    minute_requests INTEGER NOT NULL,
    minute_tokens INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (subject, model)
) STRICT;
