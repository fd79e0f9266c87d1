//! A phrase played from a soundfont.

use super::{INSTRUMENTS, Label, N_SAMPLES, Note, SAMPLE_RATE_HZ, TEMPOS, compose};
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use rustysynth::{SoundFont, Synthesizer, SynthesizerSettings};
use std::path::Path;
use std::sync::Arc;

/// Plays phrases.
#[derive(Debug)]
pub struct Orchestra {
    synthesizer: Synthesizer,
}

/// A key that goes down or up.
struct Stroke {
    sample: usize,
    key: u8,
    /// 0 where it goes up.
    velocity: u8,
}

impl Orchestra {
    /// With the sounds of a soundfont (SF2) that has General MIDI's instruments.
    ///
    /// # Errors
    /// A file that cannot be read or is no soundfont, or one that lacks an instrument.
    pub fn open(path: &Path) -> Result<Self> {
        let refuse = |evidence: String| {
            Refusal::unchanged(
                format!("{} cannot be played from", path.display()),
                evidence,
                "Give a soundfont (SF2) with General MIDI's instruments, like FluidR3_GM.sf2 of Debian's fluid-soundfont-gm.",
            )
        };
        let file = std::fs::File::open(path).map_err(|error| refuse(format!("{error}.")))?;
        let font = SoundFont::new(&mut std::io::BufReader::new(file));
        let font = font.map_err(|error| refuse(format!("{error}.")))?;
        let has = |bank: i32, program: i32| {
            let mut presets = font.get_presets().iter();
            presets.any(|p| p.get_bank_number() == bank && p.get_patch_number() == program)
        };
        if let Some(missing) = INSTRUMENTS.iter().find(|i| !has(i.bank, i.program)) {
            return Err(refuse(format!("It has no {}.", missing.name)));
        }
        let mut settings = SynthesizerSettings::new(SAMPLE_RATE_HZ as i32);
        settings.enable_reverb_and_chorus = false; // dry: an echo would only blur what is to be learned
        let synthesizer = Synthesizer::new(&Arc::new(font), &settings);
        let synthesizer = synthesizer.map_err(|error| refuse(format!("{error}.")))?;
        Ok(Self { synthesizer })
    }

    /// The phrase as a loop that has been running for a while, with `margin` samples more at both
    /// ends: what rings on from its end is heard at its beginning. One channel.
    #[must_use]
    pub fn play(&mut self, label: &Label, notes: &[Note], margin: usize) -> Vec<f32> {
        let instrument = &INSTRUMENTS[label.instrument];
        let channel = if instrument.is_kit() {
            Synthesizer::PERCUSSION_CHANNEL as i32
        } else {
            0
        };
        let synthesizer = &mut self.synthesizer;
        synthesizer.reset();
        synthesizer.process_midi_message(channel, 0xC0, instrument.program, 0);
        let samples_per_beat = N_SAMPLES as f64 / TEMPOS[label.tempo].n_beats() as f64;
        let n_samples = 2 * N_SAMPLES + margin;
        let strokes = strokes(notes, samples_per_beat, n_samples);
        let (mut left, mut right) = (vec![0.0; n_samples], vec![0.0; n_samples]);
        let mut at = 0;
        for stroke in &strokes {
            let until = stroke.sample.min(n_samples);
            synthesizer.render(&mut left[at..until], &mut right[at..until]);
            at = until;
            let key = i32::from(stroke.key);
            match stroke.velocity {
                0 => synthesizer.note_off(channel, key),
                velocity => synthesizer.note_on(channel, key, velocity.into()),
            }
        }
        synthesizer.render(&mut left[at..], &mut right[at..]);
        let heard = N_SAMPLES - margin..n_samples;
        let both = left[heard.clone()].iter().zip(&right[heard]);
        both.map(|(left, right)| 0.5 * (left + right)).collect()
    }
}

/// A phrase that was asked for, composed and played.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// What it became.
    pub label: Label,
    /// Its notes.
    pub notes: Vec<Note>,
    /// [`N_SAMPLES`] samples, the loudest at 0.9.
    pub samples: Vec<f32>,
}

/// Composes the phrase that a row of [`Label::row`] asks for and plays it from a soundfont.
///
/// # Errors
/// A soundfont that cannot be played from.
pub fn played(soundfont: &Path, row: &[u32], seed: u64) -> Result<Played> {
    let mut rng = Rng::new(seed, "a phrase from a soundfont");
    let label = Label::asked(row, &mut rng);
    let notes = compose(&label, &mut rng);
    let mut samples = Orchestra::open(soundfont)?.play(&label, &notes, 0);
    let peak = samples.iter().fold(0.0, |peak: f32, x| peak.max(x.abs()));
    if peak > 0.0 {
        for sample in &mut samples {
            *sample *= 0.9 / peak;
        }
    }
    Ok(Played {
        label,
        notes,
        samples,
    })
}

/// The keys of a loop that is played again and again, in the order that they go down and up.
fn strokes(notes: &[Note], samples_per_beat: f64, n_samples: usize) -> Vec<Stroke> {
    let mut strokes = Vec::new();
    for turn in 0..n_samples.div_ceil(N_SAMPLES) {
        for note in notes {
            let sample =
                |beats: f64| turn * N_SAMPLES + (beats * samples_per_beat).round() as usize;
            let key = note.key;
            strokes.push(Stroke {
                sample: sample(note.start),
                key,
                velocity: note.velocity,
            });
            strokes.push(Stroke {
                sample: sample(note.start + note.length),
                key,
                velocity: 0,
            });
        }
    }
    strokes.sort_by_key(|stroke| (stroke.sample, stroke.velocity));
    strokes
}
