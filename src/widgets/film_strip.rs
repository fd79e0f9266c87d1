//! The film of something that changes step by step: small pictures in a row, the caller's to paint.
//! Drag or use the arrow keys to go back, play it, go on from an earlier picture.
//!
//! The strip always holds the whole film. When it is full, every other picture is left out and the
//! rest move together, so that a picture changes its place seldom; dragging still stops at every one.

mod film;

use crate::theme;
use crate::widgets::icon::Icon;
use crate::widgets::token_strip::keep_horizontal_arrows;
use eframe::egui::{
    self, Align, Align2, Button, CornerRadius, Key, Layout, Painter, Rect, Response, Sense, Stroke,
    StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};
use film::Film;

/// What leads to the newest frame, and what it does.
const NEWEST: [&str; 2] = [
    "Newest",
    "Show the newest picture, and every one that comes (End).",
];
/// Pictures a second while the film is played.
const PLAYED_PER_SEC: f64 = 12.0;

/// The strip. Frames are counted from 0, the oldest.
pub struct FilmStrip<'a> {
    /// What AccessKit calls it: "Turns of the training".
    pub name: &'a str,
    /// How many frames there are.
    pub n_frames: usize,
    /// The frame on the stage; `None` where the newest is followed.
    pub selected: Option<usize>,
    /// What a frame is called: "turn 120".
    pub label: &'a dyn Fn(usize) -> String,
    /// Whether another way was tried from this frame on, or one began here: it is marked.
    pub is_branch: &'a dyn Fn(usize) -> bool,
    /// Width of a picture divided by its height.
    pub aspect: f32,
    /// What going on from the chosen frame does, in a sentence; `None` where that cannot be done.
    pub go_on: Option<&'a str>,
}

/// What of the strip is kept between frames of the window.
#[derive(Debug, Clone, Default)]
pub struct FilmState {
    /// Whether it is being played, and since when (seconds) the current frame is shown.
    playing: Option<f64>,
}

/// What a person did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FilmDid {
    /// The frame gone to, if another one: put it on the stage.
    pub went_to: Option<usize>,
    /// The newest is to be followed from now on.
    pub follow: bool,
    /// The training is to go on from the frame on the stage.
    pub go_on: bool,
}

impl FilmState {
    /// Whether the film is being played.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.playing.is_some()
    }
}

