//! The readers on real files: what SmolLM2's GGUF, a GPT-2 in safetensors and published vocabularies
//! are known to hold.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

use glassbox::files::hyperparameters::Hyperparameters;
use glassbox::files::vocabulary::Vocabulary;
use glassbox::files::weight_type::WeightType;
use glassbox::files::weights::{Format, WeightFile};
use std::path::{Path, PathBuf};

/// A file that this machine may not have.
fn real(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if !path.is_file() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

const SMOLLM2: &str = "models/SmolLM2-135M-Instruct.Q4_1.gguf";
const NANO_SORT: &str = "../shared/reference/gpt2/gpt_nano_sort.safetensors";

#[test]
fn smollm2_has_the_shape_that_its_model_card_states() {
    let Some(path) = real(SMOLLM2) else { return };
    let file = WeightFile::open(&path).unwrap();
    assert_eq!(file.format, Format::Gguf(3));
    assert_eq!(file.tensors.len(), 272);
    assert_eq!(file.n_parameters(), 134_515_008);
    let embedding = file.get("token_embd.weight").unwrap();
    assert_eq!(embedding.shape, [49152, 576]);
    assert_eq!(embedding.dtype, WeightType::Q8_0);
    let h = Hyperparameters::of(&file).unwrap();
    assert_eq!(
        (
            h.n_layers,
            h.n_heads,
            h.n_kv_heads,
            h.d_model,
            h.d_head,
            h.d_mlp
        ),
        (30, 9, 3, 576, 64, 1536)
    );
    assert_eq!(
        (h.n_ctx, h.vocab_size, h.rope_base),
        (8192, 49152, Some(100_000.0))
    );
    assert!(h.tied_head && h.assumed.is_empty());
}

#[test]
fn every_tensor_of_smollm2_dequantizes_to_finite_numbers_of_a_trained_model() {
    let Some(path) = real(SMOLLM2) else { return };
    let file = WeightFile::open(&path).unwrap();
    for tensor in &file.tensors {
        let values = file.f32s(tensor).unwrap();
        assert_eq!(values.len() as u64, tensor.n_elements(), "{}", tensor.name);
        assert!(values.iter().all(|x| x.is_finite()), "{}", tensor.name);
    }
}

#[test]
fn smollm2s_vocabulary_speaks_the_chat_format_of_its_template() {
    let Some(path) = real(SMOLLM2) else { return };
    let vocabulary = Vocabulary::open(&path).unwrap();
    assert_eq!(vocabulary.tokens.len(), 49152);
    assert_eq!(vocabulary.merges.len(), 48900);
    assert_eq!(vocabulary.split, "smollm");
    assert_eq!(vocabulary.special("<|im_start|>"), Some(1));
    assert_eq!(vocabulary.bos, Some(1));
    assert_eq!(vocabulary.eos, [2, 0]); // <|im_end|>, and <|endoftext|> as in any base model
    assert!(!vocabulary.add_bos);
    assert!(
        vocabulary
            .chat_template
            .unwrap()
            .contains("SmolLM, trained by Hugging Face")
    );
    let (left, right, new) = vocabulary.merges[0];
    assert_eq!(vocabulary.tokens[left as usize], b" ");
    assert_eq!(vocabulary.tokens[right as usize], b"t");
    assert_eq!(vocabulary.tokens[new as usize], b" t");
}

#[test]
fn a_gpt2_without_a_configuration_is_described_by_its_shapes() {
    let Some(path) = real(NANO_SORT) else { return };
    let file = WeightFile::open(&path).unwrap();
    let h = Hyperparameters::of(&file).unwrap();
    assert_eq!(
        (
            h.n_layers,
            h.n_heads,
            h.d_model,
            h.n_ctx,
            h.vocab_size,
            h.tied_head
        ),
        (3, 3, 48, 11, 3, false)
    );
    assert_eq!(h.assumed.len(), 1); // the number of heads is nowhere in the file
}
