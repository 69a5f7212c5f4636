//! The public API: front door, client tokens, routes, the attempt loop, streams, the ledger.
