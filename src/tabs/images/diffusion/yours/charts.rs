//! The numbers of the learning: losses over the steps, and how far each weight was changed.

use super::YoursView;
use crate::tabs::parts::caption;
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::lines::{Lines, Scale, Series};
use eframe::egui::{Align2, Label, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Losses are drawn as means of so many steps, at most so many points.
const N_POINTS: usize = 100;

/// The losses, and how far each weight was changed.
pub(super) fn show(view: &mut YoursView, ui: &mut Ui) {
    let height = ui.available_height();
    let (accent, other) = {
        let colors = theme::palette(ui.ctx());
        (colors.accent, colors.hues[8])
    };
    if !view.losses[0].is_empty() {
        let n = view.losses[0].len();
        let block = n.div_ceil(N_POINTS).max(1);
        let means = |values: &[f32]| -> Vec<f32> {
            let blocks = values.chunks(block);
            blocks
                .map(|block| block.iter().sum::<f32>() / block.len() as f32)
                .collect()
        };
        let steps: Vec<f32> = (0..n.div_ceil(block))
            .map(|i| ((i + 1) * block).min(n) as f32)
            .collect();
        let [own, prior] = [means(&view.losses[0]), means(&view.losses[1])];
        let mut series = vec![Series {
            name: "its pictures",
            values: &own,
            color: accent,
        }];
        if prior.len() == own.len() {
            series.push(Series {
                name: "kept",
                values: &prior,
                color: other,
            });
        }
        let here = view.snapshot().map(|snapshot| snapshot.step as f32);
        let lines = Lines {
            name: "Losses",
            y: "loss",
            x: "steps",
            steps: &steps,
            series: &series,
            scale: Scale::Linear,
            here,
        };
        lines.show(ui, (height * 0.36).max(90.0));
        ui.add_space(size::GRID);
    }
    changes(view, ui);
}

/// A bar for every changed weight; a click shows where its numbers come from.
fn changes(view: &mut YoursView, ui: &mut Ui) {
    let Some((step, changes)) = view.changes.clone().filter(|(step, _)| *step > 0) else {
        caption(
            ui,
            "How far each weight is changed appears with the first snapshot.",
        );
        return;
    };
    let heading = format!("How far each weight is changed, step {}", grouped(step));
    ui.add(Label::new(RichText::new(heading).small()).wrap());
    let most = changes.iter().map(|change| change.change / change.length);
    let most = most.fold(1e-9, f64::max);
    let room = ui.available_height();
    let n = changes.len().max(1) as f32;
    let height = (room / n).clamp(7.0, 18.0);
    let colors = theme::palette(ui.ctx());
    let font = theme::style::small_mono().resolve(ui.style());
    for change in &changes {
        let share = change.change / change.length.max(1e-12);
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
        ui.spacing_mut().item_spacing.y = 0.0;
        let words = format!("{}: changed by {:.1} %", plain(&change.name), share * 100.0);
        let is_open = view.explaining.name() == Some(&change.name);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, &words));
        let track = rect.shrink2(vec2(0.0, 1.0));
        let lit = response.hovered() || is_open;
        if lit {
            ui.painter().rect_filled(track, 1.0, colors.hover);
        }
        let part = (share / most) as f32;
        let bar = track.with_max_x(track.left() + track.width() * part);
        ui.painter().rect_filled(bar, 1.0, colors.accent);
        if height >= font.size {
            let ink = colors.text_weak;
            let at = pos2(
                bar.right().min(track.right() - 40.0) + 4.0,
                track.center().y,
            );
            let number = format!("{:.0} %", share * 100.0);
            ui.painter()
                .text(at, Align2::LEFT_CENTER, number, font.clone(), ink);
        }
        let [rows, columns] = change.size;
        let hint = format!(
            "{words}: |A·B| = {:.2} beside |W| = {:.2}, {} × {} numbers.\nClick to see where they come from.",
            change.change,
            change.length,
            grouped(rows),
            grouped(columns)
        );
        if response.on_hover_text(hint).clicked() {
            view.explaining.toggle(&change.name);
        }
    }
}

/// "down 1, block, convolution 2" for `down.1.block.conv.1.weight`.
pub(super) fn plain(name: &str) -> String {
    let name = name.trim_end_matches(".weight");
    let parts = name.split('.').map(|part| match part {
        "conv" => "convolution".to_owned(),
        "in" => "first layer".to_owned(),
        "out" => "last layer".to_owned(),
        "qkv" => "q, k, v".to_owned(),
        number => number
            .parse::<usize>()
            .map_or_else(|_| number.to_owned(), |n| (n + 1).to_string()),
    });
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_named_in_words() {
        assert_eq!(
            plain("down.1.block.conv.1.weight"),
            "down 2 block convolution 2"
        );
        assert_eq!(
            plain("middle.attention.qkv.weight"),
            "middle attention q, k, v"
        );
        assert_eq!(plain("in.weight"), "first layer");
    }
}
