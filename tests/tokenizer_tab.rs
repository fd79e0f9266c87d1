//! The Tokenizer tab driven as a person would: by label.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not inside a #[test]"
)]

use eframe::egui::{self, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use glassbox::labs::compute::Compute;
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use glassbox::tabs::tokenizer::TokenizerTab;
use glassbox::tabs::{Notice, Tab, TabContext};
use glassbox::theme::{self, Theme, size};
use std::sync::Arc;

/// The tab in a frame like the app's.
struct Bench {
    tab: TokenizerTab,
    notices: Vec<Notice>,
}

impl Bench {
    fn with_context<T>(
        &mut self,
        act: impl FnOnce(&mut TokenizerTab, &mut TabContext<'_>) -> T,
    ) -> T {
        let mut cx = TabContext {
            wake: Arc::new(|| {}),
            notices: &mut self.notices,
            model_folders: &[],
            compute: Compute::default(),
            motion: false,
        };
        act(&mut self.tab, &mut cx)
    }

    fn show(&mut self, ui: &mut egui::Ui) {
        self.with_context(Tab::poll);
        let colors = theme::palette(ui.ctx());
        let frame = |fill, margin| egui::Frame::new().fill(fill).inner_margin(margin);
        egui::Panel::right("bench")
            .exact_size(size::BENCH)
            .frame(frame(colors.panel, egui::Margin::same(size::MARGIN)))
            .show(ui, |ui| self.with_context(|tab, cx| tab.bench(ui, cx)));
        if self.tab.has_timeline() {
            egui::Panel::bottom("timeline")
                .exact_size(size::TIMELINE)
                .frame(frame(
                    colors.panel,
                    egui::Margin::symmetric(size::MARGIN, 12),
                ))
                .show(ui, |ui| self.with_context(|tab, cx| tab.timeline(ui, cx)));
        }
        egui::CentralPanel::default()
            .frame(frame(colors.stage, egui::Margin::symmetric(24, 12)))
            .show(ui, |ui| {
                ui.heading(self.tab.title());
                self.with_context(|tab, cx| tab.stage(ui, cx));
            });
    }
}

/// The tab with GPT-2's vocabulary and `text`.
fn bench(theme: Theme, text: &str) -> Harness<'static, Bench> {
    let mut bench = Bench {
        tab: TokenizerTab::new(),
        notices: Vec::new(),
    };
    bench.tab.set_text(text);
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1280.0, 720.0))
        .with_context_setup(move |ctx| {
            theme::fonts::install(ctx);
            theme::apply(ctx, theme, false);
        })
        .allow_missing_glyphs()
        .wgpu()
        .build_ui_state(|ui, bench: &mut Bench| bench.show(ui), bench);
    settle(&mut harness);
    harness
}

/// Draws frames until nothing is on its way.
fn settle(harness: &mut Harness<'_, Bench>) {
    loop {
        harness.step();
        for notice in &harness.state().notices {
            if let Notice::Refused(refusal) = notice {
                panic!("refused: {refusal}");
            }
        }
        if harness.state().tab.ids().is_some() && harness.state().tab.progress().is_none() {
            break;
        }
        std::thread::yield_now();
    }
    harness.run();
}

fn ids(vocabulary: &str, text: &str) -> Vec<u32> {
    let tokenizer = Tokenizer::open(vocabulary).unwrap();
    tokenizer.encode(text, Specials::AsText)
}

