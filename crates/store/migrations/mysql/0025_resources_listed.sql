-- The administrator's list of resources, in whatever order, is read from this index alone: what was
-- said of each resource is long and sealed. The name is in every index; the project has no room.
CREATE INDEX resources_listed ON resources (created_at, kind, token_id, key_id, expires_at, size);
