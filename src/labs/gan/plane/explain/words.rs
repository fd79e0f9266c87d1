//! Equations as lines of text with their numbers.

/// So many terms of a sum are written out, the largest first.
const MOST_TERMS: usize = 6;

/// One equation with its real terms.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it gives: "layer 1, neuron 4".
    pub name: String,
    /// In symbols.
    pub equation: String,
    /// With the numbers.
    pub numbers: String,
    /// What comes out, in f64.
    pub value: f64,
    /// The number on screen that this is, where it is one.
    pub shown: Option<f64>,
}

impl Line {
    /// How far the number on screen is from the one computed again.
    #[must_use]
    pub fn difference(&self) -> Option<f64> {
        self.shown.map(|shown| shown - self.value)
    }
}

/// Where a number comes from: equations, each made of those above it. The last one is the number
/// asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What is explained.
    pub title: String,
    /// From the first step to the last.
    pub lines: Vec<Line>,
}

impl Explanation {
    /// The last line: the number asked about.
    #[must_use]
    pub fn result(&self) -> Option<&Line> {
        self.lines.last()
    }

    /// The greatest difference, either way, of a number on screen from the one computed again.
    #[must_use]
    pub fn greatest_difference(&self) -> f64 {
        let differences = self.lines.iter().filter_map(Line::difference);
        differences.fold(0.0, |most, difference| most.max(difference.abs()))
    }
}

/// A product.
pub(in crate::labs) struct Term {
    pub(in crate::labs) factors: Vec<f64>,
}

impl Term {
    fn value(&self) -> f64 {
        self.factors.iter().product()
    }

    fn written(&self) -> String {
        let factor = |&x: &f64| {
            if x < 0.0 {
                format!("({})", number(x))
            } else {
                number(x)
            }
        };
        let factors: Vec<String> = self.factors.iter().map(factor).collect();
        factors.join("·")
    }
}

/// A sum with its largest terms written out, the rest as one number, and `bias` at the end.
pub(in crate::labs) fn sum_of(mut terms: Vec<Term>, bias: Option<f64>) -> String {
    if terms.len() > MOST_TERMS {
        terms.sort_by(|a, b| b.value().abs().total_cmp(&a.value().abs()));
    }
    let rest = terms.split_off(terms.len().min(MOST_TERMS));
    let mut written: Vec<String> = terms.iter().map(Term::written).collect();
    if !rest.is_empty() {
        let sum = rest.iter().map(Term::value).sum();
        written.push(format!("[{} smaller terms: {}]", rest.len(), number(sum)));
    }
    written.extend(bias.map(number));
    written.join(" + ")
}

/// Four digits after the point, or a power of ten where that says too little.
pub(in crate::labs) fn number(x: f64) -> String {
    let size = x.abs();
    let written = if size == 0.0 || (0.001..10_000.0).contains(&size) {
        format!("{x:.4}")
    } else {
        format!("{x:.3e}")
    };
    written.replace('-', "−")
}
