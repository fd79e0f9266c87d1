//! The Text tab driven as a person would: by label, with a model made in the test.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

#[path = "support/bench.rs"]
mod support;
mod tiny;

use eframe::egui::{self, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::text::TextTab;
use glassbox::theme::Theme;
use support::{labels, refusal, until};

type Bench = support::Bench<TextTab>;

/// The tab with the tiny model loaded.
fn bench(theme: Theme) -> Harness<'static, Bench> {
    let folder = tempfile::tempdir().unwrap();
    let model = tiny::write(folder.path());
    let mut bench = Bench::new(TextTab::new());
    bench.kept = Some(folder);
    bench.with_context(|tab, cx| tab.open(model, cx));
    let mut harness = bench.window(theme, [1280.0, 720.0]);
    until(&mut harness, |harness| harness.state().progress().is_none());
    harness.run_steps(4);
    harness
}

fn write_prompt(harness: &mut Harness<'_, Bench>, text: &str) {
    let prompt = harness.get_by_label("Prompt");
    prompt.focus();
    prompt.type_text(text);
    harness.run_steps(4);
}

fn generate(harness: &mut Harness<'_, Bench>) {
    harness.get_by_label("Generate").click();
    harness.step();
    harness.step();
    until(harness, |harness| !harness.state().is_writing());
    harness.run_steps(4);
}

fn n_chips(harness: &Harness<'_, Bench>) -> usize {
    harness
        .query_all_by_label_contains("Token ")
        .filter(|node| node.accesskit_node().role() == egui::accesskit::Role::Button)
        .count()
}

#[test]
fn a_person_types_and_generates_and_every_token_is_a_chip() {
    let mut harness = bench(Theme::Light);
    write_prompt(&mut harness, "Ben likes to play");
    generate(&mut harness);
    assert_eq!(harness.state().n_tokens(), 64);
    assert!(n_chips(&harness) > 0);
    harness.get_by_label_contains("the number of tokens you asked for was reached");
}

#[test]
fn stop_keeps_what_was_written_and_says_who_stopped() {
    let mut harness = bench(Theme::Light);
    write_prompt(&mut harness, "Ben");
    harness.get_by_label("Generate").click();
    until(&mut harness, |harness| harness.state().n_tokens() > 0);
    if harness.state().is_writing() {
        harness.run_steps(2);
        if let Some(stop) = harness.query_by_label("Stop") {
            stop.click();
        }
    }
    until(&mut harness, |harness| !harness.state().is_writing());
    harness.run_steps(4);
    assert!(harness.state().n_tokens() > 0);
    harness.get_by_label_contains("Stopped:");
}

#[test]
fn a_slider_changes_the_bars_and_the_model_is_not_asked() {
    let mut harness = bench(Theme::Light);
    write_prompt(&mut harness, "Ben");
    generate(&mut harness);
    let before: Vec<String> = labels(&harness, "Candidate ");
    assert_eq!(before.len(), 20.max(before.len()));
    let passes = harness.state().n_forward_passes();
    harness.get_by_label("model's own").click();
    harness.run_steps(4);
    let after = labels(&harness, "Candidate ");
    assert_ne!(before, after);
    assert_eq!(harness.state().n_forward_passes(), passes);
}

#[test]
fn another_candidate_makes_a_branch_that_undo_takes_back() {
    let mut harness = bench(Theme::Light);
    write_prompt(&mut harness, "Ben");
    generate(&mut harness);
    let first_text = harness.state().text();
    harness.get_by_label_contains("Token 2 ").click();
    harness.run_steps(4);
    let other = labels(&harness, "Candidate ")
        .into_iter()
        .find(|label| {
            harness.get_by_label(label).accesskit_node().toggled()
                != Some(egui::accesskit::Toggled::True)
        })
        .unwrap();
    harness.get_by_label(&other).click();
    harness.step();
    harness.step();
    until(&mut harness, |harness| !harness.state().is_writing());
    harness.run_steps(4);
    assert_ne!(harness.state().text(), first_text);
    harness.get_by_label_contains("Kept beside it: 1 other text");
    harness.get_by_label("Undo").click();
    harness.run_steps(4);
    assert_eq!(harness.state().text(), first_text);
    harness.get_by_label("Redo").click();
    harness.run_steps(4);
    assert_ne!(harness.state().text(), first_text);
}

