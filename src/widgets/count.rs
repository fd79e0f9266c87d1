//! Counts as people read them.

use std::fmt::Display;

/// A whole number of zero or more with its digits in groups of three: "49,152".
#[must_use]
pub fn grouped(n: impl Display) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number as it is written in a text: whole ones without decimals, others with two, and a true minus.
#[must_use]
pub fn signed(value: f64) -> String {
    let digits = if value.fract() == 0.0 { 0 } else { 2 };
    format!("{:.digits$}", value + 0.0).replace('-', "−")
}

/// Seconds as people say them, in the two units that matter: "42 s", "3 min 5 s", "2 h 1 min".
#[must_use]
pub fn duration(secs: f64) -> String {
    let whole = secs.max(0.0).round() as u64;
    let (hours, minutes, secs) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, minutes) {
        (0, 0) => format!("{secs} s"),
        (0, _) => format!("{minutes} min {secs} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// Bytes as people read them: "98 MB".
#[must_use]
pub fn megabytes(bytes: u64) -> String {
    match bytes as f64 / 1e6 {
        mb if mb >= 1000.0 => format!("{:.2} GB", mb / 1e3),
        mb if mb >= 10.0 => format!("{mb:.0} MB"),
        mb => format!("{mb:.1} MB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three_from_the_right() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(49_152_usize), "49,152");
        assert_eq!(grouped(134_515_008_u64), "134,515,008");
    }

    #[test]
    fn a_time_is_told_in_the_two_units_that_matter() {
        let told = [0.4, 42.0, 185.0, 7260.0].map(duration);
        assert_eq!(told, ["0 s", "42 s", "3 min 5 s", "2 h 1 min"]);
    }

    #[test]
    fn a_score_keeps_its_sign_and_as_many_decimals_as_it_needs() {
        assert_eq!([-12.0, -0.0, 1.256].map(signed), ["−12", "0", "1.26"]);
    }
}
