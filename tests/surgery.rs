//! Surgery against models that were changed for good: a part switched off must be what a forward pass
//! with its weights set to zero in the file is, for GPT-2 and Llama, in f32 and packed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it found"
)]

#[path = "support/command.rs"]
mod command;
#[path = "support/gguf.rs"]
mod gguf;
#[path = "support/random_model.rs"]
mod random_model;
mod tiny;

use glassbox::files::weight_type::WeightType;
use glassbox::files::weights::WeightFile;
use glassbox::labs::compute::Compute;
use glassbox::labs::inside::surgery::{Operation, Part, Way, operate};
use glassbox::labs::text::{LoadedText, Source, load};
use random_model::Shape;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

const OFF: Way = Way::Off;

/// A model as its file, to be changed.
#[derive(Clone)]
struct File {
    name: &'static str,
    bytes: Vec<u8>,
}

impl File {
    fn gpt2(name: &'static str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/data")
            .join(name);
        let bytes = std::fs::read(path).unwrap();
        Self { name, bytes }
    }

    fn llama(bytes: Vec<u8>) -> Self {
        Self {
            name: "llama.gguf",
            bytes,
        }
    }

    fn load(&self) -> Arc<LoadedText> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(self.name);
        std::fs::write(&path, &self.bytes).unwrap();
        let mut go_on = |_| ControlFlow::Continue(());
        load(&Source::Path(path), &[], Compute::default(), &mut go_on).unwrap()
    }

    /// Sets the named tensor to zero in these columns of its rows, by name as the file has it.
    fn zero(&mut self, tensor: &str, columns: std::ops::Range<usize>) {
        self.zero_where(tensor, |_, column| columns.contains(&column));
    }

    fn zero_rows(&mut self, tensor: &str, rows: std::ops::Range<usize>) {
        self.zero_where(tensor, |row, _| rows.contains(&row));
    }

    fn zero_where(&mut self, tensor: &str, gone: impl Fn(usize, usize) -> bool) {
        let file = WeightFile::from_bytes(self.name, self.bytes.clone()).unwrap();
        let entry = file.get(tensor).unwrap();
        let width = *entry.shape.last().unwrap();
        // A quantized block of zero bytes is a block of zeros.
        let (per_block, n_bytes) = match entry.dtype {
            WeightType::F32 => (1, 4),
            WeightType::F16 => (1, 2),
            WeightType::Q4_0 => (32, 18),
            WeightType::Q4_1 => (32, 20),
            WeightType::Q8_0 => (32, 34),
            other => unreachable!("{other:?}"),
        };
        let blocks =
            self.bytes[entry.offset as usize..][..entry.n_bytes as usize].chunks_mut(n_bytes);
        for (i, block) in blocks.enumerate() {
            let at = i * per_block;
            if gone(at / width, at % width) {
                block.fill(0);
            }
        }
    }
}

fn off(part: Part) -> Operation {
    Operation {
        part,
        position: None,
        way: OFF,
    }
}

fn after(file: &File, ids: &[u32], operations: &[Operation], other: Option<&[u32]>) -> Vec<f32> {
    let mut go_on = |_| ControlFlow::Continue(());
    let outcome = operate(&file.load(), ids, operations, other, &mut go_on);
    outcome.unwrap().unwrap().after.to_vec()
}

/// Holds that `part` off in `file` is `changed` as it is, and that it matters.
fn is_what_zeros_do(file: &File, ids: &[u32], part: Part, changed: &File) {
    let ablated = after(file, ids, &[off(part)], None);
    let zeroed = after(changed, ids, &[], None);
    let whole = after(file, ids, &[], None);
    let gap = worst(&ablated, &zeroed);
    let name = part.name();
    println!(
        "{}: {name}: {gap:e}, where it moves scores by {}",
        file.name,
        worst(&whole, &zeroed)
    );
    assert!(gap < 1e-5, "{}: {name}: {gap}", file.name);
    assert!(
        worst(&whole, &zeroed) > 1e-3,
        "{}: {name} does nothing",
        file.name
    );
}

