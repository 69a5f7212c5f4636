-- What requests came to, by minute, hour and day (`span`, in milliseconds): of all, of each model, each
-- client token and each key. `cost` is the list price in billionths of a dollar.
CREATE TABLE traffic (
    subject TEXT NOT NULL,
    span BIGINT NOT NULL,
    begins BIGINT NOT NULL,
    label TEXT NOT NULL,
    requests BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    rescued BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    cached_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    thought_tokens BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (subject, span, begins, label)
);

-- How long successful answers took. A class is a fifth wider than the one before; `model` is empty for
-- all.
CREATE TABLE latency (
    span BIGINT NOT NULL,
    begins BIGINT NOT NULL,
    model TEXT NOT NULL,
    measure TEXT NOT NULL,
    class BIGINT NOT NULL,
    answers BIGINT NOT NULL,
    PRIMARY KEY (span, begins, model, measure, class)
);
