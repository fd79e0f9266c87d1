//! A walk: from one face to another, along the sphere on which z lie.

use super::studio::Place;
use super::tray::Slot;
use super::{FacesView, Picture};
use crate::labs::gan::faces;
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::image_grid::ImageGrid;
use eframe::egui::{
    Align, Layout, Role, Sense, Slider, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2,
};

/// Faces of the strip, both ends included.
const N_STRIP: usize = 9;

/// The state of a walk.
#[derive(Debug)]
pub(super) struct Walk {
    /// Where it begins and where it ends.
    pub(super) ends: [Slot; 2],
    /// The end that the next face of the tray takes.
    active: usize,
    /// How far it has gone, 0..=1.
    t: f32,
    pub(super) strip: Picture,
    pub(super) between: Picture,
}

impl Default for Walk {
    fn default() -> Self {
        Self {
            ends: <[Slot; 2]>::default(),
            active: 0,
            t: 0.5,
            strip: Picture::default(),
            between: Picture::default(),
        }
    }
}

impl FacesView {
    /// Wishes for all faces of the walk.
    pub(super) fn draw_walk(&mut self) {
        let [a, b] = &self.walk.ends;
        let steps = (0..N_STRIP).map(|i| i as f64 / (N_STRIP - 1) as f64);
        let zs = steps.map(|t| faces::walk(&a.z, &b.z, t)).collect();
        self.walk.strip.wished = self.wish(Place::Strip, zs);
        self.draw_between();
    }

    fn draw_between(&mut self) {
        let z = self.z_between();
        self.walk.between.wished = self.wish(Place::Between, vec![z]);
    }

    /// The z where the walk stands.
    fn z_between(&self) -> Vec<f32> {
        let [a, b] = &self.walk.ends;
        faces::walk(&a.z, &b.z, f64::from(self.walk.t))
    }

    /// A face of the tray becomes the marked end; then the other end is marked.
    pub(super) fn put_into_walk(&mut self, slot: Slot) {
        self.walk.ends[self.walk.active] = slot;
        self.walk.active = 1 - self.walk.active;
        self.draw_walk();
    }

    /// The face where the walk stands, to be kept.
    pub(super) fn face_of_walk(&self) -> Slot {
        let [a, b] = &self.walk.ends;
        Slot {
            name: format!("{:.0} % from {} to {}", self.walk.t * 100.0, a.name, b.name),
            z: self.z_between(),
        }
    }
}

pub(super) fn show(view: &mut FacesView, ui: &mut Ui) {
    view.walk.strip.update(ui.ctx(), false);
    view.walk.between.update(ui.ctx(), true);
    let area = ui.available_size();
    let strip = ((area.x - 64.0) / N_STRIP as f32).min(area.y * 0.22);
    let large = (area.y - strip - 136.0).min(area.x * 0.42).max(96.0);
    let small = (large * 0.55)
        .min((area.x - large) * 0.5 - theme::size::GROUP * 2.0)
        .max(48.0);
    ui.vertical_centered(|ui| {
        let width = large + 2.0 * (small + theme::size::GROUP);
        ui.allocate_ui_with_layout(
            vec2(width, large + 24.0),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.spacing_mut().item_spacing.x = theme::size::GROUP;
                end(view, ui, 0, small);
                column(ui, large, |ui| {
                    let (rect, response) = ui.allocate_exact_size(Vec2::splat(large), Sense::hover());
                    let words = format!("The face {:.0} % of the way", view.walk.t * 100.0);
                    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
                    view.walk.between.sheet.paint(ui.painter(), rect, 0);
                });
                end(view, ui, 1, small);
            },
        );
        ui.add_space(theme::size::GRID);
        let slider = vec2(width * 0.8, theme::size::CONTROL);
        ui.allocate_ui(slider, |ui| {
            theme::dress_sliders(ui);
            ui.spacing_mut().slider_width = slider.x;
            let slider = Slider::new(&mut view.walk.t, 0.0..=1.0).show_value(false);
            let slider = ui.add(slider).on_hover_text("Drag: every step of the way is a face.");
            ui.ctx()
                .accesskit_node_builder(slider.id, |node| node.set_label("How far the walk has gone"));
            if slider.changed() {
                view.draw_between();
            }
        });
        let t = view.walk.t;
        let [a, b] = view.walk.ends.each_ref().map(|end| end.name.as_str());
        caption(
            ui,
            format!("{:.0} % from {a} to {b}, along the great circle through both z: in between, z keeps the length that the generator knows.", t * 100.0),
        );
        ui.add_space(theme::size::GRID);
        let grid = ImageGrid {
            name: "Step",
            sheet: &view.walk.strip.sheet,
            n: N_STRIP,
            columns: N_STRIP,
            verdicts: &[],
            verdict: "",
            chosen: None,
        };
        let done = grid.show(ui, vec2(strip * N_STRIP as f32, strip));
        if let Some(i) = done.clicked {
            view.walk.t = i as f32 / (N_STRIP - 1) as f32;
            view.draw_between();
        }
    });
}

/// An end of the walk: click it, then a face of the tray.
fn end(view: &mut FacesView, ui: &mut Ui, i: usize, side: f32) {
    let picture = if i == 0 { 0 } else { N_STRIP - 1 };
    let name = ["From", "To"][i];
    let is_active = view.walk.active == i;
    column(ui, side, |ui| {
        let words = format!("{name}: {}", view.walk.ends[i].name);
        let clicked = slot(ui, &view.walk.strip, picture, side, is_active, &words);
        if clicked {
            view.walk.active = i;
        }
        caption(ui, words);
    });
}

/// A face that another one can be put in the place of; the one that is next wears a ring.
pub(super) fn slot(
    ui: &mut Ui,
    picture: &Picture,
    i: usize,
    side: f32,
    is_active: bool,
    name: &str,
) -> bool {
    let colors = theme::palette(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_active, name));
    picture.sheet.paint(ui.painter(), rect, i);
    let ring = if is_active || response.has_focus() {
        Stroke::new(3.0, colors.accent)
    } else if response.hovered() {
        Stroke::new(2.0, colors.outline)
    } else {
        Stroke::NONE
    };
    ui.painter()
        .rect_stroke(rect, 2.0, ring, StrokeKind::Outside);
    response
        .on_hover_text("Click here, then a face of the tray: it takes this place.")
        .clicked()
}

/// Things under each other, as wide as `width`.
pub(super) fn column(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    let height = ui.available_height();
    let layout = Layout::top_down(Align::Center);
    ui.allocate_ui_with_layout(vec2(width, height), layout, |ui| {
        ui.set_width(width);
        contents(ui);
    });
}
