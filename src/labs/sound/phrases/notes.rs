//! What instruments with keys play.

use super::{INSTRUMENTS, Label, MOODS, Mood, Note, PATTERNS, Pattern, TEMPOS, beats};
use crate::rng::Rng;

/// Semitones that a key may lie above C. No two of them have a scale of each other's notes: the notes
/// alone say whether a phrase is in major or in minor.
const KEYS: [u8; 3] = [0, 2, 4];
/// Pairs of chords, by the steps of the scale that they are built on. In major all of these are major, in
/// minor all are minor.
const HARMONIES: [[usize; 2]; 5] = [[0, 0], [0, 3], [0, 4], [3, 0], [4, 0]];

/// Notes of a phrase as it is labelled, in the order that they begin in.
#[must_use]
pub fn compose(label: &Label, rng: &mut Rng) -> Vec<Note> {
    let instrument = &INSTRUMENTS[label.instrument];
    let n_beats = TEMPOS[label.tempo].n_beats();
    let pattern = PATTERNS[label.pattern];
    let Some(mood) = label.mood.map(|mood| MOODS[mood]) else {
        return beats::compose(pattern, n_beats, rng);
    };
    let player = Player {
        root: instrument.middle + rng.pick(&KEYS).copied().unwrap_or(0),
        mood,
        n_beats,
        harmony: rng.pick(&HARMONIES).copied().unwrap_or([0, 0]),
    };
    match pattern {
        Pattern::Arpeggio => player.arpeggio(rng),
        Pattern::Melody => player.melody(rng),
        Pattern::Riff => player.riff(rng),
        _ => player.chords(rng),
    }
}

/// What was settled before the first note.
struct Player {
    /// The key of the scale's first note.
    root: u8,
    mood: Mood,
    n_beats: usize,
    harmony: [usize; 2],
}

impl Player {
    /// The key that is so many steps of the scale above its first.
    fn key(&self, step: usize) -> u8 {
        let scale = self.mood.scale();
        self.root + 12 * (step / scale.len()) as u8 + scale[step % scale.len()]
    }

    /// The chord of that beat, by its steps of the scale: the second half has the second.
    fn chord(&self, beat: usize) -> [usize; 3] {
        let root = self.harmony[usize::from(2 * beat > self.n_beats)];
        [root, root + 2, root + 4]
    }

    fn chords(&self, rng: &mut Rng) -> Vec<Note> {
        // Its lowest notes may go an octave up: the chord stays what it is.
        let n_lifted = rng.below(3);
        let length = if rng.below(3) == 0 { 0.5 } else { 0.9 };
        let mut notes = Vec::new();
        for beat in 0..self.n_beats {
            for (i, step) in self.chord(beat).into_iter().enumerate() {
                let step = if i < n_lifted { step + 7 } else { step };
                notes.push(self.note(beat as f64, length, step, rng));
            }
        }
        notes
    }

    fn arpeggio(&self, rng: &mut Rng) -> Vec<Note> {
        let orders: [&[usize]; 4] = [
            &[0, 1, 2, 3],
            &[3, 2, 1, 0],
            &[0, 1, 2, 3, 2, 1],
            &[0, 2, 1, 3],
        ];
        let order = orders[rng.below(orders.len())];
        let halves = 0..2 * self.n_beats;
        let notes = halves.map(|half| {
            let [first, third, fifth] = self.chord(half / 2);
            let steps = [first, third, fifth, first + 7];
            let step = steps[order[half % order.len()]];
            self.note(half as f64 / 2.0, 0.5, step, rng)
        });
        notes.collect()
    }

    /// Begins on a note of the chord, mostly goes to one beside it, and returns from too far up or down.
    fn melody(&self, rng: &mut Rng) -> Vec<Note> {
        let lengths = [0.5, 0.5, 1.0, 1.0, 1.5];
        let leaps: [isize; 7] = [-2, -1, -1, 1, 1, 2, 2];
        let mut step = [0, 2, 4, 7][rng.below(4)];
        let (mut at, mut notes) = (0.0, Vec::new());
        let end = self.n_beats as f64;
        while at < end {
            let length: f64 = lengths[rng.below(lengths.len())];
            let length = length.min(end - at);
            notes.push(self.note(at, 0.9 * length, step, rng));
            at += length;
            let leap = leaps[rng.below(leaps.len())];
            step = match step.checked_add_signed(leap) {
                Some(next) if next <= 9 => next,
                _ => step.saturating_add_signed(-leap),
            };
        }
        notes
    }

    /// A cell of half beats, one octave down, that is repeated until the end. The third is always in it.
    fn riff(&self, rng: &mut Rng) -> Vec<Note> {
        let n_halves = match self.n_beats {
            8 => 4,
            n_beats => n_beats,
        };
        let choices = [None, Some(0), Some(0), Some(2), Some(4), Some(7)];
        let mut cell: Vec<Option<usize>> = (0..n_halves)
            .map(|_| choices[rng.below(choices.len())])
            .collect();
        cell[0] = Some(0);
        cell[1 + rng.below(n_halves - 1)] = Some(2);
        let halves = 0..2 * self.n_beats;
        let notes = halves.filter_map(|half| {
            let step = cell[half % n_halves]?;
            let mut note = self.note(half as f64 / 2.0, 0.35, step, rng);
            note.key -= 12;
            Some(note)
        });
        notes.collect()
    }

    /// A note that is struck a little harder on the beat than between two.
    fn note(&self, start: f64, length: f64, step: usize, rng: &mut Rng) -> Note {
        let accent = if start.fract() == 0.0 { 12 } else { 0 };
        Note {
            start,
            length,
            key: self.key(step),
            velocity: (84 + accent + rng.below(16)) as u8,
        }
    }
}
