//! Taking it along: every point at every moment of the way, left and right, as JSON.

use super::PointsView;
use super::setup::What;
use crate::labs::diffusion::plane::Look;
use crate::labs::writing::write_whole_with;
use crate::tabs::parts::caption;
use crate::tabs::saving::Document;
use eframe::egui::{Button, Ui};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;

/// The button.
pub(super) fn bench(view: &mut PointsView, ui: &mut Ui) {
    let hint =
        "Settings, every point at every moment, and where every arrow leads, as a JSON file.";
    let is_there = view.look(0).is_some();
    let button = ui.add_enabled(is_there, Button::new("The numbers…"));
    if button.on_hover_text(hint).clicked() {
        view.save_numbers();
    }
    caption(
        ui,
        "The same seed and settings make the same numbers again.",
    );
}

impl PointsView {
    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    fn save_numbers(&mut self) {
        let looks: Vec<(usize, Arc<Look>)> = (0..self.n_sides())
            .filter_map(|side| Some((side, self.look(side)?)))
            .collect();
        let setup = serde_json::to_value(&self.setup).unwrap_or_default();
        let names = self.setup.what.map(What::name);
        self.saving.ask(Document {
            heading: "Save the numbers".into(),
            file_name: "glassbox-points.json".into(),
            kind: Some(["JSON", "json"]),
            write: Arc::new(move |path| {
                let sides = looks.iter().map(|(side, look)| numbers(names[*side], look));
                let all = json!({ "settings": setup, "ways": sides.collect::<Vec<Value>>() });
                write_whole_with(path, |file| {
                    serde_json::to_writer_pretty(file, &all).map_err(io::Error::from)
                })
            }),
        });
    }
}

/// All that is known of a way.
fn numbers(name: &str, look: &Look) -> Value {
    json!({
        "what": name,
        "moments": look.times,
        "points": look.points,
        "arrows_from": look.cells,
        "arrows_to": look.arrows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_has_its_points() {
        let look = Look {
            times: vec![1.0, 0.0],
            points: vec![vec![[0.5, -1.0]], vec![[0.25, 0.0]]],
            ..Look::default()
        };
        let told = numbers("Flow matching", &look);
        assert_eq!(told["moments"], json!([1.0, 0.0]));
        assert_eq!(told["points"][1][0], json!([0.25, 0.0]));
    }
}
