//! The GAN on the plane driven as a person would: by label.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not inside a #[test]"
)]

#[path = "support/bench.rs"]
mod support;

use eframe::egui::{self, Key, Modifiers, PointerButton};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::tabs::images::ImagesTab;
use glassbox::tabs::{Notice, Tab};
use glassbox::theme::Theme;
use support::{Bench, click, labels, says, until, wait_for};

type Window<'a> = Harness<'a, Bench<ImagesTab>>;

/// The plane at turn 0.
fn plane() -> Window<'static> {
    let mut window = Bench::new(ImagesTab::new()).window(Theme::Light, [1600.0, 1400.0]);
    wait_for(&mut window, "The plane at turn 0");
    window
}

/// Presses what has this label and waits for words.
fn press(window: &mut Window<'_>, label: &str, words: &str) {
    click(window, label);
    wait_for(window, words);
}

/// Clicks what has this label, also where the bench must be scrolled to see it.
fn reach(window: &mut Window<'_>, label: &str) {
    window.get_by_label(label).click_accesskit();
    window.run_steps(2);
}

/// The one label that begins so.
fn label(window: &Window<'_>, begin: &str) -> String {
    let found = labels(window, begin);
    found
        .into_iter()
        .find(|label| label.starts_with(begin))
        .unwrap_or_else(|| panic!("nothing is called {begin}…"))
}

/// Numbers in a label, in order.
fn numbers(label: &str) -> Vec<f64> {
    label
        .replace('−', "-")
        .split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-')))
        .filter_map(|part| part.parse().ok())
        .collect()
}

#[test]
fn a_step_of_d_and_a_step_of_g_each_change_their_own_network_and_both_make_a_turn() {
    let mut window = plane();
    let losses = |window: &Window<'_>| [label(window, "Loss: D"), label(window, "Loss: G")];
    let fresh = losses(&window);
    press(&mut window, "Step D", "turn 0 (D 1, G 0 steps)");
    let after_d = losses(&window);
    assert_ne!(fresh, after_d);
    let covered = label(&window, "Each mode gets:");
    press(&mut window, "Step G", "turn 0 (D 1, G 1 steps)");
    assert_ne!(covered, label(&window, "Each mode gets:"), "G moved");
    press(&mut window, "Step both", "The plane at turn 1");
    assert!(
        says(&window, "turn 1 (D 4, G 2 steps)"),
        "three of D, one of G"
    );
}

#[test]
fn playing_comes_to_later_turns_and_a_pause_keeps_them_all_to_go_back_to() {
    let mut window = plane();
    click(&mut window, "as fast as it can");
    click(&mut window, "Play");
    until(&mut window, |window| {
        numbers(&label(window, "Turns, turn"))[0] >= 12.0
    });
    press(&mut window, "Pause", "Play");
    until(&mut window, |window| {
        !window.state().tab.can(glassbox::command::Command::Stop)
    });
    window.run_steps(10);
    let strip = window.get_by_label_contains("Turns, turn");
    strip.focus();
    window.run_steps(2);
    window.key_press(Key::End);
    window.run_steps(2);
    let newest = numbers(&label(&window, "The plane at turn"))[0];
    window.key_press(Key::Home);
    wait_for(&mut window, "The plane at turn 0");
    window.key_press(Key::ArrowRight);
    until(&mut window, |window| !says(window, "The plane at turn 0:"));
    window.key_press(Key::End);
    window.run_steps(2);
    // A turn that was on its way when Pause was pressed may have arrived since.
    assert!(numbers(&label(&window, "The plane at turn"))[0] >= newest);
}

