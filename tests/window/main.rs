//! The frame around the chapters, driven as a person would: by label, by keys, by dropping files.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should say where"
)]

mod demo;
mod names;
mod pictures;
#[path = "../tiny/mod.rs"]
mod tiny;
mod tokenizer;

use demo::{Demo, Log};
use eframe::egui::{self, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::app::{App, Chooser, Start};
use glassbox::files::card::Card;
use glassbox::labs::compute::Compute;
use glassbox::refusal::{Refusal, Result};
use glassbox::settings::Settings;
use glassbox::tabs::Tab;
use glassbox::theme::{self, Theme};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Answers the file dialog in a person's stead.
struct Answer(Option<PathBuf>);

impl Chooser for Answer {
    fn choose(&self) -> Option<PathBuf> {
        self.0.clone()
    }
}

/// A file in the hand of a person, over the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> std::result::Result<Vec<u8>, String> {
        Ok(b"bytes without a place".to_vec())
    }
}

fn a_refusal() -> Refusal {
    Refusal::unchanged(
        "“cat.gguf” is incomplete",
        "Tensor blk.17.ffn_up ends at 4.21 GB; the file has 3.90 GB.",
        "Download it again, or choose another file.",
    )
}

/// Knows files by their names, so that no disk is needed.
fn inspect(path: &Path) -> Result<Card> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    if name.starts_with("cat") {
        return Err(a_refusal());
    }
    let is_model = name.starts_with("model");
    let kind = if is_model {
        "language model"
    } else {
        "picture"
    };
    Ok(Card {
        path: path.to_owned(),
        kind: kind.into(),
        format: if is_model { "GGUF 3" } else { "PNG" }.into(),
        architecture: is_model.then(|| "llama".into()),
        n_parameters: 134_515_008,
        dtype_counts: vec![("Q4_1".into(), 210), ("F32".into(), 61)],
        n_tensors: 272,
        metadata: vec![("general.name".into(), "Smol".into())],
        memory_bytes: 158_000_000,
        usable_as: is_model.then(|| "Text".into()).into_iter().collect(),
        notes: vec!["No chapter of this window can use it.".into()],
    })
}

struct Window {
    harness: Harness<'static, App>,
    log: Log,
}

impl Window {
    fn open() -> Self {
        Self::with(Settings::default(), |_| {})
    }

    fn with(settings: Settings, change: impl FnOnce(&mut Start)) -> Self {
        let log = Log::default();
        let tabs: Vec<Box<dyn Tab>> = vec![
            Box::new(Demo::new("Text", &log)),
            Box::new(Demo::new("Tokens", &log)),
        ];
        let mut window = Self::with_chapters(settings, tabs, change);
        window.log = log;
        window
    }

    fn with_chapters(
        settings: Settings,
        tabs: Vec<Box<dyn Tab>>,
        change: impl FnOnce(&mut Start),
    ) -> Self {
        let size = egui::vec2(1280.0, 720.0) / settings.theme.scale();
        let log = Log::default();
        let mut start = Start {
            settings,
            settings_path: None,
            files: Vec::new(),
            compute: Compute {
                threads: 2,
                ..Compute::default()
            },
            model_folders: Vec::new(),
            inspect: Arc::new(inspect),
            chooser: Arc::new(Answer(None)),
            refusals: Vec::new(),
        };
        change(&mut start);
        let harness = Harness::builder()
            .with_size(size)
            .wgpu()
            .build_eframe(|cx| App::new(&cx.egui_ctx, tabs, start));
        let mut window = Self { harness, log };
        window.settle();
        window
    }

    /// Runs frames until no thread has anything more to bring.
    fn settle(&mut self) {
        self.harness.step();
        while !self.harness.state().is_settled() {
            std::thread::yield_now();
            self.harness.step();
        }
        // While files hang over the window it is repainted all the time, so this may not come to rest.
        self.harness.run_ok();
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.settle();
    }

    fn shows(&self, words: &str) -> bool {
        self.harness
            .query_all_by_label_contains(words)
            .next()
            .is_some()
    }

    fn type_text(&mut self, text: &str) {
        self.harness.event(egui::Event::Text(text.into()));
        self.settle();
    }

    fn log(&self) -> Vec<String> {
        self.log.borrow().clone()
    }

    fn hover(&mut self, paths: &[&str]) {
        let files = paths.iter().map(|path| egui::HoveredFile {
            path: Some(path.into()),
            ..Default::default()
        });
        self.harness.input_mut().hovered_files = files.collect();
        self.settle();
    }

    fn drop(&mut self, path: &str) {
        self.harness.input_mut().hovered_files.clear();
        let file = Arc::new(Dropped(path.into()));
        self.harness.input_mut().dropped_files.push(file);
        self.settle();
    }
}

#[test]
fn the_palette_finds_a_command_by_its_letters_and_gives_it() {
    let mut window = Window::open();
    window.press(Modifiers::COMMAND, Key::K);
    assert!(window.shows("Find a command"));
    window.type_text("gener");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.log(), ["Run"]);
    assert!(!window.shows("What do you want to do?"));
}

#[test]
fn the_palette_offers_only_what_can_be_done_now() {
    let mut window = Window::open();
    window.press(Modifiers::COMMAND, Key::K);
    assert!(window.shows("Undo"));
    assert!(!window.shows("Export as JSON"));
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!window.shows("Undo"));
}

#[test]
fn the_keys_of_commands_reach_the_chapter() {
    let mut window = Window::open();
    window.press(Modifiers::COMMAND, Key::Enter);
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.log(), ["Run", "Undo"]);
}

