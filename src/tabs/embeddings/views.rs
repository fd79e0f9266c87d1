//! The views of the chapter: each has a stage and a bench of its own and shares the [`Desk`].

use super::sets::Sets;
use crate::command::Command;
use crate::files::card::Card;
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::theme;
use eframe::egui::{self, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;

/// What a person can look at here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ViewName {
    /// king − man + woman.
    #[default]
    Arithmetic,
    /// Every word as a point.
    Map,
    /// A table of numbers that a person made.
    OwnDimensions,
    /// From counts of words to arrows.
    Origin,
    /// Arrows from elsewhere.
    Spaces,
}

impl ViewName {
    /// The views, in the order they are shown.
    pub(super) const ALL: [Self; 5] = [
        Self::Arithmetic,
        Self::Map,
        Self::OwnDimensions,
        Self::Origin,
        Self::Spaces,
    ];

    /// What its button says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Arithmetic => "Arithmetic",
            Self::Map => "Map",
            Self::OwnDimensions => "Your own dimensions",
            Self::Origin => "Where they come from",
            Self::Spaces => "Other spaces",
        }
    }

    /// What there is to see.
    fn tooltip(self) -> &'static str {
        match self {
            Self::Arithmetic => "Add and subtract words: king − man + woman.",
            Self::Map => "Every word as a point, near the words that are used alike.",
            Self::OwnDimensions => {
                "Invent the axes and the numbers yourself, and do the same arithmetic by hand."
            }
            Self::Origin => {
                "Count which words stand near each other, and make arrows of the counts."
            }
            Self::Spaces => {
                "The arrows inside a language model, and the same word in two sentences."
            }
        }
    }
}

/// What the views share.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// The vectors that all views work with.
    pub(super) sets: Sets,
    /// The view that another one asks to be shown.
    pub(super) wanted: Option<ViewName>,
}

/// One view, as the chapter's frame sees it. The methods mean what those of [`crate::tabs::Tab`] mean.
pub(super) trait View {
    /// Moves what jobs sent into the state. Called every frame, shown or not.
    fn poll(&mut self, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// What you are looking at.
    fn title(&self, desk: &Desk) -> String;

    /// The centre of the window.
    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>);

    /// The controls on the right.
    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>);

    /// Whether there are steps to go back and forth over.
    fn has_timeline(&self) -> bool {
        false
    }

    /// The steps.
    fn timeline(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// Whether an equation is open.
    fn has_explain(&self) -> bool {
        false
    }

    /// The equation of what was clicked.
    fn explain(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// Facts for the status line.
    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        Vec::new()
    }

    /// Work in progress, if any.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// What Run does, in a word and in a sentence.
    fn run_words(&self) -> Option<[&'static str; 2]> {
        None
    }

    /// Whether this command can be given now.
    fn can(&self, _command: Command, _desk: &Desk) -> bool {
        false
    }

    /// Answers a command.
    fn command(&mut self, _command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// What it would do with a file, shown or not: the chapter asks the shown view first.
    fn accepts(&self, _card: &Card) -> Option<String> {
        None
    }

    /// Opens a file that it accepted.
    fn open(&mut self, _path: PathBuf, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// What survives a restart.
    fn save(&self) -> Value {
        Value::Null
    }

    /// Takes back what [`Self::save`] gave.
    fn restore(&mut self, _saved: &Value) {}
}

/// The views as a row of words, the shown one underlined. Returns the one that was chosen.
pub(super) fn choose(ui: &mut Ui, shown: ViewName) -> Option<ViewName> {
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme::size::GRID * 2.0, theme::size::HALF);
        for view in ViewName::ALL {
            if tab(ui, view, view == shown) {
                chosen = Some(view);
            }
        }
    });
    ui.add_space(theme::size::GRID);
    chosen
}

fn tab(ui: &mut Ui, view: ViewName, is_shown: bool) -> bool {
    let colors = theme::palette(ui.ctx());
    let style = if is_shown {
        theme::style::strong()
    } else {
        TextStyle::Body
    };
    let font = style.resolve(ui.style());
    let galley = ui
        .painter()
        .layout_no_wrap(view.label().into(), font, colors.text_weak);
    let size = vec2(galley.size().x + theme::size::GRID, theme::size::CONTROL);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_shown, view.label()));
    let lit = response.hovered() || response.has_focus();
    let ink = if is_shown || lit {
        colors.text
    } else {
        colors.text_weak
    };
    let at = pos2(
        rect.center().x - galley.size().x * 0.5,
        rect.center().y - galley.size().y * 0.5,
    );
    ui.painter()
        .galley_with_override_text_color(at, galley, ink);
    let under = if is_shown {
        Stroke::new(3.0, colors.accent)
    } else if lit {
        Stroke::new(2.0, colors.outline)
    } else {
        Stroke::new(1.0, colors.line)
    };
    ui.painter().hline(rect.x_range(), rect.bottom(), under);
    response
        .on_hover_cursor(egui::CursorIcon::PointingHand)
        .on_hover_text(view.tooltip())
        .clicked()
}

/// Draws inside `area` and nowhere else.
pub(super) fn part(ui: &mut Ui, area: egui::Rect, contents: impl FnOnce(&mut Ui)) {
    let builder = egui::UiBuilder::new()
        .max_rect(area)
        .layout(egui::Layout::top_down(egui::Align::LEFT));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(area.expand(2.0)));
        contents(ui);
    });
}

/// A heading on the bench, with air above it.
pub(super) fn group(ui: &mut Ui, title: &str) {
    ui.add_space(theme::size::GRID * 1.5);
    ui.label(egui::RichText::new(title).text_style(theme::style::strong()));
}

/// A sentence that can wait.
pub(super) fn caption(ui: &mut Ui, words: impl Into<String>) -> egui::Response {
    let color = theme::palette(ui.ctx()).text_weak;
    ui.label(egui::RichText::new(words).small().color(color))
}

/// Small buttons that wrap.
pub(super) fn wrapped(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(theme::size::HALF);
        ui.spacing_mut().button_padding = vec2(8.0, 3.0);
        ui.spacing_mut().interact_size.y = 28.0;
        contents(ui);
    });
}
