//! What the learning begins with: the pictures, what is to be kept, how far it is; and the stage before it.

use super::{YoursView, bench};
use crate::labs::gan::pictures::Pictures;
use crate::tabs::TabContext;
use crate::tabs::images::views::Desk;
use crate::tabs::parts::{caption, part};
use crate::theme::{self, size};
use crate::widgets::count::{duration, grouped};
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{Label, ProgressBar, Rect, RichText, Ui, Vec2, vec2};

/// How far it is.
pub(super) fn head(view: &YoursView, ui: &mut Ui) {
    let mut facts = Vec::new();
    if let Some((done, of)) = view.drawing {
        facts.push(format!(
            "Drawing what it is to keep: {done} of {of} pictures"
        ));
    } else if let (Some(turn), Some(recipe)) = (&view.turn, &view.recipe) {
        facts.push(format!(
            "step {} of {}",
            grouped(turn.step),
            grouped(recipe.n_steps)
        ));
        if view.is_running() {
            facts.push(format!("{} left", duration(turn.secs_left)));
        }
    } else if view.is_running() {
        facts.push("Drawing what it draws before it learns".into());
    } else if view.opened.is_some() {
        facts.push("A word that was learned before".into());
    }
    if view.stopping {
        facts.push("stopping".into());
    }
    facts.extend(view.ended.clone());
    ui.horizontal(|ui| {
        ui.label(RichText::new(facts.join("  ·  ")).small());
        if view.is_running() {
            let part = match view.drawing {
                Some((done, of)) => done as f32 / of.max(1) as f32,
                None => view.turn.map_or(0.0, |turn| turn.progress as f32),
            };
            let bar = ui.add(ProgressBar::new(part).desired_height(6.0));
            ui.ctx()
                .accesskit_node_builder(bar.id, |node| node.set_label("Progress of the learning"));
        }
    });
}

/// The pictures that are learned from, and those that the model is to go on drawing.
pub(super) fn given(view: &mut YoursView, ui: &mut Ui) {
    let Some(prepared) = &view.prepared else {
        return;
    };
    let number = view.number;
    take(&mut view.own_sheet, ui, number, &prepared.pictures);
    if let Some(prior) = &view.prior {
        take(&mut view.prior_sheet, ui, number, prior);
    }
    let side = ui.available_height() - 22.0;
    let width = ui.available_width();
    let word = view.recipe.as_ref().map_or("", |recipe| &recipe.word);
    let n_own = prepared.pictures.len();
    let heading = format!("What “{word}” is to mean: {n_own} pictures");
    let share = if view.prior.is_some() { 0.6 } else { 1.0 };
    let top = ui.cursor().min;
    let sets = [
        (&view.own_sheet, heading, 0.0, width * share - size::GROUP),
        (
            &view.prior_sheet,
            "What it is to keep: drawn before, without the word".to_owned(),
            width * share,
            width * (1.0 - share),
        ),
    ];
    for (sheet, heading, left, width) in sets {
        if sheet.is_empty() || width < side {
            continue;
        }
        let at = top + vec2(left, 0.0);
        let area = Rect::from_min_size(at, vec2(width, side + 22.0));
        part(ui, area, |ui| {
            ui.add(Label::new(RichText::new(&heading).small()).truncate());
        });
        let fits = ((width + super::strip::GAP) / (side + super::strip::GAP)).floor() as usize;
        for i in 0..sheet.len().min(fits) {
            let at = at + vec2(i as f32 * (side + super::strip::GAP), 22.0);
            let rect = Rect::from_min_size(at, Vec2::splat(side));
            sheet.paint(ui.painter(), rect, i);
        }
    }
}

/// Gives the graphics card these pictures, if it has others.
pub(super) fn take(sheet: &mut PictureSheet, ui: &Ui, version: u64, pictures: &Pictures) {
    let pixels = Pixels {
        side: pictures.side,
        n_channels: pictures.n_channels,
        bytes: &pictures.pixels,
    };
    sheet.update(ui.ctx(), version, pixels, false);
}

/// What there is to see before anything was learned.
pub(super) fn empty(view: &mut YoursView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    ui.add_space(ui.available_height() * 0.22);
    ui.vertical_centered(|ui| {
        ui.set_max_width(560.0);
        if view.is_running() {
            let words = "Reading the pictures";
            ui.label(RichText::new(words).text_style(theme::style::subheading()));
            ui.add_space(size::GRID);
            ui.spinner();
            return;
        }
        let title = "A word of your own, from ten pictures";
        ui.label(RichText::new(title).text_style(theme::style::subheading()));
        ui.add_space(size::GRID);
        ui.label("The network's own weights stay as they are. Beside each of them a small change is learned, the product of two narrow matrices (a low-rank adapter, LoRA), and one row of numbers for the new word. You watch what the word comes to mean, and what the network forgets meanwhile.");
        ui.add_space(size::GROUP);
        let [label, hint] = bench::START;
        let button = theme::primary_button(ui.ctx(), label);
        let about = desk.model.base().map(|base| base.about());
        let can = about.is_some() && view.setup.missing(about).is_none();
        if ui.add_enabled(can, button).on_hover_text(hint).clicked() {
            view.start_anew(desk, cx);
        }
        ui.add_space(size::GRID);
        let words = format!(
            "“{}” from {}. Drop pictures of your own to learn from them instead.",
            view.setup.word,
            if view.setup.is_own {
                "your pictures"
            } else {
                view.setup.example.words()
            }
        );
        caption(ui, words);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_minutes_and_seconds() {
        assert_eq!([0.4, 61.0].map(duration), ["0 s", "1 min 1 s"]);
    }
}
