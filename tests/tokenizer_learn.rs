//! The half of the tokenizer chapter where a vocabulary is learned, driven as a person would: by label.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not inside a #[test]"
)]

use eframe::egui::{self, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use glassbox::labs::compute::Compute;
use glassbox::tabs::tokenizer::TokenizerTab;
use glassbox::tabs::{Notice, Tab, TabContext};
use glassbox::theme::{self, Theme, size};
use std::path::Path;
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

/// The tab at its half of learning.
fn bench() -> Harness<'static, Bench> {
    let bench = Bench {
        tab: TokenizerTab::new(),
        notices: Vec::new(),
    };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1280.0, 900.0))
        .with_context_setup(|ctx| {
            theme::fonts::install(ctx);
            theme::apply(ctx, Theme::Light, false);
        })
        .allow_missing_glyphs()
        .wgpu()
        .build_ui_state(|ui, bench: &mut Bench| bench.show(ui), bench);
    click(&mut harness, "Learn");
    harness
}

fn click(harness: &mut Harness<'_, Bench>, label: &str) {
    harness.get_by_label(label).click();
    harness.step();
    harness.step();
}

/// Draws frames until the tab is where it should be; the job decides how many that takes.
fn until(harness: &mut Harness<'_, Bench>, done: impl Fn(&Harness<'_, Bench>) -> bool) {
    loop {
        harness.step();
        for notice in &harness.state().notices {
            if let Notice::Refused(refusal) = notice {
                panic!("refused: {refusal}");
            }
        }
        if done(harness) {
            return;
        }
        std::thread::yield_now();
    }
}

/// The labels that begin so, in the order of the screen.
fn labels(harness: &Harness<'_, Bench>, beginning: &str) -> Vec<String> {
    let nodes = harness.query_all_by_label_contains(beginning);
    nodes
        .filter_map(|node| node.accesskit_node().label().or_else(|| node.value()))
        .filter(|label| label.starts_with(beginning))
        .collect()
}

fn write_corpus(harness: &mut Harness<'_, Bench>, text: &str) {
    let editor = harness.get_by_label("Corpus");
    editor.focus();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness.get_by_label("Corpus").type_text(text);
    harness.step();
    harness.step();
}

#[test]
fn the_papers_first_merges_appear_one_by_one_with_their_ties_and_go_back() {
    let mut harness = bench();
    assert_eq!(
        labels(&harness, "Word ")[2],
        "Word n e w e s t </w>, 6 times"
    );
    assert_eq!(
        labels(&harness, "Pair ")[..2],
        [
            "Pair 1 e + s, 9 times, merged next",
            "Pair 2 s + t, 9 times, as common"
        ]
    );
    harness.get_by_label_contains("As common: s + t, t + </w>. The rule: of equally common pairs");
    for (merges, token) in ["es", "est", "est</w>", "lo", "low"].iter().enumerate() {
        click(&mut harness, "Step");
        let newest = &labels(&harness, "Token ")[0];
        assert!(
            newest.starts_with(&format!("Token {} {token}, made of ", 257 + merges)),
            "{newest}"
        );
    }
    assert_eq!(labels(&harness, "Word ")[2], "Word n e w est</w>, 6 times");
    harness.get_by_label_contains("Merge 5 made low: the corpus went from 61 to 54 tokens.");
    harness.get_by_label_contains("Tokens against merges: from 95 to 54 in 5 merges");
    click(&mut harness, "Back");
    assert_eq!(labels(&harness, "Token ").len(), 4);
    harness.get_by_label_contains("Merges, by count, 5 steps");
    click(&mut harness, "Restart");
    assert_eq!(labels(&harness, "Word ")[0], "Word l o w </w>, 5 times");
}

#[test]
fn run_goes_to_the_number_of_merges_and_play_goes_on_to_the_end() {
    let mut harness = bench();
    click(&mut harness, "Run to 10 merges");
    until(&mut harness, |harness| {
        harness.query_by_label("Stop").is_none()
    });
    assert!(harness.state().tab.title().ends_with("10 merges"));
    click(&mut harness, "Play");
    click(&mut harness, "Pause");
    let paused = harness.state().tab.title();
    harness.run_steps(200);
    assert_eq!(harness.state().tab.title(), paused);
    click(&mut harness, "Play");
    until(&mut harness, |harness| {
        harness.query_by_label("Learning is over").is_some()
    });
    assert!(labels(&harness, "Word ").contains(&"Word widest</w>, 3 times".into()));
}

#[test]
fn the_end_of_a_word_and_the_rule_of_ties_can_be_switched() {
    let mut harness = bench();
    click(&mut harness, "smaller ids");
    click(&mut harness, "Step");
    click(&mut harness, "Step");
    // By ids, t </w> comes before es t.
    assert!(labels(&harness, "Token ")[0].contains(" t</w>, made of t + </w>"));
    click(&mut harness, "Words end in </w>");
    assert_eq!(labels(&harness, "Word ")[0], "Word l o w, 5 times");
    assert!(labels(&harness, "Token ").is_empty());
}

#[test]
fn ones_own_corpus_is_learned_from_and_a_bad_line_is_named() {
    let mut harness = bench();
    write_corpus(&mut harness, "abab 3");
    assert_eq!(labels(&harness, "Word "), ["Word a b a b </w>, 3 times"]);
    write_corpus(&mut harness, "abab three");
    assert!(!labels(&harness, "Line 1 is not a word and its count").is_empty());
    click(&mut harness, "A text");
    write_corpus(&mut harness, "to be or not to be");
    assert!(labels(&harness, "Word ").contains(&"Word · b e, twice".into()));
}

