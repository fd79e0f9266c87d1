//! Questions of the form “Athens is to Greece as Baghdad is to …”, answered by 3CosAdd (Mikolov et
//! al. 2013): the word nearest to b − a + c that is none of the three.
//!
//! Every choice is gensim's (`evaluate_word_analogies`): the first words of the set only, if asked
//! for; letters large and small are the same, and of words that then are one the first counts; a
//! question with a word that is not there is skipped; vectors have length 1 before they are added.
//! Of two words that are equally near, the first of the set is the answer.

use super::Space;
use super::plane::dot;
use crate::algo::nearest::Best;
use crate::nn::arena::Arena;
use crate::nn::dense::DenseMatrix;
use crate::nn::pool;
use crate::refusal::{Refusal, Result};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A longer file is no list of questions; Google's has 0.6 MB.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// Questions answered together: each row that is read serves them all.
const GROUP: usize = 2048;
/// Rows multiplied with them at once.
const BLOCK: usize = 2048;
/// gensim looks at five words that are not the inputs before it gives up.
const N_LOOKED_AT: usize = 5;
/// The inputs may be nearer, and this many more are compared again in f64.
const N_KEPT: usize = N_LOOKED_AT + 3 + 8;

/// Questions in sections, as a file has them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Questions {
    /// The sections' names.
    pub sections: Vec<String>,
    /// The questions, in the order of the file.
    pub questions: Vec<Question>,
    /// Lines that are no question: gensim passes over them too.
    pub n_invalid: usize,
}

/// a is to b as c is to the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which section it belongs to.
    pub section: usize,
    /// The four words as they are written.
    pub words: [String; 4],
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// One of its words is not there, or not among the first words.
    Skipped,
    /// The answer is the expected word.
    Correct,
    /// The answer is this word; `None` where there is none, as in a set of three words.
    Wrong(Option<String>),
}

/// The outcomes of the questions that were answered before a stop: all, if there was none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// One for each question, in their order.
    pub outcomes: Vec<Outcome>,
    /// How many words were searched.
    pub n_searched: usize,
    /// Whether it was stopped.
    pub stopped: bool,
}

/// How a section, or the whole, went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Questions in it.
    pub total: usize,
    /// Answered with the expected word.
    pub correct: usize,
    /// Left out.
    pub skipped: usize,
}

impl Count {
    /// The share of the answered questions that are correct, 0 to 1; `None` where none was answered.
    #[must_use]
    pub fn accuracy(self) -> Option<f64> {
        let answered = self.total - self.skipped;
        (answered > 0).then(|| self.correct as f64 / answered as f64)
    }
}

impl Report {
    /// The counts of section `section`, or of all.
    #[must_use]
    pub fn count(&self, questions: &Questions, section: Option<usize>) -> Count {
        let mut count = Count::default();
        for (question, outcome) in questions.questions.iter().zip(&self.outcomes) {
            if section.is_some_and(|section| section != question.section) {
                continue;
            }
            count.total += 1;
            match outcome {
                Outcome::Skipped => count.skipped += 1,
                Outcome::Correct => count.correct += 1,
                Outcome::Wrong(_) => {}
            }
        }
        count
    }
}

