//! From the tab's state to what is drawn: pure functions.

pub(super) use crate::widgets::count::{grouped, megabytes};

use super::weighing::{Shown, Weighing};
use crate::labs::text::{LoadedText, Stage, Timings};
use crate::tabs::StatusItem;

/// How many candidates are shown.
pub(super) const N_CANDIDATES: usize = 20;

/// One candidate of the place looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) id: u32,
    pub(super) before: f64,
    pub(super) after: Option<f64>,
    pub(super) discarded_by: Option<&'static str>,
    pub(super) chosen: bool,
}

/// The twenty candidates the model found most probable, and the chosen one if it is none of them.
/// Their order is the model's own, so that nothing jumps while a slider moves.
pub(super) fn rows(weighing: &Weighing, chosen: u32, shown: Shown) -> Vec<Row> {
    let best = weighing.weighed.raw_top.iter().take(N_CANDIDATES);
    let mut ids: Vec<u32> = best.map(|candidate| candidate.id).collect();
    if !ids.contains(&chosen) {
        ids.push(chosen);
    }
    ids.into_iter()
        .map(|id| Row {
            id,
            before: weighing.weighed.p_raw(id),
            after: weighing.p(id, shown),
            discarded_by: weighing.discarded_by(id, shown).map(Stage::name),
            chosen: id == chosen,
        })
        .collect()
}

/// One cell of the row of sampling steps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StepCell {
    pub(super) shown: Shown,
    pub(super) name: &'static str,
    /// How many tokens are left after it.
    pub(super) n_left: usize,
    /// The share of probability it threw away.
    pub(super) discarded_mass: f64,
    /// Whether it changes anything at these settings.
    pub(super) is_on: bool,
}

/// Raw, every step in its order, final.
pub(super) fn step_cells(weighing: &Weighing) -> Vec<StepCell> {
    let ends = |shown, name| StepCell {
        shown,
        name,
        n_left: weighing.n_left(shown),
        discarded_mass: 0.0,
        is_on: true,
    };
    let steps = weighing.weighed.stages.iter().map(|outcome| StepCell {
        shown: Shown::After(outcome.stage),
        name: outcome.stage.name(),
        n_left: outcome.n_survivors,
        discarded_mass: outcome.discarded_mass,
        is_on: outcome.is_on,
    });
    std::iter::once(ends(Shown::Raw, "raw"))
        .chain(steps)
        .chain(std::iter::once(ends(Shown::Final, "final")))
        .collect()
}

/// What a distribution is called in a sentence.
pub(super) fn shown_name(shown: Shown) -> String {
    match shown {
        Shown::Raw => "the model's own".into(),
        Shown::After(stage) => format!("after {}", stage.name()),
        Shown::Final => "what is drawn from".into(),
    }
}

/// The line over the stage.
pub(super) fn title(model: Option<&str>, n_tokens: usize, writing: bool) -> String {
    match (model, writing, n_tokens) {
        (None, ..) => "A language model continues your text".into(),
        (Some(name), true, n) => format!("{name} is writing: {}", tokens(n)),
        (Some(name), false, 0) => format!("{name} continues your text, one token at a time"),
        (Some(_), false, n) => format!("{}: click one to look inside", tokens(n)),
    }
}

