//! One attempt against Google: egress, connections, timeouts, classification.
