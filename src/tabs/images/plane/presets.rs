//! What to try.

use super::PlaneView;
use super::shelf;
use eframe::egui::Ui;

pub(super) fn show(view: &mut PlaneView, ui: &mut Ui) {
    shelf::settings_of_the_turn(view, ui);
}
