//! Beam search against Hugging Face's transformers 5.23.0 (torch 2.15.0) on random GPT-2s: the same texts
//! with the same scores, for several numbers of beams, length penalties and ways to stop.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it meets what it did not expect"
)]

use glassbox::labs::choosing::{Choices, How, Request, Stop, choose_all};
use glassbox::labs::compute::Compute;
use glassbox::labs::text::{LoadedText, Source, load};
use serde::Deserialize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Deserialize)]
struct Case {
    model: String,
    prompt: Vec<u32>,
    n_beams: usize,
    max_tokens: usize,
    length_penalty: f64,
    early_stopping: String,
    ends: Vec<u32>,
    texts: Vec<Vec<u32>>,
    scores: Vec<f64>,
}

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn model(name: &str) -> Arc<LoadedText> {
    let source = Source::Path(data(&format!("{name}.safetensors")));
    load(&source, &[], Compute::default(), &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap()
}

fn search(loaded: &LoadedText, request: &Request) -> Choices {
    choose_all(loaded, request, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn beam_search_finds_what_transformers_finds() {
    let cases: Vec<Case> =
        serde_json::from_slice(&std::fs::read(data("beam.json")).unwrap()).unwrap();
    assert!(cases.len() > 20);
    for case in cases {
        let loaded = model(&case.model);
        let request = Request {
            n_beams: case.n_beams,
            length_penalty: case.length_penalty,
            stop: match &case.early_stopping[..] {
                "true" => Stop::Early,
                "never" => Stop::Certain,
                _ => Stop::Likely,
            },
            n_samples: 0,
            ends: case.ends.clone(),
            ..Request::new(&loaded, case.prompt.clone(), case.max_tokens)
        };
        let choices = search(&loaded, &request);
        let about = format!(
            "{} {} beams, ends {:?}",
            case.model, case.n_beams, case.ends
        );
        for (rank, text) in case.texts.iter().enumerate() {
            let path = choices.path_of(How::Beam(rank)).unwrap();
            assert_eq!(&choices.ids_to(path.last), text, "{about}, text {rank}");
            if let Some(score) = case.scores.get(rank) {
                assert!(
                    (path.score - score).abs() < 1e-4,
                    "{about}: {} {score}",
                    path.score
                );
            }
        }
        assert!(
            choices.path_of(How::Beam(case.texts.len())).is_none(),
            "{about}"
        );
        if case.n_beams == 1 {
            let greedy = choices.path_of(How::Greedy).unwrap();
            assert_eq!(choices.ids_to(greedy.last), case.texts[0]);
        }
    }
}

#[test]
fn every_way_stands_on_one_tree_whose_sums_add_up() {
    let loaded = model("gpt2_tied");
    let request = Request::new(&loaded, vec![3, 1, 4, 1, 5], 6);
    let choices = search(&loaded, &request);
    let n_of = |is: fn(&How) -> bool| choices.paths.iter().filter(|path| is(&path.how)).count();
    assert_eq!(n_of(|how| matches!(how, How::Greedy)), 1);
    assert_eq!(n_of(|how| matches!(how, How::Drawn(_))), 2);
    assert_eq!(n_of(|how| matches!(how, How::Beam(_))), 4);
    for path in &choices.paths {
        let tokens = choices.tokens_to(path.last);
        let sum: f64 = tokens
            .iter()
            .map(|&token| choices.tokens[token].log_p)
            .sum();
        assert!((sum - path.sum).abs() < 1e-9 && tokens.len() == path.n_tokens);
        assert!(
            tokens
                .iter()
                .all(|&t| choices.ways_through(t).contains(&path.how))
        );
    }
    for (i, token) in choices.tokens.iter().enumerate() {
        let twin = |other: &_| (token.parent, token.id) == *other;
        let twins = choices.tokens.iter().map(|t| (t.parent, t.id));
        assert_eq!(twins.filter(|other| twin(other)).count(), 1, "token {i}");
    }
    // The best of the beams is at least as probable as greedy's path of the same length.
    let sum = |how| choices.path_of(how).unwrap().sum;
    assert!(sum(How::Beam(0)) >= sum(How::Greedy));
    assert_eq!(choices, search(&loaded, &request));
    let other = Request { seed: 1, ..request };
    assert_ne!(choices, search(&loaded, &other));
}

#[test]
fn what_cannot_be_searched_is_refused_and_stop_keeps_the_tree() {
    let loaded = model("gpt2_tied");
    let refusal = |ids: &[u32], n_tokens| {
        let request = Request::new(&loaded, ids.to_vec(), n_tokens);
        choose_all(&loaded, &request, &mut |_| ControlFlow::Continue(())).unwrap_err()
    };
    assert!(refusal(&[], 4).what.contains("no text"));
    assert!(refusal(&[9999], 4).what.contains("9999"));
    assert!(refusal(&[1; 20], 8).evidence.contains("20 tokens"));
    assert!(refusal(&[1], 0).what.contains("No tokens"));
    let request = Request::new(&loaded, vec![1, 2], 8);
    let mut n_told = 0;
    let choices = choose_all(&loaded, &request, &mut |_| {
        n_told += 1;
        if n_told == 20 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let choices = choices.unwrap();
    assert!(choices.path_of(How::Greedy).is_some() && choices.path_of(How::Beam(0)).is_none());
}
