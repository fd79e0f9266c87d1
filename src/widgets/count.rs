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
    fn a_score_keeps_its_sign_and_as_many_decimals_as_it_needs() {
        assert_eq!([-12.0, -0.0, 1.256].map(signed), ["−12", "0", "1.26"]);
    }
}
