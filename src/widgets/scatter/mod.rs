//! A cloud of named points, flat or in space, up to hundreds of thousands: drag to move or turn it,
//! roll the wheel to zoom, hover for a name, click for a point, draw a lasso around many.
//!
//! The dots are painted here into a picture ([`picture`]) that is painted anew only when the view
//! changes; [`camera`] says where each point stands, [`names`] which are named, [`pick`] which is meant.

mod axes;
mod camera;
mod labels;
mod look;
mod names;
mod pick;
mod picture;
mod steer;

pub use camera::{Bounds, Camera};
pub use look::{Emphasis, Shade, ShadeScale};

use crate::theme::{self, style};
use camera::Projection;
use eframe::egui::{
    self, Color32, ColorImage, Pos2, Rect, Response, Role, Sense, Shape, Stroke, TextureHandle,
    TextureOptions, Ui, WidgetInfo, pos2, vec2,
};
use names::Named;
use pick::Grid;
use std::fmt::{self, Write as _};
use std::sync::Arc;

/// A cloud to draw.
pub struct Scatter<'a> {
    /// What AccessKit calls it: "Map of the words".
    pub name: &'a str,
    /// Where each point is; the third number counts in space only.
    pub positions: &'a [[f32; 3]],
    /// The name of the `i`th point. The first ones are the most important: they are named first.
    pub word: &'a dyn Fn(usize) -> &'a str,
    /// What more is told of the `i`th under the pointer.
    pub hover: &'a dyn Fn(&mut Ui, usize),
    /// Whether it is seen in space.
    pub solid: bool,
    /// Whether each axis may be stretched to fill the window; else they keep their proportion.
    pub stretched: bool,
    /// The names of the axes, with their units; an empty one is left out.
    pub axes: [&'a str; 3],
    /// Whether the numbers on the axes mean something.
    pub ticks: bool,
    /// The colour of each point by a value.
    pub shade: Option<Shade<'a>>,
    /// Points that matter now.
    pub emphasis: Emphasis<'a>,
    /// A number that differs whenever the positions or the shades do.
    pub version: u64,
}

/// What a person did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Did {
    /// The point under the pointer, or that the keys went to.
    pub hovered: Option<usize>,
    /// The point that was clicked.
    pub clicked: Option<usize>,
    /// Whether the empty part was clicked.
    pub clicked_away: bool,
    /// What a lasso was closed around; perhaps nothing.
    pub lassoed: Option<Vec<u32>>,
}

/// What is kept between frames.
#[derive(Default)]
pub struct ScatterState {
    /// What is seen, from where.
    pub camera: Camera,
    /// Whether a drag draws a lasso; with Shift held it always does.
    pub lasso: bool,
    /// The line of a lasso being drawn, from the window's corner.
    line: Option<Vec<Pos2>>,
    bounds: Option<(u64, Bounds)>,
    drawn: Option<u64>,
    places: Vec<[f32; 2]>,
    near: Vec<f32>,
    /// The place of each point on the scale of colours, and of which version.
    shades: Vec<u8>,
    shaded: Option<u64>,
    /// Whether the picture changed in the last frame too: then it is moving.
    moving: bool,
    grid: Option<Grid>,
    image: Arc<ColorImage>,
    texture: Option<TextureHandle>,
    stamps: picture::Stamps,
    named: Vec<Named>,
    /// The point that the keys went to.
    at_key: Option<usize>,
}

impl fmt::Debug for ScatterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScatterState")
            .field("camera", &self.camera)
            .field("lasso", &self.lasso)
            .finish_non_exhaustive()
    }
}

impl ScatterState {
    /// Shows every point again.
    pub fn fit(&mut self) {
        self.camera = Camera::default();
    }

    /// The points whose names are written, in the order of their importance.
    pub fn named(&self) -> impl Iterator<Item = usize> {
        self.named.iter().map(|named| named.index)
    }

