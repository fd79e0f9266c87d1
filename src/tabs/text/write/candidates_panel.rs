//! What the model weighed for one token: twenty candidates as bars, through every sampling step.

use super::WriteView;
use super::view::{StepCell, grouped, rows, shown_name, step_cells};
use super::weighing::{Shown, Weighing};
use crate::labs::text::Stage;
use crate::tabs::TabContext;
use crate::theme;
use crate::widgets::probability_bars::{Bar, ProbabilityBars};
use crate::widgets::token_strip::percent;
use crate::widgets::token_text::visible;
use eframe::egui::{self, RichText, ScrollArea, Ui};

/// Bounds of a bar's height, in points.
const ROW_HEIGHTS: (f32, f32) = (16.0, 28.0);

/// `alone`: the text is not beside it, so that there is a way back.
pub(super) fn show(tab: &mut WriteView, ui: &mut Ui, cx: &mut TabContext<'_>, alone: bool) {
    ui.spacing_mut().item_spacing.y = theme::size::HALF;
    tab.weigh_place();
    let Some(place) = tab.place else {
        return;
    };
    if head(tab, ui, alone) {
        tab.place = None;
        return;
    }
    let Some(weighing) = &tab.weighing else {
        forgotten(tab, ui, cx);
        return;
    };
    let shown = steps(tab.shown, weighing, ui);
    let chosen = tab.tree.node(place).choice.id;
    let clicked = bars(tab, weighing, chosen, shown, ui);
    tab.shown = shown;
    if let Some(id) = clicked {
        tab.pick(id, cx);
    }
}

/// Which token it is; true when the person wants the text back.
fn head(tab: &WriteView, ui: &mut Ui, alone: bool) -> bool {
    let Some(place) = tab.place else {
        return false;
    };
    let mut back = false;
    let node = tab.tree.node(place);
    let colors = theme::palette(ui.ctx());
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(format!("Token {}", node.depth + 1))
                .text_style(theme::style::subheading()),
        );
        ui.label(
            RichText::new(visible(&node.choice.bytes))
                .text_style(egui::TextStyle::Monospace)
                .background_color(colors.probability(node.choice.p_raw as f32)),
        );
        ui.label(RichText::new(format!("id {}", node.choice.id)).color(colors.text_weak));
        if alone {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let button = ui.button("Back to the text");
                back = button
                    .on_hover_text("Show what was written again.")
                    .clicked();
            });
        }
    });
    let rank = tab.weighing.as_ref().map_or_else(String::new, |weighing| {
        format!(", rank {}", grouped(weighing.rank(node.choice.id)))
    });
    ui.label(
        RichText::new(format!(
            "The model gave it {}{rank}, a surprise of {:.2} bits. It was drawn at {} from {} left.",
            percent(node.choice.p_raw),
            node.choice.surprise_bits(),
            percent(node.choice.p_sampled),
            grouped(node.choice.nucleus_size),
        ))
        .text_style(egui::TextStyle::Small)
        .color(colors.text_weak),
    );
    back
}

/// The scores were let go to save memory, or belong to a model that is not loaded.
fn forgotten(tab: &mut WriteView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let own = tab.place.is_some_and(|place| tab.is_own(place));
    if !own {
        ui.label("Another model wrote this text. Load it to look inside again.");
        return;
    }
    ui.label("The scores at this token were let go to save memory.");
    let asking = tab.looking.is_some();
    let ask = ui
        .add_enabled(!asking, egui::Button::new("Ask the model again"))
        .on_hover_text("One more forward pass over the text before this token.");
    if ask.clicked() {
        tab.ask_again(cx);
    }
}

/// The row of steps, each a button; returns the one shown.
fn steps(shown: Shown, weighing: &Weighing, ui: &mut Ui) -> Shown {
    let mut shown = shown;
    let cells = step_cells(weighing);
    let columns = 4;
    let gap = theme::size::HALF;
    let width = (ui.available_width() - gap * (columns as f32 - 1.0)) / columns as f32;
    ui.spacing_mut().item_spacing = egui::Vec2::splat(gap);
    for line in cells.chunks(columns) {
        ui.horizontal(|ui| {
            for cell in line {
                if step(cell, cell.shown == shown, width, ui).clicked() {
                    shown = cell.shown;
                }
            }
        });
    }
    shown
}

