//! Taking it along: the plane as a picture, and every number of the turn as JSON.

use super::PlaneView;
use super::film::{Curves, Frame, Quantity};
use super::layers::Layers;
use super::plot::{Square, heat_image, mesh_of};
use crate::labs::writing::write_whole_with;
use crate::tabs::parts::{group, wrapped};
use crate::tabs::saving::Document;
use crate::theme::{self, Palette};
use eframe::egui::{Color32, ColorImage, Mesh, Rect, Rgba, Ui, pos2, vec2};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;

/// Pixels along a side of the picture.
const SIDE: usize = 960;

/// The buttons.
pub(super) fn buttons(view: &mut PlaneView, ui: &mut Ui) {
    group(ui, "Save");
    let is_there = view.film.here().is_some();
    ui.add_enabled_ui(is_there, |ui| {
        wrapped(ui, |ui| {
            let hint = "The plane as it is on the stage, as a PNG file.";
            if ui.button("The picture…").on_hover_text(hint).clicked() {
                view.save_picture(theme::palette(ui.ctx()));
            }
            let hint = "Settings, weights, points and curves of this turn, as a JSON file.";
            if ui.button("The numbers…").on_hover_text(hint).clicked() {
                view.save_numbers();
            }
        });
    });
}

impl PlaneView {
    fn save_picture(&mut self, colors: &'static Palette) {
        let Some(frame) = self.film.here() else {
            return;
        };
        let (turn, layers) = (Arc::clone(&frame.turn), self.layers);
        let document = Document {
            heading: "Save the picture".into(),
            file_name: format!("glassbox-plane-turn-{}.png", turn.turn),
            kind: Some(["PNG picture", "png"]),
            write: Arc::new(move |path| {
                let picture = picture(&turn, layers, colors);
                write_whole_with(path, |file| encode(&picture, file))
            }),
        };
        self.saving.ask(document);
    }

    /// Writes the path, while it is asked for.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    pub(super) fn save_numbers(&mut self) {
        let (Some(frame), Some(branch)) = (self.film.here().cloned(), self.film.branch()) else {
            return;
        };
        let curves = branch.curves.clone();
        let document = Document {
            heading: "Save the numbers".into(),
            file_name: format!("glassbox-plane-turn-{}.json", frame.turn.turn),
            kind: Some(["JSON", "json"]),
            write: Arc::new(move |path| {
                let numbers = numbers(&frame, &curves);
                write_whole_with(path, |file| {
                    serde_json::to_writer_pretty(file, &numbers).map_err(io::Error::from)
                })
            }),
        };
        self.saving.ask(document);
    }
}

fn encode(picture: &ColorImage, file: &mut dyn io::Write) -> io::Result<()> {
    use image::ImageEncoder as _;
    let bytes: Vec<u8> = picture.pixels.iter().flat_map(Color32::to_array).collect();
    let [width, height] = picture.size.map(|n| n as u32);
    image::codecs::png::PngEncoder::new(file)
        .write_image(&bytes, width, height, image::ExtendedColorType::Rgba8)
        .map_err(io::Error::other)
}

/// All that is known of a turn.
fn numbers(frame: &Frame, curves: &Curves) -> Value {
    let turn = &frame.turn;
    let over_turns = Quantity::ALL.map(|quantity| (quantity.key(), curves.get(quantity)));
    let over_turns: serde_json::Map<String, Value> = over_turns
        .into_iter()
        .map(|(key, values)| (key.to_owned(), json!(values)))
        .collect();
    json!({
        "turn": turn.turn,
        "settings": *frame.settings,
        "real_points": turn.reals,
        "real_outputs": turn.real_outputs,
        "generated_points": turn.fakes,
        "generated_outputs": turn.fake_outputs,
        "pulls_on_generated_points": turn.arrows,
        "loss_d": turn.loss_d,
        "loss_g": turn.loss_g,
        "accuracy_on_real": turn.accuracy_real,
        "accuracy_on_generated": turn.accuracy_fake,
        "kl_nats": turn.divergence.kl,
        "js_nats": turn.divergence.js,
        "modes_covered": turn.coverage.n_covered,
        "mode_shares": turn.coverage.shares,
        "gradient_by_layer_of_d": turn.gradient_d,
        "gradient_by_layer_of_g": turn.gradient_g,
        "state": *turn.state,
        "turns": curves.turns,
        "over_turns": over_turns,
    })
}

