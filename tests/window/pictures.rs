//! Pictures of the frame, drawn by one software rasteriser and compared pixel by pixel.

use super::Window;
use eframe::egui::{Rect, pos2};
use egui_kittest::SnapshotResults;
use glassbox::settings::Settings;
use glassbox::theme::Theme;

fn in_theme(theme: Theme) -> Window {
    let settings = Settings {
        theme,
        ..Settings::default()
    };
    Window::with(settings, |_| {})
}

/// Hides the machine's own facts, which differ from machine to machine, and takes the picture.
fn picture(window: &mut Window, name: &str) {
    let height = window.harness.ctx.content_rect().height();
    let facts = Rect::from_min_max(pos2(0.0, height - 31.0), pos2(560.0, height));
    window.harness.mask(facts);
    window.harness.snapshot(name);
}

#[test]
fn the_frame_looks_as_it_did_in_every_theme() {
    let mut results = SnapshotResults::new();
    for theme in Theme::ALL {
        let mut window = in_theme(theme);
        let name = format!("window_{}", theme.label().to_lowercase());
        picture(&mut window, &name);
        results.extend_harness(&mut window.harness);
    }
}

#[test]
fn a_refusal_and_the_drop_overlay_look_as_they_did() {
    let mut window = in_theme(Theme::Light);
    window.hover(&["/model.gguf", "/cat.gguf", "/sunset.png"]);
    picture(&mut window, "window_drop");
    window.drop("/cat.gguf");
    picture(&mut window, "window_refusal");
}
