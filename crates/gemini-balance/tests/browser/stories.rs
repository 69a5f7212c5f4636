//! What people come to the console for, one file an errand.

mod about;
mod acting;
mod adding;
mod claiming;
mod cooling;
mod files;
mod following;
mod heat;
mod keyboard;
mod keys;
mod languages;
mod limits;
mod models;
mod moving;
mod numbers;
mod own;
mod payloads;
mod people;
mod phone;
mod playground;
mod proxies;
mod settings;
mod signing_in;
mod tokens;
mod traces;
mod working;
