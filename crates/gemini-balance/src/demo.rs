//! `demo`: the gateway with a simulated Google inside. No account, nothing kept.