fn worst(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter()
        .zip(b)
        .fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

#[test]
fn a_part_of_a_gpt2_switched_off_is_a_forward_pass_with_its_weights_at_zero() {
    let ids = [3, 14, 15, 9, 2, 6, 5, 30];
    for (name, prefix, block, head, s) in [
        ("gpt2_tied.safetensors", "transformer.", 1, 2, 7),
        ("gpt2_untied.safetensors", "", 0, 1, 10),
        ("gpt2_f16.safetensors", "", 3, 1, 12),
    ] {
        let file = File::gpt2(name);
        let at = |part: &str| format!("{prefix}h.{block}.{part}");
        // GPT-2 stores its matrices (in, out): what a head feeds is rows.
        let mut changed = file.clone();
        changed.zero_rows(&at("attn.c_proj.weight"), head * s..(head + 1) * s);
        is_what_zeros_do(&file, &ids, Part::Head { block, head }, &changed);

        let mut changed = file.clone();
        changed.zero(&at("attn.c_proj.weight"), 0..usize::MAX);
        changed.zero(&at("attn.c_proj.bias"), 0..usize::MAX);
        is_what_zeros_do(&file, &ids, Part::Attention(block), &changed);
        changed.zero(&at("mlp.c_proj.weight"), 0..usize::MAX);
        changed.zero(&at("mlp.c_proj.bias"), 0..usize::MAX);
        is_what_zeros_do(&file, &ids, Part::Block(block), &changed);

        let mut changed = file.clone();
        changed.zero(&at("mlp.c_proj.weight"), 0..usize::MAX);
        changed.zero(&at("mlp.c_proj.bias"), 0..usize::MAX);
        is_what_zeros_do(&file, &ids, Part::Mlp(block), &changed);

        let neuron = 5;
        let mut changed = file.clone();
        changed.zero_rows(&at("mlp.c_proj.weight"), neuron..neuron + 1);
        is_what_zeros_do(&file, &ids, Part::Neuron { block, neuron }, &changed);
    }
}

#[test]
fn a_part_of_a_llama_switched_off_is_a_forward_pass_with_its_weights_at_zero() {
    let ids = [72, 101, 108, 108, 111, 32, 119];
    let small = |kind| File::llama(random_model::llama_bytes(Shape::SMALL, kind));
    for (file, s) in [
        (File::llama(tiny::bytes()), 16),
        (small(gguf::Type::Q4_0), 32),
        (small(gguf::Type::Q4_1), 32),
        (small(gguf::Type::Q8_0), 32),
    ] {
        let (block, head) = (1, 3);
        let mut changed = file.clone();
        changed.zero("blk.1.attn_output.weight", head * s..(head + 1) * s);
        is_what_zeros_do(&file, &ids, Part::Head { block, head }, &changed);
        let mut changed = file.clone();
        changed.zero("blk.1.ffn_down.weight", 0..usize::MAX);
        is_what_zeros_do(&file, &ids, Part::Mlp(block), &changed);
        changed.zero("blk.1.attn_output.weight", 0..usize::MAX);
        is_what_zeros_do(&file, &ids, Part::Block(block), &changed);
    }
    let file = File::llama(tiny::bytes());
    let mut changed = file.clone();
    changed.zero("blk.0.ffn_down.weight", 7..8);
    let neuron = Part::Neuron {
        block: 0,
        neuron: 7,
    };
    is_what_zeros_do(&file, &ids, neuron, &changed);
}

#[test]
fn a_stream_patched_whole_from_another_text_answers_as_that_text() {
    for file in [
        File::gpt2("gpt2_tied.safetensors"),
        File::llama(tiny::bytes()),
    ] {
        let (ours, theirs) = (&[1, 2, 3, 4][..], &[9, 8, 7, 6][..]);
        let patch = |part, position| Operation {
            part,
            position,
            way: Way::Patch,
        };
        let all = [patch(Part::Stream(1), None)];
        let gap = worst(
            &after(&file, ours, &all, Some(theirs)),
            &after(&file, theirs, &[], None),
        );
        assert!(gap < 1e-5, "{gap}");
        // From itself, nothing changes.
        let own = [
            patch(Part::Mlp(0), None),
            patch(Part::Head { block: 1, head: 0 }, Some(2)),
        ];
        let gap = worst(
            &after(&file, ours, &own, Some(ours)),
            &after(&file, ours, &[], None),
        );
        assert!(gap < 1e-6, "{gap}");
        // The last position of a shorter text stands at the end of a longer one.
        let last = [patch(Part::Stream(1), Some(3))];
        assert!(
            worst(
                &after(&file, ours, &last, Some(&[5, 6])),
                &after(&file, ours, &[], None)
            ) > 1e-3
        );
        // Twice is not once, and once is the model as it is.
        let scale = |factor| Operation {
            part: Part::Mlp(1),
            position: None,
            way: Way::Scale(factor),
        };
        let whole = after(&file, ours, &[], None);
        assert_eq!(after(&file, ours, &[scale(1.0)], None), whole);
        assert!(worst(&after(&file, ours, &[scale(2.0)], None), &whole) > 1e-3);
        assert_eq!(
            after(&file, ours, &[scale(0.0)], None),
            after(&file, ours, &[off(Part::Mlp(1))], None)
        );
    }
}

#[test]
fn what_is_hidden_from_later_positions_may_be_any_token() {
    for file in [
        File::gpt2("gpt2_tied.safetensors"),
        File::llama(tiny::bytes()),
    ] {
        let hidden = |position| Operation {
            part: Part::Sight,
            position: Some(position),
            way: OFF,
        };
        let with = |token| after(&file, &[1, token, 3, 4], &[hidden(1)], None);
        assert!(worst(&with(2), &with(40)) < 1e-5);
        let seen = |token| after(&file, &[1, token, 3, 4], &[], None);
        assert!(worst(&seen(2), &seen(40)) > 1e-3);
        // The last position still sees itself.
        assert_eq!(
            after(&file, &[1, 2], &[hidden(1)], None).len(),
            after(&file, &[1, 2], &[], None).len()
        );
    }
}

#[test]
fn the_command_gives_the_best_before_and_after_and_refuses_what_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    tiny::write(folder.path());
    let run = |arguments: &[&str]| {
        let common = ["ablate", "--model", "tiny.gguf", "--json"];
        command::glassbox(folder.path(), &[&common, arguments].concat())
    };
    let document = command::document(&run(&[
        "--prompt", "Hello", "--heads", "0.1,1.3", "--top", "3",
    ]));
    let best = |side: &str| document[side].as_array().unwrap().clone();
    assert_eq!((best("before").len(), best("after").len()), (3, 3));
    assert_ne!(best("before"), best("after"));
    for key in ["id", "text", "logit", "p"] {
        assert!(document["after"][0].get(key).is_some(), "{document}");
    }
    // Scaled by one, it is the model as it is.
    let document = command::document(&run(&["--ids", "72,101", "--mlps", "1", "--scale", "1"]));
    assert_eq!(document["before"], document["after"]);

    let refused = |arguments: &[&str]| command::refused(&run(arguments));
    assert!(refused(&["--prompt", "Hello", "--heads", "0.4"]).contains("has 4"));
    assert!(refused(&["--prompt", "Hello", "--blocks", "2"]).contains("has 2"));
    assert!(refused(&["--prompt", "Hello", "--mlps", "0", "--position", "5"]).contains("5 tokens"));
    assert!(refused(&["--prompt", "Hello"]).contains("no heads"));
    assert!(refused(&["--ids", "9999", "--mlps", "0"]).contains("259"));
}
