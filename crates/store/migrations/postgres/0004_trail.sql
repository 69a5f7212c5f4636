-- Why which keys were chosen for a request, and what became of each attempt, as JSON.
ALTER TABLE request_log ADD COLUMN trail TEXT;
