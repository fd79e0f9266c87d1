//! The way from noise to data as a strip: the points at every step, the left plane above, the right one
//! below.

use super::PointsView;
use super::plot::thumbnail;
use crate::tabs::images::plane::plot::inks;
use crate::theme;
use crate::widgets::film_strip::FilmStrip;
use eframe::egui::{Mesh, Rect, Shape, Ui, pos2};

/// What leads to the end of the way.
const END: [&str; 2] = [
    "Data",
    "Show the end of the way: where noise has become data (End).",
];

pub(super) fn show(view: &mut PointsView, ui: &mut Ui) {
    let n = view.n_sides();
    let n_steps = view.setup.n_steps;
    let looks: Vec<_> = (0..n).map(|i| view.look(i)).collect();
    let label = |step: usize| match step {
        0 => "noise, s = 1".to_owned(),
        step if step == n_steps => "data, s = 0".to_owned(),
        step => {
            let s = 1.0 - step as f64 / n_steps as f64;
            format!("step {step}, s = {s:.2}")
        }
    };
    let mut state = view.strip.clone();
    let did = FilmStrip {
        name: "From noise to data",
        n_frames: n_steps + 1,
        selected: view.step.filter(|step| *step < n_steps),
        label: &label,
        is_branch: &|_| false,
        aspect: 1.0 / n as f32,
        go_on: None,
    }
    .show_to(END, ui, &mut state, &mut |painter, step, place| {
        let colors = theme::palette(painter.ctx());
        let [_, ink] = inks(colors);
        painter.rect_filled(place, 0.0, colors.stage);
        let height = place.height() / n as f32;
        for (i, look) in looks.iter().enumerate() {
            let top = place.top() + height * i as f32;
            let own =
                Rect::from_min_max(pos2(place.left(), top), pos2(place.right(), top + height))
                    .shrink(1.0);
            let points = look.as_ref().and_then(|look| look.points.get(step));
            let mut mesh = Mesh::default();
            thumbnail(&mut mesh, own, points.map_or(&[][..], Vec::as_slice), ink);
            painter.add(Shape::mesh(mesh));
        }
    });
    view.strip = state;
    if did.follow {
        view.step = None;
    } else if did.went_to.is_some() {
        view.step = did.went_to;
    }
}
