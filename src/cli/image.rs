//! `glassbox image …`: pictures out of noise.

mod diffusion;

use super::common::Common;
use super::output::Report;
use crate::files::atlas::{self, Pictures};
use crate::files::{embedded, faces as training, manifest, shown};
use crate::labs::gan::faces::{Faces, new_z};
use crate::labs::judge::{Coverage, Judge, coverage, fid};
use crate::labs::writing::write_whole;
use crate::refusal::{Refusal, Result};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Which kind of model draws.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

/// The kinds of models that draw.
#[derive(Debug, clap::Subcommand)]
enum What {
    /// Pictures that a generator draws in one pass: faces that do not exist
    Gan(GanArgs),
    /// Pictures that a network takes out of noise step by step, steered by words
    Diffusion(Box<diffusion::Args>),
}

/// What is drawn, and where it goes.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Picture i of --seed S is drawn from the numbers of seed S + i, the same as in the window's “Faces that do not exist”. All go into one PNG, side by side. Judged, the distance (FID in the features of our judge, not of Inception) is to be compared with the one of real faces against real ones, which stands beside it."
)]
struct GanArgs {
    /// faces (the generator that ships), or a file that `glassbox train gan` wrote
    #[arg(long, value_name = "NAME|PATH", default_value = embedded::GENERATOR_NAME)]
    model: String,
    /// How many pictures
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// Also write every picture by itself into this folder
    #[arg(long, value_name = "DIR")]
    frames: Option<PathBuf>,
    /// Have the judge read them: what occurs how often, and how far they are from real faces
    #[arg(long)]
    judge: bool,
    /// Where the PNG goes
    #[arg(short = 'o', long = "out", value_name = "PNG")]
    out: PathBuf,
}

/// Draws and writes.
///
/// # Errors
/// A model that cannot be read, files that cannot be written, or a judge that does not know such pictures.
pub fn run(args: &Args, common: &Common) -> Result<Report> {
    let args = match &args.what {
        What::Gan(args) => args,
        What::Diffusion(args) => return diffusion::run(args, common),
    };
    common.compute.get().set_threads();
    let faces = open(&args.model)?;
    let d_z = faces.about().d_z;
    let first = common.seed;
    let seeds = (0..u64::from(args.count)).map(|i| first.wrapping_add(i));
    let zs: Vec<Vec<f32>> = seeds.map(|seed| new_z(d_z, seed)).collect();
    let started = Instant::now();
    let Some(pictures) = faces.draw_while(&zs, &mut || common.stop.flow())? else {
        return Err(stopped());
    };
    let millis = started.elapsed().as_secs_f64() * 1000.0 / f64::from(args.count);
    let mut files = Vec::new();
    let columns = (pictures.len() as f64).sqrt().ceil() as usize;
    write_whole(&args.out, &atlas::png(&pictures, columns)?)?;
    files.push(args.out.clone());
    if let Some(folder) = &args.frames {
        files.extend(write_each(&pictures, folder, first)?);
    }
    let mut document = json!({
        "files": files,
        "seed": first,
        "millis_per_step": millis,
    });
    let mut words = format!(
        "{} pictures of {side} × {side} pixels, {millis:.2} ms each\n{}\n",
        args.count,
        args.out.display(),
        side = pictures.side,
    );
    if let Some(folder) = &args.frames {
        let _ = writeln!(words, "and each by itself in {}", folder.display());
    }
    if args.judge {
        let verdict = judged(&faces, &pictures, common)?;
        document["judge"] = verdict.document();
        words.push_str(&verdict.words());
    }
    Ok(Report::new(document, words))
}

fn open(model: &str) -> Result<Arc<Faces>> {
    if model == embedded::GENERATOR_NAME {
        return Faces::bundled();
    }
    let path = manifest::resolve(model, &manifest::folders())?;
    Faces::open(&path).map(Arc::new)
}

