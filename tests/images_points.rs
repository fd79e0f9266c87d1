//! Diffusion on the plane driven as a person would: by label.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

#[path = "support/bench.rs"]
mod support;

use eframe::egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::images::ImagesTab;
use glassbox::theme::Theme;
use support::{Bench, click, labels, says, until, wait_for};

type Window<'a> = Harness<'a, Bench<ImagesTab>>;

/// The view, with these settings beside what it begins with.
fn points_with(setup: &serde_json::Value) -> Window<'static> {
    let mut tab = ImagesTab::new();
    tab.restore(&serde_json::json!({ "shown": "points", "points": { "setup": setup } }));
    let mut window = Bench::new(tab).window(Theme::Light, [1800.0, 1600.0]);
    wait_for(&mut window, "points at s = 0.00");
    window
}

/// Small networks, few points.
fn points() -> Window<'static> {
    points_with(&serde_json::json!({ "n_points": 50, "n_steps": 5, "width": 16, "n_layers": 1 }))
}

/// Steps of training on the left and on the right.
fn steps(window: &Window<'_>) -> Vec<u64> {
    let found = labels(window, " steps  ·");
    let number = |label: String| {
        let digits = label.split(" steps").next().unwrap().replace(',', "");
        digits.parse().unwrap()
    };
    found.into_iter().map(number).collect()
}

fn train_for_a_while(window: &mut Window<'_>) {
    click(window, "Train");
    until(window, |window| {
        let steps = steps(window);
        steps.len() == 2 && steps.iter().all(|&n| n > 20)
    });
    click(window, "Pause");
    until(window, |window| {
        window.state().tab.can(Command::Run) && !says(window, "Pause")
    });
}

#[test]
fn before_training_both_planes_show_noise_that_goes_nowhere_in_particular() {
    let mut window = points();
    until(&mut window, |window| {
        labels(window, "knows nothing yet").len() == 2
    });
    wait_for(&mut window, "Diffusion (v): 50 points at s = 0.00");
    wait_for(&mut window, "Flow matching: 50 points at s = 0.00");
}

#[test]
fn training_goes_on_after_a_pause_and_begins_anew_when_told_to() {
    let mut window = points();
    train_for_a_while(&mut window);
    wait_for(&mut window, "JS ");
    assert!(says(&window, "of 8 parts"));
    let before = steps(&window);
    click(&mut window, "Train");
    until(&mut window, |window| {
        let now = steps(window);
        now.len() == 2 && now.iter().zip(&before).all(|(now, before)| now > before)
    });
    click(&mut window, "Pause");
    window.get_by_label("Start anew").click_accesskit();
    window.run_steps(2);
    until(&mut window, |window| {
        labels(window, "knows nothing yet").len() == 2
    });
}

#[test]
fn the_strip_goes_from_noise_to_data_and_back() {
    let mut window = points();
    let strip = window.get_by_label_contains("From noise to data, data");
    strip.focus();
    window.run_steps(2);
    window.key_press(Key::Home);
    wait_for(&mut window, "Points: nothing but noise (s = 1)");
    assert_eq!(labels(&window, "points at s = 1.00").len(), 2);
    window.key_press(Key::ArrowRight);
    wait_for(&mut window, "Points: step 1 of 5 (s = 0.80)");
    window.key_press(Key::End);
    wait_for(&mut window, "points at s = 0.00");
}

#[test]
fn a_click_on_the_plane_shows_where_a_point_is_led_and_every_number_is_the_networks_own() {
    let mut window = points();
    train_for_a_while(&mut window);
    window.get_by_label_contains("From noise to data,").focus();
    window.run_steps(2);
    window.key_press(Key::Home);
    wait_for(&mut window, "points at s = 1.00");
    for (plane, formula) in [
        ("Diffusion (v): 50 points", "x̂₀ = √ᾱ x − √(1 − ᾱ) v̂"),
        ("Flow matching: 50 points", "x′ = x + (s′ − s) v̂"),
    ] {
        window.get_by_label_contains(plane).click();
        window.run_steps(3);
        wait_for(&mut window, formula);
        assert!(says(&window, "Along x, from s = 1.00 to 0.80"));
        let far: Vec<f64> = labels(&window, ", difference ")
            .into_iter()
            .map(|label| {
                let written = label.split(", difference ").nth(1).unwrap();
                written.replace('−', "-").parse().unwrap()
            })
            .collect();
        assert!(far.len() >= 6, "{far:?}");
        assert!(far.iter().all(|far| *far < 1e-4), "{far:?}");
        click(&mut window, "Close the equation");
        assert!(!says(&window, formula));
    }
}

#[test]
fn another_shape_or_method_begins_anew_and_one_plane_can_stand_alone() {
    let mut window = points();
    train_for_a_while(&mut window);
    click(&mut window, "Two Gaussians");
    until(&mut window, |window| {
        labels(window, "knows nothing yet").len() == 2
    });
    let noise = window.get_all_by_label("Diffusion (ε)").next().unwrap();
    noise.click();
    wait_for(&mut window, "Diffusion (ε): 50 points");
    click(&mut window, "Nothing");
    until(&mut window, |window| {
        !says(window, "Flow matching: 50 points")
    });
    assert_eq!(labels(&window, "points at s = ").len(), 1);
}

#[test]
fn what_comes_out_is_measured_by_the_number_of_steps() {
    let mut window = points();
    train_for_a_while(&mut window);
    let button = window.get_by_label("Measure by number of steps");
    button.click_accesskit();
    window.run_steps(2);
    until(&mut window, |window| {
        let told = labels(window, "JS by steps of the way");
        let names = ["Diffusion (v)", "Flow matching"];
        told.iter()
            .any(|told| names.iter().all(|name| told.contains(name)))
    });
}

#[test]
fn what_was_set_survives_a_restart() {
    let mut window = points();
    click(&mut window, "Moons");
    click(&mut window, "Show arrows");
    let saved = window.state().tab.save();
    assert_eq!(saved["points"]["layers"]["arrows"], false);
    let mut tab = ImagesTab::new();
    tab.restore(&saved);
    assert_eq!(tab.save(), saved);
    tab.restore(&serde_json::json!({ "points": { "setup": 7, "layers": "all" } }));
    assert_eq!(tab.save(), saved, "what is damaged is left alone");
}
