//! The web UI's way to say it: the caption, then one line of names and values.

use super::{Parameters, Restored};
use crate::algo::diffusion::{Sampler, Spacing};
use crate::files::shown::shortened;
use crate::labs::diffusion::sampling::Settings;
use std::fmt::Write as _;

/// Letters of a text that a note quotes.
const QUOTED: usize = 60;
const NEGATIVE: &str = "Negative prompt: ";

/// Names that the web UI has for samplers of ours.
const SAMPLERS: [(&str, Sampler); 5] = [
    ("DDIM", Sampler::DDIM),
    ("DDPM", Sampler::Ddpm),
    ("Euler a", Sampler::EulerAncestral),
    ("Euler", Sampler::Euler),
    ("Heun", Sampler::Heun),
];

pub(super) fn written(parameters: &Parameters) -> String {
    let settings = &parameters.settings;
    let (ours, side) = (settings.sampler, parameters.side);
    let named = SAMPLERS
        .iter()
        .find(|(_, sampler)| sampler.name() == ours.name());
    let mut line = format!(
        "{}\nSteps: {}, Sampler: {}, ",
        parameters.caption,
        settings.n_steps,
        named.map_or("", |(name, _)| name)
    );
    if settings.spacing == Spacing::Karras {
        line.push_str("Schedule type: Karras, ");
    }
    let _ = write!(
        line,
        "CFG scale: {}, Seed: {}, Size: {side}x{side}, Model: {}",
        settings.guidance,
        parameters.seed,
        quoted(&parameters.model)
    );
    if let Some(strength) = parameters.strength {
        let _ = write!(line, ", Denoising strength: {strength}");
    }
    line.push_str(", Version: Glassbox");
    line
}

/// In quotation marks where it would not be read as one value.
fn quoted(value: &str) -> String {
    if value.contains([',', ':', '\n', '"']) {
        serde_json::Value::from(value).to_string()
    } else {
        value.to_owned()
    }
}

/// What the words say; `None` where they are no parameters.
pub(super) fn read(text: &str) -> Option<Restored> {
    let (before, line) = text.trim_end().rsplit_once('\n').unwrap_or(("", text));
    let values = values(line);
    let value = |name: &str| {
        let found = values.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    let n_steps: usize = value("Steps")?.parse().ok()?;
    let mut notes = Vec::new();
    let (caption, negative) = match before.find(NEGATIVE) {
        Some(at) => (&before[..at], &before[at + NEGATIVE.len()..]),
        None => (before, ""),
    };
    let asked = value("Sampler").unwrap_or_default();
    // Before version 1.9 the spacing was a part of the sampler's name.
    let plain = asked.strip_suffix(" Karras").unwrap_or(asked);
    let known = SAMPLERS.iter().find(|(name, _)| *name == plain);
    let sampler = known.map_or(Sampler::Heun, |&(_, sampler)| sampler);
    if known.is_none() {
        notes.push(format!(
            "It was made with the sampler “{}”, which is not here; Heun's method is the nearest.",
            shortened(asked, QUOTED)
        ));
    }
    if !negative.trim().is_empty() {
        notes.push(format!(
            "It was told what not to show: “{}”. That is not restored.",
            shortened(negative.trim(), QUOTED)
        ));
    }
    let is_karras = plain != asked || value("Schedule type") == Some("Karras");
    let spacing = if is_karras {
        Spacing::Karras
    } else {
        Spacing::Trailing
    };
    let guidance = value("CFG scale").and_then(|value| value.parse().ok());
    let side = value("Size").and_then(|size| size.split_once('x')?.0.parse().ok());
    Some(Restored {
        parameters: Parameters {
            model: value("Model").unwrap_or_default().to_owned(),
            caption: caption.trim_end().to_owned(),
            mixed_with: None,
            seed: value("Seed")
                .and_then(|seed| seed.parse().ok())
                .unwrap_or(0),
            count: 1,
            side: side.unwrap_or(0),
            settings: Settings {
                sampler,
                spacing,
                n_steps,
                guidance: guidance.unwrap_or(1.0),
                is_clamped: true,
            },
            strength: value("Denoising strength").and_then(|value| value.parse().ok()),
        },
        notes,
    })
}

/// `name: value, name: "quoted, value"`, as far as it goes.
fn values(line: &str) -> Vec<(String, String)> {
    let mut values = Vec::new();
    let mut rest = line;
    while let Some((name, after)) = rest.split_once(':') {
        let after = after.trim_start();
        let mut quoted = serde_json::Deserializer::from_str(after).into_iter::<String>();
        let (value, length) = match quoted.next() {
            Some(Ok(value)) if after.starts_with('"') => (value, quoted.byte_offset()),
            _ => {
                let end = after.find(',').unwrap_or(after.len());
                (after[..end].trim().to_owned(), end)
            }
        };
        values.push((name.trim().to_owned(), value));
        rest = after[length..].trim_start_matches([',', ' ']);
    }
    values
}
