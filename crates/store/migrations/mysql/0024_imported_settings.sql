-- Who saved a setting: an administrator, or an import.
ALTER TABLE settings ADD COLUMN source VARCHAR(190) NOT NULL DEFAULT 'admin';
