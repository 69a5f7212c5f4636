//! What people come to the console for, one file an errand.

mod acting;
mod adding;
mod claiming;
mod cooling;
mod following;
mod keyboard;
mod keys;
mod languages;
mod limits;
mod numbers;
mod own;
mod payloads;
mod people;
mod phone;
mod settings;
mod signing_in;
mod tokens;
mod traces;