fn labels(harness: &Harness<'_, Bench>, part: &str) -> Vec<String> {
    let nodes = harness.query_all_by_label_contains(part);
    nodes
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

fn says(harness: &Harness<'_, Bench>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}

#[test]
fn chips_appear_while_a_person_types() {
    let mut harness = bench(Theme::Light, "");
    let editor = harness.get_by_label("Text");
    editor.focus();
    editor.type_text("Hello world");
    harness.run();
    assert_eq!(harness.state().tab.ids().unwrap(), [15496, 995]);
    harness.get_by_label("GPT-2, token 1 Hello, id 15496");
    harness.get_by_label("GPT-2, token 2 ·world, id 995");
}

#[test]
fn half_a_character_is_shown_as_its_bytes() {
    let harness = bench(Theme::Light, "🍓");
    let chips = labels(&harness, "GPT-2, token ");
    assert_eq!(chips[0], "GPT-2, token 1 ⟨F0 9F⟩, id 8582");
    assert!(chips.iter().all(|chip| !chip.contains('\u{fffd}')));
}

#[test]
fn every_vocabulary_reads_the_text_as_itself() {
    let text = "strawberry 1234";
    let mut harness = bench(Theme::Light, text);
    for (label, name) in [
        ("cl100k", "cl100k"),
        ("stories", "stories"),
        ("o200k", "o200k"),
    ] {
        harness.get_by_label(&format!("Read with {label}")).click();
        harness.run_steps(2);
        settle(&mut harness);
        assert_eq!(
            harness.state().tab.ids().unwrap(),
            ids(name, text),
            "{name}"
        );
        assert!(!labels(&harness, &format!("{label}, token 1 ")).is_empty());
    }
}

#[test]
fn two_vocabularies_stand_beside_each_other_and_count_the_cuts_of_their_own() {
    let mut harness = bench(Theme::Light, "strawberry");
    harness.get_by_label("Compare with cl100k").click();
    harness.run_steps(2);
    settle(&mut harness);
    // st|raw|berry and str|aw|berry: one cut each that the other does not make.
    harness.get_by_label("GPT-2, token 1 st, id 301");
    harness.get_by_label("cl100k, token 1 str, id 496");
    let lone = harness.query_all_by_label_contains("1 cut of its own");
    assert_eq!(lone.count(), 2);
    harness.get_by_label("Compare with none").click();
    harness.run();
    assert!(labels(&harness, "cl100k, token").is_empty());
}

#[test]
fn a_click_on_a_chip_tells_how_its_word_got_there_forward_and_back() {
    let mut harness = bench(Theme::Light, "it is");
    harness.get_by_label("GPT-2, token 2 ·is, id 318").click();
    harness.run();
    harness.get_by_label("merge 2 of 2");
    assert!(says(&harness, "After 2 merges: one token."));
    for _ in 0..2 {
        harness.get_by_label("Step back").click();
        harness.run();
    }
    harness.get_by_label("merge 0 of 2");
    // "i s" has rank 15 in GPT-2's vocab.bpe, "Ġ i" rank 72.
    assert!(!labels(&harness, "“i” + “s” has the lowest rank, 15").is_empty());
    harness.get_by_label("Step forward").click();
    harness.run();
    harness.get_by_label("merge 1 of 2");
    harness.get_by_label_contains("Merges, by rank").focus();
    harness.run();
    harness.key_press(Key::Home);
    harness.run();
    harness.get_by_label("merge 0 of 2");
    harness.get_by_label("Play").click();
    harness.run_steps(2);
    harness.get_by_label("Pause").click();
    harness.run_steps(2);
    harness.get_by_label("Close").click();
    harness.run();
    assert!(!harness.state().tab.has_timeline());
}

#[test]
fn special_tokens_are_text_until_they_are_allowed() {
    let mut harness = bench(Theme::Light, "a<|endoftext|>");
    assert_eq!(harness.state().tab.ids().unwrap().len(), 8);
    harness
        .get_by_label("Special tokens allowed")
        .click_accesskit();
    harness.run_steps(2);
    settle(&mut harness);
    assert_eq!(harness.state().tab.ids().unwrap(), [64, 50256]);
    harness
        .get_by_label("GPT-2, token 2 <|endoftext|>, id 50256")
        .click();
    harness.run();
    assert!(says(&harness, "it is never merged"));
    harness
        .get_by_label("Special tokens as text")
        .click_accesskit();
    harness.run_steps(2);
    settle(&mut harness);
    assert_eq!(harness.state().tab.ids().unwrap().len(), 8);
}

#[test]
fn what_it_costs_to_be_read_is_counted_in_eight_languages() {
    let mut harness = bench(Theme::Light, "a");
    harness
        .get_by_label("What does it cost to be read?")
        .click();
    harness.run();
    let bars: Vec<String> = labels(&harness, ": ")
        .into_iter()
        .filter(|label| label.ends_with(" tokens"))
        .collect();
    assert_eq!(bars.len(), 8);
    // tiktoken: 13 tokens of GPT-2.
    assert!(bars.contains(&"English: 13 tokens".to_owned()), "{bars:?}");
    harness.get_by_label_contains("Chinese: ").click();
    harness.run_steps(2);
    settle(&mut harness);
    assert!(!labels(&harness, "GPT-2, token 1 ").is_empty());
}

#[test]
fn each_preset_fills_the_editor() {
    let mut harness = bench(Theme::Light, "a");
    let mut seen = Vec::new();
    for name in [
        "strawberry six ways",
        "reindeer, reinjury",
        "digits",
        "code indentation",
        "Who'd use…",
        "emoji",
        "eight languages",
    ] {
        harness.get_by_label(name).click();
        harness.run_steps(2);
        settle(&mut harness);
        let ids = harness.state().tab.ids().unwrap();
        assert!(!seen.contains(&ids), "{name}");
        seen.push(ids);
    }
}

#[test]
fn bytes_ids_and_white_space_are_shown_as_asked() {
    let mut harness = bench(Theme::Light, "naïve 🍓");
    for name in ["Show ids", "Show bytes", "Show spaces and line ends"] {
        for _ in 0..2 {
            harness.get_by_label(name).click();
            harness.run();
            assert!(!labels(&harness, "GPT-2, token 1 ").is_empty());
        }
    }
}

#[test]
fn a_file_of_ones_own_takes_over_and_a_broken_one_leaves_what_was() {
    let mut harness = bench(Theme::Light, "Ben likes to play.");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/models/stories.tokenizer.json");
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(own.into(), cx));
    harness.run_steps(2);
    settle(&mut harness);
    let expected = ids("stories", "Ben likes to play.");
    assert_eq!(harness.state().tab.ids().unwrap(), expected);
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("tokenizer.json");
    std::fs::write(
        &broken,
        "{\"model\": {\"type\": \"WordPiece\", \"vocab\": {}}}",
    )
    .unwrap();
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(broken, cx));
    loop {
        harness.step();
        if let Some(Notice::Refused(refusal)) = harness.state_mut().notices.pop() {
            assert!(!refusal.next.is_empty());
            break;
        }
        std::thread::yield_now();
    }
    harness.run();
    assert_eq!(harness.state().tab.ids().unwrap(), expected);
    let text = folder.path().join("a.txt");
    std::fs::write(
        &text,
        "A text of one's own, long enough to be known as text.",
    )
    .unwrap();
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(text, cx));
    harness.run_steps(2);
    let opened = |bench: &Bench| bench.tab.ids() != Some(expected.clone());
    while !opened(harness.state()) {
        harness.step();
    }
    settle(&mut harness);
    let expected = ids(
        "stories",
        "A text of one's own, long enough to be known as text.",
    );
    assert_eq!(harness.state().tab.ids().unwrap(), expected);
}

