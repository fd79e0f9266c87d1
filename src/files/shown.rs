//! What a file says about itself, made safe and short for people: names come from strangers, and a
//! name may hold control characters, marks that turn the reading direction round, or ten megabytes.

/// Characters kept of a name shown to people.
pub const N_SHOWN: usize = 80;

/// `text` in one line: control, bidirectional and invisible characters as `\u{…}`, at most
/// [`N_SHOWN`] characters and then `…`.
#[must_use]
pub fn shown(text: &str) -> String {
    shortened(text, N_SHOWN)
}

/// As [`shown`], with at most `n_chars` characters of `text`.
#[must_use]
pub fn shortened(text: &str, n_chars: usize) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    for c in rest.by_ref().take(n_chars) {
        if is_deceptive(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    if rest.next().is_some() {
        out.push('…');
    }
    out
}

/// Whether a character can change how the text around it is read without being seen itself.
#[must_use]
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}'                       // Arabic letter mark
            | '\u{ad}'                      // soft hyphen
            | '\u{200b}'..='\u{200f}'       // zero width, left-to-right and right-to-left marks
            | '\u{2028}'..='\u{202e}'       // line separators, embeddings and overrides
            | '\u{2060}'..='\u{206f}'       // word joiner, isolates
            | '\u{feff}'                    // byte order mark
            | '\u{fff9}'..='\u{fffb}'       // interlinear annotation
            | '\u{e0000}'..='\u{e007f}') // tags
}

/// A number of bytes as people say it, in powers of ten: "98.4 MB".
#[must_use]
pub fn size(n_bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if n_bytes < 1000 {
        return if n_bytes == 1 {
            "1 byte".to_owned()
        } else {
            format!("{n_bytes} bytes")
        };
    }
    let mut value = n_bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 9.995 {
        format!("{value:.2} {}", UNITS[unit])
    } else if value < 99.95 {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.0} {}", UNITS[unit])
    }
}

/// A count with its digits in groups of three: "49,152".
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count as people say it where it is large: "26,110", "134.5 million", "1.24 billion".
#[must_use]
pub fn many(n: u64) -> String {
    let x = n as f64;
    match n {
        0..1_000_000 => count(n),
        1_000_000..10_000_000 => format!("{:.2} million", x / 1e6),
        10_000_000..1_000_000_000 => format!("{:.1} million", x / 1e6),
        _ => format!("{:.2} billion", x / 1e9),
    }
}

/// The file's own name in backticks, as every refusal begins.
#[must_use]
pub fn file_name(path: &std::path::Path) -> String {
    let name = path.file_name().map_or_else(
        || path.to_string_lossy().into_owned(),
        |n| n.to_string_lossy().into_owned(),
    );
    shown(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_to_left_override_is_shown_as_its_code_and_cannot_turn_a_name_round() {
        assert_eq!(shown("gpt\u{202e}fugg"), "gpt\\u{202e}fugg");
        assert_eq!(shown("a\u{1b}[31m\n"), "a\\u{1b}[31m\\u{a}");
    }

    #[test]
    fn a_ten_megabyte_name_is_shown_in_eighty_characters() {
        let name = "x".repeat(10_000_000);
        assert_eq!(shown(&name).chars().count(), 81);
    }

    #[test]
    fn counts_are_told_as_people_read_them() {
        assert_eq!((count(7).as_str(), count(49_152).as_str()), ("7", "49,152"));
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(many(26_110), "26,110");
        assert_eq!(many(134_515_008), "134.5 million");
        assert_eq!(many(1_235_814_400), "1.24 billion");
    }

    #[test]
    fn sizes_are_told_in_powers_of_ten_as_download_pages_do() {
        assert_eq!(size(0), "0 bytes");
        assert_eq!(size(98_362_432), "98.4 MB");
        assert_eq!(size(4_210_000_000), "4.21 GB");
        assert_eq!(size(999_999), "1.00 MB");
        assert_eq!(size(u64::MAX), "18.4 EB");
    }
}
