//! One vocabulary at work on the text: its tokens follow every edit.

use super::neighbours::Model;
use crate::jobs::Job;
use crate::labs::text::LoadedText;
use crate::labs::tokenizer::{Encoded, LANGUAGES, Specials, Tokenizer};
use crate::refusal::Refusal;
use crate::tabs::TabContext;
use crate::widgets::id_strip::StripLayout;
use std::sync::Arc;

/// More bytes than this are encoded by a job; fewer take under 4 ms.
const MOST_AT_ONCE: usize = 64 << 10;

/// A vocabulary, the tokens it makes of the text, and what is drawn of them.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) key: String,
    pub(super) tokenizer: Arc<Tokenizer>,
    /// The model whose embedding table has a row for each token, if one has.
    pub(super) model: Option<Model>,
    encoded: Option<Encoded>,
    encoding: Option<Job<Encoded>>,
    /// Grows by one whenever the tokens change.
    pub(super) version: u64,
    /// How many tokens at the start and at the end the last change left as they were.
    pub(super) kept: [usize; 2],
    pub(super) n_bytes_last: usize,
    pub(super) n_chars: usize,
    /// Where its cuts are its own, while another vocabulary stands beside it.
    pub(super) lone_cuts: Vec<bool>,
    pub(super) layout: StripLayout,
    /// Tokens of the sentence in each language.
    pub(super) languages: Vec<usize>,
}

impl Side {
    pub(super) fn new(
        key: &str,
        tokenizer: Arc<Tokenizer>,
        loaded: Option<&Arc<LoadedText>>,
    ) -> Self {
        let count = |sentence| tokenizer.encode(sentence, Specials::AsText).len();
        Self {
            languages: LANGUAGES.iter().map(|l| count(l.sentence)).collect(),
            model: Model::of(key, &tokenizer, loaded),
            key: key.to_owned(),
            tokenizer,
            encoded: None,
            encoding: None,
            version: 0,
            kept: [0, 0],
            n_bytes_last: 0,
            n_chars: 0,
            lone_cuts: Vec::new(),
            layout: StripLayout::default(),
        }
    }

    /// The tokens as far as they are known: of the text as it is, or as it was a moment ago.
    pub(super) fn encoded(&self) -> Option<&Encoded> {
        self.encoded.as_ref()
    }

    pub(super) fn is_encoding(&self) -> bool {
        self.encoding.is_some()
    }

    /// Brings the tokens up to `text`: at once where little changed, else by a job, of which only
    /// the one for the latest text counts. True when they changed.
    pub(super) fn follow(
        &mut self,
        text: &str,
        specials: Specials,
        cx: &mut TabContext<'_>,
    ) -> Result<bool, Refusal> {
        let mut changed = false;
        if let Some(job) = &mut self.encoding {
            let arrived = job.poll().pop();
            if arrived.is_none() && job.is_running() {
                return Ok(false);
            }
            if let Some(refusal) = job.take_failure() {
                self.encoding = None;
                self.encoded = Some(Encoded::new(&self.tokenizer, String::new(), specials));
                return Err(refusal);
            }
            self.encoding = None;
            if let Some(encoded) = arrived {
                self.n_bytes_last = encoded.text().len();
                self.encoded = Some(encoded);
                changed = true;
            }
        }
        let cost = match &self.encoded {
            Some(encoded) if encoded.specials() == specials => encoded.cost(&self.tokenizer, text),
            _ => text.len().max(1),
        };
        if cost == 0 && self.encoded.is_some() {
            if changed {
                self.changed(text, [0, 0]);
            }
            return Ok(changed);
        }
        if cost > MOST_AT_ONCE {
            let (tokenizer, text) = (Arc::clone(&self.tokenizer), text.to_owned());
            let job = Job::spawn("encode the text", cx.wake.clone(), move |emit| {
                _ = emit(Encoded::new(&tokenizer, text, specials));
            })?;
            self.encoding = Some(job);
            return Ok(changed);
        }
        let mut kept = [0, 0];
        match &mut self.encoded {
            Some(encoded) if encoded.specials() == specials => {
                let again = encoded.update(&self.tokenizer, text);
                self.n_bytes_last = again.len();
                let tokens = encoded.tokens();
                let after = tokens.partition_point(|token| token.start <= again.end);
                kept = [
                    tokens.partition_point(|token| token.start < again.start),
                    tokens.len() - after,
                ];
            }
            encoded => {
                self.n_bytes_last = text.len();
                *encoded = Some(Encoded::new(&self.tokenizer, text.to_owned(), specials));
            }
        }
        self.changed(text, if changed { [0, 0] } else { kept });
        Ok(true)
    }

    fn changed(&mut self, text: &str, kept: [usize; 2]) {
        self.version += 1;
        self.kept = kept;
        self.n_chars = text.chars().count();
    }
}
