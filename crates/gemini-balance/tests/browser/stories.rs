//! What people come to the console for, one file an errand.

mod claiming;
mod keys;
mod languages;
mod numbers;
mod payloads;
mod people;
mod playground;
mod settings;
mod signing_in;
mod tokens;
mod traces;
