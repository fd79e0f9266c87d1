//! Ours beside the others on one text of 20 MB and one thread: encoding with tiktoken-rs and
//! tokenizers, learning with the trainer of tokenizers. Run with
//! `cargo bench --bench tokenizers`; the table of ratios comes last.
//!
//! The text is `GLASSBOX_BENCH_TEXT` if that names a file, else one made up by seed: stories among
//! words of a made-up language that follow Zipf's law, numbers, code and letters of every length.

#![allow(missing_docs, reason = "criterion's macros make public items")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on should say where, and its ratios go to stdout"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use glassbox::labs::bpe_learning::{Recipe, Split, tokenizer_json, train};
use glassbox::labs::story_grammar::StoryGrammar;
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use glassbox::rng::Rng;
use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;

const TEXT_BYTES: usize = 20_000_000;

/// Encodes the text.
type Encode<'a> = Box<dyn Fn() -> Vec<u32> + 'a>;

/// Runs `work` in criterion and returns its best time.
fn time(
    c: &mut Criterion,
    group: &str,
    name: &str,
    n_bytes: usize,
    mut work: impl FnMut() -> usize,
) -> Duration {
    let mut best = Duration::MAX;
    let mut group = c.benchmark_group(group);
    group
        .throughput(Throughput::Bytes(n_bytes as u64))
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_millis(1));
    group.bench_function(name, |b| {
        b.iter_custom(|n| {
            let start = Instant::now();
            for _ in 0..n {
                let once = Instant::now();
                black_box(work());
                best = best.min(once.elapsed());
            }
            start.elapsed()
        });
    });
    group.finish();
    best
}

fn text() -> String {
    let given = std::env::var_os("GLASSBOX_BENCH_TEXT").map(std::fs::read_to_string);
    let mut text = given.map_or_else(made_up_text, Result::unwrap);
    let mut end = TEXT_BYTES.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

fn made_up_text() -> String {
    let (grammar, mut rng) = (StoryGrammar::default(), Rng::new(0, "text"));
    let letters: Vec<char> = "eeeetttaaaoooinnshhrrdlucmfwypvbgkéøaе你😀"
        .chars()
        .collect();
    let words: Vec<String> = (0..100_000)
        .map(|_| {
            (0..2 + rng.below(8))
                .map(|_| *rng.pick(&letters).unwrap())
                .collect()
        })
        .collect();
    let mut text = String::with_capacity(TEXT_BYTES + 4096);
    while text.len() < TEXT_BYTES {
        match rng.below(40) {
            0 => text += &grammar.story(&mut rng),
            1 => text += ".\n\n  ",
            2 => _ = write!(text, " {} ", rng.below(100_000)),
            3 => text += "if (x == y) {\r\n\treturn f(x);\n",
            4 => text += "'s ",
            _ => {
                // Rank r stands about 1 / r times as often as the first.
                let rank = (words.len() as f64).powf(rng.uniform()) as usize;
                text += &words[rank.min(words.len() - 1)];
                text += " ";
            }
        }
    }
    text
}

fn encoding(c: &mut Criterion) {
    let text = text();
    let mut table = String::new();
    for name in ["gpt2", "cl100k", "o200k"] {
        let ours = Tokenizer::open(name).unwrap();
        let ids = ours.encode(&text, Specials::AsText);
        let mut others: Vec<(&str, Encode<'_>)> = Vec::new();
        let tiktoken = match name {
            "gpt2" => tiktoken_rs::r50k_base_singleton(),
            "cl100k" => tiktoken_rs::cl100k_base_singleton(),
            _ => tiktoken_rs::o200k_base_singleton(),
        };
        let text = &text;
        others.push(("tiktoken-rs", Box::new(|| tiktoken.encode_ordinary(text))));
        let theirs = hugging_face(&ours, name);
        others.push((
            "tokenizers",
            Box::new(move || {
                theirs
                    .encode(text.as_str(), false)
                    .unwrap()
                    .get_ids()
                    .to_vec()
            }),
        ));
        let group = format!("encode/{name}");
        let best = time(c, &group, "glassbox", text.len(), || {
            ours.encode(text, Specials::AsText).len()
        });
        let speed = |best: Duration| text.len() as f64 / 1e6 / best.as_secs_f64();
        let _ = writeln!(
            table,
            "{name:<8} {:<12} {:>6.1} MB/s",
            "glassbox",
            speed(best)
        );
        for (other, encode) in others {
            assert!(encode() == ids, "{other} gives other ids for {name}");
            let theirs = time(c, &group, other, text.len(), || encode().len());
            let ratio = theirs.as_secs_f64() / best.as_secs_f64();
            let _ = writeln!(
                table,
                "{name:<8} {other:<12} {:>6.1} MB/s, ours ×{ratio:.1}",
                speed(theirs)
            );
        }
    }
    println!("{table}");
}

/// The same vocabulary in tokenizers, special tokens left out.
fn hugging_face(ours: &Tokenizer, name: &str) -> tokenizers::Tokenizer {
    let n_ranks = match name {
        "gpt2" => 50_256,
        "cl100k" => 100_256,
        _ => 199_998,
    };
    let tokens = &ours.vocabulary().tokens[..n_ranks];
    let bpe = glassbox::algo::bpe::Bpe::from_ranks(tokens);
    let pairs = bpe.merges().iter().map(|&(left, right, _)| (left, right));
    let split = Split::by_name(&ours.vocabulary().split).unwrap();
    let mut file = tokenizer_json(tokens, pairs, split, &[]);
    file["model"]["ignore_merges"] = true.into();
    file.to_string().parse().unwrap()
}

fn learning(c: &mut Criterion) {
    let text = text();
    glassbox::nn::pool::set_threads(1);
    let mut table = String::new();
    for n_merges in [8_000, 32_000] {
        let recipe = Recipe {
            n_merges,
            split: "gpt2".into(),
            ties_as_tokenizers: true,
        };
        let group = format!("learn/{n_merges}");
        let ours = time(c, &group, "glassbox", text.len(), || {
            let outcome = train(&text, &recipe, &mut |_| ControlFlow::Continue(()));
            outcome.unwrap().learned.merges.len()
        });
        let theirs = time(c, &group, "tokenizers", text.len(), || {
            train_theirs(&text, n_merges)
        });
        let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
        let _ = writeln!(
            table,
            "{n_merges} merges: glassbox {:.2} s, tokenizers {:.2} s, ours ×{ratio:.1}",
            ours.as_secs_f64(),
            theirs.as_secs_f64()
        );
    }
    println!("{table}");
}

fn train_theirs(text: &str, n_merges: usize) -> usize {
    let by_bytes = ByteLevel::new(false, true, true);
    let mut tokenizer = tokenizers::Tokenizer::new(BPE::default());
    tokenizer.with_pre_tokenizer(Some(by_bytes));
    let trainer = BpeTrainer::builder()
        .vocab_size(256 + n_merges)
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .show_progress(false)
        .build();
    let mut trainer = TrainerWrapper::BpeTrainer(trainer);
    let lines = text.split_inclusive('\n').map(str::to_owned);
    tokenizer.train(&mut trainer, lines).unwrap();
    tokenizer.get_vocab_size(false)
}

criterion_group!(benches, encoding, learning);
criterion_main!(benches);
