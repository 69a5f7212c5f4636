//! Database and sealing.

use crate::definition::Definition;
use crate::kind::Kind;

/// Settings of the store.
pub(super) const TABLE: &[Definition] = &[
    Definition::new(
        "DATABASE_URL",
        Kind::ServiceUrl(&["sqlite", "postgres", "postgresql", "mysql", "mariadb"]),
        "sqlite://data/gemini-balance.db",
        "Where keys, tokens, settings and logs are kept. The database is created if \
         possible, and brought up to date at start.",
    )
    .boot(),
    Definition::new(
        "DATABASE_TYPE",
        Kind::Choice(&["sqlite", "mysql"]),
        "",
        "The Python project's choice of a database; read when DATABASE_URL is not set.",
    )
    .boot()
    .part_of("DATABASE_URL"),
    Definition::new(
        "SQLITE_DATABASE",
        Kind::Text,
        "",
        "File name below data/ for DATABASE_TYPE=sqlite.",
    )
    .boot()
    .part_of("DATABASE_URL"),
    Definition::new(
        "MYSQL_HOST",
        Kind::Text,
        "",
        "Host of the MySQL server for DATABASE_TYPE=mysql.",
    )
    .boot()
    .part_of("DATABASE_URL"),
    Definition::new(
        "MYSQL_PORT",
        Kind::Integer { min: 1, max: 65_535 },
        "",
        "Port of the MySQL server; 3306 if not given.",
    )
    .boot()
    .part_of("DATABASE_URL"),
    Definition::new("MYSQL_USER", Kind::Text, "", "User at the MySQL server.")
        .boot()
        .part_of("DATABASE_URL"),
    Definition::new(
        "MYSQL_PASSWORD",
        Kind::Secret,
        "",
        "Password at the MySQL server, as it is (not URL-encoded).",
    )
    .boot()
    .part_of("DATABASE_URL"),
    Definition::new("MYSQL_DATABASE", Kind::Text, "", "Name of the database at the MySQL server.")
        .boot()
        .part_of("DATABASE_URL"),
    Definition::new(
        "MYSQL_SOCKET",
        Kind::Text,
        "",
        "Path of the MySQL server's Unix socket; replaces host and port.",
    )
    .boot()
    .part_of("DATABASE_URL"),
    Definition::new(
        "REDIS_URL",
        Kind::ServiceUrl(&["redis", "rediss"]),
        "",
        "Redis server where several replicas count together what client tokens use. Without it, or \
         while it cannot be reached, each counts for itself.",
    )
    .boot(),
    Definition::new(
        "MASTER_KEY",
        Kind::Secret,
        "",
        "Text of at least 16 characters that seals keys and other secrets in the database. \
         Without it, a key file is made beside the database at the first start: back it up, \
         since sealed data cannot be read without it.",
    )
    .boot(),
    Definition::new(
        "MASTER_KEY_FILE",
        Kind::Text,
        "",
        "File that holds the master key, for secrets mounted into a container. Not needed \
         beside MASTER_KEY.",
    )
    .boot(),
];
