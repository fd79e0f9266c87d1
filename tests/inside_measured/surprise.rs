//! The surprise of a text: against Hugging Face's transformers token by token, also past the context,
//! against what llm.c measured with GPT-2, and where an answer is known beforehand.

use super::{fixture, open};
use glassbox::labs::inside::surprise::{Asked, Event, Told, Totals, ask, measure, n_windows};
use glassbox::labs::text::{EMBEDDED, LoadedText, Source};
use serde_json::Value;
use std::ops::ControlFlow;
use std::path::Path;

fn told(loaded: &LoadedText, asked: &Asked) -> Vec<Told> {
    let mut all = Vec::new();
    let whole = measure(loaded, asked, &mut |event: Event| {
        all.extend(event.told);
        ControlFlow::Continue(())
    });
    assert!(whole.unwrap());
    all
}

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap();
    values.iter().map(|x| x.as_f64().unwrap()).collect()
}

#[test]
fn every_token_costs_the_bits_that_transformers_gives_it_also_past_the_context() {
    let text = std::fs::read_to_string(fixture("surprise.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    for (name, expected) in expected.as_object().unwrap() {
        let loaded = open(&Source::Path(fixture(&format!("{name}.safetensors"))));
        let ids: Vec<u32> = numbers(&expected["ids"])
            .iter()
            .map(|&id| id as u32)
            .collect();
        assert!(n_windows(ids.len(), loaded.n_ctx) > 5, "{name}");
        let start = None;
        let told = told(
            &loaded,
            &Asked {
                start,
                ids: ids.clone(),
            },
        );
        assert_eq!(told.iter().map(|t| t.id).collect::<Vec<_>>(), ids);
        assert!(told[0].guess.is_none(), "nothing stands before the first");
        let theirs = numbers(&expected["bits"])
            .into_iter()
            .zip(numbers(&expected["n_seen"]));
        assert_eq!(theirs.len(), told.len() - 1);
        for (i, (ours, (bits, n_seen))) in told[1..].iter().zip(theirs).enumerate() {
            let guess = ours.guess.as_ref().unwrap();
            assert!(
                (guess.bits - bits).abs() < 2e-4,
                "{name} {i}: {} {bits}",
                guess.bits
            );
            assert_eq!(guess.n_seen as f64, n_seen, "{name} {i}");
        }
    }
}

#[test]
fn gpt2_loses_on_a_text_what_llm_c_measured() {
    let reference = Path::new("../shared/reference/gpt2/llmc_tinyshakespeare_loss.json");
    let model = [
        "models/gpt2.safetensors",
        "../shared/models/gpt2.safetensors",
    ];
    let model = model.iter().map(Path::new).find(|path| path.is_file());
    let (Ok(text), Some(model)) = (std::fs::read_to_string(reference), model) else {
        println!("skipped: the weights of GPT-2 or ../shared/reference are not there");
        return;
    };
    let reference: Value = serde_json::from_str(&text).unwrap();
    let loaded = open(&Source::Path(model.into()));
    let rows = reference["batch"].as_array().unwrap().iter();
    let (mut bits, mut n) = (0.0, 0);
    for (row, targets) in rows.zip(reference["targets"].as_array().unwrap()) {
        let mut ids: Vec<u32> = numbers(row).iter().map(|&id| id as u32).collect();
        ids.extend(numbers(targets).last().map(|&id| id as u32));
        let told = told(&loaded, &Asked { start: None, ids });
        let totals = Totals::of(&loaded, &told);
        bits += totals.bits;
        n += totals.n_tokens;
    }
    let nats = bits * std::f64::consts::LN_2 / n as f64;
    assert!((nats - 5.270_007).abs() < 1e-3, "{nats}");
}

#[test]
fn a_story_of_its_kind_surprises_the_little_model_less_than_the_same_words_shuffled() {
    let loaded = open(&Source::Named(EMBEDDED.into()));
    let bits = |text: &str| {
        let told = told(&loaded, &ask(&loaded, text).unwrap());
        let totals = Totals::of(&loaded, &told);
        assert_eq!(
            totals.n_bytes,
            text.len(),
            "the first token is guessed, too"
        );
        assert_eq!(totals.n_words, text.split_whitespace().count());
        assert!(
            (totals.perplexity().unwrap().log2() - totals.bits_per_token().unwrap()).abs() < 1e-9
        );
        for guess in told.iter().filter_map(|told| told.guess.as_ref()) {
            assert!(guess.expected.windows(2).all(|pair| pair[0].1 >= pair[1].1));
            assert!(guess.entropy_bits <= f64::from(loaded.config.vocab_size as u32).log2() + 1e-9);
            if let Some(&(_, p)) = guess.expected.get(guess.rank) {
                assert!((f64::from(p) - guess.p()).abs() < 1e-6);
            }
        }
        totals.bits
    };
    let story = "Once upon a time there was a little cat. The cat was happy.";
    let shuffled = "cat time there a the happy. little upon was a Once was The cat.";
    assert!(bits(story) * 2.0 < bits(shuffled));
}

#[test]
fn it_stops_when_asked_and_refuses_what_is_no_token() {
    let loaded = open(&Source::Named(EMBEDDED.into()));
    let ids = vec![5; 700];
    let asked = Asked { start: None, ids };
    let mut n_events = 0;
    let whole = measure(&loaded, &asked, &mut |_| {
        n_events += 1;
        if n_events == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert!(!whole.unwrap());
    assert_eq!(n_events, 3);
    let ids = vec![5, 1024];
    assert!(
        measure(&loaded, &Asked { start: None, ids }, &mut |_| {
            ControlFlow::Continue(())
        })
        .is_err()
    );
    assert!(told(&loaded, &Asked::default()).is_empty());
    let one = ask(&loaded, "a").unwrap();
    assert_eq!(told(&loaded, &one).len(), one.ids.len());
}
