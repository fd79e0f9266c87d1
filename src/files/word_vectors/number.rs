//! Decimal numbers out of text, correctly rounded. A file of vectors has a hundred million of them,
//! so the short ones (all of `GloVe`'s, most of fastText's) are read in one pass over their bytes.

/// Powers of ten that f32 holds exactly.
const POWERS: [f32; 11] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];

/// The number of `line` that begins at `*at`, which is then moved past the separator after it.
/// `None` where it is not a number, and at the end of the line.
pub(super) fn next(line: &[u8], at: &mut usize) -> Option<f32> {
    let start = *at;
    let mut i = start;
    let negative = line.get(i) == Some(&b'-');
    i += usize::from(negative);
    let mut digits: u32 = 0;
    let mut n_digits = 0_u32;
    let mut n_decimals = 0_usize;
    while let Some(d) = line.get(i).copied().and_then(digit) {
        digits = digits.wrapping_mul(10).wrapping_add(d);
        n_digits += 1;
        i += 1;
    }
    if line.get(i) == Some(&b'.') {
        i += 1;
        while let Some(d) = line.get(i).copied().and_then(digit) {
            digits = digits.wrapping_mul(10).wrapping_add(d);
            n_digits += 1;
            n_decimals += 1;
            i += 1;
        }
    }
    let ends = line.get(i).is_none_or(|&b| is_separator(b));
    if ends && (1..=9).contains(&n_digits) && digits <= 1 << 24 {
        // Both are exact, and so their quotient is rounded once, correctly (Clinger 1990).
        *at = i + 1;
        let value = digits as f32 / POWERS[n_decimals];
        return Some(if negative { -value } else { value });
    }
    let field = &line[start.min(line.len())..];
    let n = field
        .iter()
        .position(|&b| is_separator(b))
        .unwrap_or(field.len());
    *at = start + n + 1;
    std::str::from_utf8(&field[..n]).ok()?.parse().ok()
}

/// What stands between the fields of a line.
pub(super) fn is_separator(b: u8) -> bool {
    b == b' ' || b == b'\t'
}

fn digit(b: u8) -> Option<u32> {
    b.is_ascii_digit().then(|| u32::from(b - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_number_is_read_as_the_standard_library_reads_it() {
        let written = [
            "0",
            "-0",
            "1",
            "0.418",
            "-0.00010034",
            "16777216",
            "16777217",
            "33554431.5",
            ".5",
            "5.",
            "1e-3",
            "-2.5E+2",
            "0.1234567890123456789",
            "3.4028236e38",
            "1e999",
            "nan",
            "inf",
            "-inf",
            "000000000.1",
            "0.000000001",
            "123456789",
            "+7",
            "0.3",
            "9999999.9",
        ];
        for text in written {
            let expected: f32 = text.parse().unwrap();
            let mut at = 0;
            let line = format!("{text} x");
            let read = next(line.as_bytes(), &mut at).unwrap();
            assert_eq!(read.to_bits(), expected.to_bits(), "{text}");
            assert_eq!(at, text.len() + 1);
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".", "1.2.3", "0x10", "1,5", "one", "--1", "1e"] {
            assert_eq!(next(text.as_bytes(), &mut 0), None, "{text}");
        }
    }
}
