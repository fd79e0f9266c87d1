//! Any text in 27 letters. Capitals become small, é becomes e and æ becomes ae; an apostrophe between
//! letters falls away (ma’am is maam); everything else, however long, becomes one space.

/// Calls `each` with the letters of `text`: 0 is the space, 1–26 are a–z. `gap` carries a space that
/// is due from one part of a text to the next; a text begins with `false`.
pub fn for_each_letter(text: &str, gap: &mut Gap, mut each: impl FnMut(u32)) {
    for c in text.chars() {
        let mut found = false;
        for letter in fold(c).bytes() {
            if gap.after_letter && gap.due {
                each(0);
            }
            each(u32::from(letter - b'a') + 1);
            (gap.after_letter, gap.due, found) = (true, false, true);
        }
        gap.due |= !found && !matches!(c, '\'' | '’');
    }
}

/// Whether a space comes before the next letter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Gap {
    after_letter: bool,
    due: bool,
}

impl Gap {
    /// As if a letter had come before.
    #[must_use]
    pub fn after_a_letter() -> Self {
        Self {
            after_letter: true,
            due: false,
        }
    }

    /// Whether the text so far ends in something that counts as a space.
    #[must_use]
    pub fn is_open(self) -> bool {
        self.after_letter && self.due
    }
}

/// The letters that a character counts as; none for what is no Latin letter.
fn fold(c: char) -> &'static str {
    const A_TO_Z: &str = "abcdefghijklmnopqrstuvwxyz";
    let lower = c.to_lowercase().next().unwrap_or(c);
    match lower {
        'a'..='z' => {
            let i = (lower as u32 - 'a' as u32) as usize;
            &A_TO_Z[i..=i]
        }
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ę' | 'ě' | 'ė' => "e",
        'ğ' | 'ģ' => "g",
        'ì'..='ï' | 'ī' | 'ı' | 'į' => "i",
        'ķ' => "k",
        'ł' | 'ľ' | 'ļ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ř' | 'ŕ' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(parts: &[&str]) -> String {
        let (mut gap, mut text) = (Gap::default(), String::new());
        for part in parts {
            for_each_letter(part, &mut gap, |letter| {
                text.push(match letter {
                    0 => ' ',
                    _ => char::from(b'a' + letter as u8 - 1),
                });
            });
        }
        text
    }

    #[test]
    fn a_text_is_written_in_27_letters() {
        assert_eq!(
            written(&["CHAPTER 1. Loomings.\n\nCall me—"]),
            "chapter loomings call me"
        );
        assert_eq!(
            written(&["Ma’am, don't! Çà et là, Œuvre"]),
            "maam dont ca et la oeuvre"
        );
        assert_eq!(written(&["… 1851 …", "Дом", "鯨"]), "");
    }

    #[test]
    fn parts_of_a_text_count_as_the_whole() {
        assert_eq!(
            written(&["one ", "two", "three", "—", " four"]),
            "one twothree four"
        );
    }
}
