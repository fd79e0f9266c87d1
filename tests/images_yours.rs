//! “Make it yours” of the chapter of images, driven as a person would: by label.

#[path = "support/bench.rs"]
mod support;

use egui_kittest::Harness;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::images::ImagesTab;
use glassbox::theme::Theme;
use serde_json::json;
use support::{click, labels, says, until, wait_for};

type Bench = support::Bench<ImagesTab>;

/// The view, with so few steps that a test can wait for them; fewer than 50 cannot be chosen.
fn view(n_steps: usize) -> Harness<'static, Bench> {
    let mut tab = ImagesTab::new();
    tab.restore(&json!({
        "shown": "yours",
        "yours": { "n_steps": n_steps, "keeps_prior": false, "rank": 2 },
    }));
    let mut harness = Bench::new(tab).window(Theme::Light, [1280.0, 2000.0]);
    wait_for(&mut harness, "A word of your own, from ten pictures");
    until(&mut harness, |harness| harness.state().can(Command::Run));
    harness
}

fn run(harness: &mut Harness<'static, Bench>) {
    harness
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Run, cx));
}

#[test]
fn a_word_is_learned_its_scale_can_be_changed_and_a_number_is_explained() {
    let mut harness = view(50);
    run(&mut harness);
    wait_for(&mut harness, "Done after 50 steps.");
    assert_eq!(harness.state().title(), "Learning “clown”: step 50");
    assert!(says(&harness, "What “clown” is to mean: 10 pictures"));
    assert!(says(&harness, "Snapshot after step 0"));
    assert!(says(&harness, "Pictures at scale 1.00"));
    // Where a number of the first weight comes from.
    let first = labels(&harness, "first layer: changed by ").pop();
    click(&mut harness, &first.unwrap());
    wait_for(&mut harness, "Where a changed weight comes from");
    assert!(says(&harness, "of rank 2"));
    assert!(says(&harness, "W + s · (A·B)"));
    assert!(says(&harness, "= "));
    // An earlier moment is one click away.
    click(&mut harness, "Snapshot after step 0");
    harness.run_steps(2);
    assert_eq!(harness.state().title(), "Learning “clown”: back at step 0");
}

#[test]
fn it_stops_at_once_and_goes_on_to_its_end() {
    let mut harness = view(400);
    run(&mut harness);
    wait_for(&mut harness, " of 400");
    harness
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Stop, cx));
    wait_for(&mut harness, "Stopped after ");
    assert!(says(&harness, "Go on"));
    assert!(says(&harness, "Start anew"));
    run(&mut harness);
    until(&mut harness, |harness| harness.state().progress().is_some());
    assert!(says(&harness, "Stop"));
}

#[test]
fn pictures_that_are_dropped_are_learned_from_and_a_word_that_is_known_is_refused() {
    let mut harness = view(50);
    let folder = tempfile::tempdir().unwrap();
    for i in 0..3_u8 {
        let picture = image::RgbImage::from_pixel(80, 70, image::Rgb([80 * i, 40, 200]));
        let path = folder.path().join(format!("blue{i}.png"));
        picture.save(&path).unwrap();
        harness
            .state_mut()
            .with_context(|tab, cx| tab.open(path, cx));
    }
    wait_for(&mut harness, "blue0.png, blue1.png, blue2.png");
    assert!(says(&harness, "“zork” from your pictures"));
    run(&mut harness);
    wait_for(&mut harness, "Done after 50 steps.");
    assert!(says(&harness, "What “zork” is to mean: 3 pictures"));
}
