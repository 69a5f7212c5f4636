//! The built program from outside, as those who run it see it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failing helper fails its test"
)]

mod access;
mod addresses;
mod addresses_of_clients;
mod audited;
mod background;
mod backups;
mod bad_input;
mod bad_start;
mod by_model;
mod choices;
mod cli;
mod compact;
mod compat;
mod completions;
mod copied_files;
mod crowd;
mod database;
mod declared;
mod demo;
mod described;
mod doctor;
mod embeddings;
mod explained;
mod failover;
mod fake_stream;
mod fallbacks;
mod files;
mod framing;
mod generated;
mod grouped;
mod habits;
mod hedged;
mod house;
mod images;
mod imports;
mod keys_check;
mod leaving;
mod lifecycle;
mod limits;
mod live;
mod long_answers;
mod long_pictures;
mod media;
mod messages;
mod methods;
mod mistakes;
mod model_api;
mod models;
mod moving;
mod native;
mod notifications;
mod openai_batches;
mod openai_files;
mod operations;
mod people;
mod playground;
mod pool;
mod program;
mod proxies;
mod python_api;
mod random_resources;
mod recovery;
mod register;
mod reload;
mod resources;
mod responses;
mod resting_ways;
mod second_tries;
mod secrets;
mod settings_together;
mod sharing;
mod silence;
mod speech;
mod sqlite;
mod streams;
mod tags;
mod together;
mod traffic;
mod transcription;
mod trials;
mod typing;
mod undoing;
mod upkeep;
mod vertex;
mod ways;
