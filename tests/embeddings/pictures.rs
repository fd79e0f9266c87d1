//! Pictures of the chapter, drawn by one software rasteriser and compared pixel by pixel.

use super::own_dimensions::bench;
use super::with_small_set;
use egui_kittest::kittest::Queryable;
use glassbox::theme::Theme;

#[test]
fn arithmetic_looks_as_it_did() {
    let mut harness = with_small_set(Theme::Light);
    harness.get_by_label_contains("Number 1: queen").hover();
    harness.snapshot("embeddings_arithmetic_light");
}

#[test]
fn ones_own_dimensions_look_as_they_did() {
    let mut harness = bench(Theme::Dark);
    harness.snapshot("embeddings_own_dimensions_dark");
}