#[test]
fn a_letter_typed_into_a_long_text_has_little_encoded_again() {
    let text = "It was a bright cold day in April, and the clocks were striking.\n".repeat(3000);
    let mut harness = bench(Theme::Light, &text);
    assert!(text.len() > 190_000);
    let editor = harness.get_by_label("Text");
    editor.focus();
    editor.type_text("x");
    harness.run_steps(2);
    settle(&mut harness);
    assert!(harness.state().tab.n_bytes_encoded_last() < 200);
    let n = labels(&harness, "GPT-2, token ").len();
    assert!((10..1000).contains(&n), "{n} chips are drawn");
}

#[test]
fn what_was_chosen_comes_back_at_the_next_start() {
    let mut harness = bench(Theme::Light, "digits 123");
    harness.get_by_label("Read with cl100k").click();
    harness.run_steps(2);
    settle(&mut harness);
    let saved = harness.state().tab.save();
    let mut again = TokenizerTab::new();
    again.restore(&saved);
    assert_eq!(again.save(), saved);
    assert_eq!(saved["encode"]["vocabulary"], "cl100k");
    again.restore(&serde_json::json!({ "encode": 7 }));
    assert_eq!(again.save(), saved);
}

fn a_picture(theme: Theme, name: &str) {
    let mut harness = bench(theme, "Who'd use naïve strawberries?\n    x = 12345 €");
    harness.get_by_label("Show bytes").click();
    harness.run();
    harness.get_by_label_contains("GPT-2, token 5 ").click();
    harness.run();
    harness.snapshot(name);
}

#[test]
fn the_tab_looks_as_it_did_in_daylight() {
    a_picture(Theme::Light, "tokenizer_light");
}

#[test]
fn the_tab_looks_as_it_did_in_the_evening() {
    a_picture(Theme::Dark, "tokenizer_dark");
}

#[test]
fn the_neighbours_of_a_token_come_from_its_models_table() {
    let mut harness = bench(Theme::Light, "Ben likes to play.");
    assert!(harness.query_by_label("Neighbours").is_none());
    harness.get_by_label("Read with stories").click();
    harness.run_steps(2);
    settle(&mut harness);
    harness.get_by_label_contains("stories, token 2 ").click();
    harness.run();
    harness.get_by_label("Neighbours").click();
    harness.step();
    while labels(&harness, "Neighbour 1: ").is_empty() {
        harness.step();
        std::thread::yield_now();
    }
    harness.run();
    assert_eq!(labels(&harness, ", cosine 0.").len(), 16);
    harness.get_by_label("Close").click();
    harness.run();
    harness.get_by_label("Step back");
}
