//! The JSON of an answer, made token by token while the model writes, so that nothing is left to do
//! when it stops and no more is kept than will be printed.

use crate::labs::text::{Finished, LoadedText, Request, Seen, Token, best};
use crate::refusal::{Refusal, Result};
use serde_json::{Value, json};

/// The most logits one document holds: some 600 MB of digits.
const MOST_LOGITS: usize = 50_000_000;

/// An answer as JSON, so far.
pub(super) struct Document<'a> {
    loaded: &'a LoadedText,
    n_best: usize,
    with_logits: bool,
    /// The text, control tokens left out.
    bytes: Vec<u8>,
    /// One JSON object each.
    tokens: Vec<String>,
}

impl<'a> Document<'a> {
    /// A document that lists `n_best` candidates of each token, and all logits where asked for.
    ///
    /// # Errors
    /// When so many logits are asked for that they would fill the memory.
    pub(super) fn new(
        loaded: &'a LoadedText,
        n_best: usize,
        with_logits: bool,
        max_tokens: usize,
    ) -> Result<Self> {
        let vocab_size = loaded.config.vocab_size;
        if with_logits && max_tokens.saturating_mul(vocab_size) > MOST_LOGITS {
            let most = (MOST_LOGITS / vocab_size).max(1);
            return Err(Refusal::unchanged(
                "That many logits do not fit one document",
                format!("{max_tokens} tokens with {vocab_size} logits each were asked for."),
                format!("Ask for at most {most} tokens at a time with --logits."),
            ));
        }
        Ok(Self {
            loaded,
            n_best,
            with_logits,
            bytes: Vec::new(),
            tokens: Vec::new(),
        })
    }

    /// Adds a token.
    pub(super) fn hear(&mut self, token: &Token) {
        if !token.special {
            self.bytes.extend_from_slice(&token.bytes);
        }
        let text = |id: u32| String::from_utf8_lossy(&self.loaded.token_bytes(id)).into_owned();
        let top: Vec<Value> = best(&token.logits, self.n_best)
            .iter()
            .map(|c| json!({ "id": c.id, "text": text(c.id), "logit": c.logit, "p": c.p }))
            .collect();
        let json = json!({
            "id": token.id,
            "text": text(token.id),
            "logit": token.logit,
            "p_raw": token.p_raw,
            "p_sampled": token.p_sampled,
            "nucleus_size": token.nucleus_size,
            "top": top,
        });
        let mut json = json.to_string();
        // As f32, they need half the digits.
        if self.with_logits
            && let Ok(logits) = serde_json::to_string(&*token.logits)
        {
            json.pop();
            json.extend([",\"logits\":", &logits, "}"]);
        }
        self.tokens.push(json);
    }

    /// The whole document.
    pub(super) fn finish(mut self, seen: &Seen, request: &Request, finished: &Finished) -> String {
        self.bytes.truncate(finished.n_text_bytes);
        let timings = &finished.timings;
        let whole = json!({
            "model": self.loaded.name,
            "prompt_ids": seen.ids,
            "prompt_text": seen.text,
            "text": String::from_utf8_lossy(&self.bytes),
            "tokens": [],
            "stop": finished.stop,
            "n_prompt": seen.ids.len(),
            "prompt_tok_per_sec": timings.prompt_tok_per_sec,
            "decode_tok_per_sec": timings.decode_tok_per_sec,
            "first_token_millis": timings.first_token_millis,
            "seed": request.seed,
            "sampling": request.sampling,
            "notes": seen.notes,
        });
        with_tokens(&whole.to_string(), &self.tokens)
    }
}

/// Puts the tokens where `whole` has an empty list of them. A quote inside a JSON string is escaped,
/// so the key is found in no text.
fn with_tokens(whole: &str, tokens: &[String]) -> String {
    let (before, after) = whole.split_once("\"tokens\":[]").unwrap_or((whole, ""));
    format!("{before}\"tokens\":[{}]{after}", tokens.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_that_looks_like_the_place_of_the_tokens_does_not_get_them() {
        let text = r#"say "tokens":[] twice"#;
        let whole = json!({ "prompt_text": text, "tokens": [], "stop": "limit" }).to_string();
        let document = with_tokens(&whole, &["{\"id\":1}".into(), "{\"id\":2}".into()]);
        let parsed: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(parsed["prompt_text"], text);
        assert_eq!(parsed["tokens"][1]["id"], 2);
        assert_eq!(parsed["stop"], "limit");
    }
}