impl Questions {
    /// Reads a file in the form of Google's `questions-words.txt`.
    ///
    /// # Errors
    /// It cannot be read, is too long, or holds no question.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display();
        let unreadable = |error: &dyn std::fmt::Display| {
            Refusal::unchanged(
                format!("The questions in {name} cannot be read"),
                format!("The system says: {error}."),
                "Check the path, or choose another file.",
            )
        };
        let meta = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
        if !meta.is_file() || meta.len() > MAX_FILE_BYTES {
            return Err(Refusal::unchanged(
                format!("{name} is no list of questions"),
                if meta.is_file() {
                    format!("It has {} bytes; Google's list has 600,000.", meta.len())
                } else {
                    "It is not a regular file.".to_owned()
                },
                "Choose a text file with four words a line.",
            ));
        }
        let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| unreadable(&format!("it is not UTF-8: {error}")))?;
        Self::read(&text)
    }

    /// Reads lines of four words, and lines that begin with `: ` and name the section that follows.
    ///
    /// # Errors
    /// There is no question.
    pub fn read(text: &str) -> Result<Self> {
        let mut questions = Self::default();
        for line in text.trim_start_matches('\u{feff}').lines() {
            if let Some(name) = line.strip_prefix(": ") {
                let name = name.trim_start_matches([':', ' ']).trim();
                questions.sections.push(name.to_owned());
                continue;
            }
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            match <[String; 4]>::try_from(words) {
                Ok(words) => {
                    if questions.sections.is_empty() {
                        questions.sections.push(String::new());
                    }
                    let section = questions.sections.len() - 1;
                    questions.questions.push(Question { section, words });
                }
                Err(words) => questions.n_invalid += usize::from(!words.is_empty()),
            }
        }
        if questions.questions.is_empty() {
            return Err(Refusal::unchanged(
                "There is no question in this text",
                format!(
                    "None of its {} lines has exactly four words.",
                    text.lines().count()
                ),
                "Write one question per line, as Google's questions-words.txt does: Athens Greece \
                 Baghdad Iraq.",
            ));
        }
        Ok(questions)
    }
}

impl Space {
    /// Answers the questions with the first `limit` words of the set, or all. `emit` is told the
    /// part that is done, and may stop it.
    ///
    /// # Errors
    /// There is not enough memory, or the file was changed meanwhile.
    pub fn analogies(
        &self,
        questions: &Questions,
        limit: Option<usize>,
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<Report> {
        let n_searched = limit.unwrap_or(usize::MAX).min(self.vectors.len());
        let asked = Asked::new(self, n_searched);
        let mut report = Report {
            outcomes: Vec::new(),
            n_searched,
            stopped: false,
        };
        let n_groups = questions.questions.len().div_ceil(GROUP);
        for (group, i) in questions.questions.chunks(GROUP).zip(0..) {
            let mut emit = |part: f32| emit((i as f32 + part) / n_groups as f32);
            let Some(outcomes) = asked.answer(group, &mut emit)? else {
                report.stopped = true;
                break;
            };
            report.outcomes.extend(outcomes);
        }
        self.vectors.check()?;
        Ok(report)
    }
}

/// A space as it is asked: the first words, letters all large.
struct Asked<'a> {
    space: &'a Space,
    n_words: usize,
    index: HashMap<String, usize>,
}

/// A question whose words are all there.
struct Known {
    inputs: [usize; 3],
    ignored: HashSet<String>,
    expected: String,
}

impl<'a> Asked<'a> {
    fn new(space: &'a Space, n_words: usize) -> Self {
        let mut index = HashMap::with_capacity(n_words);
        for i in 0..n_words {
            let word = space.vectors.word(i).to_uppercase();
            index.entry(word).or_insert(i);
        }
        Self {
            space,
            n_words,
            index,
        }
    }

