//! The demo organization and the checklist are built into the program; Cargo is told to look at them, since the
//! macro that reads a folder does not.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=fixtures/demo");
}
