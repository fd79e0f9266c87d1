//! The tray: faces that were kept, to go between and to reckon with.

use super::known::FaceLab;
use super::pages::Page;
use super::studio::Place;
use super::{FacesView, Picture};
use crate::tabs::parts::caption;
use crate::widgets::image_grid::ImageGrid;
use eframe::egui::{Ui, vec2};

/// Faces that lie there at the start.
pub(super) const N_FIRST: u64 = 8;
/// Faces in a row.
const COLUMNS: usize = 4;
/// No more are kept; the oldest goes first.
const MOST: usize = 24;

/// A face by its z, and what it is called.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) z: Vec<f32>,
}

/// The faces that were kept.
#[derive(Debug, Default)]
pub(super) struct Tray {
    kept: Vec<Slot>,
    pub(super) picture: Picture,
}

impl Tray {
    /// Lays the first faces out.
    pub(super) fn begin(&mut self, seeds: impl Iterator<Item = u64>, lab: &FaceLab) {
        let slot = |seed| Slot {
            name: format!("seed {seed}"),
            z: lab.z(seed),
        };
        self.kept = seeds.map(slot).collect();
    }

    /// What lies at a place; nothing where nothing does.
    pub(super) fn slot(&self, i: usize) -> Slot {
        self.kept.get(i).cloned().unwrap_or_default()
    }

    /// The z of all of them.
    pub(super) fn zs(&self) -> Vec<Vec<f32>> {
        self.kept.iter().map(|slot| slot.z.clone()).collect()
    }

    /// Whether a face lies there already.
    fn holds(&self, z: &[f32]) -> bool {
        self.kept.iter().any(|slot| slot.z == z)
    }

    fn add(&mut self, slot: Slot) {
        self.kept.insert(0, slot);
        self.kept.truncate(MOST);
    }
}

impl FacesView {
    /// Keeps a face, if it does not lie there already.
    pub(super) fn keep(&mut self, slot: Slot) {
        if slot.z.is_empty() || self.tray.holds(&slot.z) {
            return;
        }
        self.tray.add(slot);
        self.draw_tray();
    }

    fn draw_tray(&mut self) {
        let zs = self.tray.zs();
        self.tray.picture.wished = self.wish(Place::Tray, zs);
    }

    /// The tray on the bench: a click uses a face where the page says.
    pub(super) fn show_tray(&mut self, ui: &mut Ui) {
        self.tray.picture.update(ui.ctx(), false);
        let n = self.tray.kept.len();
        let rows = n.div_ceil(COLUMNS).max(1);
        let width = ui.available_width().min(280.0);
        let grid = ImageGrid {
            name: "Kept face",
            sheet: &self.tray.picture.sheet,
            n,
            columns: COLUMNS,
            verdicts: &[],
            verdict: "",
            chosen: None,
        };
        let done = grid.show(ui, vec2(width, width / COLUMNS as f32 * rows as f32));
        if let Some((i, response)) = done.hovered {
            let what = match self.page {
                Page::One => "Click to look at it.",
                Page::Push => "Click to push it.",
                Page::Walk => "Click to walk from or to it: it takes the marked end.",
                Page::Sums => "Click to reckon with it: it takes the marked place.",
            };
            response.on_hover_text(format!("{}\n{what}", self.tray.slot(i).name));
        }
        if let Some(i) = done.clicked {
            let slot = self.tray.slot(i);
            match self.page {
                Page::One | Page::Push => {
                    let seed = slot.name.strip_prefix("seed ").and_then(|n| n.parse().ok());
                    self.show_z(slot.z, seed);
                }
                Page::Walk => self.put_into_walk(slot),
                Page::Sums => self.put_into_sums(slot),
            }
        }
        let words = match self.page {
            Page::One | Page::Push => "A click puts a face on the stage.",
            Page::Walk => "A click fills the marked end of the walk.",
            Page::Sums => "A click fills the marked place of the sum.",
        };
        caption(ui, words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tray_keeps_the_newest_faces_and_none_twice() {
        let mut tray = Tray::default();
        let slot = |i: usize| Slot {
            name: format!("seed {i}"),
            z: vec![i as f32],
        };
        (0..MOST + 5).for_each(|i| tray.add(slot(i)));
        assert_eq!(tray.zs().len(), MOST);
        assert_eq!(tray.slot(0).name, format!("seed {}", MOST + 4));
        assert!(tray.holds(&[MOST as f32]) && !tray.holds(&[0.0]));
        assert_eq!(tray.slot(999), Slot::default());
    }
}
