//! Reads the command line and runs what it asks for.

use std::process::ExitCode;

use crate::control::server;
use crate::options::{Options, USAGE};

/// Runs one command; `arguments` without the program's name.
pub fn run(arguments: &[String], version: &'static str) -> ExitCode {
    match arguments.first().map(String::as_str) {
        Some("--version") => {
            println!("centrala-media {version}");
            ExitCode::SUCCESS
        }
        Some("--help") => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        Some("serve") => serve(&arguments[1..], version),
        Some("probe") => match crate::probe::run(&arguments[1..]) {
            Ok(()) => ExitCode::SUCCESS,
            Err(reason) => {
                eprintln!("centrala-media: {reason}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn serve(arguments: &[String], version: &'static str) -> ExitCode {
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(reason) => {
            eprintln!("centrala-media: {reason}");
            return ExitCode::from(2);
        }
    };
    match server::serve(options, version) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("centrala-media: {reason}");
            ExitCode::FAILURE
        }
    }
}
