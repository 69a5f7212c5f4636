//! Which key serves the next request, and what its outcome teaches: a pure state machine.
