-- What people decided of failed attempts that are alike: to ignore them, or that they are dealt with.
-- `label` is that of the sums in `traffic`.
CREATE TABLE error_marks (
    label TEXT NOT NULL PRIMARY KEY,
    mark TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