#[test]
fn the_theme_changes_with_its_key_and_the_projector_is_half_as_large_again() {
    let mut window = Window::open();
    for expected in [Theme::Dark, Theme::Projector, Theme::Light] {
        window.press(Modifiers::COMMAND, Key::T);
        assert_eq!(theme::current(&window.harness.ctx), expected);
        assert_eq!(window.harness.ctx.zoom_factor(), expected.scale());
    }
}

#[test]
fn zoom_goes_in_out_and_back() {
    let mut window = Window::open();
    window.press(Modifiers::COMMAND, Key::Plus);
    window.press(Modifiers::COMMAND, Key::Equals);
    assert!((window.harness.ctx.zoom_factor() - 1.2).abs() < 1e-5);
    window.press(Modifiers::COMMAND, Key::Minus);
    assert!((window.harness.ctx.zoom_factor() - 1.1).abs() < 1e-5);
    window.press(Modifiers::COMMAND, Key::Num0);
    assert_eq!(window.harness.ctx.zoom_factor(), 1.0);
}

#[test]
fn the_controls_on_the_right_fold_away_and_come_back() {
    let mut window = Window::open();
    assert!(window.shows("Temperature"));
    window.press(Modifiers::COMMAND, Key::B);
    assert!(!window.shows("Temperature"));
    window.click("Show or hide controls");
    assert!(window.shows("Temperature"));
}

#[test]
fn the_overlay_names_each_file_and_what_will_happen_before_it_is_let_go() {
    let mut window = Window::open();
    window.hover(&["/a b/model é.gguf", "/cat.gguf", "/sunset.png"]);
    for words in [
        "Let go to open",
        "model é.gguf",
        "language model · GGUF 3",
        "Text will load it as the text model.",
        "“cat.gguf” is incomplete",
        "sunset.png",
        "no chapter can use it",
    ] {
        assert!(window.shows(words), "{words}");
    }
    assert!(window.log().is_empty());
    window.drop("/a b/model é.gguf");
    assert!(!window.shows("Let go to open"));
    assert_eq!(window.log(), ["open /a b/model é.gguf"]);
}

#[test]
fn a_refused_file_is_told_in_four_parts_and_the_window_goes_on() {
    let mut window = Window::open();
    window.drop("/cat.gguf");
    let refusal = a_refusal();
    for part in [
        &refusal.what,
        &refusal.evidence,
        &refusal.meaning,
        &refusal.next,
    ] {
        assert!(window.shows(part), "{part}");
    }
    window.press(Modifiers::NONE, Key::Enter);
    assert!(!window.shows(&refusal.evidence));
    window.click("Generate");
    assert_eq!(window.log(), ["clicked Generate"]);
}

#[test]
fn a_file_no_chapter_takes_shows_its_card() {
    let mut window = Window::open();
    window.drop("/sunset.png");
    assert!(window.shows("picture · PNG"));
    assert!(window.shows("No chapter of this window can use it."));
    window.press(Modifiers::NONE, Key::Escape);
    assert!(!window.shows("picture · PNG"));
}

#[test]
fn a_file_dropped_as_bytes_is_opened_from_a_place_of_its_own() {
    let mut window = Window::open();
    window.drop("model.gguf");
    let opened = window.log().remove(0);
    let path = Path::new(opened.strip_prefix("open ").unwrap());
    assert!(path.is_absolute());
    assert_eq!(std::fs::read(path).unwrap(), b"bytes without a place");
}

#[test]
fn a_chosen_file_is_opened_and_remembered() {
    let mut window = Window::with(Settings::default(), |start| {
        start.chooser = Arc::new(Answer(Some("/m/model.gguf".into())));
    });
    window.press(Modifiers::COMMAND, Key::O);
    assert_eq!(window.log(), ["open /m/model.gguf"]);
    window.click("Recent files");
    assert!(window.shows("model.gguf"));
}

#[test]
fn without_an_answer_from_the_dialog_a_path_can_be_typed() {
    let mut window = Window::open();
    window.click("Open…");
    assert!(window.shows("If no dialog appeared"));
    window.type_text("\"/m/model b.gguf\"");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.log(), ["open /m/model b.gguf"]);
}

#[test]
fn files_given_at_the_start_are_opened() {
    let window = Window::with(Settings::default(), |start| {
        start.files = vec!["/m/model.gguf".into()];
    });
    assert_eq!(window.log(), ["open /m/model.gguf"]);
}

#[test]
fn a_recent_file_is_one_click_away() {
    let mut settings = Settings::default();
    settings.remember("/m/model 2.gguf".into());
    let mut window = Window::with(settings, |_| {});
    window.click("Recent files");
    window.click("model 2.gguf");
    assert_eq!(window.log(), ["open /m/model 2.gguf"]);
}

#[test]
fn what_was_wrong_before_the_window_opened_is_said_in_it() {
    let window = Window::with(Settings::default(), |start| {
        start.refusals = vec![a_refusal()];
    });
    assert!(window.shows("“cat.gguf” is incomplete"));
}

#[test]
fn every_control_is_named_and_the_tab_key_reaches_it() {
    let mut window = Window::open();
    let mut unreached = vec![
        "Text",
        "Tokens",
        "Open…",
        "Recent files",
        "Find a command…",
        "Change theme",
        "Show or hide controls",
        "A refusal",
        "Generate",
    ];
    for _ in 0..40 {
        window.press(Modifiers::NONE, Key::Tab);
        unreached.retain(|label| !window.harness.get_by_label(label).is_focused());
    }
    assert!(unreached.is_empty(), "not reached: {unreached:?}");
}

#[test]
fn a_window_with_nothing_to_do_asks_for_no_further_frame() {
    let mut window = Window::open();
    window.harness.step();
    let delay = window.harness.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert_eq!(delay, std::time::Duration::MAX);
}
