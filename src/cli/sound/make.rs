//! `glassbox sound make`: phrases of music out of noise, steered by words.

use crate::cli::common::Common;
use crate::cli::output::Report;
use crate::files::embedded::DENOISER_OF_SOUNDS_NAME;
use crate::files::manifest;
use crate::labs::diffusion::captions::{Parsed, parse};
use crate::labs::diffusion::sampling::{Event, Settings};
use crate::labs::diffusion::{Denoiser, Sampler};
use crate::labs::judge::Judge;
use crate::labs::sound::exam::{Exam, examine};
use crate::labs::sound::generation::{
    USUAL_ITERATIONS, Wish, continued, hear, joined, make, understand,
};
use crate::labs::sound::phrases::{HOP_LENGTH, Played, SAMPLE_RATE_HZ, SIDE, attributes, played};
use crate::labs::sound::{Depth, on_pool, wav_bytes};
use crate::labs::writing::write_whole;
use crate::refusal::{Refusal, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What is made, and where it goes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A phrase is a loop of 3 seconds: slow has 3 beats, medium 5, fast 8. The same caption, seed and settings give the same samples. Instruments: piano, organ, guitar, electric guitar, bass, strings, choir, trumpet, saxophone, flute, marimba, music box, drums, electronic drums. They play chords, an arpeggio, a melody or a riff, in major or minor; drums rock, dance or shuffle."
)]
pub struct Args {
    /// A model's name, or a file that `glassbox train sound` wrote [default: the one that ships]
    #[arg(long, value_name = "NAME|PATH")]
    model: Option<String>,
    /// What is to be heard: "slow minor piano chords"
    #[arg(long, value_name = "C", default_value = "")]
    caption: String,
    /// A second caption, on the way to which the phrase lies
    #[arg(long, value_name = "C")]
    toward: Option<String>,
    /// How far on that way, 0 to 1 [default: 0.5]
    #[arg(long, value_name = "PART", value_parser = part, requires = "toward")]
    part: Option<f64>,
    /// How strongly the words count: 0 not at all, 1 as they were learned [default: 3]
    #[arg(long, value_name = "G", allow_hyphen_values = true)]
    guidance: Option<f64>,
    /// What computes each step: ddpm, ddim, euler, euler-ancestral or heun
    #[arg(long, value_name = "NAME", default_value = "ddim", value_parser = ["ddpm", "ddim", "euler", "euler-ancestral", "heun"])]
    scheduler: String,
    /// Steps from noise to phrase, 1 to 1000 [default: 25]
    #[arg(long, value_name = "S")]
    steps: Option<usize>,
    /// Steps of Griffin and Lim's search for the phase
    #[arg(long, value_name = "N", default_value_t = USUAL_ITERATIONS as u32, value_parser = clap::value_parser!(u32).range(0..=10_000))]
    iterations: u32,
    /// Go on N times: the end of the phrase is kept and the rest made anew
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=1000))]
    go_on: u16,
    /// Instead of making it, compose the phrase by rule and play it from this soundfont: what the model
    /// learned from
    #[arg(long, value_name = "SF2", conflicts_with_all = ["model", "toward", "guidance", "steps", "go_on", "judge"])]
    soundfont: Option<PathBuf>,
    /// Make N phrases of random captions as well and have the judge name what they are
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    judge: Option<u32>,
    /// Where the sound goes: 32-bit WAV
    #[arg(short = 'o', long = "out", value_name = "WAV")]
    out: PathBuf,
}

fn part(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(part) if (0.0..=1.0).contains(&part) => Ok(part),
        _ => Err("give a part from 0 to 1".to_owned()),
    }
}

/// Makes the phrase and writes its sound.
///
/// # Errors
/// A model that cannot be read, numbers that make no sense, a file that cannot be written.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    if let Some(soundfont) = &args.soundfont {
        return play(soundfont, args, common);
    }
    common.compute.get().set_threads();
    let denoiser = open(args.model.as_deref())?;
    let mut wish = wish(args, common);
    let understood = understand(&denoiser, &wish);
    let mut notes = remarks(&understood.caption);
    notes.extend(understood.toward.iter().flat_map(remarks));
    for note in &notes {
        common.remark(note);
    }
    let tempo = understood.caption.rows.get(2).copied().unwrap_or(0) as usize;
    let bar = common.progress_bar("making");
    let started = Instant::now();
    let n_phrases = 1 + usize::from(args.go_on);
    let (mut levels, mut last) = (Vec::new(), Vec::new());
    let mut n_steps = 0;
    for i in 0..n_phrases {
        let kept = (i > 0).then(|| continued(&last, tempo.checked_sub(1)));
        let made = make(&denoiser, &wish, kept.as_ref(), &mut |event| {
            if let Event::Step(step) = event {
                n_steps += 1;
                let done = i as f64 + (step.i + 1) as f64 / step.n_steps as f64;
                bar.set_position((1000.0 * done / n_phrases as f64) as u64);
            }
            common.stop.flow()
        })?;
        let Some(made) = made else { break };
        levels = match kept {
            Some(kept) => joined(&levels, &made, kept.anew),
            None => made.clone(),
        };
        last = made;
        wish.seed = wish.seed.wrapping_add(1);
    }
    bar.finish_and_clear();
    if levels.is_empty() {
        return Err(stopped());
    }
    let painted_secs = started.elapsed().as_secs_f64();
    let sounding = hear(
        &levels,
        wish.n_iterations,
        common.seed,
        &on_pool,
        &mut || common.stop.flow(),
    )?;
    let sounding = sounding.ok_or_else(stopped)?;
    let bytes = wav_bytes(&sounding.samples, SAMPLE_RATE_HZ, 1, Depth::Float32)?;
    write_whole(&args.out, &bytes)?;
    let n_frames = levels.len() / SIDE;
    let secs = sounding.samples.len() as f64 / f64::from(SAMPLE_RATE_HZ);
    let mut document = json!({
        "files": [args.out],
        "seed": common.seed,
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "hop_length": HOP_LENGTH,
        "n_frames": n_frames,
        "n_mels": SIDE,
        "n_steps": n_steps,
        "spectral_convergence": sounding.convergence,
        "secs": secs,
        "millis_per_step": 1000.0 * painted_secs / f64::from(n_steps.max(1)),
        "notes": notes,
    });
    let mut words = format!(
        "{secs:.2} s of sound, {n_steps} steps of {:.0} ms; spectral convergence {:.2}\n{}",
        1000.0 * painted_secs / f64::from(n_steps.max(1)),
        sounding.convergence,
        args.out.display()
    );
    if let Some(n) = args.judge {
        let (judged, said) = judged(&denoiser, &wish.settings, n as usize, common)?;
        document["judge"] = judged;
        let _ = write!(words, "\n{said}");
    }
    Ok(Report::new(document, words))
}

