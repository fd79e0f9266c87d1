//! Short phrases of music, made by rule: what the model that makes sounds learns from.
//!
//! An [`Instrument`] plays a [`Pattern`] (chords, an arpeggio, a melody, a riff; drums a beat) in a
//! [`Mood`] at a [`Tempo`], and all that is left open is drawn at random: the key, the harmony, the
//! notes. A phrase is a loop of [`N_SAMPLES`] samples, and every tempo has a whole number of beats in
//! it. That makes it easier to learn than music is: no note ever begins between two beats' halves or
//! thirds. An
//! [`Orchestra`] plays it from a soundfont, a [`Spectrograph`] makes a picture of it, and a
//! [`Collection`] keeps thousands of pictures.

mod beats;
mod collection;
mod notes;
mod render;
mod spectrogram;

pub use collection::{Collection, MOOD, attributes};
pub use notes::compose;
pub use render::{Orchestra, Played, played};
pub use spectrogram::{
    HOP_LENGTH, N_FFT, RANGE_DB, RANGE_HZ, Sounding, Spectrograph, height_of, row_hz,
};

use crate::rng::Rng;

/// Samples of a phrase in a second.
pub const SAMPLE_RATE_HZ: u32 = 44_100;
/// Columns of a phrase's spectrogram, and its rows.
pub const SIDE: usize = 128;
/// Samples of a phrase: 128 columns of a spectrogram, 2.97 s.
pub const N_SAMPLES: usize = 128 * 1024;

/// Something to play on, as General MIDI numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instrument {
    /// "electric guitar".
    pub name: &'static str,
    /// The soundfont's bank; kits of drums are in 128.
    pub bank: i32,
    /// General MIDI's number of the sound, from 0.
    pub program: i32,
    /// The key of the C that its chords are built on, as MIDI numbers keys: 60 is in the middle of a piano.
    pub middle: u8,
}

/// Whether a phrase is in a major or a minor key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// With the major third.
    Major,
    /// With the minor third.
    Minor,
}

/// How fast the beats follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tempo {
    /// 3 beats in a phrase.
    Slow,
    /// 5 beats.
    Medium,
    /// 8 beats.
    Fast,
}

/// What is done with the notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Three notes at once on every beat.
    Chords,
    /// The notes of chords one after another, two to a beat.
    Arpeggio,
    /// One voice that walks up and down the scale.
    Melody,
    /// A short figure in a low register, again and again.
    Riff,
    /// Drums: bass drum and snare by turns, a hi-hat twice a beat.
    Rock,
    /// Drums: the bass drum on every beat, an open hi-hat between.
    Dance,
    /// Drums: the beat is divided in three.
    Shuffle,
}

/// Everything that can be played on: twelve instruments and two kits of drums.
pub const INSTRUMENTS: [Instrument; 14] = [
    instrument("piano", 0, 60),
    instrument("organ", 16, 60),
    instrument("guitar", 24, 60),
    instrument("electric guitar", 29, 48),
    instrument("bass", 33, 36),
    instrument("strings", 48, 60),
    instrument("choir", 52, 60),
    instrument("trumpet", 56, 60),
    instrument("saxophone", 65, 60),
    instrument("flute", 73, 72),
    instrument("marimba", 12, 60),
    instrument("music box", 10, 72),
    kit("drums", 0),
    kit("electronic drums", 25),
];

/// All moods, in the order of their numbers.
pub const MOODS: [Mood; 2] = [Mood::Major, Mood::Minor];
/// All tempos, in the order of their numbers.
pub const TEMPOS: [Tempo; 3] = [Tempo::Slow, Tempo::Medium, Tempo::Fast];
/// All patterns, in the order of their numbers; the last three are for drums.
pub const PATTERNS: [Pattern; 7] = [
    Pattern::Chords,
    Pattern::Arpeggio,
    Pattern::Melody,
    Pattern::Riff,
    Pattern::Rock,
    Pattern::Dance,
    Pattern::Shuffle,
];

const fn instrument(name: &'static str, program: i32, middle: u8) -> Instrument {
    Instrument {
        name,
        bank: 0,
        program,
        middle,
    }
}

const fn kit(name: &'static str, program: i32) -> Instrument {
    Instrument {
        name,
        bank: 128,
        program,
        middle: 0,
    }
}

impl Instrument {
    /// Whether each of its keys is another drum.
    #[must_use]
    pub fn is_kit(&self) -> bool {
        self.bank == 128
    }

    /// What it can play.
    #[must_use]
    pub fn patterns(&self) -> &'static [Pattern] {
        let (pitched, drummed) = PATTERNS.split_at(4);
        if self.is_kit() { drummed } else { pitched }
    }
}

impl Mood {
    /// "minor".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }

    /// The seven notes of its scale, in semitones above the first.
    #[must_use]
    pub fn scale(self) -> [u8; 7] {
        match self {
            Self::Major => [0, 2, 4, 5, 7, 9, 11],
            Self::Minor => [0, 2, 3, 5, 7, 8, 10],
        }
    }
}

impl Tempo {
    /// "slow".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Medium => "medium",
            Self::Fast => "fast",
        }
    }

    /// Beats of a phrase.
    #[must_use]
    pub fn n_beats(self) -> usize {
        match self {
            Self::Slow => 3,
            Self::Medium => 5,
            Self::Fast => 8,
        }
    }

    /// Beats in a minute: 61, 101 and 161.
    #[must_use]
    pub fn beats_per_minute(self) -> f64 {
        let secs = N_SAMPLES as f64 / f64::from(SAMPLE_RATE_HZ);
        self.n_beats() as f64 * 60.0 / secs
    }
}

impl Pattern {
    /// "arpeggio".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chords => "chords",
            Self::Arpeggio => "arpeggio",
            Self::Melody => "melody",
            Self::Riff => "riff",
            Self::Rock => "rock",
            Self::Dance => "dance",
            Self::Shuffle => "shuffle",
        }
    }
}

/// What a phrase is to be; the indices are those of [`INSTRUMENTS`], [`MOODS`], [`TEMPOS`] and
/// [`PATTERNS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Who plays.
    pub instrument: usize,
    /// In which key; drums have none.
    pub mood: Option<usize>,
    /// How fast.
    pub tempo: usize,
    /// What.
    pub pattern: usize,
}

impl Label {
    /// One of all that there can be, each instrument alike.
    #[must_use]
    pub fn random(rng: &mut Rng) -> Self {
        let instrument = rng.below(INSTRUMENTS.len());
        let is_kit = INSTRUMENTS[instrument].is_kit();
        let patterns = INSTRUMENTS[instrument].patterns();
        let pattern = rng.below(patterns.len());
        Self {
            instrument,
            mood: (!is_kit).then(|| rng.below(MOODS.len())),
            tempo: rng.below(TEMPOS.len()),
            pattern: if is_kit { 4 + pattern } else { pattern },
        }
    }

    /// The phrase that a row of [`Label::row`] asks for; what it leaves open is drawn at random, and what
    /// the instrument cannot play as well.
    #[must_use]
    pub fn asked(row: &[u32], rng: &mut Rng) -> Self {
        let wanted = |at: usize| (row.get(at).copied().unwrap_or(0) as usize).checked_sub(1);
        let instrument = wanted(0).filter(|i| *i < INSTRUMENTS.len());
        let pattern = wanted(3).and_then(|i| PATTERNS.get(i));
        loop {
            let label = Self::random(rng);
            let label = Self {
                instrument: instrument.unwrap_or(label.instrument),
                ..label
            };
            let player = &INSTRUMENTS[label.instrument];
            let can = player.patterns();
            // Drums cannot play what was drawn for a piano: draw again.
            if !can.contains(&PATTERNS[label.pattern]) || player.is_kit() != label.mood.is_none() {
                continue;
            }
            let pattern = pattern.filter(|pattern| can.contains(pattern));
            let number = pattern.and_then(|p| PATTERNS.iter().position(|other| other == p));
            return Self {
                mood: label
                    .mood
                    .map(|mood| wanted(1).unwrap_or(mood).min(MOODS.len() - 1)),
                tempo: wanted(2).unwrap_or(label.tempo).min(TEMPOS.len() - 1),
                pattern: number.unwrap_or(label.pattern),
                ..label
            };
        }
    }

    /// For instrument, mood, tempo and pattern 0 where there is none, else its number + 1: what a
    /// model is told.
    #[must_use]
    pub fn row(&self) -> [u8; 4] {
        let number = |i: usize| i as u8 + 1;
        [
            number(self.instrument),
            self.mood.map_or(0, number),
            number(self.tempo),
            number(self.pattern),
        ]
    }

    /// "slow minor piano chords", "fast drums, rock".
    #[must_use]
    pub fn caption(&self) -> String {
        let tempo = TEMPOS[self.tempo].name();
        let instrument = INSTRUMENTS[self.instrument].name;
        let pattern = PATTERNS[self.pattern].name();
        match self.mood {
            Some(mood) => format!("{tempo} {} {instrument} {pattern}", MOODS[mood].name()),
            None => format!("{tempo} {pattern} {instrument}"),
        }
    }
}

/// A note of a phrase. Times are in beats from its beginning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Note {
    /// When its key goes down.
    pub start: f64,
    /// How long it is held.
    pub length: f64,
    /// Which key, as MIDI numbers them: a semitone each, 60 in the middle.
    pub key: u8,
    /// How hard it is struck, 1..=127.
    pub velocity: u8,
}

#[cfg(test)]
mod tests;
