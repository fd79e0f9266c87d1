//! `glassbox image diffusion`, as a person runs it.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

#[path = "support/command.rs"]
mod support;

use image::{GrayImage, Luma, RgbImage};
use serde_json::Value;
use std::path::Path;
use std::process::Output;
use support::{document, glassbox, refused};

/// Few steps: what is tried here does not need good pictures.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    let command = ["image", "diffusion", "--json", "-o", "a.png"];
    glassbox(folder, &[&command, arguments].concat())
}

fn picture(folder: &Path, name: &str) -> RgbImage {
    image::open(folder.join(name)).unwrap().into_rgb8()
}

#[test]
fn a_caption_becomes_a_picture_that_says_how_it_was_made_and_is_made_again_from_that() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let caption = "a smiling woman with short red hair and glasses";
    let asked = ["--caption", caption, "--steps", "4", "--seed", "7"];
    let first = document(&run(folder, &asked));
    assert_eq!((&first["seed"], &first["steps"]), (&7.into(), &4.into()));
    assert_eq!(first["asked"]["hair_color"], "red");
    assert!(first["millis_per_step"].as_f64().unwrap() > 0.0);
    let made = picture(folder, "a.png");
    assert_eq!(made.dimensions(), (64, 64));
    // The text that other programs read is a PNG chunk of its own.
    let bytes = std::fs::read(folder.join("a.png")).unwrap();
    let holds = |words: &str| bytes.windows(words.len()).any(|w| w == words.as_bytes());
    assert!(holds("Steps: 4") && holds("Seed: 7") && holds(caption));
    std::fs::rename(folder.join("a.png"), folder.join("first.png")).unwrap();
    let again = document(&run(folder, &["--like", "first.png"]));
    assert_eq!(again["caption"], caption);
    assert!(picture(folder, "a.png") == made);
    document(&run(folder, &["--like", "first.png", "--seed", "8"]));
    assert!(picture(folder, "a.png") != made);
}

#[test]
fn several_are_drawn_side_by_side_each_with_its_way() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let asked = [
        "--count", "3", "--steps", "3", "--frames", "way", "--seed", "2",
    ];
    let made = document(&run(folder, &asked));
    assert_eq!(made["files"].as_array().unwrap().len(), 1 + 3 * 4);
    assert_eq!(picture(folder, "a.png").dimensions(), (128, 128));
    assert_eq!(picture(folder, "way/4-x_t.png").dimensions(), (192, 64));
    // The third of seed 2 is the first of seed 4.
    let third = picture(folder, "way/4.png");
    document(&run(folder, &["--steps", "3", "--seed", "4"]));
    assert!(picture(folder, "a.png") == third);
}

#[test]
fn every_scheduler_draws_and_between_the_same_levels_two_pairs_of_them_agree() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let drawn = |scheduler: &str| {
        let asked = [
            "--steps",
            "3",
            "--scheduler",
            scheduler,
            "--spacing",
            "trailing",
        ];
        let asked = [&asked[..], &["--no-clamp", "--guidance", "1"]].concat();
        assert_eq!(document(&run(folder, &asked))["scheduler"], scheduler);
        picture(folder, "a.png")
    };
    let all = ["ddpm", "ddim", "euler", "euler-ancestral", "heun"].map(drawn);
    // The same steps in other variables: with σ for ᾱ, DDIM's is Euler's (Song et al. 2021, §4.3), and
    // DDPM's the ancestral one (Karras et al. 2022, appendix B). Heun asks twice.
    let kinds = [0, 1, 1, 0, 2];
    for (one, kind) in all.iter().zip(kinds) {
        for (other, other_kind) in all.iter().zip(kinds) {
            let mut pairs = one.iter().zip(other.iter());
            let is_same = pairs.all(|(a, b)| a.abs_diff(*b) <= 1);
            assert_eq!(is_same, kind == other_kind);
        }
    }
}

#[test]
fn what_the_mask_leaves_black_stays_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let photo = RgbImage::from_fn(64, 64, |x, y| {
        image::Rgb([(3 * x) as u8, (3 * y) as u8, 90])
    });
    photo.save(folder.join("photo.png")).unwrap();
    let mask = GrayImage::from_fn(64, 64, |x, _| Luma([if x < 32 { 0 } else { 255 }]));
    mask.save(folder.join("mask.png")).unwrap();
    let asked = ["--from", "photo.png", "--mask", "mask.png", "--steps", "4"];
    document(&run(folder, &asked));
    let made = picture(folder, "a.png");
    let gap = |x: u32, y: u32| {
        let pairs = made
            .get_pixel(x, y)
            .0
            .into_iter()
            .zip(photo.get_pixel(x, y).0);
        pairs.map(|(a, b)| a.abs_diff(b)).max().unwrap()
    };
    assert!((0..32).all(|x| (0..64).all(|y| gap(x, y) <= 1)));
    assert!((32..64).any(|x| (0..64).any(|y| gap(x, y) > 40)));
    // Without strength nothing becomes noise, and the picture stays.
    document(&run(folder, &["--from", "photo.png", "--strength", "0"]));
    assert!(picture(folder, "a.png") == photo);
}

#[test]
fn words_that_mean_nothing_are_named_and_a_caption_may_be_long_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let asked = ["--steps", "2", "--caption", "a blorp with blue hair"];
    let made = document(&run(folder, &asked));
    assert_eq!(made["unknown"], serde_json::json!(["blorp"]));
    assert!(made["notes"][0].as_str().unwrap().contains("blorp"));
    let long = "glasses and more ".repeat(6000);
    let made = document(&run(folder, &["--steps", "1", "--caption", &long]));
    assert_eq!(made["asked"]["eyewear"], "glasses");
    let made = document(&run(folder, &["--steps", "1"]));
    assert_eq!(made["asked"], serde_json::json!({}));
    // Strong guidance leaves black and white, and that is said.
    let asked = ["--steps", "2", "--caption", "red hair", "--guidance", "15"];
    assert!(document(&run(folder, &asked))["beyond"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_judge_is_asked_about_random_captions() {
    let folder = tempfile::tempdir().unwrap();
    let made = document(&run(folder.path(), &["--steps", "2", "--judge", "4"]));
    let agreement = made["judge"]["agreement"].as_object().unwrap();
    assert_eq!(agreement.len(), 8);
    let is_share = |share: &Value| (0.0..=1.0).contains(&share.as_f64().unwrap());
    assert!(agreement.values().all(is_share));
}

#[test]
fn what_cannot_be_drawn_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("words.png"), "no picture").unwrap();
    let cases: [&[&str]; 8] = [
        &["--steps", "0"],
        &["--steps", "100000"],
        &["--guidance", "inf"],
        &["--guidance", "1e9"],
        &["--model", "absent.safetensors"],
        &["--model", "faces"],
        &["--from", "words.png"],
        &["--like", "words.png"],
    ];
    for case in cases {
        refused(&run(folder, case));
    }
    let wrong: [&[&str]; 5] = [
        &["--count", "0"],
        &["--strength", "2", "--from", "words.png"],
        &["--scheduler", "magic"],
        &["--mix-part", "0.5"],
        &["--mask", "words.png"],
    ];
    for case in wrong {
        assert_eq!(run(folder, case).status.code(), Some(2), "{case:?}");
    }
    assert!(!folder.join("a.png").exists());
}