fn wish(args: &Args, common: &Common) -> Wish {
    let sampler = match args.scheduler.as_str() {
        "ddpm" => Sampler::Ddpm,
        "euler" => Sampler::Euler,
        "euler-ancestral" => Sampler::EulerAncestral,
        "heun" => Sampler::Heun,
        _ => Sampler::DDIM,
    };
    let usual = Settings::of(sampler);
    let toward = args.toward.clone();
    Wish {
        caption: args.caption.clone(),
        toward: toward.map(|caption| (caption, args.part.unwrap_or(0.5))),
        seed: common.seed,
        settings: Settings {
            n_steps: args.steps.unwrap_or(usual.n_steps),
            guidance: args.guidance.unwrap_or(usual.guidance),
            ..usual
        },
        n_iterations: args.iterations as usize,
    }
}

/// A phrase composed by rule and played from a soundfont.
fn play(soundfont: &Path, args: &Args, common: &Common) -> Result<Report> {
    let parsed = parse(&args.caption, &attributes());
    let notes = remarks(&parsed);
    for note in &notes {
        common.remark(note);
    }
    let Played {
        label,
        notes: composed,
        samples,
    } = played(soundfont, &parsed.rows, common.seed)?;
    let bytes = wav_bytes(&samples, SAMPLE_RATE_HZ, 1, Depth::Float32)?;
    write_whole(&args.out, &bytes)?;
    let secs = samples.len() as f64 / f64::from(SAMPLE_RATE_HZ);
    let document = json!({
        "files": [args.out],
        "seed": common.seed,
        "caption": label.caption(),
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "n_notes": composed.len(),
        "secs": secs,
        "notes": notes,
    });
    let words = format!(
        "{secs:.2} s of {}, {} notes\n{}",
        label.caption(),
        composed.len(),
        args.out.display()
    );
    Ok(Report::new(document, words))
}

/// The model of this name, or in this file.
fn open(model: Option<&str>) -> Result<Denoiser> {
    match model {
        None | Some(DENOISER_OF_SOUNDS_NAME) => Denoiser::of_sounds(),
        Some(model) => Denoiser::open(&manifest::resolve(model, &manifest::folders())?),
    }
}

/// What of a caption a person should know that it did nothing, or not what they may think.
fn remarks(parsed: &Parsed) -> Vec<String> {
    let mut remarks = Vec::new();
    if !parsed.unknown.is_empty() {
        let shown = parsed.unknown.iter().take(20);
        let shown: Vec<String> = shown
            .map(|word| format!("“{}”", crate::files::shown::shortened(word, 40)))
            .collect();
        remarks.push(format!(
            "Words that mean nothing here: {}.",
            shown.join(", ")
        ));
    }
    if !parsed.overruled.is_empty() {
        remarks.push("The caption contradicts itself; what was said last holds.".to_owned());
    }
    if parsed.n_unread > 0 {
        remarks.push(format!("{} more words were not read.", parsed.n_unread));
    }
    remarks
}

/// What the judge makes of phrases of random captions, in JSON and in words.
fn judged(
    denoiser: &Denoiser,
    settings: &Settings,
    n: usize,
    common: &Common,
) -> Result<(Value, String)> {
    let exam = Exam {
        n_phrases: n,
        n_steps: settings.n_steps,
        guidance: settings.guidance,
        seed: common.seed,
    };
    let judge = Judge::phrases()?;
    let passed = examine(denoiser, &judge, &exam, &mut || common.stop.flow())?;
    let passed = passed.ok_or_else(stopped)?;
    let right = passed.right.iter();
    let right = right.map(|right| (right.question.clone(), json!(right.share)));
    let document = json!({
        "right": Value::Object(right.collect()),
        "n_phrases": passed.n_phrases,
    });
    Ok((document, passed.in_words()))
}

fn stopped() -> Refusal {
    Refusal::new(
        "Stopped",
        "Nothing was finished yet.",
        "Nothing was written.",
        "Ask for fewer steps, or wait longer.",
    )
}
