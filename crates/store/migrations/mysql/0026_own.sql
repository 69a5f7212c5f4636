-- What people set for themselves: which columns they see, how dense tables are.
CREATE TABLE preferences (
    person VARCHAR(190) NOT NULL,
    name VARCHAR(190) NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (person, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Filters of a page that somebody gave a name.
CREATE TABLE saved_views (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    person VARCHAR(190) NOT NULL,
    page VARCHAR(190) NOT NULL,
    name VARCHAR(190) NOT NULL,
    query TEXT NOT NULL,
    pinned BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    INDEX saved_views_person (person)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Whose password was made by somebody else, and is to be changed when they sign in.
ALTER TABLE administrators ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE;

-- What people write down about a key.
ALTER TABLE api_keys ADD COLUMN note TEXT;
