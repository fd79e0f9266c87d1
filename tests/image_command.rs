//! `glassbox image gan`, as a person runs it.

#[path = "support/command.rs"]
mod support;

use serde_json::Value;
use std::path::Path;
use std::process::Output;
use support::{document, glassbox, refused};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    glassbox(folder, &[&["image", "gan"], arguments].concat())
}

#[test]
fn faces_are_drawn_judged_and_the_same_for_the_same_seed() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |name: &str, more: &[&str]| {
        let arguments = [&["--count", "9", "--json", "-o", name], more].concat();
        document(&run(folder.path(), &arguments))
    };
    let judged = draw("a.png", &["--seed", "5", "--judge"]);
    assert_eq!(
        (&judged["seed"], &judged["files"][0]),
        (&5.into(), &"a.png".into())
    );
    assert!(judged["millis_per_step"].as_f64().unwrap() > 0.0);
    let hair = judged["judge"]["coverage"]["hair_color"]
        .as_object()
        .unwrap();
    assert_eq!(hair.len(), 8);
    assert_eq!(hair.values().filter_map(Value::as_u64).sum::<u64>(), 9);
    assert!(judged["judge"]["fid"].as_f64().unwrap() > 0.0);
    draw("b.png", &["--seed", "5", "--frames", "each/of/them"]);
    draw("c.png", &["--seed", "6"]);
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("a.png") == bytes("b.png"));
    assert!(bytes("a.png") != bytes("c.png"));
    let frames = std::fs::read_dir(folder.path().join("each/of/them")).unwrap();
    assert_eq!(frames.count(), 9);
    let sheet = image::load_from_memory(&bytes("a.png")).unwrap();
    let one = image::load_from_memory(&bytes("each/of/them/13.png")).unwrap();
    assert_eq!(
        (sheet.width(), sheet.height()),
        (3 * one.width(), 3 * one.height())
    );
    // Face 13 of seed 5 is the last: below, right.
    let corner = sheet.crop_imm(2 * one.width(), 2 * one.height(), one.width(), one.height());
    assert!(corner == one);
}

#[test]
fn a_model_that_is_no_generator_is_refused_and_too_many_pictures_are_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    for model in ["absent.safetensors", "stories"] {
        let output = run(folder.path(), &["--model", model, "--json", "-o", "a.png"]);
        refused(&output);
    }
    for count in ["0", "10001", "many"] {
        let output = run(folder.path(), &["--count", count, "-o", "a.png"]);
        assert_eq!(output.status.code(), Some(2), "{count}");
    }
    assert!(!folder.path().join("a.png").exists());
}
