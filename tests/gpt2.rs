//! Our GPT-2 against Hugging Face's transformers 5.23.0 (torch 2.15.0) on random weights of several
//! shapes, and against every intermediate number of a small trained model of minGPT's.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

#[path = "support/gguf.rs"]
mod gguf;
mod npz;

use candle_core::Device;
use gguf::{Gguf, Type};
use glassbox::files::weights::WeightFile;
use glassbox::models::{self, LogitsFor, TextModel};
use glassbox::nn::hooks::{Capture, NoHooks, Site};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

fn load(file: &WeightFile) -> TextModel {
    models::load(file, &Device::Cpu, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn fixture(name: &str) -> WeightFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    WeightFile::open(&path).unwrap()
}

/// The texts of a fixture, and the logits transformers gives each.
fn expected(file: &WeightFile) -> Vec<(Vec<u32>, Vec<f32>)> {
    let ids = file.f32s(file.get("ids").unwrap()).unwrap();
    let entry = file.get("logits").unwrap();
    let logits = file.f32s(entry).unwrap();
    let &[_, t, v] = &entry.shape[..] else {
        panic!("{:?}", entry.shape)
    };
    let ids: Vec<u32> = ids.iter().map(|&id| id as u32).collect();
    let texts = ids.chunks(t).map(<[u32]>::to_vec);
    texts
        .zip(logits.chunks(t * v).map(<[f32]>::to_vec))
        .collect()
}

fn worst(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    let gaps = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    gaps.fold(0.0, f32::max)
}

#[test]
fn logits_are_those_of_transformers_within_a_ten_thousandth() {
    for name in [
        "gpt2_tied.safetensors",
        "gpt2_untied.safetensors",
        "gpt2_f16.safetensors",
    ] {
        let file = fixture(name);
        let model = load(&file);
        for (ids, theirs) in expected(&file) {
            let mut cache = model.new_cache(ids.len()).unwrap();
            let logits = model
                .forward(&ids, &mut cache, LogitsFor::All, &mut NoHooks)
                .unwrap();
            let ours = logits.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let gap = worst(&ours, &theirs);
            println!("{name}: {gap:e}");
            assert!(gap < 1e-4, "{name}: {gap}");
        }
    }
}

#[test]
fn a_text_read_in_pieces_gives_the_logits_of_a_text_read_at_once() {
    let file = fixture("gpt2_tied.safetensors");
    let model = load(&file);
    let (ids, theirs) = expected(&file).remove(0);
    let mut cache = model.new_cache(64).unwrap();
    assert_eq!(
        cache.n_ctx(),
        24,
        "no more positions than the model has embeddings for"
    );
    let mut read = 0;
    for n in [5, 1, 1, 9, 1, 7] {
        let piece = &ids[read..read + n];
        read += n;
        let last = model
            .forward(piece, &mut cache, LogitsFor::Last, &mut NoHooks)
            .unwrap();
        let last = last.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(worst(&last, &theirs[(read - 1) * 61..read * 61]) < 1e-4);
    }
    assert!(
        model
            .forward(&[0], &mut cache, LogitsFor::Last, &mut NoHooks)
            .is_err()
    );
    assert_eq!(cache.len(), 24);
    cache.truncate(3);
    let last = model
        .forward(&ids[3..6], &mut cache, LogitsFor::Last, &mut NoHooks)
        .unwrap();
    let last = last.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert!(worst(&last, &theirs[5 * 61..6 * 61]) < 1e-4);
}

#[test]
fn every_site_of_a_trained_model_is_what_min_gpt_computed() {
    let folder = PathBuf::from("../shared/reference/gpt2");
    if !folder.is_dir() {
        println!("skipped: ../shared/reference/gpt2 is not there");
        return;
    }
    // Without a configuration: shapes alone, three heads of 16 as minGPT's gpt-nano has them.
    let file = WeightFile::open(&folder.join("gpt_nano_sort.safetensors")).unwrap();
    let model = load(&file);
    let theirs = npz::read("../shared/reference/gpt2/gpt_nano_sort_partials.npz");
    let in_block_0 = [
        (Site::Embed, "tok_emb"),
        (Site::ResidPre(0), "x"),
        (Site::Ln1(0), "ln1"),
        (Site::Q(0), "q"),
        (Site::K(0), "k"),
        (Site::V(0), "v"),
        (Site::Pattern(0), "attSm"),
        (Site::AttnOut(0), "yProj"),
        (Site::ResidMid(0), "attnResid"),
        (Site::Ln2(0), "ln2"),
        (Site::MlpPre(0), "fc"),
        (Site::MlpPost(0), "gelu"),
        (Site::MlpOut(0), "mlp"),
        (Site::ResidPost(0), "mlpResid"),
        (Site::ResidPost(1), "block1"),
        (Site::ResidPost(2), "block2"),
        (Site::FinalNorm, "ln_f"),
        (Site::Logits, "lm_head"),
    ];
    for text in 0..3 {
        let idx = &theirs["idx"].1[text * 11..][..11];
        let ids: Vec<u32> = idx.iter().map(|&id| id as u32).collect();
        let sites = in_block_0.iter().map(|(site, _)| *site);
        let more = [Site::PosEmbed, Site::Scores(0), Site::Z(0)];
        let mut capture = Capture::of(sites.chain(more));
        let mut cache = model.new_cache(11).unwrap();
        model
            .forward(&ids, &mut cache, LogitsFor::All, &mut capture)
            .unwrap();
        let ours = |site: Site| -> Vec<f32> {
            let tensor = capture
                .get(site)
                .unwrap_or_else(|| panic!("{site} was not passed"));
            tensor.flatten_all().unwrap().to_vec1().unwrap()
        };
        let of_text = |name: &str| {
            let all = &theirs[name].1;
            all[text * all.len() / 3..(text + 1) * all.len() / 3].to_vec()
        };
        for (site, name) in in_block_0 {
            let gap = worst(&ours(site), &of_text(name));
            assert!(gap < 2e-4, "{site} of text {text}: {gap}");
        }
        assert!(worst(&ours(Site::PosEmbed), &theirs["pos_emb"].1) < 1e-6);
        // Theirs are masked already: compare what may be seen.
        let (scores, masked) = (ours(Site::Scores(0)), of_text("att"));
        for (i, (a, b)) in scores.iter().zip(masked).enumerate() {
            assert!(
                b.is_infinite() || i % 11 > i / 11 % 11 || (a - b).abs() < 1e-4,
                "{i}: {a} {b}"
            );
        }
        // Theirs has the heads side by side.
        let (z, joined) = (ours(Site::Z(0)), of_text("y"));
        for (i, value) in z.iter().enumerate() {
            let (head, t, s) = (i / (11 * 16), i / 16 % 11, i % 16);
            assert!((value - joined[t * 48 + head * 16 + s]).abs() < 1e-4);
        }
    }
}

#[test]
fn a_gguf_gives_the_logits_of_the_safetensors_it_was_made_from() {
    let file = fixture("gpt2_untied.safetensors");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, as_gguf(&file)).unwrap();
    let gguf = WeightFile::open(&path).unwrap();
    let model = load(&gguf);
    assert_eq!(model.config().n_heads, 3);
    assert!(!model.config().tied_head);
    let (ids, theirs) = expected(&file).remove(1);
    let mut cache = model.new_cache(ids.len()).unwrap();
    let logits = model
        .forward(&ids, &mut cache, LogitsFor::All, &mut NoHooks)
        .unwrap();
    let ours = logits.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert!(worst(&ours, &theirs) < 1e-4);
}

