//! The options that every verb takes.

use super::stop::Stop;
use crate::device::DeviceChoice;
use crate::labs::compute::Compute;
use crate::refusal::{Refusal, Result};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Read;

/// More than this on stdin is no text for a model.
const STDIN_BYTES: u64 = 1 << 30;

/// Options common to all verbs, and the flag that Ctrl-C sets.
#[derive(Debug, Clone, Default, Args)]
pub struct Common {
    /// Print one JSON document on stdout, and nothing else there
    #[arg(long, global = true)]
    pub json: bool,
    /// The start of everything random: the same seed, build and device give the same result
    #[arg(long, global = true, default_value_t = 0, value_name = "N")]
    pub seed: u64,
    /// The device and threads the models use.
    #[command(flatten)]
    pub compute: ComputeArgs,
    /// Set by Ctrl-C; a lab that emits sees it within 200 ms.
    #[arg(skip)]
    pub stop: Stop,
}

/// What the models compute with.
#[derive(Debug, Clone, Default, Args)]
pub struct ComputeArgs {
    /// Where the models run: auto, cpu, cuda or metal
    #[arg(long, global = true, default_value = "auto", value_name = "DEVICE")]
    device: DeviceChoice,
    /// Threads for the models' arithmetic; unless given, the cores less one for the window
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

impl ComputeArgs {
    /// The same as plain data for a lab.
    #[must_use]
    pub fn get(&self) -> Compute {
        let usual = Compute::default();
        Compute {
            device: self.device,
            threads: self.threads.map_or(usual.threads, usize::from),
        }
    }
}

impl Common {
    /// The text an argument stands for: itself, or all of stdin for `-`.
    ///
    /// # Errors
    /// When stdin cannot be read or is not UTF-8.
    pub fn text_or_stdin(&self, argument: &str) -> Result<String> {
        if argument != "-" {
            return Ok(argument.to_owned());
        }
        let mut bytes = Vec::new();
        let read = self.stop.while_waiting(|| {
            std::io::stdin()
                .lock()
                .take(STDIN_BYTES)
                .read_to_end(&mut bytes)
        });
        read.map_err(|error| stdin_refusal(&format!("Reading it failed: {error}.")))?;
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            stdin_refusal(&format!("Byte {at} is not valid UTF-8."))
        })
    }

    /// A bar on stderr for work whose length is known, 0..=1000. Hidden where stderr is no terminal.
    #[must_use]
    pub fn progress_bar(&self, label: &str) -> ProgressBar {
        let bar = ProgressBar::new(1000).with_message(label.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3} %  {eta}") {
            bar.set_style(style);
        }
        bar
    }
}

fn stdin_refusal(evidence: &str) -> Refusal {
    Refusal::unchanged(
        "What came on standard input is not text",
        evidence,
        "Pipe UTF-8 text into it, for example: echo 'Hello' | glassbox …",
    )
}
