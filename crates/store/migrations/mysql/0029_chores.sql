-- What runs by the clock of whichever process comes first, and how it went.
CREATE TABLE chores (
    name VARCHAR(190) NOT NULL PRIMARY KEY,
    begun_at BIGINT NOT NULL,
    ended_at BIGINT,
    done BOOLEAN NOT NULL,
    detail TEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO chores (name, begun_at, ended_at, done, detail) VALUES
    ('backup', 0, NULL, FALSE, ''),
    ('updates', 0, NULL, FALSE, '');