#[test]
fn a_missing_weight_is_refused_by_its_name() {
    let file = fixture("gpt2_tied.safetensors");
    let bytes = std::fs::read(file.path()).unwrap();
    // The same file with one name changed, its length kept.
    let wanted = b"transformer.h.1.mlp.c_fc.bias";
    let at = bytes
        .windows(wanted.len())
        .position(|w| w == wanted)
        .unwrap();
    let mut bytes = bytes;
    bytes[at + wanted.len() - 1] = b'z';
    let file = WeightFile::from_bytes("broken.safetensors", bytes).unwrap();
    let refusal =
        models::load(&file, &Device::Cpu, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(refusal.evidence.contains("h.1.mlp.c_fc.bias"), "{refusal}");
}

/// The fixture as llama.cpp's converter would write it: GGUF 3, matrices (out, in), f32.
fn as_gguf(file: &WeightFile) -> Vec<u8> {
    let inside = [
        ("ln_1", "attn_norm"),
        ("attn.c_attn", "attn_qkv"),
        ("attn.c_proj", "attn_output"),
        ("ln_2", "ffn_norm"),
        ("mlp.c_fc", "ffn_up"),
        ("mlp.c_proj", "ffn_down"),
    ];
    let mut names = vec![
        ("wte.weight".to_owned(), "token_embd.weight".to_owned()),
        ("wpe.weight".to_owned(), "position_embd.weight".to_owned()),
        ("ln_f.weight".to_owned(), "output_norm.weight".to_owned()),
        ("ln_f.bias".to_owned(), "output_norm.bias".to_owned()),
        ("lm_head.weight".to_owned(), "output.weight".to_owned()),
    ];
    for i in 0..2 {
        for (theirs, gguf) in inside {
            for kind in ["weight", "bias"] {
                names.push((
                    format!("h.{i}.{theirs}.{kind}"),
                    format!("blk.{i}.{gguf}.{kind}"),
                ));
            }
        }
    }
    let mut gguf = Gguf::new("gpt2");
    gguf.number("attention.layer_norm_epsilon", 1e-3);
    for (key, value) in [
        ("block_count", 2),
        ("context_length", 40),
        ("embedding_length", 30),
        ("feed_forward_length", 50),
        ("attention.head_count", 3),
    ] {
        gguf.whole(key, value);
    }
    for (theirs, name) in &names {
        let entry = file.get(theirs).unwrap();
        let mut numbers = file.f32s(entry).unwrap();
        let mut shape = entry.shape.clone();
        if shape.len() == 2 && name.starts_with("blk") {
            let (n_in, n_out) = (shape[0], shape[1]);
            let columns = (0..n_out).flat_map(|j| (0..n_in).map(move |i| (i, j)));
            numbers = columns.map(|(i, j)| numbers[i * n_out + j]).collect();
            shape.reverse();
        }
        let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        gguf.tensor(name, &shape, Type::F32, &bytes);
    }
    gguf.finish()
}
