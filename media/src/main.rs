//! `centrala-media`: the command line around the engine crate.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    engine::cli::run(&arguments, env!("CARGO_PKG_VERSION"))
}
