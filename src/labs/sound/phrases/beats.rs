//! What drums play.

use super::{Note, Pattern};
use crate::rng::Rng;

/// The keys of General MIDI's drums.
mod drum {
    pub const BASS: u8 = 36;
    pub const SNARE: u8 = 38;
    pub const CLAP: u8 = 39;
    pub const CLOSED_HAT: u8 = 42;
    pub const OPEN_HAT: u8 = 46;
    pub const LOW_TOM: u8 = 45;
    pub const HIGH_TOM: u8 = 50;
    pub const CRASH: u8 = 49;
    pub const RIDE: u8 = 51;
}

/// Strokes of a beat on so many beats, in the order that they fall in.
pub(super) fn compose(pattern: Pattern, n_beats: usize, rng: &mut Rng) -> Vec<Note> {
    let has_crash = rng.below(4) == 0;
    let has_fill = rng.below(3) == 0;
    let has_ghost = rng.below(2) == 0;
    let mut strokes = Strokes {
        notes: Vec::new(),
        rng,
    };
    if has_crash {
        strokes.at(0.0, drum::CRASH, 90);
    }
    for beat in 0..n_beats {
        let at = beat as f64;
        let is_back = beat % 2 == 1;
        if has_fill && beat + 1 == n_beats {
            strokes.fill(at, pattern);
            continue;
        }
        match pattern {
            Pattern::Dance => {
                strokes.at(at, drum::BASS, 112);
                strokes.at(at + 0.5, drum::OPEN_HAT, 86);
                if is_back {
                    strokes.at(at, drum::CLAP, 104);
                }
                if has_ghost {
                    strokes.at(at + 0.25, drum::CLOSED_HAT, 60);
                }
            }
            Pattern::Shuffle => {
                strokes.at(at, drum::RIDE, 92);
                strokes.at(at + 2.0 / 3.0, drum::RIDE, 76);
                strokes.at(at, if is_back { drum::SNARE } else { drum::BASS }, 104);
                if has_ghost && !is_back {
                    strokes.at(at + 2.0 / 3.0, drum::BASS, 84);
                }
            }
            _ => {
                strokes.at(at, drum::CLOSED_HAT, 88);
                strokes.at(at + 0.5, drum::CLOSED_HAT, 72);
                strokes.at(at, if is_back { drum::SNARE } else { drum::BASS }, 108);
                if has_ghost && !is_back {
                    strokes.at(at + 0.5, drum::BASS, 88);
                }
            }
        }
    }
    strokes.notes
}

/// Strokes as they are put down.
struct Strokes<'a> {
    notes: Vec<Note>,
    rng: &'a mut Rng,
}

impl Strokes<'_> {
    fn at(&mut self, start: f64, key: u8, velocity: u8) {
        self.notes.push(Note {
            start,
            length: 0.2,
            key,
            velocity: velocity + self.rng.below(12) as u8,
        });
    }

    /// A beat of toms, divided as the pattern divides its beats.
    fn fill(&mut self, at: f64, pattern: Pattern) {
        let n_strokes = if pattern == Pattern::Shuffle { 3 } else { 4 };
        self.at(at, drum::BASS, 100);
        for i in 0..n_strokes {
            let tom = if 2 * i < n_strokes {
                drum::HIGH_TOM
            } else {
                drum::LOW_TOM
            };
            self.at(at + f64::from(i) / f64::from(n_strokes), tom, 98);
        }
    }
}