#[test]
fn going_on_from_an_earlier_turn_makes_a_branch_and_the_old_one_can_be_shown_again() {
    let mut window = plane();
    for turn in 1..=3 {
        press(
            &mut window,
            "Step both",
            &format!("The plane at turn {turn}:"),
        );
    }
    let first_time = label(&window, "Loss: D");
    click(&mut window, "One picture back");
    click(&mut window, "One picture back");
    wait_for(&mut window, "The plane at turn 1:");
    click(&mut window, "Log (minimax)");
    press(&mut window, "Step both", "The plane at turn 2:");
    assert!(says(&window, "2: from turn 1 of 1 to turn 2"));
    reach(&mut window, "1: from the start to turn 3");
    wait_for(&mut window, "The plane at turn 3:");
    until(&mut window, |window| label(window, "Loss: D") == first_time);
}

#[test]
fn the_same_seed_gives_the_same_training_and_another_one_another() {
    let mut window = plane();
    press(&mut window, "Step both", "The plane at turn 1:");
    let first = label(&window, "Loss: D");
    reach(&mut window, "Start anew");
    wait_for(&mut window, "The plane at turn 0:");
    press(&mut window, "Step both", "The plane at turn 1:");
    assert_eq!(label(&window, "Loss: D"), first);
}

#[test]
fn the_number_of_modes_follows_the_distribution_that_is_chosen() {
    let mut window = plane();
    for (shape, n) in [
        ("Line", 8),
        ("Two Gaussians", 2),
        ("Four disjoint", 4),
        ("Ring", 8),
    ] {
        click(&mut window, shape);
        until(&mut window, |window| {
            label(window, "Modes covered:").ends_with(&format!("of {n}"))
        });
    }
}

#[test]
fn every_loss_and_optimizer_can_be_stepped_with() {
    let mut window = plane();
    let mut turn = 0;
    for loss in [
        "Log (minimax)",
        "Non-saturating",
        "Least squares",
        "Wasserstein with penalty",
    ] {
        click(&mut window, loss);
        turn += 1;
        press(
            &mut window,
            "Step both",
            &format!("The plane at turn {turn}:"),
        );
    }
    assert!(says(&window, "penalty λ"));
}

#[test]
fn a_distribution_is_drawn_with_the_pointer() {
    let mut window = plane();
    click(&mut window, "Draw…");
    let plane = window.get_by_label("Draw a distribution here").rect();
    let at = |x: f32, y: f32| plane.min + plane.size() * egui::vec2(x, y);
    let press_at = |pos, pressed| egui::Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    window.event(egui::Event::PointerMoved(at(0.2, 0.3)));
    window.event(press_at(at(0.2, 0.3), true));
    window.run_steps(1);
    for i in 1..=10 {
        window.event(egui::Event::PointerMoved(at(0.2 + 0.06 * i as f32, 0.3)));
        window.run_steps(1);
    }
    window.event(press_at(at(0.8, 0.3), false));
    window.run_steps(2);
    click(&mut window, "Done drawing");
    until(&mut window, |window| {
        label(window, "Modes covered:").ends_with("of 8")
    });
    let saved = window.state().tab.save();
    let strokes = saved["plane"]["settings"]["shape"]["drawn"].clone();
    let strokes: Vec<Vec<[f32; 2]>> = serde_json::from_value(strokes).unwrap();
    assert_eq!(strokes.len(), 1);
    let level = strokes[0].iter().all(|[_, y]| (y - 0.48).abs() < 0.02);
    assert!(strokes[0].len() > 5 && level, "{strokes:?}");
}

#[test]
fn a_weight_is_typed_and_the_network_uses_it() {
    let mut window = plane();
    let before = label(&window, "Loss: D");
    let buttons: Vec<_> = window.query_all_by_label("Type a weight…").collect();
    buttons[0].click();
    window.run_steps(2);
    assert!(says(
        &window,
        "In D: how much x counts for neuron 1 of layer 1."
    ));
    press(&mut window, "Cut", "It is 0 now.");
    wait_for(&mut window, "Loss: D");
    assert_ne!(label(&window, "Loss: D"), before);
    click(&mut window, "Close the equation");
    assert!(!says(&window, "It is 0 now."));
}

