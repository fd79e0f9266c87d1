//! What comes next: P(next | context) from the counts, what smoothing gives to what was never seen,
//! and Shannon's way to write: draw a symbol, move on by one, draw again.

use super::{Symbol, Table};

/// What is done about a count of zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Smoothing {
    /// Nothing: what was never seen is impossible.
    None,
    /// As if everything had been seen `k` times more (Laplace with k = 1).
    AddK(f64),
    /// Every seen count gives up this much (0 to 1) to what the shorter context says (interpolated
    /// absolute discounting; Ney, Essen and Kneser 1994), down to no context and then all alike.
    BackOff(f64),
}

/// P(next | context).
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    /// The symbols that were looked up.
    pub context: Vec<Symbol>,
    /// How often something follows them in the text.
    pub total: u64,
    /// Most probable first: all that were seen, then, where smoothing gives them a chance, others.
    pub rows: Vec<Row>,
    /// How many symbols never followed this context.
    pub n_unseen: usize,
    /// The probability of all of those together.
    pub p_unseen: f64,
}

/// One symbol that may come next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Which.
    pub symbol: Symbol,
    /// How often it followed.
    pub count: u64,
    /// Its probability.
    pub p: f64,
}

/// A symbol drawn, and from what.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// The context it was drawn after: shorter than asked for where the longer one was never seen.
    pub context: Vec<Symbol>,
    /// How many symbols of the context had to be left out.
    pub n_left_out: usize,
    /// How often something follows the context in the text.
    pub total: u64,
    /// The symbol, how often it followed and its probability.
    pub row: Row,
}

impl Table {
    /// P(next | context), the context cut to its last `order − 1` symbols. At most `n_unseen_shown` symbols
    /// that never followed are listed. Without smoothing, a context that was never seen gives
    /// nothing: 0 of 0.
    #[must_use]
    pub fn next(&self, context: &[Symbol], smoothing: Smoothing, n_unseen_shown: usize) -> Next {
        let context = self.last_of(context);
        let seen = self.continuations(context);
        let total: u64 = seen.iter().map(|(_, count)| count).sum();
        let n_unseen = self.n_alphabet().saturating_sub(seen.len());
        let row = |(symbol, count): (Symbol, u64), p| Row { symbol, count, p };
        let Some(p) = self.distribution(context, smoothing) else {
            let alone = |(symbol, count)| row((symbol, count), count as f64 / total as f64);
            let mut rows: Vec<Row> = seen.into_iter().map(alone).collect();
            sort(&mut rows);
            return Next {
                context: context.to_vec(),
                total,
                rows,
                n_unseen,
                p_unseen: 0.0,
            };
        };
        let mut rows: Vec<Row> = seen.iter().map(|&s| row(s, p[s.0 as usize])).collect();
        sort(&mut rows);
        let never = |symbol: &Symbol| seen.binary_search_by_key(symbol, |s| s.0).is_err();
        let mut unseen: Vec<Row> = self
            .alphabet()
            .filter(never)
            .map(|symbol| row((symbol, 0), p[symbol as usize]))
            .collect();
        let p_unseen = unseen.iter().map(|row| row.p).sum();
        sort(&mut unseen);
        unseen.truncate(n_unseen_shown);
        rows.append(&mut unseen);
        sort(&mut rows);
        Next {
            context: context.to_vec(),
            total,
            rows,
            n_unseen,
            p_unseen,
        }
    }

    /// The smoothed probability of every symbol of the alphabet, by symbol; `None` without smoothing.
    fn distribution(&self, context: &[Symbol], smoothing: Smoothing) -> Option<Vec<f64>> {
        let alphabet = self.alphabet();
        let n = self.n_alphabet() as f64;
        let mut p = vec![0.0; alphabet.end as usize];
        let everywhere = alphabet.start as usize..;
        match smoothing {
            Smoothing::None => return None,
            Smoothing::AddK(k) => {
                let seen = self.continuations(context);
                let total: u64 = seen.iter().map(|(_, count)| count).sum();
                let whole = total as f64 + k * n;
                p[everywhere].fill(k / whole);
                for (symbol, count) in seen {
                    p[symbol as usize] = (count as f64 + k) / whole;
                }
            }
            Smoothing::BackOff(discount) => {
                p[everywhere].fill(1.0 / n);
                for length in 0..=context.len() {
                    let seen = self.continuations(&context[context.len() - length..]);
                    let total: u64 = seen.iter().map(|(_, count)| count).sum();
                    if total == 0 {
                        break; // A longer one was not seen either.
                    }
                    let given_up = discount * seen.len() as f64 / total as f64;
                    for p in &mut p {
                        *p *= given_up;
                    }
                    for (symbol, count) in seen {
                        p[symbol as usize] += (count as f64 - discount) / total as f64;
                    }
                }
            }
        }
        Some(p)
    }

    /// Draws what comes after `context` with `uniform` in 0..1. Without smoothing, a context that was never seen
    /// is shortened from the left until it was; `None` only for an empty table.
    #[must_use]
    pub fn draw(&self, context: &[Symbol], smoothing: Smoothing, uniform: f64) -> Option<Drawn> {
        let asked = self.last_of(context);
        let mut left_out = 0;
        loop {
            let context = &asked[left_out..];
            let seen = self.continuations(context);
            let total: u64 = seen.iter().map(|(_, count)| count).sum();
            let drawn = |row| Drawn {
                context: context.to_vec(),
                n_left_out: left_out,
                total,
                row,
            };
            if let Some(p) = self.distribution(context, smoothing) {
                let weights = self.alphabet().map(|symbol| (symbol, p[symbol as usize]));
                let symbol = pick(weights, uniform)?;
                let at = seen.binary_search_by_key(&symbol, |s| s.0);
                let count = at.map_or(0, |at| seen[at].1);
                let p = p[symbol as usize];
                return Some(drawn(Row { symbol, count, p }));
            }
            if total > 0 {
                let weight = |&(symbol, count): &(Symbol, u64)| (symbol, count as f64);
                let symbol = pick(seen.iter().map(weight), uniform * total as f64)?;
                let at = seen.binary_search_by_key(&symbol, |s| s.0).ok()?;
                let (count, p) = (seen[at].1, seen[at].1 as f64 / total as f64);
                return Some(drawn(Row { symbol, count, p }));
            }
            if context.is_empty() {
                return None;
            }
            left_out += 1;
        }
    }
}

/// The symbol in whose share `at` falls; the last with a share when rounding passes them all.
fn pick(weights: impl Iterator<Item = (Symbol, f64)>, at: f64) -> Option<Symbol> {
    let mut left = at;
    let mut last = None;
    for (symbol, weight) in weights.filter(|(_, weight)| *weight > 0.0) {
        if left < weight {
            return Some(symbol);
        }
        left -= weight;
        last = Some(symbol);
    }
    last
}

/// Most probable first; of equally probable ones the first in the alphabet.
fn sort(rows: &mut [Row]) {
    rows.sort_by(|a, b| b.p.total_cmp(&a.p).then(a.symbol.cmp(&b.symbol)));
}
