//! A text as it is said while it is written: whole characters only, and nothing that may still turn
//! out to be the beginning of a stop string.

/// What was written so far, and how much of it was said.
pub(super) struct Spoken<'a> {
    stop: &'a [String],
    bytes: Vec<u8>,
    n_said: usize,
    /// Bytes in which no stop string begins, whatever comes next.
    n_sure: usize,
    /// A stop string is there: nothing after it is said.
    ended: bool,
}

impl<'a> Spoken<'a> {
    pub(super) fn new(stop: &'a [String]) -> Self {
        Self {
            stop,
            bytes: Vec::new(),
            n_said: 0,
            n_sure: 0,
            ended: false,
        }
    }

    /// Takes the bytes of one more token.
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        if self.ended {
            return;
        }
        self.bytes.extend_from_slice(bytes);
        // Everything before `n_sure` is clear, so a stop string can only begin from there on.
        let open = &self.bytes[self.n_sure..];
        let begins = |at: usize| {
            let stop = self.stop.iter().map(String::as_bytes);
            let mut stop = stop.filter(|stop| !stop.is_empty());
            stop.find_map(|stop| {
                let there = &open[at..open.len().min(at + stop.len())];
                stop.starts_with(there).then_some(there.len() == stop.len())
            })
        };
        let first = (0..open.len()).find_map(|at| begins(at).map(|whole| (at, whole)));
        let (n_clear, whole) = first.unwrap_or((open.len(), false));
        self.n_sure += n_clear;
        self.ended = whole;
    }

    /// What can be said by now and was not.
    pub(super) fn ready(&mut self) -> String {
        let waiting = &self.bytes[self.n_said..self.n_sure];
        let whole = match std::str::from_utf8(waiting) {
            Err(error) if error.error_len().is_none() => &waiting[..error.valid_up_to()],
            _ => waiting,
        };
        self.n_said += whole.len();
        String::from_utf8_lossy(whole).into_owned()
    }

    /// Whether nothing was written that could be said.
    pub(super) fn is_silent(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What is still to be said of a text that ended after `n_bytes`.
    pub(super) fn rest(&self, n_bytes: usize) -> String {
        let rest = self.bytes.get(self.n_said..n_bytes).unwrap_or_default();
        String::from_utf8_lossy(rest).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_waits_for_its_other_half() {
        let mut spoken = Spoken::new(&[]);
        spoken.hear(&[b'a', 0xE2, 0x82]);
        assert_eq!(spoken.ready(), "a");
        spoken.hear(&[0xAC]);
        assert_eq!(spoken.ready(), "€");
        spoken.hear(&[0xFF, b'b']);
        assert_eq!(spoken.ready(), "\u{FFFD}b");
    }

    #[test]
    fn the_beginning_of_a_stop_string_is_never_said() {
        let stop = ["END".to_owned()];
        let mut spoken = Spoken::new(&stop);
        let said: Vec<String> = ["so", ". E", "N", "D of it"]
            .iter()
            .map(|piece| {
                spoken.hear(piece.as_bytes());
                spoken.ready()
            })
            .collect();
        assert_eq!(said, ["so", ". ", "", ""]);
        assert_eq!(spoken.rest("so. ".len()), "");
    }

    #[test]
    fn what_only_looked_like_a_stop_string_is_said_as_soon_as_that_is_clear() {
        let stop = ["aab".to_owned(), "\n\n".to_owned()];
        let mut spoken = Spoken::new(&stop);
        let mut said = |piece: &str| {
            spoken.hear(piece.as_bytes());
            spoken.ready()
        };
        assert_eq!(said("xa"), "x");
        assert_eq!(said("aa"), "a");
        assert_eq!(said("c\n"), "aac");
        assert_eq!(said("d"), "\nd");
        assert_eq!(said("\n"), "");
        assert_eq!(spoken.rest("xaaac\nd\n".len()), "\n");
    }
}