/// Each picture as a PNG, named by its seed.
fn write_each(pictures: &Pictures, folder: &Path, first: u64) -> Result<Vec<PathBuf>> {
    let made = std::fs::create_dir_all(folder);
    made.map_err(|error| {
        Refusal::new(
            format!("The folder “{}” cannot be made", folder.display()),
            format!("The system says: {error}."),
            "The picture of all of them was written.",
            "Choose another folder with --frames.",
        )
    })?;
    let mut files = Vec::with_capacity(pictures.len());
    for (seed, i) in (first..).zip(0..pictures.len()) {
        let pixels = pictures.get(i).unwrap_or_default().to_vec();
        let one = Pictures {
            pixels,
            ..*pictures
        };
        let path = folder.join(format!("{seed}.png"));
        write_whole(&path, &atlas::png(&one, 1)?)?;
        files.push(path);
    }
    Ok(files)
}

/// What the judge found.
struct Verdict {
    coverage: Vec<Coverage>,
    fid: Option<f64>,
    fid_real: Option<f64>,
    n_compared: usize,
}

/// The pictures and as many real ones, against as many other real ones.
fn judged(faces: &Faces, pictures: &Pictures, common: &Common) -> Result<Verdict> {
    let judge = if faces.about().n_channels == 1 {
        Judge::digits()?
    } else {
        Judge::faces()?
    };
    let mut go_on = || common.stop.flow();
    let looked = judge.look(pictures, &mut go_on)?.ok_or_else(stopped)?;
    let coverage = coverage(judge.questions(), &looked.readings);
    let real = real_pictures(faces)?;
    let n_compared = pictures.len().min(real.len() / 2);
    let every_other = |from: usize| {
        let chosen = (0..n_compared)
            .filter_map(|i| real.get(2 * i + from))
            .flatten();
        Pictures {
            pixels: chosen.copied().collect(),
            ..real
        }
    };
    let mut features = Vec::new();
    for set in [every_other(0), every_other(1)] {
        features.push(judge.look(&set, &mut go_on)?.ok_or_else(stopped)?.features);
    }
    let mut made = looked.features;
    made.keep(n_compared);
    Ok(Verdict {
        coverage,
        fid: fid(&made, &features[0]),
        fid_real: fid(&features[1], &features[0]),
        n_compared,
    })
}

fn real_pictures(faces: &Faces) -> Result<Pictures> {
    if faces.about().n_channels == 1 {
        return crate::files::digits::bundled();
    }
    Ok(training::bundled()?.pictures.halved())
}

impl Verdict {
    fn document(&self) -> Value {
        let coverage = self.coverage.iter().map(|covered| {
            let counts = covered
                .counts
                .iter()
                .map(|(answer, n)| (answer.clone(), json!(n)));
            (covered.question.clone(), Value::Object(counts.collect()))
        });
        json!({
            "coverage": Value::Object(coverage.collect()),
            "fid": self.fid,
            "fid_real": self.fid_real,
            "n_compared": self.n_compared,
        })
    }

    fn words(&self) -> String {
        let mut words = String::new();
        for covered in &self.coverage {
            let counts = covered
                .counts
                .iter()
                .map(|(answer, n)| format!("{answer} {n}"));
            let counts: Vec<String> = counts.collect();
            let _ = writeln!(
                words,
                "{:>12}  {}",
                shown::shown(&covered.question),
                counts.join(", ")
            );
        }
        let number =
            |fid: Option<f64>| fid.map_or("not known".to_owned(), |fid| format!("{fid:.2}"));
        let _ = writeln!(
            words,
            "{:>12}  {} from {n} real ones; {n} other real ones are {} from them",
            "distance",
            number(self.fid),
            number(self.fid_real),
            n = self.n_compared,
        );
        words
    }
}

fn stopped() -> Refusal {
    Refusal::new(
        "Drawing was stopped",
        "Not all pictures had been drawn.",
        "Nothing was written.",
        "Start again, with fewer pictures if it took too long.",
    )
}
