//! Logs without secrets, and the Prometheus families.
