-- Responses that a gateway works on while nobody waits. Its row goes when a response has ended;
-- whoever takes it away decides how. `at` is when the gateway said last that it is still at it.
CREATE TABLE running_responses (
    id VARCHAR(190) NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
