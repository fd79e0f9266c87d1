//! Tables of one's own.

use super::{labels, says, window};
use eframe::egui::{self, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::embeddings::EmbeddingsTab;
use glassbox::theme::Theme;

pub(super) fn bench(theme: Theme) -> Harness<'static, super::Bench> {
    let mut harness = window(theme, EmbeddingsTab::new(), [1280.0, 720.0]);
    harness.run_steps(4);
    harness.get_by_label("Your own dimensions").click();
    harness.run_steps(3);
    harness
}

#[test]
fn the_lectures_table_comes_to_queen() {
    let harness = bench(Theme::Light);
    assert!(says(&harness, "king − man + woman ≈ queen"));
    // .99 − .01 + .02, .99 − .95 + .01, .05 − .06 + .999
    harness.get_by_label("The sum: 1.00, 0.05, 0.99");
    harness.get_by_label("Cosine of queen: 1.000");
    assert!(says(&harness, "Cosine of king: 0.552, in the sum"));
    assert!(says(&harness, "Vectors: king, queen, man, woman"));
}

#[test]
fn a_number_that_is_changed_changes_the_answer_and_is_undone() {
    let mut harness = bench(Theme::Light);
    harness.get_by_label("Weight of woman").focus();
    harness.run_steps(4);
    harness.key_press(Key::ArrowDown);
    harness.run_steps(4);
    let changed = harness.state().save()["own_dimensions"]["sheet"]["rows"][3]["weight"].clone();
    assert_ne!(changed, 1.0);
    harness
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Undo, cx));
    harness.run_steps(4);
    let back = &harness.state().save()["own_dimensions"]["sheet"]["rows"][3]["weight"];
    assert_eq!(*back, 1.0);
}

#[test]
fn the_songs_recommend_a_song() {
    let mut harness = bench(Theme::Light);
    harness.get_by_label("songs").click();
    harness.run_steps(4);
    assert!(says(&harness, "Next: Stairway to Heaven"));
    harness.get_by_label("Clear weights").click();
    harness.run_steps(4);
    assert!(says(&harness, "Give a row a weight"));
}

#[test]
fn a_cosine_that_is_clicked_is_computed_before_ones_eyes() {
    let mut harness = bench(Theme::Light);
    harness.get_by_label("Cosine of queen: 1.000").click();
    harness.run_steps(4);
    assert!(says(&harness, "Where this cosine comes from"));
    assert!(says(&harness, "royalty") && says(&harness, "q = king − man + woman"));
    let difference = labels(&harness, "difference").remove(0);
    assert!(difference.ends_with("0.0e0"), "{difference}");
    harness.get_by_label("Close the equation").click();
    harness.run_steps(4);
    assert!(!harness.state().has_explain());
}

#[test]
fn rows_and_axes_come_and_go() {
    let mut harness = bench(Theme::Light);
    harness.get_by_label("Add row").click();
    harness.run_steps(4);
    harness.get_by_label("Add axis").click();
    harness.run_steps(4);
    harness.get_by_label("new, axis");
    assert!(says(&harness, "The first three of 4 axes"));
    harness.get_by_label("Remove new").click();
    harness.run_steps(4);
    harness.get_by_label("Remove axis").click();
    harness.run_steps(4);
    let saved = harness.state().save();
    let sheet = &saved["own_dimensions"]["sheet"];
    assert_eq!(sheet["axes"].as_array().unwrap().len(), 3);
    assert_eq!(sheet["rows"].as_array().unwrap().len(), 6);
}

#[test]
fn a_table_is_pasted_from_a_spreadsheet_and_what_is_none_says_why() {
    let mut harness = bench(Theme::Light);
    let paste = |harness: &mut Harness<'_, super::Bench>, text: &str| {
        harness.get_by_label("Pasted table").focus();
        harness.run_steps(4);
        harness
            .input_mut()
            .events
            .push(egui::Event::Paste(text.into()));
        harness.run_steps(4);
    };
    paste(&mut harness, "name\tsweet\nking\ttall");
    assert!(says(
        &harness,
        "Line 2, column “sweet”: “tall” is no number."
    ));
    harness.get_by_label("Pasted table").focus();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.run_steps(4);
    paste(
        &mut harness,
        "name\tweight\tsweet\tsour\nlemon\t1\t0.1\t0.9\nlime\t0\t0.15\t0.85\n",
    );
    assert!(says(&harness, "lemon ≈ lime"));
}

#[test]
fn every_example_has_an_answer_and_an_axis_can_be_renamed() {
    let mut harness = bench(Theme::Light);
    for (name, words) in [
        ("two axes", "king − man + woman"),
        ("animals", "lynx"),
        ("king − man + woman", "queen"),
    ] {
        let buttons: Vec<_> = harness.query_all_by_label(name).collect();
        buttons[0].click();
        drop(buttons);
        harness.run_steps(4);
        assert!(says(&harness, words), "{name}");
    }
    let field = harness.get_by_label("Axis 1");
    field.focus();
    harness.run_steps(4);
    harness.get_by_label("Axis 1").type_text("!");
    harness.run_steps(4);
    let axis = harness.state().save()["own_dimensions"]["sheet"]["axes"][0].clone();
    assert!(axis.as_str().unwrap().contains('!'), "{axis}");
}
