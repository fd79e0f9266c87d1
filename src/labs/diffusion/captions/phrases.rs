//! The words that people use for phrases of music.

use super::{Attribute, Parsed};
use crate::labs::sound::phrases::{self, INSTRUMENTS};

/// Words, or two in a row, that name a value: words, attribute, value. Those of two come first.
const VALUES: [(&str, &str, &str); 60] = [
    ("electric guitar", "instrument", "electric guitar"),
    ("distorted guitar", "instrument", "electric guitar"),
    ("bass guitar", "instrument", "bass"),
    ("music box", "instrument", "music box"),
    ("electronic drums", "instrument", "electronic drums"),
    ("electric drums", "instrument", "electronic drums"),
    ("drum machine", "instrument", "electronic drums"),
    ("broken chords", "pattern", "arpeggio"),
    ("bass line", "pattern", "riff"),
    ("piano", "instrument", "piano"),
    ("organ", "instrument", "organ"),
    ("guitar", "instrument", "guitar"),
    ("guitars", "instrument", "guitar"),
    ("bass", "instrument", "bass"),
    ("strings", "instrument", "strings"),
    ("violins", "instrument", "strings"),
    ("choir", "instrument", "choir"),
    ("voices", "instrument", "choir"),
    ("trumpet", "instrument", "trumpet"),
    ("saxophone", "instrument", "saxophone"),
    ("sax", "instrument", "saxophone"),
    ("flute", "instrument", "flute"),
    ("marimba", "instrument", "marimba"),
    ("drums", "instrument", "drums"),
    ("drum", "instrument", "drums"),
    ("major", "mood", "major"),
    ("happy", "mood", "major"),
    ("cheerful", "mood", "major"),
    ("bright", "mood", "major"),
    ("minor", "mood", "minor"),
    ("sad", "mood", "minor"),
    ("dark", "mood", "minor"),
    ("gloomy", "mood", "minor"),
    ("melancholic", "mood", "minor"),
    ("slow", "tempo", "slow"),
    ("slowly", "tempo", "slow"),
    ("calm", "tempo", "slow"),
    ("medium", "tempo", "medium"),
    ("moderate", "tempo", "medium"),
    ("fast", "tempo", "fast"),
    ("quick", "tempo", "fast"),
    ("quickly", "tempo", "fast"),
    ("rapid", "tempo", "fast"),
    ("chords", "pattern", "chords"),
    ("chord", "pattern", "chords"),
    ("arpeggio", "pattern", "arpeggio"),
    ("arpeggios", "pattern", "arpeggio"),
    ("arpeggiated", "pattern", "arpeggio"),
    ("melody", "pattern", "melody"),
    ("melodies", "pattern", "melody"),
    ("tune", "pattern", "melody"),
    ("solo", "pattern", "melody"),
    ("riff", "pattern", "riff"),
    ("riffs", "pattern", "riff"),
    ("ostinato", "pattern", "riff"),
    ("rock", "pattern", "rock"),
    ("dance", "pattern", "dance"),
    ("disco", "pattern", "dance"),
    ("shuffle", "pattern", "shuffle"),
    ("swing", "pattern", "shuffle"),
];

/// Words of music that are understood and ask for nothing.
const FILLERS: [&str; 14] = [
    "beat", "beats", "box", "key", "kit", "loop", "music", "phrase", "play", "playing", "plays",
    "sound", "tempo", "played",
];

/// Reads the words of a caption, in small letters, into `parsed`.
pub(super) fn read(small: &[String], attributes: &[Attribute], parsed: &mut Parsed) {
    let mut i = 0;
    while let Some(word) = small.get(i) {
        let two = small.get(i + 1).map(|next| format!("{word} {next}"));
        let is = |words: &str| VALUES.iter().find(|(named, _, _)| *named == words);
        let (found, n_words) = match two.as_deref().and_then(is) {
            Some(found) => (Some(found), 2),
            None => (is(word), 1),
        };
        let asked = found.and_then(|(_, name, value)| {
            let at = attributes.iter().position(|a| a.name == *name)?;
            Some((at, attributes[at].value(value)?))
        });
        if let Some((at, value)) = asked {
            for word in i..i + n_words {
                parsed.ask(word, at, value);
            }
        } else {
            let is_known = FILLERS.contains(&word.as_str()) || super::faces::is_filler(word);
            parsed.words[i].is_known = is_known;
        }
        i += n_words;
    }
    forget_what_cannot_be_played(parsed);
}

/// Drums have no mood and no melody, and a piano plays no drum beat: such words mean nothing here.
fn forget_what_cannot_be_played(parsed: &mut Parsed) {
    let [instrument, mood, pattern] = [0, 1, 3];
    let asked = parsed.rows.get(instrument).copied().unwrap_or(0) as usize;
    let Some(player) = asked.checked_sub(1).and_then(|i| INSTRUMENTS.get(i)) else {
        return;
    };
    let plays = |row: u32| {
        let pattern = (row as usize).checked_sub(1);
        let pattern = pattern.and_then(|i| phrases::PATTERNS.get(i));
        pattern.is_none_or(|pattern| player.patterns().contains(pattern))
    };
    let mut forgotten = Vec::new();
    if player.is_kit() {
        forgotten.push(mood);
    }
    if !plays(parsed.rows[pattern]) {
        forgotten.push(pattern);
    }
    for attribute in forgotten {
        parsed.rows[attribute] = 0;
        for word in &mut parsed.words {
            if word.meaning.is_some_and(|(at, _)| at == attribute) {
                (word.meaning, word.is_known) = (None, false);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use crate::labs::sound::phrases::{Label, attributes};
    use crate::rng::Rng;

    #[test]
    fn the_caption_of_a_phrase_is_read_as_what_it_was_made_of() {
        let mut rng = Rng::new(0, "captions");
        for _ in 0..500 {
            let label = Label::random(&mut rng);
            let parsed = parse(&label.caption(), &attributes());
            let rows: Vec<u32> = label.row().map(u32::from).to_vec();
            assert_eq!(parsed.rows, rows, "{}", label.caption());
            assert!(parsed.unknown.is_empty() && parsed.overruled.is_empty());
        }
    }

    #[test]
    fn the_words_of_people_are_understood_and_others_are_named() {
        let rows = |caption: &str| parse(caption, &attributes()).rows;
        assert_eq!(rows("slow minor piano chords"), [1, 2, 1, 1]);
        assert_eq!(rows("fast drums"), [13, 0, 3, 0]);
        assert_eq!(rows("A sad tune on the electric guitar"), [4, 2, 0, 3]);
        assert_eq!(rows("a bass line played by a bass"), [5, 0, 0, 4]);
        assert_eq!(rows(""), [0; 4]);
        let parsed = parse("happy bagpipes, very slow", &attributes());
        assert_eq!(parsed.rows, [0, 1, 1, 0]);
        assert_eq!(parsed.unknown, ["bagpipes"]);
        let parsed = parse("slow fast piano", &attributes());
        assert_eq!((parsed.rows[2], parsed.overruled.len()), (3, 1));
    }

    #[test]
    fn what_an_instrument_cannot_play_means_nothing() {
        let parsed = parse("minor drums melody", &attributes());
        assert_eq!(parsed.rows, [13, 0, 0, 0]);
        assert_eq!(parsed.unknown, ["minor", "melody"]);
        let parsed = parse("swing piano", &attributes());
        assert_eq!(
            (parsed.rows[3], &parsed.unknown[..]),
            (0, &["swing".to_owned()][..])
        );
    }
}
