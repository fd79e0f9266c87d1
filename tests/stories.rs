//! The model inside the program, as a person meets it where no other model is.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

use glassbox::files::card::Card;
use glassbox::files::embedded;
use glassbox::labs::compute::Compute;
use glassbox::labs::story_grammar::StoryGrammar;
use glassbox::labs::text::{
    EMBEDDED, Event, Finished, LoadedText, Request, Sampling, Source, StopReason, generate, load,
    read_raw,
};
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use glassbox::models::{self, LogitsFor};
use glassbox::nn::hooks::NoHooks;
use glassbox::rng::Rng;
use std::ops::ControlFlow;
use std::sync::Arc;

fn stories() -> Arc<LoadedText> {
    // No folder to look in: whatever else is on this machine is not found.
    let mut go_on = |_| ControlFlow::Continue(());
    load(&Source::Default, &[], Compute::default(), &mut go_on).unwrap()
}

/// What follows `prompt`, and how it ended.
fn continued(loaded: &LoadedText, prompt: &str, temperature: f64, seed: u64) -> (String, Finished) {
    let mut request = Request::new(read_raw(loaded, prompt).unwrap().ids, 230);
    request.sampling = Sampling {
        temperature,
        ..Sampling::default()
    };
    request.seed = seed;
    let mut bytes = Vec::new();
    let finished = generate(loaded, &request, &mut |event| {
        if let Event::Token(token) = event
            && !token.special
        {
            bytes.extend(token.bytes);
        }
        ControlFlow::Continue(())
    });
    (String::from_utf8(bytes).unwrap(), finished.unwrap())
}

#[test]
fn it_is_the_default_where_no_other_model_is() {
    let loaded = stories();
    assert_eq!(loaded.name, EMBEDDED);
    assert_eq!((loaded.config.n_layers, loaded.config.n_heads), (4, 5));
    assert_eq!((loaded.config.vocab_size, loaded.n_ctx), (1024, 256));
    assert!(!loaded.has_chat_template());
}

#[test]
fn it_can_be_looked_at_and_its_vocabulary_used_without_a_file() {
    let card = Card::of_built_in("stories").unwrap().unwrap();
    assert_eq!(card.kind, "language model");
    assert_eq!(card.n_parameters, 1_442_240);
    assert_eq!(card.usable_as, ["text", "tokenizer"]);
    let tokenizer = Tokenizer::open(EMBEDDED).unwrap();
    let ids = tokenizer.encode("Once upon a time", Specials::AsText);
    assert_eq!(ids, [500, 579, 258, 462]);
}

#[test]
fn a_story_goes_on_about_its_hero_and_comes_to_an_end() {
    let loaded = stories();
    for seed in 0..12 {
        let prompt = "Once upon a time, there was a brave girl named Lily.";
        let (story, finished) = continued(&loaded, prompt, 0.7, seed);
        assert_eq!(finished.stop, StopReason::EndOfText, "{story}");
        assert!(story.matches("Lily").count() >= 3, "{story}");
        assert!(story.ends_with(['.', '!', '"']), "{story}");
        assert!(story.split_whitespace().count() > 30, "{story}");
    }
}

#[test]
fn the_first_prompt_of_the_window_is_continued_about_ben() {
    let prompt = "My dog's name is Ben. He's a big dog with large paws. Ben likes to play";
    let (story, finished) = continued(&stories(), prompt, 0.0, 0);
    assert_eq!(finished.stop, StopReason::EndOfText);
    assert!(
        story.contains("Ben is my best friend") || story.contains("He is my best friend"),
        "{story}"
    );
}

#[test]
fn every_word_it_writes_is_a_word_of_its_stories() {
    let words_of = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_ascii_alphabetic());
        words
            .filter(|w| !w.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let (grammar, mut rng) = (StoryGrammar::default(), Rng::new(5, "words"));
    let known: std::collections::HashSet<String> = (0..3000)
        .flat_map(|_| words_of(&grammar.story(&mut rng)))
        .collect();
    let loaded = stories();
    let (mut n, mut n_known) = (0, 0);
    for seed in 0..10 {
        let (story, _) = continued(&loaded, "One day,", 0.8, seed);
        let words = words_of(&story);
        n += words.len();
        n_known += words.iter().filter(|word| known.contains(*word)).count();
    }
    assert!(
        n > 500 && n_known * 1000 >= n * 995,
        "{n_known} of {n} words"
    );
}

