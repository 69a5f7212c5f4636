-- What requests came to, by minute, hour and day (`span`, in milliseconds): of all, of each model, each
-- client token and each key. `cost` is the list price in billionths of a dollar.
CREATE TABLE traffic (
    subject TEXT NOT NULL,
    span INTEGER NOT NULL,
    begins INTEGER NOT NULL,
    label TEXT NOT NULL,
    requests INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    rescued INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    thought_tokens INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    PRIMARY KEY (subject, span, begins, label)
) STRICT, WITHOUT ROWID;

-- How long successful answers took. A class is a fifth wider than the one before; `model` is empty for
-- all.
CREATE TABLE latency (
    span INTEGER NOT NULL,
    begins INTEGER NOT NULL,
    model TEXT NOT NULL,
    measure TEXT NOT NULL,
    class INTEGER NOT NULL,
    answers INTEGER NOT NULL,
    PRIMARY KEY (span, begins, model, measure, class)
) STRICT, WITHOUT ROWID;
