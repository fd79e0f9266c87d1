//! What Unicode calls a character.

use crate::algo::unicode_names::UnicodeNames;
use std::sync::LazyLock;

/// Made by `assets/make_unicode_names.py`, which says whose names they are.
const TABLE: &[u8] = include_bytes!("../../../assets/unicode_names.bin");

static NAMES: LazyLock<Option<UnicodeNames<'static>>> = LazyLock::new(|| UnicodeNames::new(TABLE));

/// "LATIN SMALL LETTER E WITH ACUTE"; `None` for a code point without a name.
#[must_use]
pub fn name_of(c: char) -> Option<String> {
    NAMES.as_ref()?.name(c)
}

/// "U+00E9 LATIN SMALL LETTER E WITH ACUTE".
#[must_use]
pub fn code_point(c: char) -> String {
    let code = c as u32;
    match (name_of(c), c) {
        (Some(name), _) => format!("U+{code:04X} {name}"),
        (None, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..) => format!("U+{code:04X} for private use"),
        (None, _) => format!("U+{code:04X} without a name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_point_is_told_with_its_name_where_it_has_one() {
        assert_eq!(code_point('后'), "U+540E CJK UNIFIED IDEOGRAPH-540E");
        assert_eq!(code_point('\u{200D}'), "U+200D ZERO WIDTH JOINER");
        assert_eq!(code_point('\u{E000}'), "U+E000 for private use");
        assert_eq!(code_point('\u{FFFE}'), "U+FFFE without a name");
    }
}