#[test]
fn a_click_on_a_loss_a_point_or_a_weight_shows_where_it_comes_from() {
    let mut window = plane();
    press(&mut window, "Step both", "The plane at turn 1:");
    let loss = label(&window, "Loss: D");
    click(&mut window, &loss);
    assert!(says(&window, "The loss of D"));
    assert!(differences(&window).iter().all(|far| *far < 1e-4));
    let loss = label(&window, "Loss: G");
    click(&mut window, &loss);
    assert!(says(&window, "The loss of G"));
    window.get_by_label_contains("The plane at turn 1").click();
    window.run_steps(2);
    assert!(says(&window, "What D says here") || says(&window, "Where this point is pulled"));
    assert!(!differences(&window).is_empty());
    assert!(differences(&window).iter().all(|far| *far < 1e-4));
}

/// How far the numbers on the stage are from those computed again.
fn differences(window: &Window<'_>) -> Vec<f64> {
    let found = labels(window, ", difference ");
    let after = |label: String| {
        let written = label.split(", difference ").nth(1).unwrap().to_owned();
        written.replace('−', "-").parse().unwrap()
    };
    found.into_iter().map(after).collect()
}

#[test]
fn each_part_of_the_plane_can_be_switched_off() {
    let mut window = plane();
    for part in ["real", "generated", "pull", "grid", "verdict"] {
        click(&mut window, &format!("Show {part}"));
    }
    let layers = window.state().tab.save()["plane"]["layers"].clone();
    let shown: Vec<&String> = layers
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, on)| on.as_bool() == Some(true))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(shown, ["grid"], "the grid is off at first, the rest is on");
}

#[test]
fn the_numbers_of_a_turn_are_saved_and_read_back() {
    let mut window = plane();
    press(&mut window, "Step both", "The plane at turn 1:");
    let folder = tempfile::tempdir().unwrap();
    for (button, name) in [("The numbers…", "turn.json"), ("The picture…", "turn.png")] {
        reach(&mut window, button);
        let path = folder.path().join(name);
        let tab = &mut window.state_mut().tab;
        tab.set_save_path(&path.to_string_lossy());
        window.run_steps(1);
        let save = window.get_all_by_label("Save").last();
        save.unwrap().click();
        window.run_steps(2);
        until(&mut window, |window| {
            let done =
                |notice: &Notice| matches!(notice, Notice::Done(words) if words.contains(name));
            window.state().notices.iter().any(done)
        });
    }
    let text = std::fs::read_to_string(folder.path().join("turn.json")).unwrap();
    let numbers: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(numbers["turn"], 1);
    assert_eq!(numbers["real_points"].as_array().unwrap().len(), 256);
    assert!(numbers["js_nats"].as_f64().unwrap() <= std::f64::consts::LN_2 + 1e-9);
    let picture = image::open(folder.path().join("turn.png")).unwrap();
    assert_eq!((picture.width(), picture.height()), (960, 960));
}

#[test]
fn what_was_set_survives_a_restart() {
    let mut window = plane();
    click(&mut window, "Four disjoint");
    click(&mut window, "Least squares");
    let saved = window.state().tab.save();
    let mut tab = ImagesTab::new();
    tab.restore(&saved);
    assert_eq!(tab.save(), saved);
    tab.restore(&serde_json::json!({ "plane": { "settings": 7, "speed": "fast" } }));
    assert_eq!(tab.save(), saved, "what is damaged is left alone");
}

#[test]
fn a_preset_says_what_to_look_at_and_offers_what_helps() {
    let mut window = plane();
    click(&mut window, "Try: a discriminator too good");
    wait_for(&mut window, "D takes 20 steps for each of G's");
    wait_for(&mut window, "gradient of G:");
    until(&mut window, |window| {
        let [first, now] = numbers(&label(window, "gradient of G:"))[..] else {
            return false;
        };
        now < first
    });
    reach(&mut window, "Non-saturating loss");
    wait_for(&mut window, "2: from the start");
    let saved = window.state().tab.save();
    assert_eq!(saved["plane"]["settings"]["loss"], "non-saturating");
    reach(&mut window, "Close");
    assert!(!says(&window, "What helps"));
}
