//! What the verbs that look inside a model read: one text, by one model.

use super::common::Common;
use super::generate::load_model;
use crate::labs::text::{Candidate, LoadedText, Seen, read_ids, read_raw};
use crate::refusal::Result;
use serde_json::{Value, json};
use std::sync::Arc;

/// A text and the model that reads it.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("passage").required(true).args(["prompt", "ids"]))]
pub struct Passage {
    /// A model of models/manifest.toml, `stories`, or a path; unless given, smollm2 where present
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// The text the model reads; - reads stdin
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    prompt: Option<String>,
    /// Token ids instead of a text, for a model without a tokenizer: 0,1,2
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    ids: Option<Vec<u32>>,
}

impl Passage {
    /// Loads the model and turns the text into tokens.
    ///
    /// # Errors
    /// When there is no such model, or it cannot read the text.
    pub fn open(&self, common: &Common) -> Result<(Arc<LoadedText>, Seen)> {
        let text = self.prompt.as_deref();
        let text = text.map(|text| common.text_or_stdin(text)).transpose()?;
        let loaded = load_model(self.model.as_deref(), common)?;
        let seen = match &self.ids {
            Some(ids) => read_ids(&loaded, ids)?,
            None => read_raw(&loaded, &text.unwrap_or_default())?,
        };
        seen.notes.iter().for_each(|note| common.remark(note));
        Ok((loaded, seen))
    }
}

/// A token as text.
pub(super) fn token_text(loaded: &LoadedText, id: u32) -> String {
    String::from_utf8_lossy(&loaded.token_bytes(id)).into_owned()
}

/// Candidates as `{id, text, logit, p}`.
pub(super) fn candidates(loaded: &LoadedText, candidates: &[Candidate]) -> Vec<Value> {
    let one = |c: &Candidate| json!({ "id": c.id, "text": token_text(loaded, c.id), "logit": c.logit, "p": c.p });
    candidates.iter().map(one).collect()
}