#[test]
fn every_preset_shows_its_corpus() {
    let mut harness = bench();
    for (name, word) in [
        ("strawberry six ways", "Word · S T R A W B E R R Y, once"),
        ("reindeer, reinjury", "Word r e i n j u r y </w>, twice"),
        ("digits", "Word 2 0 2 4 </w>, 9 times"),
        ("code indentation", "Word ⏎ · · ·, 5 times"),
        ("Who'd use…", "Word ⟨E5⟩ ⟨90⟩ ⟨8E⟩, once"),
        ("The paper's corpus", "Word l o w e r </w>, twice"),
    ] {
        click(&mut harness, name);
        let words = labels(&harness, "Word ");
        assert!(words.contains(&word.to_owned()), "{name}: {words:?}");
        click(&mut harness, "Step");
        assert!(!labels(&harness, "Token ").is_empty(), "{name}");
    }
}

/// A book of a kind, in a folder of its own.
fn book(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("book.txt");
    let line = |i: u32| {
        let n = i * 7919;
        format!("Chapter {i}. The newest strawberry is the widest; caf\u{e9} {n}!")
    };
    let lines: Vec<String> = (0..20_000).map(line).collect();
    let text = lines.join("\n");
    std::fs::write(&path, text).unwrap();
    path
}

fn drop_book(harness: &mut Harness<'_, Bench>, folder: &Path) {
    let path = book(folder);
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(path, cx));
    until(harness, |harness| {
        harness
            .query_by_label_contains("Ready to learn from")
            .is_some()
    });
}

fn is_at_work(harness: &Harness<'_, Bench>) -> bool {
    harness.state().tab.progress().is_some()
}

#[test]
fn a_dropped_text_is_trained_on_compared_and_saved_so_that_tokenizers_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = bench();
    drop_book(&mut harness, folder.path());
    assert!(!labels(&harness, "Ready to learn from book.txt").is_empty());
    click(&mut harness, "1,000");
    click(&mut harness, "Train 1,000 merges");
    until(&mut harness, |harness| !is_at_work(harness));
    assert_eq!(labels(&harness, "Learned: ").len(), 1);
    let gpt2 = labels(&harness, "GPT-2: ");
    assert!(gpt2[0].contains("characters per token"), "{gpt2:?}");
    assert!(labels(&harness, "·strawberry").len() == 1);

    let path = folder.path().join("tokenizer.json");
    click(&mut harness, "Save tokenizer.json…");
    harness
        .state_mut()
        .tab
        .set_save_path(path.to_str().unwrap());
    harness.step();
    click(&mut harness, "Save");
    until(&mut harness, |_| path.exists());
    let theirs = tokenizers::Tokenizer::from_file(&path).unwrap();
    let encoding = theirs.encode("The newest strawberry", false).unwrap();
    assert!(encoding.get_tokens().contains(&"Ġstrawberry".to_owned()));

    until(&mut harness, |harness| {
        harness.query_by_label("Cancel").is_none()
    });
    let path = folder.path().join("vocabulary.tiktoken");
    click(&mut harness, "Save ranks…");
    harness
        .state_mut()
        .tab
        .set_save_path(path.to_str().unwrap());
    harness.step();
    click(&mut harness, "Save");
    until(&mut harness, |_| path.exists());
    let ranks = std::fs::read_to_string(&path).unwrap();
    // RFC 4648: byte 0 is AA==.
    assert!(ranks.starts_with("AA== 0\n"));
    assert_eq!(
        ranks.lines().count(),
        theirs.get_vocab_size(false),
        "both files hold the same vocabulary"
    );
}

#[test]
fn stop_keeps_what_was_learned() {
    let mut harness = bench();
    click(&mut harness, "Whole text");
    harness
        .get_all_by_label("Little stories")
        .next()
        .unwrap()
        .click();
    harness.step();
    click(&mut harness, "32,000");
    click(&mut harness, "Train 32,000 merges");
    until(&mut harness, |harness| {
        !is_at_work(harness) || !labels(harness, "Tokens against merges").is_empty()
    });
    until(&mut harness, |harness| {
        !is_at_work(harness) || !labels(harness, "The last pair stood").is_empty()
    });
    if let Some(stop) = harness.query_by_label("Stop") {
        stop.click();
    }
    until(&mut harness, |harness| !is_at_work(harness));
    assert_eq!(labels(&harness, "Learned: ").len(), 1);
    harness.get_by_label("Encode with it");
}

#[test]
fn a_file_that_is_no_text_is_refused_and_what_was_there_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("latin.txt");
    // "é" in Latin-1, far behind what tells a text from other files.
    let text = [&b"a word ".repeat(1000)[..], b"caf\xe9"].concat();
    std::fs::write(&path, text).unwrap();
    let mut harness = bench();
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(path, cx));
    until(&mut harness, |harness| {
        harness
            .query_by_label_contains("Ready to learn from")
            .is_some()
    });
    click(&mut harness, "Train 8,000 merges");
    while harness.state().notices.is_empty() {
        harness.step();
        std::thread::yield_now();
    }
    let Notice::Refused(refusal) = &harness.state().notices[0] else {
        panic!("it was not refused");
    };
    assert!(refusal.what.contains("latin.txt"), "{refusal}");
    while is_at_work(&harness) {
        harness.step();
        std::thread::yield_now();
    }
}
