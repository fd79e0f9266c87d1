//! The program: opens the window, or runs one verb of the command line.

use glassbox::app::{Launch, launch};
use glassbox::cli::{Cli, RendererArg, ThemeArg, WindowArgs};
use glassbox::files::card::Card;
use glassbox::files::manifest;
use glassbox::settings::Renderer;
use glassbox::tabs;
use glassbox::theme::Theme;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

/// Model weights come and go in large pieces; this allocator gives them back to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let started = Instant::now();
    quiet_panics();
    let (cli, compute) = Cli::read();
    give_candle_threads(compute.threads);
    match cli.verb {
        Some(verb) => verb.run(),
        None => open_window(cli.window, started),
    }
}

/// Candle's own pools ask the environment how large they may be; unless told, they take every core and
/// spin on it between two products. Whoever set these variables is not overruled.
#[expect(
    unsafe_code,
    reason = "the environment is changed before there is a second thread"
)]
fn give_candle_threads(n_threads: usize) {
    for name in ["CANDLE_NUM_THREADS", "RAYON_NUM_THREADS"] {
        if std::env::var_os(name).is_none() {
            // SAFETY: the program has only just read its arguments: no other thread runs that could read
            // the environment meanwhile.
            unsafe { std::env::set_var(name, n_threads.to_string()) };
        }
    }
}

/// A fault is told in plain words by whoever runs the work; source lines are for those who ask.
fn quiet_panics() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        std::panic::set_hook(Box::new(|_| {}));
    }
}

fn open_window(args: WindowArgs, started: Instant) -> ExitCode {
    let opened = launch(&Launch {
        renderer: args.renderer.map(|renderer| match renderer {
            RendererArg::Auto => Renderer::Auto,
            RendererArg::Glow => Renderer::Glow,
            RendererArg::Wgpu => Renderer::Wgpu,
        }),
        theme: args.theme.map(|theme| match theme {
            ThemeArg::Light => Theme::Light,
            ThemeArg::Dark => Theme::Dark,
            ThemeArg::Projector => Theme::Projector,
        }),
        files: args.files,
        screenshot: args.screenshot,
        first_frame_time: args.first_frame_time,
        frame_times: args.frame_times,
        started,
        compute: args.compute.get(),
        model_folders: manifest::folders(),
        inspect: Arc::new(Card::of),
        chapters: tabs::all,
    });
    match opened {
        Ok(()) => ExitCode::SUCCESS,
        Err(refusal) => {
            eprintln!("{refusal}");
            ExitCode::FAILURE
        }
    }
}