/// The plane in pixels: what the stage shows, drawn by the same triangles.
fn picture(turn: &crate::labs::gan::plane::Turn, layers: Layers, colors: &Palette) -> ColorImage {
    let mut picture = ColorImage::filled([SIDE, SIDE], colors.stage);
    if layers.heat {
        let heat = heat_image(turn, colors);
        let n = heat.size[0];
        for y in 0..SIDE {
            for x in 0..SIDE {
                picture.pixels[y * SIDE + x] = smooth(&heat, [x, y].map(|v| cell(v, n)));
            }
        }
    }
    let size = vec2(SIDE as f32, SIDE as f32);
    let square = Square {
        rect: Rect::from_min_size(pos2(0.0, 0.0), size),
    };
    fill(&mut picture, &mesh_of(turn, square, layers, colors));
    picture
}

/// Where a pixel lies among `n` cells, counted from the first cell's centre.
fn cell(pixel: usize, n: usize) -> f32 {
    ((pixel as f32 + 0.5) * n as f32 / SIDE as f32 - 0.5).clamp(0.0, (n - 1) as f32)
}

/// A colour between those of four cells.
fn smooth(image: &ColorImage, [x, y]: [f32; 2]) -> Color32 {
    let n = image.size[0];
    let (i, j) = (x as usize, y as usize);
    let (right, below) = ((i + 1).min(n - 1), (j + 1).min(n - 1));
    let at = |column: usize, row: usize| image.pixels[row * n + column];
    let (fx, fy) = (x - i as f32, y - j as f32);
    let upper = theme::mix(at(i, j), at(right, j), fx);
    let lower = theme::mix(at(i, below), at(right, below), fx);
    theme::mix(upper, lower, fy)
}

/// Draws the triangles of a mesh, their colours blended between the corners.
fn fill(picture: &mut ColorImage, mesh: &Mesh) {
    let [width, height] = picture.size;
    for corners in mesh.indices.chunks_exact(3) {
        let [a, b, c] = [0, 1, 2].map(|i| mesh.vertices[corners[i] as usize]);
        let [pa, pb, pc] = [a.pos, b.pos, c.pos];
        let area = (pb - pa).x * (pc - pa).y - (pb - pa).y * (pc - pa).x;
        if area.abs() < 1e-9 {
            continue;
        }
        let bounds = Rect::from_points(&[pa, pb, pc]);
        let range = |low: f32, high: f32, n: usize| {
            (low.floor().max(0.0) as usize)..(high.ceil().clamp(0.0, n as f32) as usize)
        };
        for y in range(bounds.top(), bounds.bottom(), height) {
            for x in range(bounds.left(), bounds.right(), width) {
                let at = pos2(x as f32 + 0.5, y as f32 + 0.5);
                let part = |p: eframe::egui::Pos2, q: eframe::egui::Pos2| {
                    ((q - p).x * (at - p).y - (q - p).y * (at - p).x) / area
                };
                let [wa, wb, wc] = [part(pb, pc), part(pc, pa), part(pa, pb)];
                if wa < 0.0 || wb < 0.0 || wc < 0.0 {
                    continue;
                }
                let mixed =
                    Rgba::from(a.color) * wa + Rgba::from(b.color) * wb + Rgba::from(c.color) * wc;
                let pixel = &mut picture.pixels[y * width + x];
                let under = Rgba::from(*pixel) * (1.0 - mixed.a());
                *pixel = Color32::from(under + mixed).to_opaque();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::widgets::fine_lines::add_diamond;

    #[test]
    fn a_shape_fills_its_own_pixels_and_no_others() {
        let mut picture = ColorImage::filled([20, 20], Color32::WHITE);
        let mut mesh = Mesh::default();
        add_diamond(&mut mesh, pos2(10.0, 10.0), 4.0, Color32::BLACK);
        fill(&mut picture, &mesh);
        let at = |x: usize, y: usize| picture.pixels[y * 20 + x];
        assert_eq!(at(10, 10), Color32::BLACK);
        assert_eq!(at(2, 2), Color32::WHITE);
        // A square on its corner of half diagonal 4 covers 32 pixels, and its soft edge half of it.
        let dark = |color: &Color32| f64::from(255 - color.r()) / 255.0;
        let covered: f64 = picture.pixels.iter().map(dark).sum();
        assert!((28.0..44.0).contains(&covered), "{covered}");
    }

    #[test]
    fn a_picture_is_a_png_file_that_reads_back() {
        let picture = ColorImage::filled([3, 2], Color32::RED);
        let mut bytes = Vec::new();
        encode(&picture, &mut bytes).unwrap();
        let back = image::load_from_memory(&bytes).unwrap().to_rgba8();
        assert_eq!(back.dimensions(), (3, 2));
        assert_eq!(back.get_pixel(2, 1).0, Color32::RED.to_array());
    }
}
