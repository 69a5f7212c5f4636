//! New migration files are compiled in without touching a Rust file.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
