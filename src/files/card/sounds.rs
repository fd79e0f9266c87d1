//! The card of a sound, and of a picture that is one.

use super::Card;
use crate::files::sniff::Kind;
use crate::files::sound::{exif, outline};
use crate::refusal::Result;
use std::path::Path;

/// Riffusion's tags for samples a second and milliseconds from column to column.
const TAGS_OF_A_SPECTROGRAM: [u16; 2] = [11_000, 11_010];

impl Card {
    /// What a sound file says of itself.
    pub(super) fn of_sound(path: &Path, kind: Kind) -> Result<Self> {
        let outline = outline(path)?;
        let mut card = Self::empty(path, "sound", kind.format().to_owned());
        let rate = outline.sample_rate_hz;
        let mut say = |key: &str, value: String| card.metadata.push((key.to_owned(), value));
        say("sample_rate_hz", rate.to_string());
        say("n_channels", outline.n_channels.to_string());
        if let Some(len) = outline.len {
            say("secs", format!("{:.3}", len as f64 / f64::from(rate)));
        }
        card.usable_as.push("sound".to_owned());
        card.notes
            .push("The Sound tab plays it and shows its spectrogram.".to_owned());
        Ok(card)
    }

    /// Whether a picture says that it is a spectrogram of Riffusion's format.
    pub(super) fn describe_picture_of_sound(&mut self) -> Result<()> {
        let tags = exif::of_file(&self.path)?;
        let has = |tag: &u16| tags.iter().any(|(found, _)| found == tag);
        if TAGS_OF_A_SPECTROGRAM.iter().all(has) {
            self.usable_as.insert(0, "sound".to_owned());
            let note = "It is a spectrogram in Riffusion's format: the Sound tab makes it heard.";
            self.notes.insert(0, note.to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::sound::wav::{Depth, to_bytes};

    #[test]
    fn a_sound_says_its_rate_its_channels_and_how_long_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.mp3"); // which it is not
        let bytes = to_bytes(&vec![0.0; 16_000], 8000, 2, Depth::Int16).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let card = Card::of(&path).unwrap();
        assert_eq!((card.kind.as_str(), card.format.as_str()), ("sound", "WAV"));
        assert_eq!(card.usable_as, ["sound"]);
        let said: Vec<&str> = card.metadata.iter().map(|(_, v)| v.as_str()).collect();
        assert_eq!(said, ["8000", "2", "1.000"]);
    }
}