/// "1 token", "2 tokens".
pub(super) fn tokens(n: usize) -> String {
    format!("{} token{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// Facts for the status line.
pub(super) fn status(
    model: Option<&LoadedText>,
    timings: Option<&Timings>,
    seed: u64,
    logits_bytes: usize,
) -> Vec<StatusItem> {
    let item = |label: &str, value: String, tooltip: &str| StatusItem {
        label: label.into(),
        value,
        tooltip: tooltip.into(),
    };
    let mut items = Vec::new();
    if let Some(timings) = timings {
        if let Some(millis) = timings.first_token_millis {
            items.push(item(
                "First token",
                format!("{millis:.0} ms"),
                "From pressing Generate to the first token: the time to read the prompt.",
            ));
        }
        if let Some(rate) = timings.prompt_tok_per_sec {
            items.push(item(
                "Prompt",
                format!("{rate:.0} tok/s"),
                "How fast the prompt was read. Tokens read before are not counted.",
            ));
        }
        if let Some(rate) = timings.decode_tok_per_sec {
            items.push(item(
                "Decode",
                format!("{rate:.0} tok/s"),
                "How fast tokens were written after the first, with weighing and drawing.",
            ));
        }
    }
    if let Some(model) = model {
        items.push(item(
            "Model memory",
            megabytes(model.memory_bytes + logits_bytes as u64),
            "The weights, the key/value cache, and the scores kept for looking at tokens again.",
        ));
        items.push(item(
            "Passes",
            grouped(model.n_passes() as usize),
            "Forward passes made since the model was loaded. Moving a slider makes none.",
        ));
    }
    items.push(item(
        "Seed",
        seed.to_string(),
        "Where the random draws start: the same seed and settings give the same text.",
    ));
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::text::Sampling;
    use crate::labs::text_tree::{Choice, ChosenBy, Settings, TextTree};
    use std::sync::Arc;

    fn weighing(sampling: Sampling) -> Weighing {
        let mut tree = TextTree::default();
        tree.start("a", &[0], "toy");
        let choice = Choice {
            id: 0,
            bytes: Vec::new(),
            special: false,
            p_raw: 0.0,
            p_sampled: 0.0,
            nucleus_size: 1,
            chosen_by: ChosenBy::Model,
            n_dropped: 0,
            settings: Arc::new(Settings {
                sampling: sampling.clone(),
                seed: 0,
            }),
        };
        let logits: Arc<[f32]> = (0..200).map(|i| -0.1 * i as f32).collect();
        let node = tree.push(choice, Some(Arc::clone(&logits))).unwrap();
        Weighing::new(node, logits, vec![3], sampling)
    }

    #[test]
    fn twenty_candidates_are_shown_and_the_chosen_one_even_when_it_ranks_lower() {
        let weighing = weighing(Sampling::default());
        assert_eq!(rows(&weighing, 4, Shown::Final).len(), 20);
        let with_unlikely = rows(&weighing, 150, Shown::Final);
        assert_eq!(with_unlikely.len(), 21);
        assert!(with_unlikely[20].chosen);
        assert_eq!(weighing.rank(150), 151);
    }

    #[test]
    fn a_discarded_candidate_names_the_step_that_discarded_it() {
        let sampling = Sampling {
            top_k: 5,
            ..Sampling::plain()
        };
        let weighing = weighing(sampling);
        let after = rows(&weighing, 0, Shown::Final);
        assert_eq!(after[5].discarded_by, Some("top-k"));
        assert_eq!(after[4].discarded_by, None);
        assert_eq!(rows(&weighing, 0, Shown::Raw)[5].discarded_by, None);
    }

    #[test]
    fn a_penalized_token_below_the_kept_ones_still_has_its_exact_probability() {
        let sampling = Sampling {
            repeat_penalty: 50.0,
            ..Sampling::plain()
        };
        let weighing = weighing(sampling);
        let p = weighing.p(3, Shown::After(Stage::Penalties)).unwrap();
        assert!(p > 0.0 && p < weighing.weighed.p_raw(3));
        assert_eq!(weighing.p(3, Shown::Final), Some(p));
    }

    #[test]
    fn the_cells_go_from_raw_to_final_and_count_what_is_left() {
        let cells = step_cells(&weighing(Sampling {
            top_k: 7,
            ..Sampling::plain()
        }));
        assert_eq!(cells.len(), 8);
        assert_eq!((cells[0].name, cells[0].n_left), ("raw", 200));
        assert_eq!((cells[7].name, cells[7].n_left), ("final", 7));
        assert!(cells[2].discarded_mass > 0.0);
    }
}