    /// Brings point `i` of `positions` to the middle of a flat map of this shape.
    pub fn centre_on(&mut self, position: [f32; 3], stretched: bool, window: Rect) {
        let Some((_, bounds)) = &self.bounds else {
            return;
        };
        let map = Projection::new(&self.camera, bounds, window.size(), false, stretched);
        let ([x, y], _) = map.place(position);
        let middle = window.size() * 0.5;
        self.camera.pan_by(middle - vec2(x, y), window);
    }
}

impl Scatter<'_> {
    /// Draws the cloud in the space there is.
    pub fn show(&self, ui: &mut Ui, state: &mut ScatterState) -> Did {
        let size = ui.available_size().max(vec2(120.0, 120.0));
        let (whole, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, self.words()));
        let rect = whole.intersect(ui.clip_rect());
        let pixels_per_point = ui.ctx().pixels_per_point();
        let size_pixels = [rect.width(), rect.height()]
            .map(|side| (side * pixels_per_point).round().max(1.0) as usize);
        if state.bounds.is_none_or(|(of, _)| of != self.version) {
            state.bounds = Some((self.version, Bounds::of(self.positions)));
        }
        let mut did = self.steer(ui, &response, rect, state);
        let Some((_, bounds)) = state.bounds else {
            return did;
        };
        let map = Projection::new(
            &state.camera,
            &bounds,
            rect.size(),
            self.solid,
            self.stretched,
        );
        let key = self.key(ui, state, size_pixels);
        let changed = state.drawn != Some(key);
        if changed {
            state.drawn = Some(key);
            self.place(state, &map);
            self.paint_dots(ui, state, size_pixels, pixels_per_point);
            let is_moving = state.moving || response.dragged();
            self.choose_names(ui, state, rect, is_moving);
        }
        state.moving = changed;
        let pointed = state.pointed(ui, &response, rect);
        self.paint(ui, rect, state, &map, &bounds);
        let by_name = self.names(ui, rect, state);
        did.hovered = by_name.hovered.or(pointed).or(state.at_key);
        did.clicked = by_name.clicked.or(did.clicked);
        state.answer_click(ui, &response, pointed, &mut did);
        if let Some(i) = did.hovered {
            self.paint_hovered(ui, rect, state, i);
        }
        if let Some(i) = by_name.hovered.or(pointed).filter(|_| !response.dragged()) {
            response.on_hover_ui_at_pointer(|ui| (self.hover)(ui, i));
        }
        did
    }

    fn words(&self) -> String {
        let n = self.positions.len();
        let [chosen, selected] = [self.emphasis.lit.len(), self.emphasis.selected.len()];
        let mut words = format!("{}, {} points", self.name, super::count::grouped(n));
        if let Some(i) = self.emphasis.chosen.filter(|&i| i < n) {
            _ = write!(words, ", {} chosen", (self.word)(i));
        }
        if chosen > 0 {
            _ = write!(words, ", {chosen} neighbours lit");
        }
        if selected > 0 {
            _ = write!(words, ", {selected} selected");
        }
        words
    }

    /// A number that differs whenever the picture must.
    fn key(&self, ui: &Ui, state: &ScatterState, size: [usize; 2]) -> u64 {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        let camera = &state.camera;
        for number in [camera.zoom, camera.pan[0], camera.pan[1]] {
            number.to_bits().hash(&mut hasher);
        }
        if self.solid {
            [camera.yaw, camera.pitch]
                .map(f32::to_bits)
                .hash(&mut hasher);
        }
        let theme = theme::current(ui.ctx()) as u8;
        (self.version, size, theme, self.solid, self.stretched).hash(&mut hasher);
        (self.emphasis.chosen, state.at_key).hash(&mut hasher);
        for set in self.emphasis.sets() {
            set.hash(&mut hasher);
        }
        hasher.finish()
    }

    /// Works out where every point stands.
    fn place(&self, state: &mut ScatterState, map: &Projection) {
        state.grid = None;
        state.places.clear();
        state.near.clear();
        state.places.reserve(self.positions.len());
        for &position in self.positions {
            let (place, near) = map.place(position);
            state.places.push(place);
            if self.solid {
                state.near.push(near);
            }
        }
    }

    fn paint(&self, ui: &Ui, rect: Rect, state: &ScatterState, map: &Projection, bounds: &Bounds) {
        let painter = ui.painter().with_clip_rect(rect);
        if self.solid {
            axes::paint_box(ui, &painter, rect, map, bounds, self.axes);
        } else {
            axes::paint_flat(ui, &painter, rect, map, self.axes, self.ticks);
        }
        if let Some(texture) = &state.texture {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), rect, whole, Color32::WHITE);
        }
        if let Some(shade) = &self.shade {
            look::paint_legend(ui, &painter, rect, shade);
        }
        if let Some(line) = &state.line {
            let colors = theme::palette(ui.ctx());
            let line: Vec<Pos2> = line.iter().map(|at| *at + rect.min.to_vec2()).collect();
            painter.add(Shape::closed_line(line, Stroke::new(2.0, colors.accent)));
        }
    }

    /// A ring around the point under the pointer and its name, whatever it covers.
    fn paint_hovered(&self, ui: &Ui, rect: Rect, state: &ScatterState, i: usize) {
        let (Some(&[x, y]), Some(_)) = (state.places.get(i), self.positions.get(i)) else {
            return;
        };
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(rect);
        let at = rect.min + vec2(x, y);
        let radius = self.radius(rect.size(), state.camera.zoom) + 3.0;
        painter.circle_stroke(at, radius + 1.0, Stroke::new(3.0, colors.stage));
        painter.circle_stroke(at, radius, Stroke::new(2.0, colors.text));
        if state
            .named
            .iter()
            .any(|named| named.index == i && named.strong)
        {
            return;
        }
        let font = style::strong().resolve(ui.style());
        let word = (self.word)(i).to_owned();
        let galley = painter.layout_no_wrap(word, font, colors.text);
        let size = galley.size();
        let left = (at.x + radius + 4.0).min(rect.right() - size.x - 4.0);
        let top = (at.y - size.y * 0.5).clamp(rect.top(), rect.bottom() - size.y);
        let place = Rect::from_min_size(pos2(left, top), size);
        painter.rect_filled(place.expand2(vec2(4.0, 1.0)), 4.0, colors.stage);
        painter.galley(place.min, galley, colors.text);
    }
}

