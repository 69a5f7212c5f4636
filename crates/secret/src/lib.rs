//! Pool keys, client tokens and the vault that seals them.
