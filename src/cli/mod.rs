//! The command line: one verb, one file, a second face on the same labs.
//!
//! `glassbox` alone opens the window, `glassbox FILE…` opens it with those files, and a verb runs one
//! experiment without a window. A verb is a struct of arguments and a function
//! `run(&Args, &Common) -> Result<Report>`; it becomes part of the command line by one line in
//! [`Verb`] and one in [`Verb::run`].

pub mod ablate;
pub mod analogies;
pub mod batch;
pub mod bpe;
pub mod common;
pub mod detokenize;
pub mod doctor;
pub mod embed;
pub mod explain;
pub mod generate;
pub mod image;
pub mod inspect;
pub mod lens;
pub mod models;
pub mod ngram;
pub mod noise;
pub mod output;
pub mod passage;
pub mod sound;
pub mod stop;
pub mod tokenize;
pub mod trace;
pub mod train;

pub use common::{Common, ComputeArgs};
pub use output::Report;
pub use stop::Stop;

use crate::labs::compute::Compute;
use crate::refusal::{Refusal, Result};
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// Glassbox opens generative AI up: real models, run here on your own words, with every number
/// traceable.
///
/// Without a verb it opens its window, with the given files in it. With a verb it runs one
/// experiment in the terminal; `glassbox help VERB` teaches each. A file whose name is a verb's is
/// opened as `./NAME`.
#[derive(Debug, Parser)]
#[command(
    name = "glassbox",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Exit status: 0 done, 1 refused or failed, 2 wrong usage. Ctrl-C stops, keeps what was made and says so; a second Ctrl-C quits at once."
)]
pub struct Cli {
    /// What the window is opened with.
    #[command(flatten)]
    pub window: WindowArgs,
    /// What to do instead of opening the window.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

impl Cli {
    /// Reads the program's arguments, and what all that follows may compute with; ends the program where
    /// they are wrong, or where help was asked for.
    #[must_use]
    pub fn read() -> (Self, Compute) {
        let matches = Self::command().get_matches();
        let cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        (cli, compute_of(&matches))
    }
}

/// The device and threads that were asked for, whatever the verb.
fn compute_of(matches: &ArgMatches) -> Compute {
    if let Some((_, deeper)) = matches.subcommand() {
        return compute_of(deeper);
    }
    ComputeArgs::from_arg_matches(matches).map_or_else(|_| Compute::default(), |args| args.get())
}

/// How the window is opened.
#[derive(Debug, Clone, Args)]
pub struct WindowArgs {
    /// Files to open: weight files, vocabularies
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What draws the window: wgpu where there is a graphics card, glow otherwise
    #[arg(long, value_enum)]
    pub renderer: Option<RendererArg>,
    /// The look of the window, for this time
    #[arg(long, value_enum)]
    pub theme: Option<ThemeArg>,
    /// Save a picture of the window as PNG once nothing moves in it, and close it
    #[arg(long, value_name = "PNG")]
    pub screenshot: Option<PathBuf>,
    /// Print the milliseconds from the start of the program to the first frame on stderr
    #[arg(long)]
    pub first_frame_time: bool,
    /// Print on stderr, for each frame, the milliseconds that it took: ours and all of it
    #[arg(long, hide = true)]
    pub frame_times: bool,
    /// The device and threads the models use.
    #[command(flatten)]
    pub compute: ComputeArgs,
}

/// What draws the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RendererArg {
    /// wgpu where there is a graphics card, glow otherwise
    Auto,
    /// OpenGL; the faster one without a graphics card
    Glow,
    /// Vulkan, Metal or DirectX
    Wgpu,
}

/// The look of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ThemeArg {
    /// For daylight
    Light,
    /// For evenings
    Dark,
    /// For the back row: larger, with more contrast
    Projector,
}

/// Every verb. Its file in this folder holds its arguments and what it does.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a model again without some of its heads, MLPs, neurons or blocks
    Ablate(With<ablate::Args>),
    /// Count how many analogies word vectors answer: Athens is to Greece as Baghdad is to …
    Analogies(With<analogies::Args>),
    /// Learn a vocabulary by byte-pair encoding, and show every merge
    Bpe(With<bpe::Args>),
    /// Turn token ids back into text
    Detokenize(With<detokenize::Args>),
    /// Say what this machine can do: device, threads, processor, sound, display, model files
    Doctor(With<doctor::Args>),
    /// Do arithmetic with words: king - man + woman
    Embed(With<embed::Args>),
    /// Say where one number of a forward pass comes from: its equation, with its real terms
    Explain(With<explain::Args>),
    /// Continue a text with a language model, and say what it weighed for each token
    Generate(With<generate::Args>),
    /// Draw pictures out of noise: faces that do not exist
    Image(With<image::Args>),
    /// Say what a file is and what it can do here, from its headers alone
    Inspect(With<inspect::Args>),
    /// Read what every layer of a model would predict: the logit lens
    Lens(With<lens::Args>),
    /// List the models known by name, fetch one, or check that they are whole
    Models(With<models::Args>),
    /// Count what follows what in a text, predict the next letter or word, and write like it
    Ngram(With<ngram::Args>),
    /// Put noise on a picture, as much as a diffusion model sees at a level
    Noise(With<noise::Args>),
    /// See and hear: play a sound
    Sound(With<sound::Args>),
    /// Turn text into token ids, and show the merges that made them
    Tokenize(With<tokenize::Args>),
    /// Print a table of numbers from the inside of one forward pass
    Trace(With<trace::Args>),
    /// Train a model from nothing, here: watch the loss fall, stop and go on when you like
    Train(With<train::Args>),
}

