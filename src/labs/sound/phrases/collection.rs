//! Thousands of phrases as spectrograms, in a file: what the networks learn from.

use super::spectrogram::MARGIN;
use super::{INSTRUMENTS, Label, MOODS, Orchestra, PATTERNS, SIDE, Spectrograph, TEMPOS, compose};
use crate::files::atlas::Pictures;
use crate::files::metadata::MetaValue;
use crate::files::weight_type::WeightType;
use crate::files::weights::WeightFile;
use crate::labs::diffusion::captions::Attribute;
use crate::labs::writing::write_whole;
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use serde_json::json;
use std::ops::ControlFlow;
use std::path::Path;

/// The key under which a file says what it is, and what such a file says.
const KIND: (&str, &str) = ("glassbox.kind", "phrases");
/// The attribute that drums have no value of.
pub const MOOD: &str = "mood";
/// What is known of each phrase.
const N_ATTRIBUTES: usize = 4;

/// Phrases that were rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Their spectrograms, one channel each.
    pub pictures: Pictures,
    /// [`Label::row`](super::Label::row) of each.
    pub rows: Vec<[u8; N_ATTRIBUTES]>,
}

/// What is known of a phrase: instrument, mood, tempo and pattern.
#[must_use]
pub fn attributes() -> Vec<Attribute> {
    let attribute = |name: &str, values: Vec<&str>| Attribute {
        name: name.to_owned(),
        values: values.into_iter().map(str::to_owned).collect(),
    };
    vec![
        attribute("instrument", INSTRUMENTS.iter().map(|i| i.name).collect()),
        attribute(MOOD, MOODS.map(super::Mood::name).to_vec()),
        attribute("tempo", TEMPOS.map(super::Tempo::name).to_vec()),
        attribute("pattern", PATTERNS.map(super::Pattern::name).to_vec()),
    ]
}

impl Collection {
    /// Composes `n` phrases, plays them from a soundfont and keeps their pictures. The same seed and
    /// soundfont give the same. `emit` gets the number of those that are done; `None` when it says no.
    ///
    /// # Errors
    /// A soundfont that cannot be played from.
    pub fn render(
        soundfont: &Path,
        n: usize,
        seed: u64,
        emit: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Option<Self>> {
        let mut orchestra = Orchestra::open(soundfont)?;
        let spectrograph = Spectrograph::new()?;
        let mut collection = Self {
            pictures: Pictures {
                side: SIDE,
                n_channels: 1,
                pixels: Vec::with_capacity(n * SIDE * SIDE),
            },
            rows: Vec::with_capacity(n),
        };
        for i in 0..n {
            let mut rng = Rng::new(seed, &format!("phrase {i}"));
            let label = Label::random(&mut rng);
            let notes = compose(&label, &mut rng);
            let sound = orchestra.play(&label, &notes, MARGIN);
            let picture = spectrograph.picture(&sound);
            collection.pictures.pixels.extend(picture);
            collection.rows.push(label.row());
            if emit(i + 1).is_break() {
                return Ok(None);
            }
        }
        Ok(Some(collection))
    }

    /// Reads one that [`Collection::write`] wrote.
    ///
    /// # Errors
    /// A file that is none, or that contradicts itself.
    pub fn open(path: &Path) -> Result<Self> {
        let file = WeightFile::open(path)?;
        if file.meta(KIND.0).and_then(MetaValue::as_str) != Some(KIND.1) {
            return Err(no_collection(path, "It does not say that it is one."));
        }
        let bytes = |name: &str| -> Result<Vec<u8>> {
            let entry = file.get(name).filter(|entry| entry.dtype == WeightType::U8);
            match entry {
                Some(entry) => Ok(file.bytes(entry)?.into_owned()),
                None => Err(no_collection(path, &format!("It has no bytes `{name}`."))),
            }
        };
        let pictures = Pictures {
            side: SIDE,
            n_channels: 1,
            pixels: bytes("pictures")?,
        };
        let (rows, rest) = {
            let rows = bytes("rows")?;
            let (rows, rest) = rows.as_chunks();
            (rows.to_vec(), rest.len())
        };
        let sizes: Vec<usize> = attributes().iter().map(|a| a.values.len()).collect();
        let known = |row: &[u8; N_ATTRIBUTES]| {
            let mut pairs = row.iter().zip(&sizes);
            pairs.all(|(&value, &n_values)| usize::from(value) <= n_values)
        };
        let n_numbers = SIDE * SIDE * rows.len();
        if rows.is_empty() || rest != 0 || pictures.pixels.len() != n_numbers {
            return Err(no_collection(
                path,
                "Its pictures and its labels are not equally many.",
            ));
        }
        if !rows.iter().all(known) {
            return Err(no_collection(path, "A label of it has no meaning."));
        }
        Ok(Self { pictures, rows })
    }

    /// Writes it, as a safetensors file.
    ///
    /// # Errors
    /// When the disk takes nothing more; a file of before is left as it was.
    pub fn write(&self, path: &Path) -> Result<()> {
        let (n, n_pixels) = (self.rows.len(), self.pictures.pixels.len());
        let tensor = |shape: &[usize], start: usize, n_bytes: usize| json!({"dtype": "U8", "shape": shape, "data_offsets": [start, start + n_bytes]});
        let header = json!({
            "__metadata__": {KIND.0: KIND.1},
            "pictures": tensor(&[n, SIDE, SIDE, 1], 0, n_pixels),
            "rows": tensor(&[n, N_ATTRIBUTES], n_pixels, n * N_ATTRIBUTES),
        });
        let mut header = header.to_string();
        while !header.len().is_multiple_of(8) {
            header.push(' ');
        }
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend(&self.pictures.pixels);
        bytes.extend(self.rows.as_flattened());
        write_whole(path, &bytes)
    }
}

fn no_collection(path: &Path, evidence: &str) -> Refusal {
    Refusal::unchanged(
        format!("{} holds no phrases", path.display()),
        evidence,
        "Give a soundfont, or the .phrases file that `glassbox train sound` made of one.",
    )
}
