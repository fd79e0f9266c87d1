//! What the text lab promises: the same text again, a way back, and no work done twice.

use super::tiny;
use glassbox::labs::compute::Compute;
use glassbox::labs::text::{
    Event, Finished, LoadedText, Overflow, Request, Sampling, Source, StopReason, Token, generate,
    load, look_again, read_raw, weigh,
};
use glassbox::labs::text_export::{to_json, to_markdown};
use glassbox::labs::text_tree::{Choice, ChosenBy, NodeId, Settings, TextTree};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

fn open(source: &Source) -> Arc<LoadedText> {
    let compute = Compute::default();
    load(source, &[], compute, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// The model made in the test, freshly loaded: it has read nothing yet.
fn tiny_model() -> Arc<LoadedText> {
    let folder = tempfile::tempdir().unwrap();
    open(&Source::Path(tiny::write(folder.path())))
}

fn request(loaded: &LoadedText, prompt: &str, max_tokens: usize) -> Request {
    Request::new(read_raw(loaded, prompt).unwrap().ids, max_tokens)
}

/// Generates, and stops after `most` tokens as a person would.
fn write_up_to(loaded: &LoadedText, request: &Request, most: usize) -> (Vec<Token>, Finished) {
    let mut tokens = Vec::new();
    let finished = generate(loaded, request, &mut |event| {
        if let Event::Token(token) = event {
            tokens.push(token);
        }
        if tokens.len() < most {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    (tokens, finished.unwrap())
}

fn write(loaded: &LoadedText, request: &Request) -> (Vec<Token>, Finished) {
    write_up_to(loaded, request, usize::MAX)
}

fn ids(tokens: &[Token]) -> Vec<u32> {
    tokens.iter().map(|token| token.id).collect()
}

#[test]
fn moving_a_slider_weighs_the_kept_scores_and_makes_no_forward_pass() {
    let loaded = tiny_model();
    let request = request(&loaded, "Ben likes", 10);
    let (tokens, _) = write(&loaded, &request);
    let n_passes = loaded.n_passes();
    assert!(n_passes >= 10);
    let mut seen = request.ids.clone();
    for token in &tokens {
        let again = weigh(&token.logits, &seen, &request.sampling);
        assert_eq!(again.p_sampled(token.id), token.p_sampled);
        assert_eq!(again.p_raw(token.id), token.p_raw);
        assert_eq!(again.survivors.len(), token.nucleus_size);
        let narrow = Sampling {
            top_k: 3,
            ..Sampling::default()
        };
        assert!(weigh(&token.logits, &seen, &narrow).survivors.len() <= 3);
        seen.push(token.id);
    }
    assert_eq!(loaded.n_passes(), n_passes);
}

#[test]
fn the_same_seed_writes_the_same_text_whatever_was_written_before() {
    let loaded = tiny_model();
    let request = request(&loaded, "Ben", 60);
    let (first, _) = write(&loaded, &request);
    // Another text fills the cache, and half of the first one is read at once instead of written.
    write(&loaded, &self::request(&loaded, "Something else", 20));
    let mut longer = request.clone();
    longer.ids.extend(&ids(&first)[..40]);
    look_again(&loaded, &longer.ids, &mut |_| ControlFlow::Continue(())).unwrap();
    let (again, _) = write(&loaded, &request);
    assert_eq!(ids(&again), ids(&first));
    let fresh = tiny_model();
    assert_eq!(ids(&write(&fresh, &request).0), ids(&first));
    let other = Request { seed: 1, ..request };
    assert_ne!(ids(&write(&loaded, &other).0), ids(&first));
}

#[test]
fn an_answer_stopped_and_continued_is_the_answer_never_stopped() {
    let loaded = tiny_model();
    let request = request(&loaded, "Ben", 40);
    let (whole, _) = write(&loaded, &request);
    let (part, finished) = write_up_to(&loaded, &request, 7);
    assert_eq!(finished.stop, StopReason::You);
    assert_eq!(part.len(), 7, "Stop holds within one token");
    let mut rest = request.clone();
    rest.ids.extend(ids(&part));
    rest.n_written = 7;
    rest.max_tokens = 33;
    let (rest, _) = write(&loaded, &rest);
    assert_eq!([ids(&part), ids(&rest)].concat(), ids(&whole));
}

#[test]
fn stop_while_the_prompt_is_read_is_heard_before_the_next_chunk() {
    let loaded = tiny_model();
    let request = request(&loaded, &"word ".repeat(25), 4);
    let mut n_heard = 0;
    let finished = generate(&loaded, &request, &mut |_| {
        n_heard += 1;
        ControlFlow::Break(())
    });
    assert_eq!(finished.unwrap().stop, StopReason::You);
    assert_eq!((n_heard, loaded.n_passes()), (1, 1));
}

#[test]
fn another_candidate_costs_one_pass_and_writes_what_a_fresh_model_would() {
    let loaded = tiny_model();
    let request = request(&loaded, "Ben likes to play", 20);
    let (tokens, _) = write(&loaded, &request);
    let candidates = weigh(&tokens[5].logits, &[], &Sampling::plain()).raw_top;
    let other = candidates.iter().find(|c| c.id != tokens[5].id).unwrap();
    let mut branch = request.clone();
    branch.ids.extend(ids(&tokens[..5]));
    branch.ids.push(other.id);
    branch.n_written = 6;
    branch.max_tokens = 10;
    let before = loaded.n_passes();
    let (beside, finished) = write(&loaded, &branch);
    assert_eq!(finished.timings.n_read, 1);
    assert_eq!(loaded.n_passes() - before, beside.len() as u64);
    assert_eq!(ids(&write(&tiny_model(), &branch).0), ids(&beside));
}

#[test]
fn a_full_context_ends_the_answer_or_forgets_the_oldest_as_the_person_chose() {
    let loaded = tiny_model();
    let mut request = request(&loaded, "Ben", 300);
    request.sampling = Sampling::greedy();
    let (tokens, finished) = write(&loaded, &request);
    assert_eq!(finished.stop, StopReason::ContextFull);
    // The last token is written from a full context; only the next would not fit.
    assert_eq!(request.ids.len() + tokens.len(), tiny::N_CTX + 1);
    request.overflow = Overflow::DropOldest;
    let (longer, finished) = write(&loaded, &request);
    assert_eq!(finished.stop, StopReason::Limit);
    assert_eq!(longer.len(), 300);
    assert_eq!(ids(&longer[..tokens.len()]), ids(&tokens));
    assert!(longer.windows(2).all(|w| w[0].n_dropped <= w[1].n_dropped));
    // What was written after forgetting is what follows from the tokens still seen.
    let last = &longer[299];
    let mut seen = request.ids.clone();
    seen.extend(ids(&longer[..299]));
    seen.drain(..last.n_dropped);
    assert!(seen.len() <= tiny::N_CTX);
    let logits = look_again(&tiny_model(), &seen, &mut |_| ControlFlow::Continue(()));
    assert_eq!(logits.unwrap().unwrap(), last.logits);
}

#[test]
fn no_answer_is_without_a_reason_to_end() {
    let loaded = tiny_model();
    let request = request(&loaded, "Ben", 3);
    let reasons = [
        write(&loaded, &request).1.stop,
        write_up_to(&loaded, &request, 1).1.stop,
        StopReason::EndOfText,
        StopReason::ContextFull,
        StopReason::StopString("x".into()),
    ];
    for reason in &reasons {
        assert!(reason.sentence().starts_with("Stopped: "));
    }
    assert_eq!(reasons[0], StopReason::Limit);
    assert_eq!(reasons[1], StopReason::You);
}

/// A tree with a text of the tiny model and a branch beside it.
fn grown(loaded: &LoadedText) -> (TextTree, NodeId) {
    let request = request(loaded, "Ben", 8);
    let settings = Arc::new(Settings {
        sampling: request.sampling.clone(),
        seed: request.seed,
    });
    let choice = |token: &Token, chosen_by| Choice {
        id: token.id,
        bytes: token.bytes.clone(),
        special: token.special,
        p_raw: token.p_raw,
        p_sampled: token.p_sampled,
        nucleus_size: token.nucleus_size,
        chosen_by,
        n_dropped: token.n_dropped,
        settings: Arc::clone(&settings),
    };
    let (tokens, finished) = write(loaded, &request);
    let mut tree = TextTree::default();
    tree.begin_change();
    tree.start("Ben", &request.ids, &loaded.name);
    for token in &tokens {
        tree.push(
            choice(token, ChosenBy::Model),
            Some(Arc::clone(&token.logits)),
        );
    }
    tree.set_stop(finished.stop);
    let old = tree.leaf().unwrap();
    tree.begin_change();
    tree.step_before(tree.path(old)[2]);
    let mut other = tokens[2].clone();
    other.id = (other.id + 1) % 256;
    other.bytes = loaded.token_bytes(other.id);
    tree.push(choice(&other, ChosenBy::You), None);
    (tree, old)
}

#[test]
fn an_exported_tree_read_again_holds_every_text_of_it() {
    let loaded = tiny_model();
    let (mut tree, old) = grown(&loaded);
    let branch = tree.leaf().unwrap();
    let text = |_: &str, id: u32| Some(loaded.token_bytes(id).escape_ascii().to_string());
    let document = to_json(&tree, text).to_string();
    let json: serde_json::Value = serde_json::from_str(&document).unwrap();
    let nodes = json["nodes"].as_array().unwrap();
    for leaf in [old, branch] {
        let mut ids = Vec::new();
        let mut at = Some(leaf.index());
        while let Some(node) = at {
            ids.insert(0, nodes[node]["id"].as_u64().unwrap() as u32);
            at = nodes[node]["parent"].as_u64().map(|n| n as usize);
        }
        let told: Vec<u32> = tree
            .path(leaf)
            .iter()
            .map(|&n| tree.node(n).choice.id)
            .collect();
        assert_eq!(ids, told);
    }
    assert_eq!(nodes[old.index()]["stop"], "limit");
    let top = nodes[0]["top"].as_array().unwrap();
    assert_eq!(top.len(), 20);
    assert!(
        top.windows(2)
            .all(|w| w[0]["p"].as_f64() >= w[1]["p"].as_f64())
    );
    assert_eq!(json["shown"], branch.index());

    tree.undo();
    assert_eq!(tree.leaf(), Some(old));
    let markdown = to_markdown(&tree);
    assert!(markdown.contains("### Text 1 (shown)") && markdown.contains("### Text 2\n"));
    let rows = markdown.lines().filter(|line| line.ends_with("| model |"));
    assert_eq!(rows.count(), tree.path(old).len());
    tree.redo();
    assert_eq!(tree.leaf(), Some(branch));
}

#[test]
fn smollm2_knows_the_capital_of_france_and_writes_the_same_however_it_read_the_prompt() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    if !file.is_file() {
        eprintln!("skipped: {} is not here", file.display());
        return;
    }
    let loaded = open(&Source::Path(file));
    let mut request = request(&loaded, "The capital of France is", 12);
    request.sampling = Sampling::greedy();
    let (tokens, _) = write(&loaded, &request);
    let text: Vec<u8> = tokens
        .iter()
        .flat_map(|token| token.bytes.clone())
        .collect();
    assert!(String::from_utf8_lossy(&text).starts_with(" Paris"));
    // Read at once, the same tokens give the scores they gave one by one.
    let mut read = request.ids.clone();
    read.extend(ids(&tokens[..11]));
    let other = self::request(&loaded, "Something else", 1);
    write(&loaded, &other);
    let logits = look_again(&loaded, &read, &mut |_| ControlFlow::Continue(()));
    let (at_once, one_by_one) = (logits.unwrap().unwrap(), &tokens[11].logits);
    let difference = at_once
        .iter()
        .zip(one_by_one.iter())
        .map(|(a, b)| (a - b).abs());
    assert!(difference.fold(0.0, f32::max) < 1e-3);
}
