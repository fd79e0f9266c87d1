//! A token's bytes as something a person can see: never a lie about what is there.
//!
//! Spaces become `·` and line ends `⏎`; bytes that are only part of a character are shown as bytes,
//! `⟨E2 82⟩`, and so are control characters; invisible and direction-changing characters show their
//! number, `⟨U+202E⟩`.

use std::fmt::Write as _;

/// The visible form of `bytes`.
#[must_use]
pub fn visible(bytes: &[u8]) -> String {
    shown(bytes, true)
}

/// As [`visible`]; without `marks`, spaces, tabs and line ends are left blank.
#[must_use]
pub fn shown(bytes: &[u8], marks: bool) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                ' ' | '\n' | '\t' if !marks => out.push(' '),
                c => push_visible(&mut out, c),
            }
        }
        push_bytes(&mut out, chunk.invalid());
    }
    out
}

/// One line of text for a painter that puts words from left to right: where the script is written from
/// right to left, its words stand in the order in which they are seen.
#[must_use]
pub fn in_visual_order(line: &str) -> String {
    let first = line.chars().find(|c| c.is_alphabetic());
    if !first.is_some_and(|c| matches!(c, '\u{590}'..='\u{8FF}' | '\u{FB1D}'..='\u{FEFC}')) {
        return line.to_owned();
    }
    let seen = line.split(' ').rev().map(|word| {
        let letters = word.trim_end_matches(|c: char| c.is_ascii_punctuation());
        let marks = word[letters.len()..].chars().rev();
        marks.chain(letters.chars()).collect::<String>()
    });
    seen.collect::<Vec<_>>().join(" ")
}

fn push_visible(out: &mut String, c: char) {
    match c {
        ' ' => out.push('·'),
        '\n' => out.push('⏎'),
        '\t' => out.push('⇥'),
        c if c.is_ascii_control() => push_bytes(out, &[c as u8]),
        c if is_invisible(c) => _ = write!(out, "⟨U+{:04X}⟩", c as u32),
        c => out.push(c),
    }
}

fn push_bytes(out: &mut String, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    _ = write!(out, "⟨{}⟩", hex.join(" "));
}

/// Characters without a shape of their own: further controls, unusual spaces, joiners, direction
/// marks, variation selectors, private use.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E000}'..='\u{F8FF}'
            | '\u{E0000}'..='\u{10FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_line_ends_are_visible() {
        assert_eq!(visible(b" quick\n\t"), "·quick⏎⇥");
    }

    #[test]
    fn without_marks_white_space_is_blank_and_half_a_character_still_is_not() {
        assert_eq!(shown(b" quick\n", false), " quick ");
        assert_eq!(shown(&[b'\t', 0xE2], false), " ⟨E2⟩");
    }

    #[test]
    fn half_a_character_is_shown_as_its_bytes() {
        // The euro sign is E2 82 AC (Unicode 15, UTF-8).
        assert_eq!(visible(&[b' ', 0xE2, 0x82]), "·⟨E2 82⟩");
        assert_eq!(visible(&[0xAC]), "⟨AC⟩");
        assert_eq!(visible("€".as_bytes()), "€");
    }

    #[test]
    fn words_of_a_script_from_right_to_left_are_put_in_the_order_they_are_seen() {
        assert_eq!(in_visual_order("one two."), "one two.");
        assert_eq!(in_visual_order("אחת שתיים."), ".שתיים אחת");
        assert_eq!(in_visual_order(""), "");
    }

    #[test]
    fn control_and_direction_characters_cannot_hide() {
        assert_eq!(visible(b"\x1b[1m\r\0"), "⟨1B⟩[1m⟨0D⟩⟨00⟩");
        assert_eq!(visible("a\u{202E}b\u{A0}".as_bytes()), "a⟨U+202E⟩b⟨U+00A0⟩");
    }
}
