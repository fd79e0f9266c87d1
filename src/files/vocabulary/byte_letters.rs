//! GPT-2's alphabet: each of the 256 bytes as one visible letter, so that tokens can be kept in a
//! text file. Bytes that are visible in Latin-1 stand for themselves; the other 68 take the letters
//! from U+0100 on, in order: a space is `Ġ`, a newline `Ċ`.

/// Whether a byte stands for itself.
const fn is_itself(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

/// The letter of `byte`.
pub(super) fn letter_of(byte: u8) -> char {
    if is_itself(byte) {
        return char::from(byte);
    }
    let nth = (0..byte).filter(|&b| !is_itself(b)).count() as u32;
    char::from_u32(0x100 + nth).unwrap_or('\u{fffd}')
}

/// The bytes in the order of their letters' ids in GPT-2: visible ones first, then the rest.
pub(super) fn bytes_in_order() -> impl Iterator<Item = u8> {
    let itself = (0..=255).filter(|&b| is_itself(b));
    itself.chain((0..=255).filter(|&b| !is_itself(b)))
}

/// Letters → bytes.
pub(super) struct ByteLetters {
    /// By code point; `None` where no byte has that letter.
    bytes: [Option<u8>; 0x144],
}

impl ByteLetters {
    pub fn new() -> Self {
        let mut bytes = [None; 0x144];
        for byte in 0..=255 {
            bytes[letter_of(byte) as usize] = Some(byte);
        }
        Self { bytes }
    }

    /// The bytes that `text` spells; `None` where a letter is not of this alphabet.
    pub fn decode(&self, text: &str) -> Option<Vec<u8>> {
        text.chars()
            .map(|c| self.bytes.get(c as usize).copied().flatten())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_space_is_a_g_with_a_dot_and_a_newline_a_c_with_a_dot_as_in_gpt2() {
        assert_eq!(letter_of(b' '), 'Ġ');
        assert_eq!(letter_of(b'\n'), 'Ċ');
        assert_eq!(letter_of(0xad), 'Ń'); // the last letter of the alphabet, U+0143
        assert_eq!(ByteLetters::new().decode("Ġis"), Some(b" is".to_vec()));
        assert_eq!(ByteLetters::new().decode("a b"), None);
    }

    #[test]
    fn every_byte_has_its_own_letter() {
        let letters = ByteLetters::new();
        for byte in 0..=255 {
            assert_eq!(
                letters.decode(&letter_of(byte).to_string()),
                Some(vec![byte])
            );
        }
        assert_eq!(bytes_in_order().count(), 256);
        assert_eq!(bytes_in_order().next(), Some(b'!')); // id 0 of GPT-2
        assert_eq!(bytes_in_order().nth(220), Some(b' ')); // id 220
    }
}
