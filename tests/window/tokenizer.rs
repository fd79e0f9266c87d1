//! The chapter of tokens in the whole window.

use super::Window;
use eframe::egui::{Key, Modifiers};
use glassbox::settings::Settings;
use glassbox::tabs;

#[test]
fn the_palette_calls_what_is_done_as_the_chapter_does() {
    let mut window = Window::with_chapters(Settings::default(), tabs::all(), |_| {});
    window.click("Tokenizer");
    window.press(Modifiers::COMMAND, Key::K);
    assert!(!window.shows("Generate"), "nothing is run to encode");
    window.press(Modifiers::NONE, Key::Escape);
    window.click("Learn");
    window.press(Modifiers::COMMAND, Key::K);
    assert!(!window.shows("Generate"));
    window.type_text("run");
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.shows("Merge 10 made"));
    window.press(Modifiers::COMMAND, Key::B);
    window.press(Modifiers::NONE, Key::ArrowLeft);
    assert!(
        window.shows("Merge 9 made"),
        "with the controls folded away"
    );
}