impl FilmStrip<'_> {
    /// Draws it in the space there is; `paint` draws the picture of a frame into a rectangle.
    pub fn show(
        &self,
        ui: &mut Ui,
        state: &mut FilmState,
        paint: &mut dyn FnMut(&Painter, usize, Rect),
    ) -> FilmDid {
        self.show_to(NEWEST, ui, state, paint)
    }

    /// The same where the last frame is not the newest: `end` is what leads there, and what it does.
    pub fn show_to(
        &self,
        end: [&str; 2],
        ui: &mut Ui,
        state: &mut FilmState,
        paint: &mut dyn FnMut(&Painter, usize, Rect),
    ) -> FilmDid {
        let mut did = FilmDid::default();
        let size = ui.available_size();
        let layout = Layout::left_to_right(Align::Center);
        ui.allocate_ui_with_layout(size, layout, |ui| {
            self.controls(ui, end, state, &mut did);
            ui.add_space(theme::size::GRID);
            self.strip(ui, state, paint, &mut did);
        });
        if did.follow || did.went_to.is_some() || did.go_on {
            state.playing = state.playing.filter(|_| !did.go_on && !did.follow);
        }
        self.play_on(ui, state, &mut did);
        did
    }

    /// The frame on the stage.
    fn here(&self) -> usize {
        let last = self.n_frames.saturating_sub(1);
        self.selected.map_or(last, |frame| frame.min(last))
    }

    fn controls(&self, ui: &mut Ui, end: [&str; 2], state: &mut FilmState, did: &mut FilmDid) {
        let width = 196.0;
        let colors = theme::palette(ui.ctx());
        ui.allocate_ui_with_layout(
            vec2(width, ui.available_height()),
            Layout::top_down(Align::LEFT),
            |ui| {
                ui.spacing_mut().item_spacing.y = theme::size::HALF;
                let here = self.here();
                let last = self.n_frames.saturating_sub(1);
                let follows = self.selected.is_none();
                let words = match self.n_frames {
                    0 => "nothing yet".to_owned(),
                    _ => (self.label)(here),
                };
                let ink = if follows {
                    colors.text_weak
                } else {
                    colors.text
                };
                let words = egui::RichText::new(words).small().color(ink);
                ui.add(egui::Label::new(words).truncate());
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = 0.0;
                    ui.add_enabled_ui(here > 0, |ui| {
                        let hint = "Go one picture back (←).";
                        if Icon::Back.button(ui, "One picture back", hint).clicked() {
                            did.went_to = Some(here - 1);
                            state.playing = None;
                        }
                    });
                    ui.add_enabled_ui(last > 0, |ui| self.play_button(ui, state, did));
                    ui.add_enabled_ui(here < last, |ui| {
                        let hint = "Go one picture on (→).";
                        if Icon::Forward.button(ui, "One picture on", hint).clicked() {
                            did.went_to = Some(here + 1);
                            state.playing = None;
                        }
                    });
                    ui.add_enabled_ui(!follows, |ui| {
                        ui.spacing_mut().button_padding.x = 8.0;
                        let [words, hint] = end;
                        if ui.button(words).on_hover_text(hint).clicked() {
                            did.follow = true;
                        }
                    });
                });
                if let Some(hint) = self.go_on
                    && ui.available_height() > 22.0
                {
                    ui.spacing_mut().interact_size.y = 24.0;
                    ui.spacing_mut().button_padding.y = 1.0;
                    let button = Button::new("Go on from here").min_size(vec2(width - 12.0, 24.0));
                    if ui
                        .add_enabled(!follows, button)
                        .on_hover_text(hint)
                        .clicked()
                    {
                        did.go_on = true;
                    }
                }
            },
        );
    }

    fn play_button(&self, ui: &mut Ui, state: &mut FilmState, did: &mut FilmDid) {
        if state.is_playing() {
            let hint = "Stay at this picture.";
            if Icon::Stop.button(ui, "Stop the film", hint).clicked() {
                state.playing = None;
            }
            return;
        }
        let hint = "Show the pictures one after the other, from this one on or from the first.";
        if Icon::Run.button(ui, "Play the film", hint).clicked() {
            state.playing = Some(ui.input(|input| input.time));
            if self.here() + 1 >= self.n_frames {
                did.went_to = Some(0);
            }
        }
    }

    /// Goes to the next frame when the current one was long enough on the stage.
    fn play_on(&self, ui: &Ui, state: &mut FilmState, did: &mut FilmDid) {
        let Some(since) = state.playing else {
            return;
        };
        ui.ctx().request_repaint();
        let now = ui.input(|input| input.time);
        let steps = ((now - since) * PLAYED_PER_SEC) as usize;
        if steps == 0 || did.went_to.is_some() {
            return;
        }
        state.playing = Some(since + steps as f64 / PLAYED_PER_SEC);
        let next = self.here() + steps;
        if next + 1 >= self.n_frames {
            state.playing = None;
            did.follow = true;
        } else {
            did.went_to = Some(next);
        }
    }

    fn strip(
        &self,
        ui: &mut Ui,
        state: &mut FilmState,
        paint: &mut dyn FnMut(&Painter, usize, Rect),
        did: &mut FilmDid,
    ) {
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let here = self.here();
        response.widget_info(|| {
            let words = if self.n_frames == 0 {
                format!("{}, nothing yet", self.name)
            } else {
                let label = (self.label)(here);
                format!("{}, {label}, {} of {}", self.name, here + 1, self.n_frames)
            };
            WidgetInfo::slider(true, here as f64, words)
        });
        let colors = theme::palette(ui.ctx());
        ui.painter().rect_filled(rect, 4.0, colors.hover);
        if self.n_frames == 0 {
            return;
        }
        let film = Film::of(rect, self.n_frames, self.aspect);
        self.paint_film(ui, rect, &film, paint);
        if response.has_focus() {
            let ring = Stroke::new(2.0, colors.accent);
            ui.painter()
                .rect_stroke(rect, 4.0, ring, StrokeKind::Outside);
            keep_horizontal_arrows(ui, response.id);
            self.keys(ui, state, did);
        }
        self.pointer(ui, &film, &response, state, did);
    }

    fn keys(&self, ui: &Ui, state: &mut FilmState, did: &mut FilmDid) {
        let (here, last) = (self.here(), self.n_frames - 1);
        ui.input(|input| {
            if input.key_pressed(Key::End) {
                did.follow = true;
            } else if input.key_pressed(Key::Home) {
                did.went_to = Some(0);
            } else if input.key_pressed(Key::ArrowLeft) {
                did.went_to = Some(here.saturating_sub(1));
            } else if input.key_pressed(Key::ArrowRight) && self.selected.is_some() {
                did.went_to = Some((here + 1).min(last));
            }
        });
        if did.went_to.is_some() {
            state.playing = None;
        }
    }

    fn pointer(
        &self,
        ui: &Ui,
        film: &Film,
        response: &Response,
        state: &mut FilmState,
        did: &mut FilmDid,
    ) {
        if response.clicked() {
            response.request_focus();
        }
        if let Some(at) = response.hover_pos().filter(|_| !response.dragged()) {
            let words = (self.label)(film.frame_at(at));
            response.clone().on_hover_ui_at_pointer(|ui| {
                ui.label(words);
            });
        }
        let pressed = response.clicked() || response.dragged();
        let Some(at) = response.interact_pointer_pos().filter(|_| pressed) else {
            return;
        };
        let frame = film.frame_at(at);
        state.playing = None;
        if self.selected != Some(frame) {
            did.went_to = Some(frame);
            ui.ctx().request_repaint();
        }
    }

    fn paint_film(
        &self,
        ui: &Ui,
        rect: Rect,
        film: &Film,
        paint: &mut dyn FnMut(&Painter, usize, Rect),
    ) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(rect.expand(2.0));
        for slot in 0..film.n_slots() {
            paint(&painter, film.frame_of(slot), film.place(slot));
        }
        for frame in (0..self.n_frames).filter(|&frame| (self.is_branch)(frame)) {
            let x = film.place(film.slot_of(frame)).left();
            let mark = Rect::from_min_max(
                pos2(x - film::GAP, rect.top()),
                pos2(x + 1.0, rect.bottom()),
            );
            painter.rect_filled(mark, 0.0, colors.accent);
        }
        let here = self.here();
        let slot = film.slot_of(here);
        let place = film.place(slot);
        if film.frame_of(slot) != here {
            // Between two of those that are drawn: the one on the stage covers its neighbour.
            paint(&painter, here, place);
        }
        let ring = Stroke::new(3.0, colors.accent);
        let corners = CornerRadius::same(2);
        painter.rect_stroke(place, corners, ring, StrokeKind::Inside);
        if self.selected.is_some() {
            let words = (self.label)(here);
            paint_tag(ui, rect, place, &words);
        }
    }
}

/// The name of the frame on the stage, on its picture.
fn paint_tag(ui: &Ui, rect: Rect, place: Rect, words: &str) {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let galley = ui
        .painter()
        .layout_no_wrap(words.to_owned(), font, colors.on_accent);
    let size = galley.size() + vec2(10.0, 2.0);
    let tag = Align2::CENTER_BOTTOM.anchor_size(place.center_bottom(), size);
    let shift = (rect.left() - tag.left()).max(0.0) + (rect.right() - tag.right()).min(0.0);
    let tag = tag.translate(vec2(shift, 0.0));
    ui.painter().rect_filled(tag, 3.0, colors.accent);
    ui.painter()
        .galley(tag.min + vec2(5.0, 1.0), galley, colors.on_accent);
}