    /// The outcomes of some questions, or `None` if it was stopped.
    fn answer(
        &self,
        questions: &[Question],
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<Option<Vec<Outcome>>> {
        let known: Vec<Option<Known>> = questions.iter().map(|q| self.known(q)).collect();
        let asked: Vec<&Known> = known.iter().flatten().collect();
        let vectors: Vec<Vec<f64>> = asked.iter().map(|known| self.vector(known)).collect();
        let Some(best) = self.nearest(&vectors, emit)? else {
            return Ok(None);
        };
        let mut answers = asked.iter().zip(&vectors).zip(best);
        let outcomes = known.iter().map(|known| {
            if known.is_none() {
                return Outcome::Skipped;
            }
            let answer = answers.next();
            answer.map_or(Outcome::Wrong(None), |((known, vector), best)| {
                self.outcome(known, vector, &best)
            })
        });
        Ok(Some(outcomes.collect()))
    }

    fn known(&self, question: &Question) -> Option<Known> {
        let [a, b, c, expected] = question.words.each_ref().map(|word| word.to_uppercase());
        let place = |word: &str| self.index.get(word).copied();
        place(&expected)?;
        Some(Known {
            inputs: [place(&a)?, place(&b)?, place(&c)?],
            ignored: HashSet::from([a, b, c]),
            expected,
        })
    }

    /// b − a + c, of vectors of length 1, at length 1.
    fn vector(&self, known: &Known) -> Vec<f64> {
        let [a, b, c] = known.inputs.map(|index| self.unit(index));
        let parts = a.iter().zip(&b).zip(&c);
        let mut sum: Vec<f64> = parts.map(|((a, b), c)| b - a + c).collect();
        normalize(&mut sum);
        sum
    }

    fn unit(&self, index: usize) -> Vec<f64> {
        let row = self.space.vector(index).into_iter();
        let mut row: Vec<f64> = row.map(f64::from).collect();
        normalize(&mut row);
        row
    }

    /// The best rows for each vector, by f32: [`N_KEPT`] of them.
    fn nearest(
        &self,
        vectors: &[Vec<f64>],
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<Option<Vec<Best>>> {
        let width = self.space.vectors.width();
        let x: Vec<f32> = vectors.iter().flatten().map(|&x| x as f32).collect();
        let best: Vec<Mutex<Best>> = vectors
            .iter()
            .map(|_| Mutex::new(Best::new(N_KEPT)))
            .collect();
        let mut out = Vec::new();
        let n_rows = if vectors.is_empty() { 0 } else { self.n_words };
        for from in (0..n_rows).step_by(BLOCK) {
            let rows = from..n_rows.min(from + BLOCK);
            let n = rows.len();
            let units: Vec<f32> = rows
                .flat_map(|row| self.unit(row))
                .map(|x| x as f32)
                .collect();
            let matrix = DenseMatrix::pack(&Arena::new(), width, &[&units])?;
            out.resize(vectors.len() * n, 0.0);
            matrix.matmul(&x, vectors.len(), &mut out);
            pool::for_chunks(vectors.len(), 16, |range| {
                for question in range {
                    let best = best[question].lock();
                    let mut best = best.unwrap_or_else(PoisonError::into_inner);
                    let mut floor = best.floor();
                    for (&score, row) in out[question * n..][..n].iter().zip(from..) {
                        if score >= floor {
                            best.offer(row, score);
                            floor = best.floor();
                        }
                    }
                }
            });
            if emit((from + n) as f32 / n_rows as f32).is_break() {
                return Ok(None);
            }
        }
        let best = best.into_iter().map(Mutex::into_inner);
        let best = best.map(|best| best.unwrap_or_else(PoisonError::into_inner));
        Ok(Some(best.collect()))
    }

    fn outcome(&self, known: &Known, vector: &[f64], best: &Best) -> Outcome {
        let best = best.clone().into_sorted();
        let mut found: Vec<(f64, usize)> = best
            .iter()
            .map(|found| (dot(vector, &self.unit(found.index)), found.index))
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let found = found.iter().map(|&(_, index)| index);
        let found = found.filter(|index| !known.inputs.contains(index));
        let mut predicted = None;
        for index in found.take(N_LOOKED_AT) {
            let word = self.space.vectors.word(index);
            let upper = word.to_uppercase();
            let is_input = known.ignored.contains(&upper);
            predicted = Some((word, upper));
            if !is_input {
                break;
            }
        }
        match predicted {
            Some((_, upper)) if upper == known.expected => Outcome::Correct,
            Some((word, _)) => Outcome::Wrong(Some(word.to_owned())),
            None => Outcome::Wrong(None),
        }
    }
}

fn normalize(row: &mut [f64]) {
    let length = dot(row, row).sqrt();
    for x in row {
        *x /= length;
    }
}
