//! A tree of texts as a file: JSON for programs, Markdown for people.

use super::text_tree::{ChosenBy, NodeId, TextTree};
use crate::labs::text::best;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How many candidates of each token are exported, where their scores are still kept.
const N_CANDIDATES: usize = 20;

/// The whole tree: every prompt, every token with its probabilities, settings and seed, and the
/// best candidates where the scores are still kept. `token_text` names a token of a model, where the
/// model is at hand.
#[must_use]
pub fn to_json(tree: &TextTree, token_text: impl Fn(&str, u32) -> Option<String>) -> Value {
    let nodes: Vec<Value> = tree
        .nodes()
        .map(|(id, _)| node_json(tree, id, &token_text))
        .collect();
    json!({
        "format": "glassbox text tree",
        "version": 1,
        "prompts": tree.prompts(),
        "nodes": nodes,
        "shown": tree.leaf().map(NodeId::index),
    })
}

fn node_json(
    tree: &TextTree,
    id: NodeId,
    token_text: &impl Fn(&str, u32) -> Option<String>,
) -> Value {
    let node = tree.node(id);
    let choice = &node.choice;
    let model = &tree.prompts()[node.prompt_idx].model;
    let candidates = tree.logits(id).map(|logits| {
        let best = best(logits, N_CANDIDATES).into_iter();
        best.map(
            |c| json!({ "id": c.id, "text": token_text(model, c.id), "logit": c.logit, "p": c.p }),
        )
        .collect::<Vec<_>>()
    });
    json!({
        "node": id.index(),
        "parent": node.parent.map(NodeId::index),
        "prompt": node.prompt_idx,
        "id": choice.id,
        "text": String::from_utf8_lossy(&choice.bytes),
        "bytes": choice.bytes,
        "special": choice.special,
        "p_raw": choice.p_raw,
        "p_sampled": choice.p_sampled,
        "surprise_bits": choice.surprise_bits(),
        "nucleus_size": choice.nucleus_size,
        "chosen_by": choice.chosen_by,
        "n_dropped": choice.n_dropped,
        "settings": &*choice.settings,
        "stop": node.stop,
        "top": candidates,
    })
}

/// The text shown, the other branches beside it, and a table of its tokens.
#[must_use]
pub fn to_markdown(tree: &TextTree) -> String {
    let mut out = String::from("# A text written with Glassbox\n\n");
    for (prompt_idx, prompt) in tree.prompts().iter().enumerate() {
        _ = write!(out, "## Prompt\n\n{}\n", quoted(&prompt.text));
        _ = write!(out, "\nModel: {}\n", prompt.model);
        for (i, leaf) in tree.leaves(prompt_idx).into_iter().enumerate() {
            let shown = if tree.leaf() == Some(leaf) {
                " (shown)"
            } else {
                ""
            };
            let text = String::from_utf8_lossy(&tree.text_bytes(leaf)).into_owned();
            _ = write!(out, "\n### Text {}{shown}\n\n{}\n", i + 1, quoted(&text));
            let node = tree.node(leaf);
            if let Some(stop) = &node.stop {
                _ = write!(out, "\n{}\n", stop.sentence());
            }
            let settings = &node.choice.settings;
            let s = &settings.sampling;
            _ = write!(
                out,
                "\nSeed {}, temperature {}, top-k {}, top-p {}, min-p {}, typical {}, repeat penalty {}.\n",
                settings.seed,
                s.temperature,
                s.top_k,
                s.top_p,
                s.min_p,
                s.typical_p,
                s.repeat_penalty
            );
        }
    }
    token_table(tree, &mut out);
    out
}

fn token_table(tree: &TextTree, out: &mut String) {
    let path = tree.current_path();
    if path.is_empty() {
        return;
    }
    out.push_str("\n## The tokens of the text shown\n\n");
    out.push_str("| # | token | id | p (raw) | p (sampled) | surprise (bits) | chosen by |\n");
    out.push_str("|--:|---|--:|--:|--:|--:|---|\n");
    for (i, id) in path.into_iter().enumerate() {
        let choice = &tree.node(id).choice;
        let chosen_by = match choice.chosen_by {
            ChosenBy::Model => "model",
            ChosenBy::You => "you",
        };
        _ = writeln!(
            out,
            "| {} | `{}` | {} | {:.4} | {:.4} | {:.2} | {chosen_by} |",
            i + 1,
            cell(&choice.bytes),
            choice.id,
            choice.p_raw,
            choice.p_sampled,
            choice.surprise_bits(),
        );
    }
}

/// A block quote, so that the text's own headings and lists stay text.
fn quoted(text: &str) -> String {
    let lines = text.lines().map(|line| format!("> {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A token in a table cell: line ends escaped, bars and backticks that would end the cell replaced.
fn cell(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .escape_debug()
        .to_string()
        .replace('|', "\\|")
        .replace('`', "´")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::sampling::Sampling;
    use crate::labs::text::StopReason;
    use crate::labs::text_tree::{Choice, Settings};
    use std::sync::Arc;

    fn small_tree() -> TextTree {
        let mut tree = TextTree::default();
        tree.start("Once upon", &[1, 2], "toy");
        let choice = |id: u32, text: &str| Choice {
            id,
            bytes: text.into(),
            special: false,
            p_raw: 0.5,
            p_sampled: 1.0,
            nucleus_size: 1,
            chosen_by: ChosenBy::Model,
            n_dropped: 0,
            settings: Arc::new(Settings {
                sampling: Sampling::greedy(),
                seed: 3,
            }),
        };
        let logits: Arc<[f32]> = [0.0, 1.0, 2.0].into();
        let first = tree.push(choice(2, " a"), Some(logits)).unwrap();
        tree.push(choice(1, " time\n"), None);
        tree.set_stop(StopReason::Limit);
        tree.step_before(first);
        tree.push(choice(0, " the|"), None);
        tree
    }

    #[test]
    fn json_holds_every_token_with_its_parent_and_probabilities() {
        let json = to_json(&small_tree(), |_, id| Some(format!("t{id}")));
        let nodes = json["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 3);
        assert_eq!(nodes[1]["parent"], 0);
        assert_eq!(nodes[1]["stop"], "limit");
        assert_eq!(nodes[2]["parent"], Value::Null);
        assert_eq!(nodes[0]["settings"]["seed"], 3);
        assert_eq!(nodes[0]["top"][0]["text"], "t2");
        assert!(nodes[1]["top"].is_null());
        assert_eq!(json["shown"], 2);
    }

    #[test]
    fn markdown_holds_every_branch_and_the_tokens_of_the_one_shown() {
        let markdown = to_markdown(&small_tree());
        assert!(markdown.contains("> Once upon"), "{markdown}");
        assert!(markdown.contains("### Text 1\n\n>  a time"), "{markdown}");
        assert!(markdown.contains("### Text 2 (shown)"), "{markdown}");
        assert!(
            markdown.contains("| 1 | ` the\\|` | 0 | 0.5000 |"),
            "{markdown}"
        );
    }
}