impl Verb {
    /// Runs the verb and says how it ended.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self {
            Self::Ablate(verb) => verb.run(ablate::run),
            Self::Analogies(verb) => verb.run(analogies::run),
            Self::Bpe(verb) => verb.run(bpe::run),
            Self::Detokenize(verb) => verb.run(detokenize::run),
            Self::Doctor(verb) => verb.run(doctor::run),
            Self::Embed(verb) => verb.run(embed::run),
            Self::Explain(verb) => verb.run(explain::run),
            Self::Generate(verb) => verb.run(generate::run),
            Self::Image(verb) => verb.run(image::run),
            Self::Inspect(verb) => verb.run(inspect::run),
            Self::Lens(verb) => verb.run(lens::run),
            Self::Models(verb) => verb.run(models::run),
            Self::Ngram(verb) => verb.run(ngram::run),
            Self::Noise(verb) => verb.run(noise::run),
            Self::Sound(verb) => verb.run(sound::run),
            Self::Tokenize(verb) => verb.run(tokenize::run),
            Self::Trace(verb) => verb.run(trace::run),
            Self::Train(verb) => verb.run(train::run),
        }
    }
}

/// A verb's own arguments beside those that every verb takes.
#[derive(Debug, Args)]
pub struct With<A: Args> {
    #[command(flatten)]
    args: A,
    #[command(flatten)]
    common: Common,
}

impl<A: Args> With<A> {
    /// Runs `verb` under Ctrl-C, prints its report or its refusal, and gives the exit status.
    fn run(self, verb: fn(&A, &Common) -> Result<Report>) -> ExitCode {
        self.common.stop.on_ctrl_c();
        let work = std::panic::AssertUnwindSafe(|| verb(&self.args, &self.common));
        let result = std::panic::catch_unwind(work).unwrap_or_else(|_| Err(fault()));
        output::finish(result, &self.common)
    }
}

/// What is said when the program itself is wrong.
fn fault() -> Refusal {
    Refusal::new(
        "This ended in the middle because of a fault in Glassbox",
        "The program contradicted itself; run it again with RUST_BACKTRACE=1 to see where.",
        "What was written before it is kept.",
        "Try again with other options, and please report it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn files_open_the_window_and_a_verb_does_not() {
        let cli = Cli::try_parse_from(["glassbox", "a.gguf", "b c.safetensors"]).unwrap();
        assert!(cli.verb.is_none());
        assert_eq!(cli.window.files.len(), 2);
        let cli = Cli::try_parse_from(["glassbox", "doctor", "--json"]).unwrap();
        assert!(matches!(cli.verb, Some(Verb::Doctor(_))));
        let cli = Cli::try_parse_from(["glassbox", "./doctor"]).unwrap();
        assert_eq!(cli.window.files, [PathBuf::from("./doctor")]);
    }

    #[test]
    fn the_threads_are_known_whatever_the_verb() {
        let threads = |arguments: &[&str]| {
            let matches = Cli::command().try_get_matches_from(arguments).unwrap();
            compute_of(&matches).threads
        };
        assert_eq!(threads(&["glassbox", "--threads", "7", "a.gguf"]), 7);
        assert_eq!(threads(&["glassbox", "doctor", "--threads", "7"]), 7);
        let deep = ["glassbox", "train", "lm", "-o", "x", "--threads", "7"];
        assert_eq!(threads(&deep), 7);
        assert_eq!(threads(&["glassbox", "doctor"]), Compute::default().threads);
    }

    #[test]
    fn wrong_usage_is_status_two() {
        for wrong in [
            &["glassbox", "--nonsense"][..],
            &["glassbox", "doctor", "--threads", "0"],
            &["glassbox", "doctor", "--device", "abacus"],
        ] {
            assert_eq!(Cli::try_parse_from(wrong).unwrap_err().exit_code(), 2);
        }
    }
}
