//! Ours beside the others on one text and one thread: encoding with bpe, tiktoken-rs and tokenizers,
//! words of a megabyte with bpe, learning with the trainer of tokenizers. README.md tells how to run it.
//!
//! The text, `GLASSBOX_BENCH_TEXT`, is encoded in ten slices, each a sample of its own: between them
//! they are the whole text. Speeds and ratios in the table are of the sums of the slices' best times.

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use glassbox::algo::bpe::Bpe;
use glassbox::files::vocabulary::Vocabulary;
use glassbox::labs::bpe_learning::{Recipe, Split, tokenizer_json, train};
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use glassbox::rng::Rng;
use std::hint::black_box;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;

const N_SLICES: usize = 10;
const SMOLLM2: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../models/SmolLM2-135M-Instruct.Q4_1.gguf"
);

type Encode<'a> = Box<dyn Fn(&str) -> Vec<u32> + 'a>;

/// Runs `work` on each input in turn, `rounds` times; the best time for each, summed.
fn time<T>(
    c: &mut Criterion,
    (group, name): (&str, &str),
    (inputs, n_bytes): (&[T], usize),
    rounds: usize,
    mut work: impl FnMut(&T),
) -> Duration {
    let mut best = vec![Duration::MAX; inputs.len()];
    let mut i = 0;
    let mut group = c.benchmark_group(group);
    group
        .throughput(Throughput::Bytes((n_bytes / inputs.len()) as u64))
        .sampling_mode(SamplingMode::Flat)
        .sample_size((rounds * inputs.len()).max(10))
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_millis(1));
    group.bench_function(name, |b| {
        b.iter_custom(|n| {
            let mut all = Duration::ZERO;
            for _ in 0..n {
                let start = Instant::now();
                work(&inputs[i]);
                let took = start.elapsed();
                best[i] = best[i].min(took);
                all += took;
                i = (i + 1) % inputs.len();
            }
            all
        });
    });
    group.finish();
    best.iter().sum()
}

fn text() -> String {
    let path = std::env::var("GLASSBOX_BENCH_TEXT")
        .expect("GLASSBOX_BENCH_TEXT names the text, which text.py makes");
    std::fs::read_to_string(path).unwrap()
}

/// About equal parts, cut where a line begins and ends with a letter, as no pattern looks across that.
fn slices(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let may_cut = |at: usize| {
        bytes[at - 1] == b'\n'
            && bytes[at - 2].is_ascii_alphabetic()
            && bytes[at].is_ascii_alphabetic()
    };
    let cuts = (1..N_SLICES).map(|i| {
        let about = (i * text.len() / N_SLICES).max(2);
        (about..text.len()).find(|&at| may_cut(at)).unwrap()
    });
    let mut ends: Vec<usize> = cuts.chain([text.len()]).collect();
    ends.dedup();
    let mut start = 0;
    ends.into_iter()
        .map(|end| &text[std::mem::replace(&mut start, end)..end])
        .collect()
}

fn encoding(c: &mut Criterion) {
    let text = text();
    let slices = slices(&text);
    let mut table = vec![
        "| | glassbox | bpe | tiktoken-rs | tokenizers |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    for name in ["gpt2", "cl100k", "o200k", "smollm2"] {
        let ours = if name == "smollm2" {
            let Ok(vocabulary) = Vocabulary::open(Path::new(SMOLLM2)) else {
                println!("skipped: {SMOLLM2} is not here");
                continue;
            };
            Tokenizer::new(vocabulary).unwrap()
        } else {
            Tokenizer::open(name).unwrap()
        };
        let expected: Vec<Vec<u32>> = slices
            .iter()
            .map(|slice| ours.encode(slice, Specials::AsText))
            .collect();
        let group = format!("encode/{name}");
        let run = |c: &mut Criterion, who: &str, encode: &Encode<'_>, rounds| {
            let best = time(c, (&group, who), (&slices, text.len()), rounds, |slice| {
                black_box(encode(slice));
            });
            best.as_secs_f64()
        };
        let encode: Encode<'_> = Box::new(|slice| ours.encode(slice, Specials::AsText));
        let mine = run(c, "glassbox", &encode, 2);
        let mut row = format!("| {name} | {:.1} MB/s", text.len() as f64 / 1e6 / mine);
        for (who, encode) in others(&ours, name) {
            let Some(encode) = encode else {
                row += " | –";
                continue;
            };
            for (slice, ids) in slices.iter().zip(&expected) {
                assert!(encode(slice) == *ids, "{who} gives other ids for {name}");
            }
            let theirs = run(c, who, &encode, 2);
            let speed = text.len() as f64 / 1e6 / theirs;
            row += &format!(" | {speed:.1} MB/s, ×{:.1}", theirs / mine);
        }
        table.push(row + " |");
    }
    println!("{}\n", table.join("\n"));
}

/// Each peer, where it can be given this vocabulary and its split.
fn others<'a>(ours: &Tokenizer, name: &str) -> [(&'static str, Option<Encode<'a>>); 3] {
    let tiktoken = match name {
        "gpt2" => Some(tiktoken_rs::r50k_base_singleton()),
        "cl100k" => Some(tiktoken_rs::cl100k_base_singleton()),
        "o200k" => Some(tiktoken_rs::o200k_base_singleton()),
        _ => None,
    };
    let hugging_face = hugging_face(ours, name);
    let encode_hugging_face: Encode<'a> = Box::new(move |text| {
        let encoding = hugging_face.encode_fast(text, false).unwrap();
        encoding.get_ids().to_vec()
    });
    let encode_bpe: Option<Encode<'a>> = match name {
        "gpt2" => {
            let bpe = bpe_gpt2(&ours.vocabulary().tokens[..50_256]);
            Some(Box::new(move |text| bpe.encode(text)))
        }
        "cl100k" => Some(Box::new(|text| bpe_openai::cl100k_base().encode(text))),
        "o200k" => Some(Box::new(|text| bpe_openai::o200k_base().encode(text))),
        _ => None,
    };
    let encode_tiktoken =
        tiktoken.map(|bpe| Box::new(move |text: &str| bpe.encode_ordinary(text)) as Encode<'a>);
    [
        ("bpe", encode_bpe),
        ("tiktoken-rs", encode_tiktoken),
        ("tokenizers", Some(encode_hugging_face)),
    ]
}

