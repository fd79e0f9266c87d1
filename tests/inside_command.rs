//! `glassbox trace` and `glassbox explain`, as a person or a script runs them.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where it meets what it did not expect"
)]

#[path = "support/command.rs"]
mod command;

use glassbox::files::weights::WeightFile;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;

fn model() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/inside_llama_grouped.safetensors")
}

/// A verb on the fixture and the text that transformers read.
fn run(verb: &str, arguments: &[&str]) -> Output {
    let file = WeightFile::open(&model()).unwrap();
    let ids = file.f32s(file.get("ids").unwrap()).unwrap();
    let ids: Vec<_> = ids.iter().map(|&id| (id as u32).to_string()).collect();
    let (model, ids) = (model(), ids.join(","));
    let common = [
        verb,
        "--json",
        "--model",
        model.to_str().unwrap(),
        "--ids",
        &ids,
    ];
    command::glassbox(Path::new("."), &[&common, arguments].concat())
}

fn numbers(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap()).collect()
}

#[test]
fn a_trace_is_what_transformers_computed() {
    let file = WeightFile::open(&model()).unwrap();
    let theirs = |name: &str| file.f32s(file.get(name).unwrap()).unwrap();
    let close = |ours: &[f64], theirs: &[f32]| {
        assert_eq!(ours.len(), theirs.len());
        let gaps = ours
            .iter()
            .zip(theirs)
            .map(|(a, &b)| (a - f64::from(b)).abs());
        assert!(gaps.fold(0.0, f64::max) < 1e-4);
    };
    let hidden = theirs("hidden");
    let trace = command::document(&run("trace", &["--site", "resid_pre", "--block", "2"]));
    assert_eq!(trace["site"], "resid_pre");
    assert_eq!(trace["shape"], serde_json::json!([12, 36]));
    close(
        &numbers(&trace["values"]),
        &hidden[2 * 12 * 36..3 * 12 * 36],
    );
    let row = command::document(&run("trace", &["--site", "final_norm", "--position", "7"]));
    assert_eq!(row["shape"], serde_json::json!([1, 36]));
    close(&numbers(&row["values"]), &hidden[(3 * 12 + 7) * 36..][..36]);
    let of_head = ["--site", "pattern", "--block", "1", "--head", "4"];
    let pattern = command::document(&run("trace", &of_head));
    assert_eq!(pattern["shape"], serde_json::json!([12, 12]));
    close(
        &numbers(&pattern["values"]),
        &theirs("attentions")[(6 + 4) * 144..][..144],
    );
    let tokens = command::document(&run("trace", &["--site", "tokens"]));
    assert_eq!(tokens["shape"], serde_json::json!([12]));
    close(&numbers(&tokens["values"]), &theirs("ids"));
}

#[test]
fn an_explanation_adds_up_to_the_number_that_a_trace_has() {
    for (site, index) in [
        ("mlp_out", "5,11"),
        ("q", "4,3,2"),
        ("pattern", "1,9,4"),
        ("logits", "11,60"),
    ] {
        let explained = command::document(&run("explain", &["--site", site, "--index", index]));
        for key in ["value", "recomputed", "difference", "terms", "formula"] {
            assert!(!explained[key].is_null(), "{site}: {key}");
        }
        let number = |key: &str| explained[key].as_f64().unwrap();
        assert!(number("difference") <= number("tolerance"), "{explained}");
        assert!((number("value") - number("recomputed")).abs() <= number("tolerance"));
        let terms = explained["terms"].as_array().unwrap();
        let values = terms.iter().map(|term| term["value"].as_f64().unwrap());
        let sum: f64 = values.clone().sum();
        let result = match explained["share_of"].as_u64() {
            Some(i) => values.clone().nth(i as usize).unwrap() / sum,
            None => sum,
        };
        assert!((result - number("recomputed")).abs() < 1e-9, "{site}");
    }
    let traced = command::document(&run("trace", &["--site", "mlp_out", "--position", "5"]));
    let explained = command::document(&run("explain", &["--site", "mlp_out", "--index", "5,11"]));
    let [there, here] = [&traced["values"][11], &explained["value"]].map(|x| x.as_f64().unwrap());
    assert_eq!(there as f32, here as f32);
}

#[test]
fn what_the_model_does_not_have_is_refused_and_what_nobody_has_is_wrong_usage() {
    let refused = |arguments: &[&str]| command::refused(&run("trace", arguments));
    assert!(refused(&["--site", "pos_embed"]).contains("RoPE"));
    assert!(refused(&["--site", "q", "--block", "3"]).contains("3 blocks"));
    assert!(refused(&["--site", "v", "--head", "2"]).contains("2 key/value heads"));
    assert!(refused(&["--site", "scores"]).contains("6 heads"));
    assert!(refused(&["--site", "embed", "--block", "0"]).contains("one of it"));
    assert!(refused(&["--site", "embed", "--position", "12"]).contains("12 tokens"));
    let refused = |arguments: &[&str]| command::refused(&run("explain", arguments));
    assert!(refused(&["--site", "ln1", "--index", "12,0"]).contains("12 tokens"));
    assert!(refused(&["--site", "ln1", "--index", "0,36"]).contains("36 numbers"));
    assert!(refused(&["--site", "ln1", "--index", "1"]).contains("columns"));
    assert_eq!(run("trace", &["--site", "att"]).status.code(), Some(2));
}
