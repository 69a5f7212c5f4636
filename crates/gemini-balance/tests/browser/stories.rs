//! What people come to the console for, one file an errand.

mod claiming;
mod files;
mod heat;
mod keys;
mod languages;
mod models;
mod moving;
mod numbers;
mod payloads;
mod people;
mod playground;
mod proxies;
mod settings;
mod signing_in;
mod tokens;
mod traces;
