//! Numbers as people read them.

pub(super) use crate::widgets::count::grouped;

/// A count and its noun: "1 token", "2 tokens".
pub(super) fn counted(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(n))
}

/// "once", "twice", "9 times".
pub(super) fn times(n: u64) -> String {
    match n {
        1 => "once".into(),
        2 => "twice".into(),
        n => format!("{} times", grouped(n)),
    }
}

/// Bytes as people read them: "820 bytes", "98 MB".
pub(super) fn size(n_bytes: u64) -> String {
    match n_bytes {
        ..10_000 => counted(n_bytes, "byte"),
        10_000..1_000_000 => format!("{} kB", n_bytes / 1000),
        1_000_000..10_000_000 => format!("{:.1} MB", n_bytes as f64 / 1e6),
        _ => format!("{:.0} MB", n_bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_words_do() {
        let said = [
            grouped(0),
            grouped(1_234_567),
            counted(1, "token"),
            times(2),
            size(820),
            size(2_345_678),
        ];
        let expected = ["0", "1,234,567", "1 token", "twice", "820 bytes", "2.3 MB"];
        assert_eq!(said, expected);
    }
}
