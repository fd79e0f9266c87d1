//! “Step by step” of the chapter of images, driven as a person would: by label.

#[path = "support/bench.rs"]
mod support;

use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::files::card::Card;
use glassbox::labs::diffusion::parameters;
use glassbox::tabs::Tab;
use glassbox::tabs::images::ImagesTab;
use glassbox::theme::Theme;
use serde_json::json;
use support::{click, open, says, until, wait_for};

type Bench = support::Bench<ImagesTab>;

/// What most tests ask for: few steps, so that they are quick.
fn saved() -> serde_json::Value {
    json!({
        "caption": "a smiling face with curly red hair and glasses, tan skin, blue background",
        "second": "",
        "share": 0.0,
        "seed": 7,
        "settings": {
            "sampler": { "ddim": { "eta": 0.0 } },
            "spacing": "trailing",
            "n_steps": 4,
            "guidance": 2.0,
            "is_clamped": true,
        },
    })
}

/// The view with a picture on the stage.
fn view() -> Harness<'static, Bench> {
    let mut tab = ImagesTab::new();
    tab.restore(&json!({ "shown": "steps", "steps": { "recipe": saved() } }));
    let mut harness = Bench::new(tab).window(Theme::Light, [1280.0, 1800.0]);
    whole(&mut harness);
    harness
}

/// Waits until the picture is there and the judge has read it.
fn whole(harness: &mut Harness<'_, Bench>) {
    wait_for(harness, "A judge sees");
    until(harness, |harness| harness.state().can(Command::Run));
}

/// The caption as it stands on the bench.
fn caption(harness: &Harness<'_, Bench>) -> String {
    let field = harness.get_by_label("caption");
    field.value().unwrap_or_default()
}

#[test]
fn the_whole_way_stands_on_the_film_and_the_judge_reads_every_step() {
    let mut harness = view();
    let film = "Steps from noise to the picture, ";
    wait_for(&mut harness, &format!("{film}the picture, 5 of 5"));
    wait_for(&mut harness, "that were asked for");
    assert!(says(&harness, "hair color: red"));
    click(&mut harness, "One picture back");
    wait_for(&mut harness, &format!("{film}step 4"));
    assert_eq!(harness.state().title(), "Step 4 of 4");
    harness.get_by_label_contains(film).focus();
    harness.run_steps(2);
    harness.key_press(Key::Home);
    harness.run_steps(3);
    assert!(says(&harness, "step 1, t 999, 1 of 5"));
    assert!(says(&harness, "What lies there: xₜ"));
}

#[test]
fn a_word_is_switched_on_at_the_same_seed_and_unknown_words_are_named() {
    let mut harness = view();
    harness.get_by_role_and_label(Role::Button, "Words").click();
    harness.run_steps(2);
    wait_for(&mut harness, "curly, hair: curly");
    click(&mut harness, "eyewear: sunglasses");
    assert!(caption(&harness).contains("sunglasses"));
    wait_for(&mut harness, "eyewear: sunglasses asked for");
    assert!(says(&harness, "seed 7") || harness.state().title().contains("words"));
    harness.get_by_label("caption").focus();
    harness.run_steps(2);
    harness.get_by_label("caption").type_text(" and a hat");
    wait_for(&mut harness, "Means nothing to the network: “hat”");
    assert!(says(&harness, "hat, unknown"));
}

#[test]
fn another_way_leaves_from_a_step_and_both_can_be_looked_at() {
    let mut harness = view();
    click(&mut harness, "One picture back");
    click(&mut harness, "One picture back");
    click(&mut harness, "Another way from step 3");
    wait_for(&mut harness, "Way 2, from step 3");
    click(&mut harness, "Next seed");
    let title = |harness: &Harness<'_, Bench>| harness.state().title();
    until(&mut harness, |harness| title(harness).ends_with("seed 8"));
    whole(&mut harness);
    click(&mut harness, "Way 1");
    until(&mut harness, |harness| !title(harness).ends_with("seed 8"));
}

#[test]
fn a_saved_picture_brings_everything_back() {
    let mut harness = view();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.png");
    click(&mut harness, "Save as PNG…");
    harness.state_mut().set_save_path(&path.to_string_lossy());
    harness.run_steps(2);
    click(&mut harness, "Save");
    until(&mut harness, |_| path.is_file());
    let restored = parameters::of_file(&path).unwrap().unwrap();
    assert_eq!(
        (
            restored.parameters.seed,
            restored.parameters.settings.n_steps
        ),
        (7, 4)
    );
    let card = Card::of(&path).unwrap();
    assert!(
        harness
            .state()
            .accepts(&card)
            .is_some_and(|words| words.contains("again"))
    );
    let before = harness.state().save()["steps"].clone();
    click(&mut harness, "Next seed");
    click(&mut harness, "Mohawk");
    assert!(caption(&harness).contains("mohawk"));
    open(&mut harness, &path);
    until(&mut harness, |harness| {
        harness.state().save()["steps"] == before
    });
    until(&mut harness, |harness| {
        harness.state().title().ends_with("seed 7")
    });
}

#[test]
fn a_pixel_tells_where_its_number_comes_from() {
    let mut harness = view();
    click(&mut harness, "One picture back");
    let clean = "The picture it sees: x̂₀";
    harness.get_by_role_and_label(Role::Image, clean).click();
    harness.run_steps(2);
    wait_for(&mut harness, "Where this pixel comes from");
    wait_for(&mut harness, "x̂₀ = without + g · (with − without)");
    assert!(says(&harness, "x′ = √ᾱ′ x̂₀ + √(1 − ᾱ′) ε̂"));
    let words = wait_for(&mut harness, "largest difference");
    let off: f64 = words
        .split_whitespace()
        .next_back()
        .unwrap()
        .parse()
        .unwrap();
    assert!(off < 1e-4, "{words}");
    click(&mut harness, "Close the pixel");
    assert!(!harness.state().has_explain());
}

#[test]
fn five_samplers_draw_the_same_noise() {
    let mut harness = view();
    click(&mut harness, "Five samplers");
    wait_for(&mut harness, "Heun: its way and its picture");
    until(&mut harness, |harness| !says(harness, "not there yet"));
    assert!(says(&harness, "7 looks"));
    click(&mut harness, "Captions × seeds");
    click(&mut harness, "Stop");
    until(&mut harness, |harness| harness.state().can(Command::Run));
    assert!(says(&harness, "a surprised face with a pink bun"));
}

#[test]
fn a_picture_is_stopped_and_run_draws_the_next_seed() {
    let mut harness = view();
    let give = |harness: &mut Harness<'_, Bench>, command| {
        let bench = harness.state_mut();
        bench.with_context(|tab, cx| tab.command(command, cx));
    };
    give(&mut harness, Command::Run);
    until(&mut harness, |harness| {
        harness.state().title().ends_with("seed 8")
    });
    whole(&mut harness);
    give(&mut harness, Command::Run);
    give(&mut harness, Command::Stop);
    until(&mut harness, |harness| harness.state().can(Command::Run));
    assert_eq!(harness.state().save()["steps"]["recipe"]["seed"], 9);
    assert!(says(&harness, "Draw") || says(&harness, "New picture"));
}
