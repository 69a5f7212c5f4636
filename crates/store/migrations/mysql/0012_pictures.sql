-- Pictures that answers name by their address, until the time in `at`. Bodies are sealed.
CREATE TABLE pictures (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    mime VARCHAR(190) NOT NULL,
    body LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX pictures_at ON pictures (at);
