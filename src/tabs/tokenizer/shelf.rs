//! The vocabularies that were opened, and those on their way: each is opened once, in a job.

use crate::jobs::Job;
use crate::labs::tokenizer::{Dropped, Tokenizer, open_dropped};
use crate::refusal::Result;
use crate::tabs::TabContext;
use std::path::PathBuf;
use std::sync::Arc;

/// The vocabularies that a name is enough for, with what is said of them.
pub(super) const KNOWN: [(&str, &str, &str); 5] = [
    (
        "gpt2",
        "GPT-2",
        "50,257 tokens, made for English (2019). GPT-3 reads with nearly the same.",
    ),
    (
        "cl100k",
        "cl100k",
        "100,277 ids: what GPT-3.5 and GPT-4 read.",
    ),
    (
        "o200k",
        "o200k",
        "200,019 ids: what GPT-4o reads, with far more of the world's languages.",
    ),
    (
        "smollm2",
        "SmolLM2",
        "49,152 tokens; every digit stands alone.",
    ),
    (
        "stories",
        "stories",
        "The small vocabulary of the model that is built in: 1,024 tokens learned from little stories.",
    ),
];

/// What a person calls the vocabulary with that key.
pub(super) fn label(key: &str) -> String {
    let known = KNOWN.iter().find(|(name, ..)| *name == key);
    known.map_or_else(
        || {
            let path = PathBuf::from(key);
            let name = path.file_name().unwrap_or(path.as_os_str());
            name.to_string_lossy().into_owned()
        },
        |(_, label, _)| (*label).to_owned(),
    )
}

/// A vocabulary or a text that arrived, or why it did not.
pub(super) type Arrival = (String, Result<Dropped>);

#[derive(Debug, Default)]
pub(super) struct Shelf {
    opened: Vec<(String, Arc<Tokenizer>)>,
    opening: Vec<(String, Job<Result<Dropped>>)>,
}

impl Shelf {
    pub(super) fn get(&self, key: &str) -> Option<Arc<Tokenizer>> {
        let found = self.opened.iter().find(|(opened, _)| opened == key);
        found.map(|(_, tokenizer)| Arc::clone(tokenizer))
    }

    /// The files among the opened ones.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        let keys = self.opened.iter().map(|(key, _)| key.as_str());
        keys.filter(|key| KNOWN.iter().all(|(name, ..)| name != key))
    }

    pub(super) fn is_opening(&self) -> Option<&str> {
        self.opening.first().map(|(key, _)| key.as_str())
    }

    /// Opens the vocabulary of that name; it arrives at a later [`Shelf::poll`].
    pub(super) fn open_name(&mut self, name: &str, cx: &mut TabContext<'_>) -> Result<()> {
        if self.opening.iter().any(|(key, _)| key == name) {
            return Ok(());
        }
        let wanted = name.to_owned();
        self.spawn(name.to_owned(), cx, move || {
            Tokenizer::open(&wanted).map(|tokenizer| Dropped::Vocabulary(Box::new(tokenizer)))
        })
    }

    /// Opens a file: a vocabulary, or a text.
    pub(super) fn open_file(&mut self, path: PathBuf, cx: &mut TabContext<'_>) -> Result<()> {
        let key = path.display().to_string();
        self.opened.retain(|(opened, _)| *opened != key);
        self.spawn(key, cx, move || open_dropped(&path))
    }

    fn spawn(
        &mut self,
        key: String,
        cx: &mut TabContext<'_>,
        open: impl FnOnce() -> Result<Dropped> + Send + 'static,
    ) -> Result<()> {
        let job = Job::spawn("open a vocabulary", cx.wake.clone(), move |emit| {
            _ = emit(open());
        })?;
        self.opening.push((key, job));
        Ok(())
    }

    /// Takes what arrived; vocabularies go on the shelf.
    pub(super) fn poll(&mut self) -> Vec<Arrival> {
        let mut arrived = Vec::new();
        self.opening.retain_mut(|(key, job)| {
            let result = job.poll().pop();
            let failure = job.take_failure().map(Err);
            if let Some(result) = result.or(failure) {
                arrived.push((key.clone(), result));
                return false;
            }
            job.is_running()
        });
        arrived
    }

    /// Puts a vocabulary on the shelf.
    pub(super) fn keep(&mut self, key: &str, tokenizer: Arc<Tokenizer>) {
        self.opened.retain(|(opened, _)| opened != key);
        self.opened.push((key.to_owned(), tokenizer));
    }
}