fn step(cell: &StepCell, chosen: bool, width: f32, ui: &mut Ui) -> egui::Response {
    let colors = theme::palette(ui.ctx());
    let font = egui::TextStyle::Small.resolve(ui.style());
    let color = if cell.is_on {
        colors.text
    } else {
        colors.text_weak
    };
    let below = if !cell.is_on {
        "off".into()
    } else if cell.discarded_mass > 0.0 {
        format!(
            "{} · −{}",
            grouped(cell.n_left),
            short_percent(cell.discarded_mass)
        )
    } else {
        format!("{} left", grouped(cell.n_left))
    };
    let mut job = egui::text::LayoutJob::default();
    job.append(
        cell.name,
        0.0,
        egui::TextFormat::simple(font.clone(), color),
    );
    job.append(
        &format!("\n{below}"),
        0.0,
        egui::TextFormat::simple(font, colors.text_weak),
    );
    ui.spacing_mut().button_padding = egui::vec2(3.0, 2.0);
    let button = egui::Button::selectable(chosen, job)
        .frame_when_inactive(true)
        .min_size(egui::vec2(width, 0.0));
    let response = ui.add_sized(egui::vec2(width, 37.0), button);
    response.widget_info(|| {
        let name = format!("Step {}: {below}", cell.name);
        egui::WidgetInfo::selected(egui::Role::Button, true, chosen, name)
    });
    response.on_hover_text(hint(cell.shown))
}

/// A share in as few letters as tell it: the cells are narrow.
fn short_percent(share: f64) -> String {
    if share >= 0.095 {
        format!("{:.0} %", share * 100.0)
    } else {
        percent(share)
    }
}

fn hint(shown: Shown) -> &'static str {
    match shown {
        Shown::Raw => "The model's own distribution: the softmax of its scores, nothing changed.",
        Shown::Final => "What the token is drawn from, after every step.",
        Shown::After(Stage::Penalties) => "Makes tokens of the recent text less likely.",
        Shown::After(Stage::TopK) => "Keeps the k most probable tokens.",
        Shown::After(Stage::Typical) => "Keeps tokens about as surprising as expected on average.",
        Shown::After(Stage::TopP) => "Keeps the fewest tokens that hold a share p together.",
        Shown::After(Stage::MinP) => "Keeps tokens at least min-p times as probable as the best.",
        Shown::After(Stage::Temperature) => {
            "Sharpens (below 1) or flattens (above 1) what is left."
        }
    }
}

/// The bars; returns the candidate that was clicked.
fn bars(
    tab: &WriteView,
    weighing: &Weighing,
    chosen: u32,
    shown: Shown,
    ui: &mut Ui,
) -> Option<u32> {
    let colors = theme::palette(ui.ctx());
    ui.label(
        RichText::new(format!(
            "Outline: the model's own. Filled: {}.",
            shown_name(shown)
        ))
        .text_style(egui::TextStyle::Small)
        .color(colors.text_weak),
    );
    let loaded = tab.model.as_ref().filter(|_| tab.is_own(weighing.node))?;
    let rows = rows(weighing, chosen, shown);
    let bytes: Vec<Vec<u8>> = rows.iter().map(|row| loaded.token_bytes(row.id)).collect();
    let bars: Vec<Bar<'_>> = rows
        .iter()
        .zip(&bytes)
        .map(|(row, bytes)| Bar {
            bytes,
            before: row.before,
            after: row.after,
            discarded_by: row.discarded_by,
            chosen: row.chosen,
        })
        .collect();
    let room = ui.available_height() - 28.0;
    let height = (room / bars.len() as f32).clamp(ROW_HEIGHTS.0, ROW_HEIGHTS.1);
    let clicked = ScrollArea::vertical()
        .id_salt("candidates")
        .auto_shrink([false, false])
        .show(ui, |ui| ProbabilityBars::new(&bars, height).show(ui))
        .inner;
    clicked.map(|i| rows[i].id)
}