/// Bits per token of new stories under a bigram that counted 3,000 others (add-one smoothing).
fn bigram_bits(learned: &[Vec<u32>], told: &[Vec<u32>]) -> f64 {
    const V: usize = 1024;
    let mut counts = vec![1.0_f64; V * V];
    let mut totals = vec![V as f64; V];
    let pairs = |ids: &[u32]| -> Vec<(usize, usize)> {
        ids.windows(2)
            .map(|p| (p[0] as usize, p[1] as usize))
            .collect()
    };
    for (left, right) in learned.iter().flat_map(|ids| pairs(ids)) {
        counts[left * V + right] += 1.0;
        totals[left] += 1.0;
    }
    let bits: Vec<f64> = told
        .iter()
        .flat_map(|ids| pairs(ids))
        .map(|(left, right)| -(counts[left * V + right] / totals[left]).log2())
        .collect();
    bits.iter().sum::<f64>() / bits.len() as f64
}

#[test]
fn stories_it_never_saw_surprise_it_far_less_than_a_bigram() {
    let tokenizer = Tokenizer::new(embedded::vocabulary().unwrap()).unwrap();
    let end = tokenizer.vocabulary().eos[0];
    let (grammar, mut rng) = (StoryGrammar::default(), Rng::new(77, "new stories"));
    let mut tell = |n: usize| -> Vec<Vec<u32>> {
        let ids = (0..n).map(|_| {
            let mut ids = tokenizer.encode(&grammar.story(&mut rng), Specials::AsText);
            ids.push(end);
            ids
        });
        ids.collect()
    };
    let (learned, mut told) = (tell(3000), tell(40));
    for ids in &mut told {
        ids.truncate(256);
    }

    let file = embedded::weights().unwrap();
    let mut go_on = |_| ControlFlow::Continue(());
    let model = models::load(&file, &candle_core::Device::Cpu, &mut go_on).unwrap();
    let (mut total, mut n) = (0.0, 0);
    for ids in &told {
        let mut cache = model.new_cache(256).unwrap();
        let logits = model
            .forward(ids, &mut cache, LogitsFor::All, &mut NoHooks)
            .unwrap();
        let rows = logits.to_vec2::<f32>().unwrap();
        for (row, &next) in rows.iter().zip(&ids[1..]) {
            let sum: f64 = row.iter().map(|&x| f64::from(x).exp()).sum();
            total += (sum.ln() - f64::from(row[next as usize])) / std::f64::consts::LN_2;
            n += 1;
        }
    }
    let (bits, bigram) = (total / f64::from(n), bigram_bits(&learned, &told));
    assert!(bits < 0.5, "{bits} bits per token");
    assert!(
        bigram > 4.0 * bits,
        "a bigram needs {bigram}, the model {bits}"
    );
}

#[test]
fn the_smallest_model_sorts_every_text_of_six_letters() {
    let source = Source::of("sort");
    let mut go_on = |_| ControlFlow::Continue(());
    let loaded = load(&source, &[], Compute::default(), &mut go_on).unwrap();
    let card = Card::of_built_in("sort").unwrap().unwrap();
    assert_eq!((card.n_parameters, loaded.n_ctx), (85_584, 11));
    for number in 0..729_usize {
        let letter = |i: u32| ["A", "B", "C"][number / 3_usize.pow(i) % 3];
        let mut letters: Vec<&str> = (0..6).map(letter).collect();
        let (written, finished) = continued(&loaded, &letters.concat(), 0.0, 0);
        letters.sort_unstable();
        assert_eq!(written, letters.concat());
        assert_eq!(finished.stop, StopReason::ContextFull);
    }
}