impl ScatterState {
    /// Hands the painted picture to the window.
    fn hand_over(&mut self, ui: &Ui) {
        let image = Arc::clone(&self.image);
        let options = TextureOptions::NEAREST;
        if let Some(texture) = &mut self.texture {
            texture.set(image, options);
        } else {
            self.texture = Some(ui.ctx().load_texture("scatter", image, options));
        }
    }

    /// The point nearest to the pointer, unless it is dragging.
    fn pointed(&mut self, ui: &Ui, response: &Response, rect: Rect) -> Option<usize> {
        let pointer = response.hover_pos().filter(|_| !response.dragged())?;
        let places = &self.places;
        let grid = self
            .grid
            .get_or_insert_with(|| Grid::new(places, rect.size()));
        let found = grid.nearest(places, pointer - rect.min);
        let cursor = if found.is_some() {
            egui::CursorIcon::PointingHand
        } else if self.lasso || ui.input(|input| input.modifiers.shift) {
            egui::CursorIcon::Crosshair
        } else {
            egui::CursorIcon::Grab
        };
        ui.ctx().set_cursor_icon(cursor);
        found
    }

    fn answer_click(&self, ui: &Ui, response: &Response, pointed: Option<usize>, did: &mut Did) {
        if !response.clicked() {
            return;
        }
        response.request_focus();
        let by_key = ui.input(|input| input.key_pressed(egui::Key::Enter));
        did.clicked = if by_key { self.at_key } else { pointed };
        did.clicked_away = !by_key && pointed.is_none();
    }
}
