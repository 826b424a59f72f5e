//! The migrations lie outside the crate: without this, a new one would not be embedded until something else changed.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
