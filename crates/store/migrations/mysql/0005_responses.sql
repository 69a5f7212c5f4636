-- Responses that clients may go on from. Bodies are sealed, for they hold what people wrote.
CREATE TABLE responses (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    token_id VARCHAR(190) NOT NULL,
    at BIGINT NOT NULL,
    body LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX responses_at ON responses (at);
