//! A compiled table of character rules, as SentencePiece models carry it: `ﬁ` becomes `fi`, `①`
//! becomes `1`.
//!
//! The rules lie in a double-array trie (Aoe 1989, as Darts-clone packs it): one 32-bit unit per
//! node, whose low byte is the label, and whose offset leads to its children by exclusive or.

/// The table; a rule is found by the characters it begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charsmap {
    units: Vec<u32>,
    /// What rules give, each ended by a zero byte.
    results: Vec<u8>,
}

impl Charsmap {
    /// From a model's `precompiled_charsmap`: the trie's length in bytes, the trie, the results.
    /// `None` where the lengths do not fit or a result is not UTF-8.
    #[must_use]
    pub fn new(blob: &[u8]) -> Option<Self> {
        let (length, rest) = blob.split_first_chunk::<4>()?;
        let n = u32::from_le_bytes(*length) as usize;
        if !n.is_multiple_of(4) || n == 0 || n > rest.len() {
            return None;
        }
        let (units, results) = rest.split_at(n);
        std::str::from_utf8(results).ok()?;
        let units = units.as_chunks::<4>().0.iter();
        Some(Self {
            units: units.map(|unit| u32::from_le_bytes(*unit)).collect(),
            results: results.to_vec(),
        })
    }

    /// The longest rule for the beginning of `text`: how many bytes it takes, what they become. A
    /// damaged trie finds fewer rules; it never leads outside itself.
    #[must_use]
    pub fn longest(&self, text: &[u8]) -> Option<(usize, &str)> {
        let mut longest = None;
        let mut at = offset(*self.units.first()?);
        for (i, &byte) in text.iter().enumerate() {
            at ^= usize::from(byte);
            let Some(&unit) = self.units.get(at) else {
                break;
            };
            if unit & (1 << 31 | 0xff) != u32::from(byte) {
                break;
            }
            at ^= offset(unit);
            let has_value = unit >> 8 & 1 == 1;
            if has_value && let Some(result) = self.units.get(at).and_then(|u| self.result(*u)) {
                longest = Some((i + 1, result));
            }
        }
        // A rule that ends inside a character is none.
        longest.filter(|(n, _)| text.get(*n).is_none_or(|byte| byte & 0xc0 != 0x80))
    }

    fn result(&self, unit: u32) -> Option<&str> {
        let start = (unit & !(1 << 31)) as usize;
        let rest = self.results.get(start..)?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        std::str::from_utf8(&rest[..end]).ok()
    }
}

fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_does_not_hold_is_none_and_a_damaged_one_finds_nothing() {
        for wrong in [
            &b""[..],
            b"\x04\0\0",
            b"\x05\0\0\0abcde",
            b"\xff\xff\xff\x7f",
            b"\0\0\0\0",
        ] {
            assert_eq!(Charsmap::new(wrong), None);
        }
        assert_eq!(Charsmap::new(b"\x04\0\0\0abcd\xff\0"), None);
        let damaged = Charsmap::new(b"\x08\0\0\0\xff\xff\xff\xff\xff\xff\xff\xffa\0").unwrap();
        assert_eq!(damaged.longest(b"abc"), None);
    }
}
