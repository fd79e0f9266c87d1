//! Phrases that everybody has to begin with: composed by rule ([`phrases`](super::phrases)) and played
//! from a soundfont.

use super::Sound;
use crate::files::sound::of_bytes;
use crate::refusal::Result;

/// A sound inside the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shipped {
    /// What a person calls it.
    pub name: &'static str,
    /// What it shows.
    pub teaches: &'static str,
    ogg: &'static [u8],
}

/// All of them, as they are offered.
pub const SHIPPED: [Shipped; 4] = [
    Shipped {
        name: "Piano",
        teaches: "An arpeggio: each note is a stack of lines, struck hard and dying away, the high ones first.",
        ogg: include_bytes!("../../../assets/sounds/piano.ogg"),
    },
    Shipped {
        name: "Drums",
        teaches: "A beat: no lines but columns, for a stroke has all frequencies and lasts a moment.",
        ogg: include_bytes!("../../../assets/sounds/drums.ogg"),
    },
    Shipped {
        name: "Strings",
        teaches: "Chords: three stacks of lines at once, which tremble because many players never agree.",
        ogg: include_bytes!("../../../assets/sounds/strings.ogg"),
    },
    Shipped {
        name: "Flute",
        teaches: "A melody: few lines, for a flute has few overtones, and breath between them.",
        ogg: include_bytes!("../../../assets/sounds/flute.ogg"),
    },
];

impl Shipped {
    /// The sound.
    ///
    /// # Errors
    /// None in a program that passed its tests.
    pub fn sound(&self) -> Result<Sound> {
        of_bytes(self.name, self.ogg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_is_a_phrase_that_can_be_heard() {
        for shipped in SHIPPED {
            let sound = shipped.sound().unwrap();
            assert_eq!((sound.sample_rate_hz(), sound.n_channels()), (44_100, 1));
            assert!((sound.secs() - 2.972).abs() < 0.01, "{}", sound.secs());
            assert_eq!(sound.name(), shipped.name);
            let samples = sound.mono(0..sound.len()).unwrap();
            let peak = samples.iter().fold(0.0, |peak: f32, x| peak.max(x.abs()));
            assert!((0.5..1.1).contains(&peak), "{}: {peak}", shipped.name);
        }
    }
}
