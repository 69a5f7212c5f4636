//! The only crate that speaks SQL: SQLite, PostgreSQL and MySQL behind one interface.
