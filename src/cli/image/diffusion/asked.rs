//! What was asked for, on the command line and by a picture that is to be made again.

use super::Args;
use crate::cli::common::Common;
use crate::files::embedded::DENOISER_NAME;
use crate::files::png_text;
use crate::files::shown::file_name;
use crate::labs::diffusion::parameters::Parameters;
use crate::labs::diffusion::sampling::Settings;
use crate::labs::diffusion::{Sampler, Spacing};
use crate::refusal::{Refusal, Result};

/// Names of samplers.
pub(super) const SAMPLERS: [&str; 5] = ["ddpm", "ddim", "euler", "euler-ancestral", "heun"];
/// Names of spacings.
pub(super) const SPACINGS: [&str; 3] = ["trailing", "leading", "karras"];

/// All of it.
#[derive(Debug)]
pub(super) struct Asked {
    pub model: String,
    pub caption: String,
    pub mixed_with: Option<(String, f64)>,
    pub seed: u64,
    pub settings: Settings,
    /// Only with a picture to begin with.
    pub strength: Option<f64>,
    /// What a picture asked for that is not to be had, in sentences.
    pub notes: Vec<String>,
}

impl Asked {
    pub(super) fn of(args: &Args, common: &Common) -> Result<Self> {
        let like = args.like.as_ref().map(|path| {
            let restored = Parameters::read_from(&png_text::of_file(path)?);
            restored.ok_or_else(|| {
                Refusal::unchanged(
                    format!("“{}” does not say what it was made with", file_name(path)),
                    "It carries no text named `glassbox` or `parameters`.",
                    "Choose a PNG that Glassbox wrote, and that no other program saved again.",
                )
            })
        });
        let like = like.transpose()?;
        let (like, mut notes) = like.map_or((None, Vec::new()), |l| (Some(l.parameters), l.notes));
        let mut settings = like.as_ref().map_or_else(Settings::default, |l| l.settings);
        if let Some(name) = &args.scheduler {
            settings.sampler = sampler(name);
            settings.spacing = settings.sampler.spacing();
        }
        if let (Some(asked), Sampler::Ddim { eta }) = (args.eta, &mut settings.sampler) {
            *eta = asked;
        } else if args.eta.is_some() {
            return Err(Refusal::unchanged(
                "--eta belongs to DDIM",
                format!("The scheduler is {}.", settings.sampler.name()),
                "Leave --eta out, or choose --scheduler ddim.",
            ));
        }
        if let Some(name) = &args.spacing {
            settings.spacing = match name.as_str() {
                "leading" => Spacing::Leading,
                "karras" => Spacing::Karras,
                _ => Spacing::Trailing,
            };
        }
        settings.n_steps = args.steps.unwrap_or(settings.n_steps);
        settings.guidance = args.guidance.unwrap_or(settings.guidance);
        settings.is_clamped &= !args.no_clamp;
        if let (Some(like), None) = (&like, &args.from)
            && like.strength.is_some()
        {
            notes.push("It began with a picture; name that with --from.".to_owned());
        }
        let strength = args.from.as_ref().map(|_| {
            let like = like.as_ref().and_then(|l| l.strength);
            let usual = if args.mask.is_some() { 1.0 } else { 0.5 };
            args.strength.or(like).unwrap_or(usual)
        });
        let mixed = args
            .mix
            .clone()
            .map(|mix| (mix, args.mix_part.unwrap_or(0.5)));
        let named = like
            .as_ref()
            .map(|l| l.model.clone())
            .filter(|m| !m.is_empty());
        Ok(Self {
            model: args
                .model
                .clone()
                .or(named)
                .unwrap_or_else(|| DENOISER_NAME.to_owned()),
            caption: args
                .caption
                .clone()
                .or_else(|| Some(like.as_ref()?.caption.clone()))
                .unwrap_or_default(),
            mixed_with: mixed.or_else(|| like.as_ref()?.mixed_with.clone()),
            seed: match (common.seed, &like) {
                (0, Some(like)) => like.seed,
                (seed, _) => seed,
            },
            settings,
            strength,
            notes,
        })
    }
}

fn sampler(name: &str) -> Sampler {
    match name {
        "ddpm" => Sampler::Ddpm,
        "euler" => Sampler::Euler,
        "euler-ancestral" => Sampler::EulerAncestral,
        "heun" => Sampler::Heun,
        _ => Sampler::DDIM,
    }
}

/// What --scheduler calls it.
pub(super) fn name(sampler: Sampler) -> &'static str {
    let [ddpm, ddim, euler, euler_ancestral, heun] = SAMPLERS;
    match sampler {
        Sampler::Ddpm => ddpm,
        Sampler::Ddim { .. } => ddim,
        Sampler::Euler => euler,
        Sampler::EulerAncestral => euler_ancestral,
        Sampler::Heun => heun,
    }
}
