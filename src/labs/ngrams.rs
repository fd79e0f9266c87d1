//! Before transformers: count which letter or word follows which in a text, predict the next one from
//! the counts alone, and write as Shannon (1948) did, one draw at a time.

mod beside;

pub use crate::algo::ngram::{
    Drawn, MAX_ORDER, Next, Orders, Row, Smoothing, Symbol, Table, UNKNOWN, Unit,
};
pub use crate::labs::embeddings::origin::builtin;
pub use beside::{Expected, expects};

use crate::algo::ngram::Counter;
use crate::labs::embeddings::origin::text;
use crate::refusal::{Refusal, Result};
use crate::rng::Rng;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// A text to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Moby-Dick, which ships.
    MobyDick,
    /// A file in UTF-8 of any length; it is never in memory whole.
    File(PathBuf),
    /// These words.
    Text(Arc<str>),
}

impl Source {
    /// What a person calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::MobyDick => builtin().0.to_owned(),
            Self::File(path) => path.file_name().map_or_else(
                || path.display().to_string(),
                |name| name.to_string_lossy().into_owned(),
            ),
            Self::Text(_) => "your text".to_owned(),
        }
    }
}

/// A text, counted.
#[derive(Debug)]
pub struct Counted {
    /// The counts.
    pub table: Table,
    /// Whether all of the text is in them.
    pub ending: Ending,
    /// The part of the text that is in them, 0..=1.
    pub fraction: f32,
    /// Places that were no UTF-8 and count as gaps.
    pub n_not_text: u64,
}

/// Of a longer text only grams as long as are looked at are counted.
const SHORT_BYTES: u64 = 16 << 20;

/// The order to count up to where grams of `n` are looked at: of a text that is quickly read, all orders
/// at once, so that another N needs no other count.
#[must_use]
pub fn order_at_once(source: &Source, n: usize) -> usize {
    let is_long = match source {
        Source::File(path) => std::fs::metadata(path).is_ok_and(|at| at.len() > SHORT_BYTES),
        _ => false,
    };
    if is_long { n } else { MAX_ORDER }
}

/// Why counting ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The text ended.
    Whole,
    /// The table was full: so many different grams are not kept.
    Full,
    /// The person stopped it; what was counted until then is kept.
    Stopped,
}

/// How far counting has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// The part of the text that was counted, 0..=1.
    pub fraction: f32,
    /// Letters or words so far.
    pub n_symbols: u64,
}