/// GPT-2's vocabulary in `bpe`, which does not bring it, split as `bpe-openai` splits for GPT-4.
fn bpe_gpt2(tokens: &[Vec<u8>]) -> bpe_openai::Tokenizer {
    let factor = bpe::byte_pair_encoding::find_hash_factor_for_dictionary(tokens.iter().cloned());
    let bpe = bpe::byte_pair_encoding::BytePairEncoding::from_dictionary(
        tokens.iter().cloned(),
        Some(factor),
    );
    let words = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+$";
    let patterns = [(words, false), (r"\s+\s", true), (r"\s+", false)];
    bpe_openai::Tokenizer::new_lookahead(bpe, &patterns, false).unwrap()
}

/// The same vocabulary in tokenizers; special tokens are left out, or are tokens no merge leads to.
fn hugging_face(ours: &Tokenizer, name: &str) -> tokenizers::Tokenizer {
    let vocabulary = ours.vocabulary();
    let n_ranks = match name {
        "gpt2" => 50_256,
        "cl100k" => 100_256,
        "o200k" => 199_998,
        _ => vocabulary.tokens.len(),
    };
    let tokens = &vocabulary.tokens[..n_ranks];
    let merges = match &vocabulary.merges[..] {
        [] => Bpe::from_ranks(tokens).merges().to_vec(),
        merges => merges.to_vec(),
    };
    let pairs = merges.iter().map(|&(left, right, _)| (left, right));
    let split = Split::by_name(&vocabulary.split).unwrap();
    let mut file = tokenizer_json(tokens, pairs, split, &[]);
    file["model"]["ignore_merges"] = vocabulary.merges.is_empty().into();
    file.to_string().parse().unwrap()
}

/// Words of a megabyte: what no split pattern cuts.
fn long_words(c: &mut Criterion) {
    let mut rng = Rng::new(0, "letters");
    let letters: Vec<u8> = (0..1 << 20).map(|_| b'a' + rng.below(26) as u8).collect();
    let book: Vec<u8> = text()
        .bytes()
        .filter(u8::is_ascii_alphabetic)
        .take(1 << 20)
        .collect();
    let words = [
        ("random letters", letters),
        ("a book's letters", book),
        ("aaaa…", vec![b'a'; 1 << 20]),
    ];
    let mut table = vec![
        "| 1 MB | glassbox | bpe | |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    for (name, theirs) in [
        ("cl100k", bpe_openai::cl100k_base()),
        ("o200k", bpe_openai::o200k_base()),
    ] {
        let tokenizer = Tokenizer::open(name).unwrap();
        let n_ranks = if name == "cl100k" { 100_256 } else { 199_998 };
        let ours = Bpe::from_ranks(&tokenizer.vocabulary().tokens[..n_ranks]);
        let encode = |word: &Vec<u8>| {
            let mut ids = Vec::new();
            ours.encode(word, &mut ids);
            ids
        };
        for (what, word) in &words {
            assert!(encode(word) == theirs.bpe.encode_via_backtracking(word));
            let group = format!("long/{name}/{what}");
            let inputs = (std::slice::from_ref(word), word.len());
            let mine = time(c, (&group, "glassbox"), inputs, 10, |word| {
                black_box(encode(word));
            });
            let other = time(c, (&group, "bpe"), inputs, 10, |word| {
                black_box(theirs.bpe.encode_via_backtracking(word));
            });
            let speed = |time: Duration| word.len() as f64 / 1e6 / time.as_secs_f64();
            table.push(format!(
                "| {name}, {what} | {:.1} MB/s | {:.1} MB/s | ×{:.1} |",
                speed(mine),
                speed(other),
                other.as_secs_f64() / mine.as_secs_f64()
            ));
        }
    }
    println!("{}\n", table.join("\n"));
}

fn learning(c: &mut Criterion) {
    let text = text();
    let n_merges = 32_000;
    glassbox::nn::pool::set_threads(1);
    tokenizers::utils::parallelism::set_parallelism(false);
    let inputs = (&[&*text][..], text.len());
    let ours = time(c, ("learn/32000", "glassbox"), inputs, 10, |text| {
        let recipe = Recipe {
            n_merges,
            split: "gpt2".into(),
            ties_as_tokenizers: true,
        };
        let outcome = train(text, &recipe, &mut |_| ControlFlow::Continue(()));
        assert_eq!(outcome.unwrap().learned.merges.len(), n_merges);
    });
    let theirs = time(c, ("learn/32000", "tokenizers"), inputs, 10, |text| {
        assert_eq!(train_theirs(text, n_merges), 256 + n_merges);
    });
    println!(
        "{n_merges} merges: glassbox {:.2} s, tokenizers {:.2} s, ×{:.1}",
        ours.as_secs_f64(),
        theirs.as_secs_f64(),
        theirs.as_secs_f64() / ours.as_secs_f64()
    );
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

criterion_group!(benches, encoding, long_words, learning);
criterion_main!(benches);
