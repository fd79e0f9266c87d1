//! What is kept: the film strip, the branches, and saving.

use super::PlaneView;
use super::film::{Branch, Frame};
use super::plot::heat_image;
use crate::labs::gan::plane::{EXTENT, HEAT_SIDE, Turn};
use crate::tabs::parts::{caption, group};
use crate::theme::{self, Theme, size};
use crate::widgets::count::grouped;
use crate::widgets::film_strip::{FilmState, FilmStrip};
use eframe::egui::{
    Button, Color32, ColorImage, Painter, Rect, TextureHandle, TextureOptions, Ui, pos2,
};
use std::collections::HashMap;

/// Pictures of the film kept at once: far more than stand in a strip.
const MOST_PICTURES: usize = 160;

/// The strip and its small pictures.
#[derive(Default)]
pub(super) struct Strip {
    state: FilmState,
    pictures: HashMap<u64, (TextureHandle, u64)>,
    theme: Theme,
    /// Counts the frames of the window, to know which pictures are no longer shown.
    clock: u64,
}

impl std::fmt::Debug for Strip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Strip").finish_non_exhaustive()
    }
}

impl Strip {
    /// Draws the picture of a frame, made when it is first shown.
    fn paint(&mut self, painter: &Painter, frame: &Frame, place: Rect) {
        let ctx = painter.ctx();
        let shown = theme::current(ctx);
        if self.theme != shown {
            self.theme = shown;
            self.pictures.clear();
        }
        let clock = self.clock;
        let (texture, seen) = self.pictures.entry(frame.number).or_insert_with(|| {
            let image = thumbnail(&frame.turn, theme::palette(ctx));
            let options = TextureOptions::LINEAR;
            (ctx.load_texture("turn", image, options), clock)
        });
        *seen = clock;
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(texture.id(), place, whole, Color32::WHITE);
    }

    fn tidy(&mut self) {
        self.clock += 1;
        if self.pictures.len() > MOST_PICTURES {
            let recent = self.clock.saturating_sub(2);
            self.pictures.retain(|_, (_, seen)| *seen >= recent);
        }
    }
}

/// A turn in few pixels: the heat map with its generated points.
fn thumbnail(turn: &Turn, colors: &theme::Palette) -> ColorImage {
    let mut image = heat_image(turn, colors);
    let pixel = |x: f32| {
        let share = (x + EXTENT) / (2.0 * EXTENT);
        (0.0..1.0)
            .contains(&share)
            .then_some((share * HEAT_SIDE as f32) as usize)
    };
    for &[x, y] in &turn.fakes {
        if let (Some(column), Some(row)) = (pixel(x), pixel(-y)) {
            let place = row * HEAT_SIDE + column;
            if let Some(dot) = image.pixels.get_mut(place) {
                *dot = colors.text;
            }
        }
    }
    image
}

/// What a frame is called.
pub(super) fn label(frame: &Frame) -> String {
    let state = &frame.turn.state;
    let turn = grouped(state.turn);
    let (d, g) = (state.d.n_steps, state.g.n_steps);
    let [d_each, g_each] = [frame.settings.d.n_steps, frame.settings.g.n_steps];
    if d == state.turn * d_each as u64 && g == state.turn * g_each as u64 {
        format!("turn {turn}")
    } else {
        format!("turn {turn} (D {}, G {} steps)", grouped(d), grouped(g))
    }
}

pub(super) fn timeline(view: &mut PlaneView, ui: &mut Ui) {
    let strip = &mut view.strip;
    let film = &view.film;
    let frames = film.frames();
    let mut state = strip.state.clone();
    let name = |i: usize| frames.get(i).map_or_else(String::new, label);
    let is_branch = |i: usize| frames.get(i).is_some_and(|frame| frame.is_fork);
    let did = FilmStrip {
        name: "Turns",
        n_frames: frames.len(),
        selected: film.selected(),
        label: &name,
        is_branch: &is_branch,
        aspect: 1.0,
        go_on: Some(
            "Training goes on from this turn as a branch, with what is set now; the turns after it are kept.",
        ),
    }
    .show(ui, &mut state, &mut |painter, i, place| {
        if let Some(frame) = frames.get(i) {
            strip.paint(painter, frame, place);
        }
    });
    strip.state = state;
    strip.tidy();
    if did.go_on {
        view.play();
    } else if did.follow {
        view.film.follow();
    } else if let Some(place) = did.went_to {
        view.film.go_to(place);
    }
}

/// The branches, to go over to.
pub(super) fn branches(view: &mut PlaneView, ui: &mut Ui) {
    let shown = view.film.shown();
    if view.film.branches().len() < 2 {
        return;
    }
    group(ui, "Branches");
    let mut wanted = None;
    for (place, branch) in view.film.branches().iter().enumerate() {
        let wide = eframe::egui::vec2(ui.available_width(), 28.0);
        let button = Button::selectable(place == shown, words(branch))
            .frame_when_inactive(true)
            .min_size(wide);
        let hint =
            "Show this branch with the settings it ended with, to look back at or to go on with.";
        if ui.add(button).on_hover_text(hint).clicked() && place != shown {
            wanted = Some(place);
        }
    }
    if let Some(place) = wanted {
        view.show_branch(place);
    }
}

fn words(branch: &Branch) -> String {
    let last = branch.frames.last().map_or(0, |frame| frame.turn.turn);
    let last = grouped(last);
    match branch.from {
        None => format!("{}: from the start to turn {last}", branch.number),
        Some((from, turn)) => {
            let turn = grouped(turn);
            format!(
                "{}: from turn {turn} of {from} to turn {last}",
                branch.number
            )
        }
    }
}

/// Under what the turn was made, where that is not what is set now.
pub(super) fn settings_of_the_turn(view: &mut PlaneView, ui: &mut Ui) {
    let Some(frame) = view.film.here() else {
        return;
    };
    if view.film.selected().is_none() || *frame.settings == view.settings {
        return;
    }
    let settings = (*frame.settings).clone();
    caption(
        ui,
        "This turn was made with other settings than those below.",
    );
    let hint = "Set everything below as it was when this turn was made.";
    if ui.button("Take its settings").on_hover_text(hint).clicked() {
        view.settings = settings;
    }
    ui.add_space(size::HALF);
}
