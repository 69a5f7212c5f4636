-- The models that Google lists, and when each of them was seen there first and last.
CREATE TABLE listed_models (
    name VARCHAR(190) NOT NULL PRIMARY KEY,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    listing TEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Conversations of the playground that somebody has kept.
CREATE TABLE conversations (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    person VARCHAR(190) NOT NULL,
    title VARCHAR(190) NOT NULL,
    body LONGTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    INDEX conversations_person (person)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- The way out that an administrator has bound a key to.
ALTER TABLE api_keys ADD COLUMN proxy VARCHAR(190);

-- The job that added a key, with others at once.
ALTER TABLE api_keys ADD COLUMN batch VARCHAR(190);
