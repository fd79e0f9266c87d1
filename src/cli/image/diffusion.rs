//! `glassbox image diffusion`: pictures out of noise, steered by words.

mod asked;
mod written;

use super::stopped;
use crate::cli::common::Common;
use crate::cli::output::Report;
use crate::files::embedded::DENOISER_NAME;
use crate::files::{manifest, picture_folder};
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::agreement::{Exam, agreement};
use crate::labs::diffusion::captions::{Parsed, parse};
use crate::labs::diffusion::noising::numbers;
use crate::labs::diffusion::parameters::Parameters;
use crate::labs::diffusion::sampling::{Event, Repaint, Run, Start, run as sample};
use crate::refusal::Result;
use asked::Asked;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;
use written::Film;

/// What is drawn, how, and where it goes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Picture i of --seed S begins with the noise of seed S + i, the same as in the window. The PNG carries what it was made with, as text that other programs read (`parameters`) and as our own (`glassbox`); --like takes it from there again. What the model takes for the clean picture is kept within black and white before each step unless --no-clamp is given; `beyond` says which share of it that concerned at most."
)]
pub struct Args {
    /// A model's name, or a file that `glassbox train diffusion` wrote
    #[arg(long, value_name = "NAME|PATH")]
    model: Option<String>,
    /// What the picture shows: "a smiling woman with short red hair and glasses"
    #[arg(long, value_name = "C")]
    caption: Option<String>,
    /// A second caption, mixed with the first
    #[arg(long, value_name = "C")]
    mix: Option<String>,
    /// How much of the mixture the second caption is, 0 to 1 [default: 0.5]
    #[arg(long, value_name = "PART", value_parser = part, requires = "mix")]
    mix_part: Option<f64>,
    /// How many pictures
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// How strongly the words count: 0 not at all, 1 as they were learned [default: 3]
    #[arg(long, value_name = "G", allow_hyphen_values = true)]
    guidance: Option<f64>,
    /// What computes each step: ddpm, ddim, euler, euler-ancestral or heun [default: ddim]
    #[arg(long, value_name = "NAME", value_parser = asked::SAMPLERS)]
    scheduler: Option<String>,
    /// The noise that DDIM adds in each step, 0 to 1 (as much as DDPM) [default: 0]
    #[arg(long, value_name = "ETA")]
    eta: Option<f64>,
    /// The levels that are stopped at: trailing, leading or karras [default: what suits the scheduler]
    #[arg(long, value_name = "NAME", value_parser = asked::SPACINGS)]
    spacing: Option<String>,
    /// Steps from noise to picture, 1 to 1000 [default: 25]
    #[arg(long, value_name = "S")]
    steps: Option<usize>,
    /// Do not keep the clean picture within black and white before each step
    #[arg(long)]
    no_clamp: bool,
    /// Begin with this picture under noise instead of noise alone
    #[arg(long, value_name = "PNG")]
    from: Option<PathBuf>,
    /// How much of --from becomes noise, 0 to 1 [default: 0.5; with --mask: 1]
    #[arg(long, value_name = "PART", value_parser = part, requires = "from")]
    strength: Option<f64>,
    /// Paint --from anew only where this picture is white
    #[arg(long, value_name = "PNG", requires = "from")]
    mask: Option<PathBuf>,
    /// Take model, words, seed and all else from a picture that carries them; what is given here counts more
    #[arg(long, value_name = "PNG")]
    like: Option<PathBuf>,
    /// Write into this folder every picture by itself, and its way there as three film strips
    #[arg(long, value_name = "DIR")]
    frames: Option<PathBuf>,
    /// Draw N random captions as well and have the judge say in how many it sees what was asked for
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    judge: Option<u32>,
    /// Where the PNG goes
    #[arg(short = 'o', long = "out", value_name = "PNG")]
    out: PathBuf,
}

fn part(text: &str) -> std::result::Result<f64, String> {
    match text.parse() {
        Ok(part) if (0.0..=1.0).contains(&part) => Ok(part),
        _ => Err("give a part from 0 to 1".to_owned()),
    }
}

