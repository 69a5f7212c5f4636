-- The administrator's list of resources, in whatever order, and the sums above it are read from this
-- index alone: what was said of each resource is long and sealed.
CREATE INDEX resources_listed ON resources
    (created_at, name, kind, token_id, key_id, project, expires_at, size);
