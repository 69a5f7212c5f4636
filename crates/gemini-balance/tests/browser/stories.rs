//! What people come to the console for, one file an errand.

mod claiming;
mod files;
mod heat;
mod keys;
mod languages;
mod moving;
mod models;
mod numbers;
mod payloads;
mod people;
mod proxies;
mod playground;
mod settings;
mod signing_in;
mod tokens;
mod traces;
