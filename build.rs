//! Migrations are compiled in; a new file among them has to rebuild the crate. And the browser's part is told whether it
//! will be split: only then can it ask for its parts.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-env-changed=RUSTFLAGS");
    println!("cargo:rustc-check-cfg=cfg(split)");
    // `cargo leptos build --split` alone asks the linker for this.
    if std::env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("--emit-relocs")) {
        println!("cargo:rustc-cfg=split");
    }
}
