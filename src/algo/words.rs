//! The words of a text, as counted: runs of letters and digits in small letters. An apostrophe
//! between letters belongs to the word (`don't`); a possessive `'s` does not (`whale's` is `whale`).

/// Longer runs are no words that a table needs; they are cut here.
const MAX_BYTES: usize = 64;

/// Calls `each` with every word of `text`.
pub fn for_each(text: &str, mut each: impl FnMut(&str)) {
    let mut word = String::new();
    let mut end = |word: &mut String| {
        let kept = word.trim_end_matches('\'');
        let kept = kept.strip_suffix("'s").unwrap_or(kept);
        if !kept.is_empty() {
            each(kept);
        }
        word.clear();
    };
    for c in text.chars() {
        let is_apostrophe = matches!(c, '\'' | '’');
        if word.len() < MAX_BYTES && c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if is_apostrophe && !word.is_empty() && !word.ends_with('\'') {
            word.push('\'');
        } else if !word.is_empty() {
            end(&mut word);
            if c.is_alphanumeric() {
                word.extend(c.to_lowercase());
            }
        }
    }
    end(&mut word);
}

/// Where `text` can be cut without cutting a word: after its last character that is in none.
#[must_use]
pub fn last_break(text: &str) -> Option<usize> {
    let in_word = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '’');
    let (at, c) = text.char_indices().rfind(|(_, c)| !in_word(*c))?;
    Some(at + c.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        for_each(text, |word| words.push(word.to_string()));
        words
    }

    #[test]
    fn words_are_small_letters_without_what_stands_around_them() {
        assert_eq!(words("Call me Ishmael."), ["call", "me", "ishmael"]);
        assert_eq!(
            words("hats off—then, ÄRGER 1851"),
            ["hats", "off", "then", "ärger", "1851"]
        );
        assert_eq!(words("—…!"), [""; 0]);
    }

    #[test]
    fn an_apostrophe_inside_stays_and_a_possessive_goes() {
        let text = "the whale's ‘don’t’ o'clock sailors' 's";
        assert_eq!(
            words(text),
            ["the", "whale", "don't", "o'clock", "sailors", "s"]
        );
    }

    #[test]
    fn an_endless_run_of_letters_is_cut() {
        assert!(
            words(&"a".repeat(1000))
                .iter()
                .all(|word| word.len() <= MAX_BYTES)
        );
        assert_eq!(words(&"a".repeat(1000)).concat().len(), 1000);
    }

    #[test]
    fn a_text_cut_at_a_break_has_the_same_words() {
        let text = "So strange—and yet, the whale’s eye";
        for (end, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let (now, later) = text.split_at(last_break(&text[..end]).unwrap_or(0));
            assert_eq!([words(now), words(later)].concat(), words(text));
        }
    }
}
