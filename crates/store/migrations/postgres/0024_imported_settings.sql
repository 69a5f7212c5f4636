-- Who saved a setting: an administrator, or an import.
ALTER TABLE settings ADD COLUMN source TEXT NOT NULL DEFAULT 'admin';