/// Counts every gram of up to `order` letters or words of a text. `emit` is told how far it is, and may stop
/// it: what was counted until then is kept. Memory is bounded whatever the length of the text.
///
/// # Errors
/// A file that cannot be read or is no text, or a text without a single letter or word.
pub fn count(
    source: &Source,
    unit: Unit,
    order: usize,
    emit: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Counted> {
    let mut counter = Counter::new(unit, order);
    let (mut fraction, mut ending) = (0.0, Ending::Whole);
    let from = match source {
        Source::MobyDick => text::Source::Text(builtin().1),
        Source::File(path) => {
            check_is_file(path)?;
            text::Source::File(path)
        }
        Source::Text(text) => text::Source::Text(text),
    };
    let read = text::read(from, &mut |part, so_far| {
        counter.push(part);
        fraction = so_far;
        let n_symbols = counter.n_symbols();
        if counter.is_full() && so_far < 1.0 {
            ending = Ending::Full;
            return ControlFlow::Break(());
        }
        let flow = emit(Progress {
            fraction,
            n_symbols,
        });
        if flow.is_break() && so_far < 1.0 {
            ending = Ending::Stopped;
        }
        flow
    })?;
    if counter.n_symbols() == 0 {
        return Err(nothing_to_count(source, unit));
    }
    Ok(Counted {
        table: counter.finish(),
        ending,
        fraction,
        n_not_text: read.unwrap_or(0),
    })
}

/// The symbols of `context` that an N-gram looks at: its last `n − 1`.
#[must_use]
pub fn context_of(table: &Table, context: &str, n: usize) -> Vec<Symbol> {
    let mut symbols = table.symbols(context);
    let n_left = symbols.len().saturating_sub(n.saturating_sub(1));
    symbols.drain(..n_left);
    symbols
}

/// Writes as Shannon did: looks at the last `n − 1` symbols, draws the next by its probability, moves
/// on by one. The same seed draws the same text.
#[derive(Debug, Clone)]
pub struct Writer {
    written: Vec<Symbol>,
    n: usize,
    smoothing: Smoothing,
    draws: Rng,
}

impl Writer {
    /// Begins after `start`.
    #[must_use]
    pub fn new(start: &[Symbol], n: usize, smoothing: Smoothing, seed: u64) -> Self {
        Self {
            written: start.to_vec(),
            n: n.clamp(1, MAX_ORDER),
            smoothing,
            draws: Rng::new(seed, "n-gram"),
        }
    }

    /// Draws the next symbol; `None` when the table is empty.
    pub fn step(&mut self, table: &Table) -> Option<Drawn> {
        let from = self.written.len().saturating_sub(self.n - 1);
        let drawn = table.draw(&self.written[from..], self.smoothing, self.draws.uniform())?;
        self.written.push(drawn.row.symbol);
        Some(drawn)
    }
}

/// A folder, a device or a pipe may never end, or block: only plain files are counted.
fn check_is_file(path: &std::path::Path) -> Result<()> {
    let refuse = |evidence: String| {
        Refusal::unchanged(
            format!("{} is not a text to count", path.display()),
            evidence,
            "Give a plain text file in UTF-8.",
        )
    };
    let about = std::fs::metadata(path).map_err(|error| refuse(format!("{error}.")))?;
    if about.is_file() {
        return Ok(());
    }
    let what = if about.is_dir() { "folder" } else { "device" };
    Err(refuse(format!("It is a {what}.")))
}

fn nothing_to_count(source: &Source, unit: Unit) -> Refusal {
    let (nothing, next) = match unit {
        Unit::Letters => (
            "It has no letter from a to z.",
            "Count words instead, or choose another text.",
        ),
        Unit::Words => ("It has no word.", "Choose another text."),
    };
    Refusal::unchanged(
        format!("There is nothing to count in {}", source.name()),
        nothing,
        next,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(_: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    #[test]
    fn the_same_seed_writes_the_same_text_and_only_what_the_counts_allow() {
        let counted = count(&Source::MobyDick, Unit::Letters, 3, &mut all).unwrap();
        let table = &counted.table;
        assert!(counted.ending == Ending::Whole && counted.n_not_text == 0);
        let written = |seed| {
            let mut writer =
                Writer::new(&context_of(table, "call me q", 3), 3, Smoothing::None, seed);
            let drawn: Vec<Drawn> = (0..200).map_while(|_| writer.step(table)).collect();
            drawn
        };
        let first = written(1);
        assert!(first.len() == 200 && first == written(1) && first != written(2));
        assert_eq!(table.name(first[0].row.symbol), "u");
        for drawn in &first {
            let gram = [&drawn.context[..], &[drawn.row.symbol]].concat();
            assert_eq!(table.count(&gram), drawn.row.count);
            assert!(drawn.row.count > 0 && drawn.context.len() == 2);
        }
    }

    #[test]
    fn stopping_keeps_what_was_counted() {
        let mut n_told = 0;
        let counted = count(&Source::MobyDick, Unit::Words, 2, &mut |_| {
            n_told += 1;
            if n_told == 2 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
        assert_eq!(counted.ending, Ending::Stopped);
        assert!(counted.fraction > 0.1 && counted.fraction < 0.9);
        assert!(counted.table.n_symbols() > 10_000);
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        let refusal = |source: Source, unit| count(&source, unit, 3, &mut all).unwrap_err();
        let russian = refusal(Source::Text("Зовите меня Измаил.".into()), Unit::Letters);
        assert!(russian.next.contains("words instead"));
        assert!(
            refusal(Source::Text("…".into()), Unit::Words)
                .evidence
                .contains("no word")
        );
        let folder = tempfile::tempdir().unwrap();
        let in_folder = refusal(Source::File(folder.path().into()), Unit::Words);
        assert!(in_folder.evidence.contains("folder"));
        #[cfg(unix)]
        assert!(
            refusal(Source::File("/dev/zero".into()), Unit::Words)
                .evidence
                .contains("device")
        );
    }

    #[test]
    fn a_context_is_cut_to_what_an_n_gram_looks_at() {
        let counted = count(
            &Source::Text("to be or not to be".into()),
            Unit::Words,
            4,
            &mut all,
        )
        .unwrap();
        let table = &counted.table;
        let seen = |n| table.text(&context_of(table, "that is to be or", n));
        assert_eq!(seen(1), "");
        assert_eq!(seen(3), "be or");
        assert_eq!(seen(4), "to be or");
        assert_eq!(context_of(table, "is to", 3)[0], UNKNOWN);
    }
}
