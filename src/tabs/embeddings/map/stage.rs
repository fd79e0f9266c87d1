//! The stage of the map: the points, or what will be here.

use super::setup::Layout;
use super::{MapView, Shaded};
use crate::labs::embeddings::Space;
use crate::tabs::TabContext;
use crate::tabs::embeddings::views::Desk;
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::scatter::{Emphasis, Scatter, Shade, ShadeScale};
use eframe::egui::{self, RichText, Ui};
use std::sync::Arc;

/// Neighbours that a hover tells.
const N_TOLD: usize = 6;

pub(super) fn show(view: &mut MapView, ui: &mut Ui, desk: &Desk, _cx: &mut TabContext<'_>) {
    progress(view, ui, desk);
    let Some(space) = desk.sets.space().cloned() else {
        waiting(ui, "The vectors are being opened…");
        return;
    };
    let Some(made) = view.made.clone().filter(|m| m.number == desk.sets.number()) else {
        waiting(
            ui,
            "Every word becomes a point here. Words that are used alike stand together.",
        );
        return;
    };
    if made.positions.is_empty() {
        return;
    }
    let mut state = std::mem::take(&mut view.scatter);
    let word = |i: usize| {
        let place = made.words.get(i).map_or(usize::MAX, |&i| i as usize);
        space.vectors().word(place)
    };
    let shown: &MapView = view;
    let names = axis_names(shown, &made);
    let scatter = Scatter {
        name: "Map of the words",
        positions: &made.positions,
        word: &word,
        hover: &|ui, i| hover(shown, &space, ui, i),
        solid: made.setup.solid,
        stretched: made.setup.layout == Layout::Own,
        axes: [&names[0], &names[1], &names[2]],
        ticks: matches!(made.setup.layout, Layout::Pca | Layout::Own),
        shade: shown.shade(&made),
        emphasis: Emphasis {
            chosen: shown.chosen,
            lit: &shown.lit,
            found: &shown.found,
            selected: &shown.selected,
        },
        version: shown.version,
    };
    let did = scatter.show(ui, &mut state);
    view.scatter = state;
    view.hovered = did.hovered;
    if did.clicked.is_some() {
        view.chosen = did.clicked;
    } else if did.clicked_away {
        view.chosen = None;
        view.selected.clear();
    }
    if let Some(selected) = did.lassoed {
        view.selected = selected;
    }
}

impl MapView {
    fn shade(&self, made: &super::Made) -> Option<Shade<'_>> {
        let shaded: &Shaded = self.shaded.as_ref().filter(|_| self.setup.colored)?;
        let values = shaded.values.as_deref()?;
        let fits = Arc::ptr_eq(&shaded.words, &made.words);
        fits.then(|| Shade {
            values,
            scale: ShadeScale::Signed { most: shaded.most },
            title: "direction between",
            ends: [&shaded.pair.from, &shaded.pair.to],
        })
    }
}

/// How far the map on its way is.
fn progress(view: &MapView, ui: &mut Ui, desk: &Desk) {
    let at_work = view.making.as_ref().map(|making| {
        let label = if making.stopping {
            "Stopping"
        } else {
            making.label.as_str()
        };
        (label.to_owned(), making.fraction)
    });
    let opening = || {
        let progress = desk.sets.progress()?;
        Some((progress.label, progress.fraction))
    };
    let Some((label, fraction)) = at_work.or_else(opening) else {
        return;
    };
    ui.horizontal(|ui| {
        let colors = theme::palette(ui.ctx());
        ui.label(RichText::new(label).small().color(colors.text_weak));
        let bar = egui::ProgressBar::new(fraction.unwrap_or(0.0))
            .desired_height(6.0)
            .animate(fraction.is_none() && theme::motion(ui.ctx()));
        let bar = ui.add(bar);
        ui.ctx()
            .accesskit_node_builder(bar.id, |node| node.set_label("Progress of the map"));
    });
}

fn waiting(ui: &mut Ui, words: &str) {
    ui.add_space(ui.available_height() * 0.3);
    ui.vertical_centered(|ui| {
        ui.set_max_width(520.0);
        ui.label(RichText::new(words).text_style(theme::style::subheading()));
    });
}

fn axis_names(view: &MapView, made: &super::Made) -> [String; 3] {
    let named = |name: &dyn Fn(usize) -> String| {
        let mut names = [String::new(), String::new(), String::new()];
        for (axis, own) in names.iter_mut().enumerate().take(made.setup.n_dims()) {
            *own = name(axis);
        }
        names
    };
    match made.setup.layout {
        Layout::Pca => named(&|axis| {
            let share = made.explained.get(axis).copied().unwrap_or(0.0) * 100.0;
            let of = if made.setup.solid {
                ""
            } else {
                " of the variance"
            };
            format!("component {}: {share:.1} %{of}", axis + 1)
        }),
        Layout::Own => named(&|axis| {
            let pair = &made.setup.axes[axis];
            format!("{} (−1) to {} (1)", pair.from, pair.to)
        }),
        Layout::Tsne | Layout::Umap if view.making.is_none() && !made.setup.solid => [
            "near means alike; far apart means little".into(),
            String::new(),
            String::new(),
        ],
        Layout::Tsne | Layout::Umap => Default::default(),
    }
}

/// What is told of a point under the pointer.
fn hover(view: &MapView, space: &Space, ui: &mut Ui, point: usize) {
    let colors = theme::palette(ui.ctx());
    let Some(place) = view.place(point) else {
        return;
    };
    let word = space.vectors().word(place);
    ui.label(RichText::new(word).text_style(theme::style::strong()));
    let rank = format!(
        "word {} of {}, by how common it is",
        grouped(place + 1),
        grouped(space.vectors().len())
    );
    ui.label(RichText::new(rank).small().color(colors.text_weak));
    let shaded = view.shaded.as_ref().filter(|_| view.setup.colored);
    if let Some((shaded, value)) =
        shaded.and_then(|s| Some((s, s.values.as_ref()?.get(point).copied()?)))
    {
        let words = format!(
            "{value:+.2} from {} (−1) to {} (+1)",
            shaded.pair.from, shaded.pair.to
        );
        ui.label(RichText::new(words.replace("-0", "−0")).small());
    }
    match view.near(place) {
        Some(near) => {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.spacing_mut().interact_size.y = 18.0;
            for near in near.iter().take(N_TOLD) {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = theme::size::GRID;
                    let number = RichText::new(format!("{:.2}", near.cosine))
                        .text_style(theme::style::small_mono())
                        .color(colors.text_weak);
                    ui.label(number);
                    ui.label(&near.word);
                });
            }
        }
        None => {
            ui.label(RichText::new("Looking around it…").small());
        }
    }
}
