//! The drawer: the point that was clicked, its way, and the equations of its next step.

use super::PointsView;
use crate::labs::diffusion::plane::explain::{Explanation, step as explain_step};
use crate::labs::diffusion::plane::{Method, State, onward};
use crate::tabs::images::plane::asked::show_equation;
use crate::tabs::parts::caption;
use crate::theme::style;
use crate::widgets::icon::Icon;
use eframe::egui::{Align, Layout, RichText, ScrollArea, Ui};

/// What was clicked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Asked {
    /// A point on its way.
    Point {
        /// Left or right.
        side: usize,
        /// Which of its points.
        index: usize,
    },
    /// A place, at a step of the way.
    Place {
        /// Left or right.
        side: usize,
        /// Where.
        at: [f32; 2],
        /// When.
        step: usize,
    },
}

impl Asked {
    pub(super) fn side(self) -> usize {
        match self {
            Self::Point { side, .. } | Self::Place { side, .. } => side,
        }
    }
}

/// The way of what was clicked, its equations, and what they were made of.
#[derive(Debug, Default)]
pub(super) struct Drawer {
    made_of: Option<(Asked, u64, usize, usize)>,
    way: Vec<[f32; 2]>,
    begin: usize,
    equations: Vec<Explanation>,
}

impl Drawer {
    /// The way on this side, and the step it begins at.
    pub(super) fn way(&self, side: usize) -> Option<(Vec<[f32; 2]>, usize)> {
        let (asked, ..) = self.made_of?;
        (asked.side() == side && !self.way.is_empty()).then(|| (self.way.clone(), self.begin))
    }
}

impl PointsView {
    /// Opens the equations of something.
    pub(super) fn ask(&mut self, asked: Asked) {
        self.asked = Some(asked);
        self.refresh();
    }

    fn close_asked(&mut self) {
        self.asked = None;
        self.drawer = Drawer::default();
    }

    /// Makes the equations of what was asked, where they are not those of what is on the stage.
    fn refresh(&mut self) {
        let Some(asked) = self.asked else {
            return;
        };
        let (here, n_steps) = (self.here(), self.setup.n_steps);
        let i = asked.side();
        let key = (asked, self.sides[i].number(), here, n_steps);
        if self.drawer.made_of == Some(key) {
            return;
        }
        let method = self.setup.what[i].method();
        let (Some(look), Some(state)) = (self.look(i), self.sides[i].seen_state()) else {
            return;
        };
        let (way, begin) = match asked {
            Asked::Point { index, .. } => {
                let way = look.points.iter().filter_map(|moment| moment.get(index));
                (way.copied().collect::<Vec<_>>(), 0)
            }
            Asked::Place { at, step, .. } => {
                let begin = step.min(n_steps.saturating_sub(1));
                (onward(&state, method, at, begin, n_steps), begin)
            }
        };
        let equations = equations(&state, method, &way, begin, here, n_steps);
        self.drawer = Drawer {
            made_of: Some(key),
            way,
            begin,
            equations,
        };
    }
}

/// The step that begins here; at the end the one that led there.
fn equations(
    state: &State,
    method: Method,
    way: &[[f32; 2]],
    begin: usize,
    here: usize,
    n_steps: usize,
) -> Vec<Explanation> {
    let from = here.clamp(begin, n_steps.saturating_sub(1).max(begin));
    let Some(&point) = way.get(from - begin) else {
        return Vec::new();
    };
    let time = |step: usize| 1.0 - step as f64 / n_steps.max(1) as f64;
    explain_step(state, method, point, [time(from), time(from + 1)])
}

pub(super) fn show(view: &mut PointsView, ui: &mut Ui) {
    view.refresh();
    let Some(asked) = view.asked else {
        return;
    };
    let title = match asked {
        Asked::Point { index, .. } => format!("The way of point {}", index + 1),
        Asked::Place { .. } => "A point put here".to_owned(),
    };
    let mut close = false;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        close = Icon::Close
            .button(ui, "Close the equation", "Back to the whole stage.")
            .clicked();
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            ui.label(RichText::new(title).text_style(style::subheading()));
        });
    });
    if close {
        view.close_asked();
        return;
    }
    let name = view.setup.what[asked.side()].name();
    caption(
        ui,
        format!("{name}: {}", view.setup.what[asked.side()].hint()),
    );
    ScrollArea::vertical()
        .id_salt("equation")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let ends = (view.drawer.way.first(), view.drawer.way.last());
            if let (Some([x, y]), Some([to_x, to_y])) = ends {
                let words = format!(
                    "From ({x:.2}, {y:.2}) to ({to_x:.2}, {to_y:.2}). Scrub the strip below for its other steps."
                );
                ui.label(words.replace('-', "−"));
            }
            let (first, rest) = view.drawer.equations.split_at(view.drawer.equations.len().min(1));
            for equation in rest.iter().chain(first) {
                show_equation(ui, equation);
            }
        });
}
