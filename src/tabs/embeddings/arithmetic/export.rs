//! The answer taken away: as a table for a spreadsheet, and as JSON; and what was done before it.

use super::Arithmetic;
use crate::labs::writing::write_whole;
use crate::tabs::embeddings::views::Desk;
use crate::tabs::saving::Document;
use std::sync::Arc;

impl Arithmetic {
    /// What was done to the words' lengths before they were added up.
    pub(super) fn lengths(&self) -> Option<String> {
        let answered = self.answered.as_ref()?;
        let terms = answered.answer.terms.iter();
        let lengths: Vec<String> = terms
            .map(|term| format!("{} {:.2}", term.word, term.length))
            .collect();
        let lengths = lengths.join(", ");
        Some(if answered.question.raw {
            format!("The vectors are as the file has them, of length {lengths}.")
        } else {
            format!("Every vector was first divided by its own length ({lengths}).")
        })
    }

    /// The answer as a table, cells between tabs.
    pub(super) fn table(&self) -> Option<String> {
        let answered = self.answered.as_ref()?;
        let mut out = format!(
            "{}\nrank\tword\tcosine\tdot\tdistance\tinput\n",
            answered.question.expression
        );
        let mut rank = 0;
        for near in &answered.answer.nearest {
            let strike = self.question.strike && near.is_input;
            rank += usize::from(!strike);
            let place = if strike {
                String::new()
            } else {
                rank.to_string()
            };
            let numbers = [near.cosine, near.dot, near.euclid].map(|n| format!("{n:.6}"));
            let input = if near.is_input { "yes" } else { "no" };
            out += &[
                place.as_str(),
                &near.word,
                &numbers[0],
                &numbers[1],
                &numbers[2],
                input,
            ]
            .join("\t");
            out.push('\n');
        }
        Some(out)
    }

    /// Asks where to save the answer.
    pub(super) fn save_answer(&mut self, desk: &Desk) {
        let (Some(answered), Some(space)) = (&self.answered, desk.sets.space()) else {
            return;
        };
        let nearest = answered.answer.nearest.iter().map(|near| {
            serde_json::json!({
                "word": near.word, "cosine": near.cosine, "dot": near.dot,
                "distance": near.euclid, "input": near.is_input,
            })
        });
        let terms = answered.answer.terms.iter().map(|term| {
            serde_json::json!({ "word": term.word, "weight": term.weight, "length": term.length })
        });
        let json = serde_json::json!({
            "expression": answered.question.expression,
            "vectors": space.vectors().name(),
            "source": space.vectors().source(),
            "lengths": if answered.question.raw { "as in the file" } else { "1" },
            "terms": terms.collect::<Vec<_>>(),
            "nearest": nearest.collect::<Vec<_>>(),
            "words_searched": answered.answer.n_searched,
        });
        let text = serde_json::to_string_pretty(&json).unwrap_or_default();
        self.saving.ask(Document {
            heading: "Save the answer".into(),
            file_name: "glassbox-arithmetic.json".into(),
            kind: Some(["JSON", "json"]),
            write: Arc::new(move |path| write_whole(path, text.as_bytes())),
        });
    }
}