#[test]
fn the_same_seed_writes_the_same_text_and_another_seed_another() {
    let mut harness = bench(Theme::Light);
    write_prompt(&mut harness, "Ben");
    generate(&mut harness);
    let first = harness.state().text();
    generate(&mut harness);
    assert_eq!(harness.state().text(), first);
    harness.get_by_label("New seed").click();
    harness.run_steps(4);
    generate(&mut harness);
    assert_ne!(harness.state().text(), first);
}

#[test]
fn an_answer_stopped_and_continued_is_the_answer_never_stopped() {
    let mut harness = bench(Theme::Light);
    write_prompt(&mut harness, "Ben");
    generate(&mut harness);
    harness.get_by_label("Go on").click();
    harness.step();
    harness.step();
    until(&mut harness, |harness| !harness.state().is_writing());
    let in_two = harness.state().text();
    harness.state_mut().set_max_tokens(128);
    harness.run_steps(4);
    generate(&mut harness);
    let at_once = harness.state().text();
    assert!(at_once.starts_with(&in_two) || in_two.starts_with(&at_once));
}

#[test]
fn the_keyboard_alone_scrubs_through_the_tokens() {
    let mut harness = bench(Theme::Light);
    write_prompt(&mut harness, "Ben");
    generate(&mut harness);
    harness.get_by_label_contains("Tokens, by surprise").focus();
    harness.run_steps(4);
    harness.key_press(Key::Home);
    harness.run_steps(4);
    assert!(harness.query_by_label("Token 1").is_some());
    harness.key_press(Key::ArrowRight);
    harness.run_steps(4);
    assert!(harness.query_by_label("Token 2").is_some());
}

#[test]
fn a_prompt_longer_than_the_context_is_refused_until_the_person_drops_the_oldest() {
    let mut harness = bench(Theme::Light);
    harness.state_mut().set_max_tokens(4);
    write_prompt(&mut harness, &"many words ".repeat(tiny::N_CTX / 8));
    harness.get_by_label("Generate").click();
    harness.step();
    harness.step();
    refusal(&mut harness);
    harness.get_by_label("drop the oldest").click_accesskit();
    harness.run_steps(4);
    generate(&mut harness);
    assert_eq!(harness.state().n_tokens(), 4);
}

#[test]
fn the_exports_hold_what_is_on_screen() {
    let mut harness = bench(Theme::Light);
    write_prompt(&mut harness, "Ben");
    generate(&mut harness);
    let folder = tempfile::tempdir().unwrap();
    for (command, name) in [
        (Command::ExportJson, "out.json"),
        (Command::ExportMarkdown, "out.md"),
    ] {
        let path = folder.path().join(name);
        let bench = harness.state_mut();
        bench.with_context(|tab, cx| tab.command(command, cx));
        bench.tab.set_save_path(&path.to_string_lossy());
        harness.run_steps(4);
        harness.get_by_label("Save").click();
        until(&mut harness, |_| path.exists());
        harness.run_steps(4);
    }
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("out.json")).unwrap()).unwrap();
    assert_eq!(json["nodes"].as_array().unwrap().len(), 64);
    let markdown = std::fs::read_to_string(folder.path().join("out.md")).unwrap();
    assert!(markdown.contains("> Ben"));
}

#[test]
fn the_tab_looks_as_it_did() {
    let mut harness = bench(Theme::Light);
    write_prompt(&mut harness, "My dog's name is Ben.");
    generate(&mut harness);
    harness.snapshot("text_light");
}
