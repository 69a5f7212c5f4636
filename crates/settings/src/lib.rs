//! Every setting, defined once: name, group, type, bounds, default, help; layers and sources.
