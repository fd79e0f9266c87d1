//! The program: opens the window, or runs one verb of the command line.

use clap::Parser;
use glassbox::cli::Cli;
use std::process::ExitCode;

/// Model weights come and go in large pieces; this allocator gives them back to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    quiet_panics();
    let cli = Cli::parse();
    match cli.verb {
        Some(verb) => verb.run(),
        None => ExitCode::SUCCESS,
    }
}

/// A fault is told in plain words by whoever runs the work; source lines are for those who ask.
fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
}
