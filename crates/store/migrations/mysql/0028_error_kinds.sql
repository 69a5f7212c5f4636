-- What people decided of failed attempts that are alike: to ignore them, or that they are dealt with.
-- `label` is that of the sums in `traffic`.
CREATE TABLE error_marks (
    label VARCHAR(190) NOT NULL PRIMARY KEY,
    mark VARCHAR(64) NOT NULL,
    actor VARCHAR(190) NOT NULL,
    at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Whose request an attempt was made for.
ALTER TABLE error_log ADD COLUMN token_id VARCHAR(190);

-- Failed attempts that are alike, and whom they concern, are read from this index alone.
CREATE INDEX error_log_kind ON error_log (outcome, status, model, at, key_id, token_id);
CREATE INDEX error_log_request ON error_log (request_id);

-- They are summed like requests; `label` is `outcome/status/model`.
INSERT INTO traffic (subject, span, begins, label, requests, failed, rescued, prompt_tokens,
    cached_tokens, completion_tokens, thought_tokens, cost)
SELECT 'error', spans.span, failed.at - failed.at % spans.span, failed.label, count(*), count(*),
    0, 0, 0, 0, 0, 0
FROM (
    SELECT at, left(concat(outcome, '/', coalesce(cast(status AS CHAR), '-'), '/', coalesce(model, '')), 190)
        AS label
    FROM error_log
) AS failed,
(SELECT 60000 AS span UNION ALL SELECT 3600000 UNION ALL SELECT 86400000) AS spans
GROUP BY spans.span, failed.at - failed.at % spans.span, failed.label;
