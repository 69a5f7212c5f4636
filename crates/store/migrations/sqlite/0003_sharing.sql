-- What was learned is shared between processes while they run: `changed` is the number of the
-- transaction that wrote a row, counted in the second row of `revision`. A key that was revived
-- stays as a row with the reason `alive`, for the others to see.
INSERT INTO revision (id, number) VALUES (2, 0);

ALTER TABLE key_states ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quota_blocks ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quota_limits ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX key_states_changed ON key_states (changed);
CREATE INDEX quota_blocks_changed ON quota_blocks (changed);
CREATE INDEX quota_limits_changed ON quota_limits (changed);

-- Every process counts for itself; `replica` is its name, another one after each start.
ALTER TABLE quota_usage RENAME TO quota_usage_before;
CREATE TABLE quota_usage (
    subject TEXT NOT NULL,
    model TEXT NOT NULL,
    replica TEXT NOT NULL,
    day_ends INTEGER NOT NULL,
    day_requests INTEGER NOT NULL,
    day_tokens INTEGER NOT NULL,
    minute_requests INTEGER NOT NULL,
    minute_tokens INTEGER NOT NULL,
    used_at INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (subject, model, replica)
) STRICT;
INSERT INTO quota_usage (subject, model, replica, day_ends, day_requests, day_tokens,
    minute_requests, minute_tokens, used_at, changed)
SELECT subject, model, '', day_ends, day_requests, day_tokens,
    minute_requests, minute_tokens, used_at, 0
FROM quota_usage_before;
DROP TABLE quota_usage_before;
CREATE INDEX quota_usage_changed ON quota_usage (changed);

-- Labels of the keys that a client token may use, as a JSON list; an empty one means all keys.
ALTER TABLE client_tokens ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