/// Draws and writes.
///
/// # Errors
/// A model or picture that cannot be read, numbers that make no sense, files that cannot be written.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    common.compute.get().set_threads();
    let asked = Asked::of(args, common)?;
    let denoiser = open(&asked.model)?;
    let attributes = &denoiser.about().attributes;
    let parsed = parse(&asked.caption, attributes);
    let mut notes = asked.notes.clone();
    notes.extend(remarks(&parsed));
    let mut condition = denoiser.condition(&parsed.rows)?;
    if let Some((caption, share)) = &asked.mixed_with {
        let second = parse(caption, attributes);
        notes.extend(remarks(&second));
        for (a, b) in condition.iter_mut().zip(denoiser.condition(&second.rows)?) {
            *a += *share as f32 * (b - *a);
        }
    }
    for note in &notes {
        common.remark(note);
    }
    let (start, repaint) = beginning(args, &asked, &denoiser)?;
    let mut drawn = Drawn::new(args, &asked, &denoiser);
    let bar = common.progress_bar("drawing");
    for i in 0..args.count {
        let run = Run {
            seed: asked.seed.wrapping_add(i.into()),
            condition: condition.clone(),
            settings: asked.settings,
            start: start.clone(),
            repaint: repaint.clone(),
        };
        let mut film = Film::new(denoiser.about());
        let mut emit = |event: Event| {
            if let Event::Step(step) = event {
                let done = f64::from(i) + (step.i + 1) as f64 / step.n_steps as f64;
                bar.set_position((1000.0 * done / f64::from(args.count)) as u64);
                drawn.beyond = drawn.beyond.max(step.beyond);
                drawn.n_steps += 1;
                if args.frames.is_some() {
                    film.add(&step);
                }
            }
            common.stop.flow()
        };
        let started = Instant::now();
        let picture = sample(&denoiser, &run, &mut emit)?;
        drawn.secs += started.elapsed().as_secs_f64();
        let Some(picture) = picture else { break };
        drawn.add(&picture);
        if let Some(folder) = &args.frames {
            drawn.write_frames(folder, run.seed, &film)?;
        }
    }
    bar.finish_and_clear();
    drawn.write_sheet()?;
    let judged = args.judge.filter(|_| !common.stop.is_set());
    let judged = judged.map(|n| judge(&denoiser, &asked, n, common));
    let mut document = drawn.document(&parsed, attributes);
    document["notes"] = json!(notes);
    let mut words = drawn.words();
    if let Some((judged, said)) = judged.transpose()? {
        document["judge"] = judged;
        let _ = writeln!(words, "{said}");
    }
    Ok(Report::new(document, words))
}

/// The model of this name, or in this file.
fn open(model: &str) -> Result<Denoiser> {
    if model == DENOISER_NAME {
        return Denoiser::bundled();
    }
    Denoiser::open(&manifest::resolve(model, &manifest::folders())?)
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
            "Words that mean nothing to the model: {}.",
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

/// Where each picture begins, and what of a picture stays.
fn beginning(args: &Args, asked: &Asked, denoiser: &Denoiser) -> Result<(Start, Option<Repaint>)> {
    let Some(path) = &args.from else {
        return Ok((Start::Noise, None));
    };
    let about = denoiser.about();
    let picture = picture_folder::square(path, about.side, about.n_channels)?;
    let picture = numbers(&picture.pixels);
    let mask = args.mask.as_ref();
    let mask = mask.map(|path| picture_folder::square(path, about.side, 1));
    let repaint = mask.transpose()?.map(|mask| Repaint {
        picture: picture.clone(),
        mask: mask.pixels.iter().map(|&b| f32::from(b) / 255.0).collect(),
    });
    let strength = asked.strength.unwrap_or(1.0);
    Ok((Start::Picture { picture, strength }, repaint))
}

/// What the judge makes of random captions, in JSON and in words.
fn judge(denoiser: &Denoiser, asked: &Asked, n: u32, common: &Common) -> Result<(Value, String)> {
    let exam = Exam {
        n_captions: n as usize,
        n_steps: asked.settings.n_steps,
        guidance: asked.settings.guidance,
        seed: asked.seed,
    };
    let go_on: &mut dyn FnMut() -> ControlFlow<()> = &mut || common.stop.flow();
    let agreement = agreement(denoiser, &exam, go_on)?.ok_or_else(stopped)?;
    let right = agreement.right.iter();
    let right = right.map(|right| (right.question.clone(), json!(right.share)));
    let document = json!({
        "agreement": Value::Object(right.collect()),
        "fid": agreement.fid,
        "fid_real": agreement.fid_real,
        "n_compared": agreement.n_compared,
        "n_pictures": agreement.n_pictures,
    });
    Ok((document, agreement.in_words()))
}

/// The pictures so far.
struct Drawn<'a> {
    args: &'a Args,
    parameters: Parameters,
    pictures: crate::files::atlas::Pictures,
    files: Vec<PathBuf>,
    n_steps: usize,
    secs: f64,
    beyond: f64,
}
