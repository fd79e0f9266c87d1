//! The names beside the points: chosen when the view changes, written in every frame, and clicked as
//! the points themselves are.

use super::labels::Plan;
use super::look::legend_area;
use super::{Did, Scatter, ScatterState};
use crate::theme::{self, style};
use eframe::egui::{
    Color32, FontId, Rect, Role, Sense, TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// A part of the window that gets one name, in screen points.
const STRETCH: Vec2 = vec2(92.0, 42.0);

/// The most names of one emphasised set.
const MOST_OF_A_SET: usize = 40;

/// A point whose name is written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Named {
    pub index: usize,
    /// From the window's corner.
    pub rect: Rect,
    /// Whether the point stands out.
    pub strong: bool,
}

/// Ordinary and strong.
fn fonts(ui: &Ui) -> [FontId; 2] {
    [TextStyle::Small, style::strong()].map(|style| style.resolve(ui.style()))
}

/// Names on their way to the screen.
struct Namer<'a, 'w> {
    ui: &'a Ui,
    word: &'w dyn Fn(usize) -> &'w str,
    places: &'a [[f32; 2]],
    radius: f32,
    fonts: [FontId; 2],
    plan: Plan,
    named: Vec<Named>,
    n_tries: usize,
}

impl Namer<'_, '_> {
    /// Names point `i` if there is room and it is not named yet.
    fn try_name(&mut self, i: usize, strong: bool) {
        let is_named = self.named.iter().any(|other| other.index == i);
        let Some(&at) = self.places.get(i).filter(|_| !is_named) else {
            return;
        };
        if !strong && self.plan.is_crowded(at) {
            return;
        }
        self.n_tries += 1;
        let font = self.fonts[usize::from(strong)].clone();
        let word = (self.word)(i).to_owned();
        let painter = self.ui.painter();
        let galley = painter.layout_no_wrap(word, font, Color32::PLACEHOLDER);
        let radius = if strong {
            self.radius * 1.25 + 2.0
        } else {
            self.radius
        };
        if let Some(rect) = self.plan.place(at, radius, galley.size()) {
            let dot = Rect::from_center_size(pos2(at[0], at[1]), Vec2::splat(radius * 2.0));
            self.plan.take(dot);
            self.named.push(Named {
                index: i,
                rect,
                strong,
            });
        }
    }
}

/// The parts of a window that may get one more name each.
struct Stretches {
    columns: usize,
    rows: usize,
    named: Vec<bool>,
}

impl Stretches {
    fn new(size: Vec2) -> Self {
        let columns = (size.x / STRETCH.x).ceil().max(1.0) as usize;
        let rows = (size.y / STRETCH.y).ceil().max(1.0) as usize;
        Self {
            columns,
            rows,
            named: vec![false; columns * rows],
        }
    }

    fn at(&self, [x, y]: [f32; 2]) -> Option<usize> {
        let inside = x >= 0.0 && y >= 0.0;
        let (column, row) = ((x / STRETCH.x) as usize, (y / STRETCH.y) as usize);
        (inside && column < self.columns && row < self.rows).then(|| row * self.columns + column)
    }

    fn is_open(&self, place: [f32; 2]) -> bool {
        self.at(place).is_some_and(|at| !self.named[at])
    }

    fn close(&mut self, place: [f32; 2]) {
        if let Some(at) = self.at(place) {
            self.named[at] = true;
        }
    }
}

/// Whether a name says something by itself: signs alone do not.
fn is_a_word(name: &str) -> bool {
    name.chars().any(char::is_alphanumeric)
}

impl Scatter<'_> {
    /// Chooses the points whose names are written.
    pub(super) fn choose_names(
        &self,
        ui: &Ui,
        state: &mut ScatterState,
        rect: Rect,
        is_moving: bool,
    ) {
        let mut plan = Plan::new(rect.size());
        if self.shade.is_some() {
            plan.take(legend_area(rect).translate(-rect.min.to_vec2()));
        }
        let mut namer = Namer {
            ui,
            word: self.word,
            places: &state.places,
            radius: self.radius(rect.size(), state.camera.zoom),
            fonts: fonts(ui),
            plan,
            named: Vec::new(),
            n_tries: 0,
        };
        for i in self.emphasis.chosen.into_iter().chain(state.at_key) {
            namer.try_name(i, true);
        }
        for set in self.emphasis.sets() {
            for &i in set.iter().take(MOST_OF_A_SET) {
                namer.try_name(i as usize, true);
            }
        }
        let usual = ((rect.area() / 9000.0) as usize).clamp(8, 90);
        let most = if self.emphasis.is_any() {
            namer.named.len() + usual / 4
        } else {
            usual
        };
        // While it moves the names that are there stay where they can, so that they do not flicker.
        let most_tries = if is_moving { most * 2 } else { most * 8 };
        if is_moving {
            for named in &state.named {
                namer.try_name(named.index, false);
            }
        }
        // One name for each stretch of the window, of its most important point: the edges are named too.
        let mut stretches = Stretches::new(rect.size());
        for i in 0..self.positions.len() {
            if namer.named.len() >= most || namer.n_tries > most_tries {
                break;
            }
            let n_named = namer.named.len();
            if stretches.is_open(state.places[i]) && is_a_word((self.word)(i)) {
                namer.try_name(i, false);
            }
            if namer.named.len() > n_named {
                stretches.close(state.places[i]);
            }
        }
        let named = namer.named;
        state.named = named;
    }

    /// Writes the names; each can be clicked as its point can.
    pub(super) fn names(&self, ui: &Ui, rect: Rect, state: &ScatterState) -> Did {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(rect);
        let fonts = fonts(ui);
        let any = self.emphasis.is_any();
        let mut did = Did::default();
        for named in &state.named {
            let place = named.rect.translate(rect.min.to_vec2());
            let word = (self.word)(named.index);
            let id = ui.scope_id().with((self.name, "name", named.index));
            let response = ui.interact(place, id, Sense::CLICK);
            response.widget_info(|| {
                let words = format!("{word}, a point");
                WidgetInfo::selected(Role::Button, true, named.strong, words)
            });
            if response.hovered() {
                did.hovered = Some(named.index);
            }
            if response.clicked() {
                did.clicked = Some(named.index);
            }
            let ink = if any && !named.strong {
                colors.text_weak
            } else {
                colors.text
            };
            let font = fonts[usize::from(named.strong)].clone();
            let galley = painter.layout_no_wrap(word.to_owned(), font, ink);
            let behind = colors.stage.gamma_multiply(0.72);
            painter.rect_filled(place.expand2(vec2(1.0, -1.0)), 3.0, behind);
            painter.galley(place.min, galley, ink);
        }
        did
    }
}
