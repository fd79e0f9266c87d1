//! “On pictures” of the chapter of images, driven as a person would: by label. Everything is trained on
//! the digits, whose networks are small, and a test needs a few turns only.

#[path = "support/bench.rs"]
mod support;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::images::ImagesTab;
use glassbox::theme::Theme;
use std::path::Path;
use support::{click, labels, open, refusal, says, until, wait_for};

type Bench = support::Bench<ImagesTab>;

/// The view with nothing trained yet.
fn view() -> Harness<'static, Bench> {
    let mut harness = Bench::new(ImagesTab::new()).window(Theme::Light, [1280.0, 1600.0]);
    harness.run_steps(2);
    click(&mut harness, "On pictures");
    harness
}

/// Digits are being learned, and the first turns are over.
fn training() -> Harness<'static, Bench> {
    let mut harness = view();
    click(&mut harness, "Digits in a minute");
    until(&mut harness, |harness| turn(harness) >= 2);
    harness
}

/// The turn that the title tells.
fn turn(harness: &Harness<'_, Bench>) -> usize {
    let title = harness.state().title();
    let digits = title.rsplit("turn ").next().unwrap_or_default();
    digits.replace(',', "").parse().unwrap_or(0)
}

#[test]
fn what_will_be_seen_is_told_and_one_press_begins() {
    let mut harness = view();
    assert!(says(&harness, "From noise to pictures"));
    assert!(says(&harness, "neither is ever shown how to draw"));
    click(&mut harness, "Digits");
    let start = harness.get_all_by_label("Start training").next().unwrap();
    start.click();
    wait_for(&mut harness, "A GAN learns digits");
}

#[test]
fn sixty_four_pictures_and_their_verdicts_come_out_of_noise() {
    let mut harness = training();
    let made = labels(&harness, "Made picture");
    assert_eq!(made.len(), 64, "{made:?}");
    assert!(
        made.iter().all(|label| label.ends_with("% real")),
        "{made:?}"
    );
    assert!(labels(&harness, "Real picture ").len() >= 8);
    wait_for(&mut harness, "Losses, now D");
    for chart in ["D's verdicts, now", "by layer, now"] {
        assert!(says(&harness, chart), "{chart}");
    }
    assert!(says(&harness, "pictures/s"));
    assert!(says(&harness, "left"));
}

#[test]
fn a_pause_holds_the_turn_and_going_on_loses_nothing() {
    let mut harness = training();
    click(&mut harness, "Pause");
    // The turn at work is finished first; then it stands still.
    let mut before = turn(&harness);
    until(&mut harness, |harness| says(harness, "paused"));
    loop {
        harness.run_steps(20);
        let now = turn(&harness);
        if now == before {
            break;
        }
        before = now;
    }
    assert!(!harness.state().can(Command::Stop));
    click(&mut harness, "Go on");
    until(&mut harness, |harness| turn(harness) > before);
}

#[test]
fn a_click_on_a_picture_shows_where_its_verdict_comes_from() {
    let mut harness = training();
    click(&mut harness, "Pause");
    let made = labels(&harness, "Made picture 3:").pop().unwrap();
    click(&mut harness, &made);
    wait_for(&mut harness, "computed again");
    for part in [
        "feature, place",
        "bias",
        "logit on the stage",
        "nats",
        "difference",
    ] {
        assert!(says(&harness, part), "{part}");
    }
    click(&mut harness, "Close the verdict");
    assert!(!says(&harness, "computed again"));
}

#[test]
fn an_earlier_snapshot_is_another_way_and_the_first_is_kept() {
    let mut harness = training();
    until(&mut harness, |harness| turn(harness) >= 5);
    for _ in 0..2 {
        click(&mut harness, "One picture back");
    }
    assert!(harness.state().title().contains("back at turn"));
    let go_on = labels(&harness, "Go on from turn").pop().unwrap();
    click(&mut harness, &go_on);
    wait_for(&mut harness, "Ways taken");
    assert!(says(&harness, "Way 1: to turn"));
    assert!(says(&harness, "Way 2: from turn"));
}

#[test]
fn a_failure_says_what_to_look_at_and_what_helps_acts_at_once() {
    let mut harness = view();
    click(&mut harness, "D too good");
    assert!(says(&harness, "G's gradient"));
    until(&mut harness, |harness| turn(harness) >= 1);
    click(&mut harness, "Noise on D's inputs");
    click(&mut harness, "Fewer D steps");
    let before = turn(&harness);
    until(&mut harness, |harness| turn(harness) > before + 1);
}

#[test]
fn a_training_is_kept_and_goes_on_another_day() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("digits.checkpoint");
    let mut harness = training();
    click(&mut harness, "Pause");
    harness.run_steps(20);
    click(&mut harness, "Save the training…");
    harness.state_mut().set_save_path(&path.to_string_lossy());
    harness.run_steps(2);
    click(&mut harness, "Save");
    until(&mut harness, |_| path.is_file());
    assert!(folder.path().join("digits.safetensors").is_file());

    let mut another = view();
    open(&mut another, &path);
    until(&mut another, |another| turn(another) >= 1);
    assert!(another.state().title().contains("digits"));
}

#[test]
fn a_folder_with_too_few_pictures_is_refused_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..3 {
        let picture = image::RgbImage::new(20, 20);
        picture
            .save(folder.path().join(format!("{i}.png")))
            .unwrap();
    }
    let mut harness = view();
    open(&mut harness, folder.path());
    let refused = refusal(&mut harness);
    assert!(refused.evidence.contains('3'), "{refused}");
    // The folder can be corrected, and everything else still works.
    click(&mut harness, "Digits");
    assert!(harness.state().can(Command::Run));
}

#[test]
fn a_folder_of_ones_own_is_learned_from_and_says_what_it_left_out() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..70_u8 {
        let picture = image::RgbImage::from_pixel(20, 20, image::Rgb([i * 3, 90, 200]));
        picture
            .save(folder.path().join(format!("{i:02}.png")))
            .unwrap();
    }
    std::fs::write(folder.path().join("broken.png"), b"\x89PNG\r\n\x1a\nno").unwrap();
    let mut harness = view();
    click(&mut harness, "16 × 16");
    open(&mut harness, folder.path());
    wait_for(&mut harness, "Left out:");
    assert!(
        says(&harness, "broken.png"),
        "{:?}",
        labels(&harness, "left out")
    );
    assert!(says(&harness, "70 pictures of"));
}

#[test]
fn what_is_no_training_and_no_folder_of_pictures_is_left_to_others() {
    let card = glassbox::files::card::Card::of(Path::new("models/stories.safetensors"));
    let accepts = card.map(|card| harness_accepts(&card));
    assert_eq!(accepts.ok().flatten(), None);
}

fn harness_accepts(card: &glassbox::files::card::Card) -> Option<String> {
    ImagesTab::new().accepts(card)
}
