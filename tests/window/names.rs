//! Every chapter as it is shipped, walked node by node as a screen reader would, and by the keys alone.

use super::{Window, inspect, tiny};
use eframe::egui::{Key, Modifiers, accesskit};
use egui_kittest::kittest::{NodeT, Queryable};
use glassbox::settings::Settings;
use glassbox::tabs;
use std::sync::Arc;

/// The shipped chapters with a small model that has written an answer.
fn with_an_answer() -> (Window, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let model = tiny::write(folder.path());
    let mut window = Window::with_chapters(Settings::default(), tabs::all(), |start| {
        start.files = vec![model];
        start.inspect = Arc::new(|path| {
            let known = glassbox::files::card::Card::of(path);
            known.or_else(|_| inspect(path))
        });
    });
    window.press(Modifiers::COMMAND, Key::Enter);
    while !window.shows("Stopped:") {
        window.settle();
    }
    (window, folder)
}

/// The roles that answer to a click, a key or typing.
fn is_interactive(role: accesskit::Role) -> bool {
    use accesskit::Role;
    matches!(
        role,
        Role::Button
            | Role::CheckBox
            | Role::ComboBox
            | Role::Link
            | Role::MultilineTextInput
            | Role::RadioButton
            | Role::Slider
            | Role::SpinButton
            | Role::TextInput
    )
}

#[test]
fn everything_that_can_be_operated_has_a_name() {
    let (window, _folder) = with_an_answer();
    let mut n_seen = 0;
    for node in window.harness.root().children_recursive() {
        let node = node.accesskit_node();
        if !is_interactive(node.role()) {
            continue;
        }
        n_seen += 1;
        let label = node.label().or_else(|| {
            node.labelled_by()
                .find_map(|by| by.label().or_else(|| by.value()))
        });
        let named = label.is_some_and(|label| !label.trim().is_empty());
        assert!(
            named,
            "a {:?} without a name at {:?}",
            node.role(),
            node.bounding_box()
        );
    }
    assert!(n_seen > 60, "only {n_seen} controls were found");
}

#[test]
fn the_arrow_keys_go_from_token_to_token() {
    let (mut window, _folder) = with_an_answer();
    window.harness.get_by_label_contains("Token 3 ").click();
    window.settle();
    assert!(window.harness.query_by_label("Token 3").is_some());
    window.press(Modifiers::NONE, Key::ArrowRight);
    assert!(window.harness.query_by_label("Token 4").is_some());
    window.press(Modifiers::NONE, Key::ArrowLeft);
    window.press(Modifiers::NONE, Key::ArrowLeft);
    assert!(window.harness.query_by_label("Token 2").is_some());
}

#[test]
fn an_answer_at_rest_asks_for_no_further_frame_while_the_prompt_has_the_focus() {
    let (mut window, _folder) = with_an_answer();
    window.harness.get_by_label("Prompt").focus();
    window.settle();
    window.harness.step();
    let root = eframe::egui::ViewportId::ROOT;
    let delay = window.harness.output().viewport_output[&root].repaint_delay;
    assert_eq!(delay, std::time::Duration::MAX);
}
