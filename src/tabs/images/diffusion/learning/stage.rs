//! The stage: what the network draws from noise that stays the same, and the numbers of the training.

use super::film::Frame;
use super::{LearningView, bench, charts};
use crate::labs::diffusion::captions::Attribute;
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, part};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::image_grid::ImageGrid;
use crate::widgets::picture_sheet::Pixels;
use eframe::egui::{ProgressBar, Rect, RichText, Ui, Vec2, vec2};

/// Narrower than this, the stage has room for the pictures only.
const ROOM_FOR_CHARTS: f32 = 560.0;

pub(super) fn show(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    view.keeping.show(ui, cx);
    let Some(frame) = view.film.here().cloned() else {
        empty(view, ui, cx);
        return;
    };
    head(view, ui, &frame);
    let pictures = &frame.snapshot.pictures;
    let pixels = Pixels {
        side: pictures.side,
        n_channels: pictures.n_channels,
        bytes: &pictures.pixels,
    };
    view.made.update(ui.ctx(), frame.id, pixels, false);
    let area = ui.available_rect_before_wrap();
    if area.width() < ROOM_FOR_CHARTS {
        made(view, ui, &frame, area.size());
        return;
    }
    let left = (area.height() - 20.0).min(area.width() * 0.52).floor();
    let made_area = Rect::from_min_size(area.min, vec2(left, area.height()));
    let side = area.with_min_x(area.left() + left + size::GROUP);
    part(ui, made_area, |ui| {
        let size = ui.available_size();
        made(view, ui, &frame, size);
    });
    part(ui, side, |ui| charts::show(view, ui, &frame));
    ui.advance_cursor_after_rect(area);
}

/// "step 128, 9 s".
pub(super) fn when(frame: &Frame) -> String {
    let snapshot = &frame.snapshot;
    format!(
        "step {}, {}",
        grouped(snapshot.step),
        duration(snapshot.secs)
    )
}

/// Seconds as people say them: "42 s", "3 min 5 s".
fn duration(secs: f64) -> String {
    let whole = secs.max(0.0).round() as u64;
    let (hours, minutes, secs) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, minutes) {
        (0, 0) => format!("{secs} s"),
        (0, _) => format!("{minutes} min {secs} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// How far it is.
fn head(view: &LearningView, ui: &mut Ui, frame: &Frame) {
    let mut facts = vec![match view.film.selected() {
        Some(_) => format!("On the stage: {}", when(frame)),
        None => match &view.turn {
            Some(turn) => format!("{} of work", duration(turn.secs)),
            None => "Beginning".into(),
        },
    }];
    if let Some(turn) = &view.turn {
        facts.push(format!("{:.0} pictures/s", turn.pictures_per_sec));
        if let (Some(left), true) = (turn.secs_left, view.is_training()) {
            facts.push(format!("{} left", duration(left)));
        }
    }
    if view.training.is_some() && view.is_paused() {
        facts.push("paused".into());
    }
    facts.extend(view.ended.clone());
    ui.horizontal(|ui| {
        ui.label(RichText::new(facts.join("  ·  ")).small());
        let progress = view.turn.as_ref().and_then(|turn| turn.progress);
        if let (Some(progress), true) = (progress, view.is_training()) {
            let bar = ui.add(ProgressBar::new(progress as f32).desired_height(6.0));
            ui.ctx()
                .accesskit_node_builder(bar.id, |node| node.set_label("Progress of the training"));
        }
    });
}

/// What the average of the weights draws.
fn made(view: &LearningView, ui: &mut Ui, frame: &Frame, room: Vec2) {
    let top = ui.cursor().top();
    let title = RichText::new("Out of the same noise").text_style(theme::style::strong());
    ui.label(title).on_hover_text(
        "Every snapshot begins with the same noise and is asked for the same words: what changes is the network. Ten steps of DDIM, guidance 3, drawn by the average of the weights.",
    );
    let grid = ImageGrid {
        name: "Made picture",
        sheet: &view.made,
        n: frame.snapshot.pictures.len(),
        columns: 4,
        verdicts: &[],
        verdict: "",
        chosen: None,
    };
    let left = vec2(room.x, room.y - (ui.cursor().top() - top));
    let done = grid.show(ui, left);
    let attributes = view.prepared.as_ref().map(|p| p.attributes.as_slice());
    if let (Some((i, response)), Some(attributes)) = (done.hovered, attributes) {
        let row = frame.snapshot.rows.get(i).map_or(&[][..], Vec::as_slice);
        response.on_hover_text(asked_for(attributes, row));
    }
}

/// What a picture was asked to show.
fn asked_for(attributes: &[Attribute], row: &[u32]) -> String {
    let told = attributes
        .iter()
        .zip(row)
        .filter_map(|(attribute, &value)| {
            let value = attribute.values.get((value as usize).checked_sub(1)?)?;
            let name = attribute.name.replace('_', " ");
            Some(format!("{name}: {}", value.replace('_', " ")))
        });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        "Nothing was asked for: there are no words for these pictures.".into()
    } else {
        format!("Asked for\n{}", told.join("\n"))
    }
}

fn empty(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    ui.add_space(ui.available_height() * 0.22);
    ui.vertical_centered(|ui| {
        ui.set_max_width(560.0);
        if view.training.is_some() || view.keeping.is_opening() {
            ui.label(RichText::new("Reading the pictures").text_style(theme::style::subheading()));
            ui.add_space(size::GRID);
            ui.spinner();
            return;
        }
        let title = "Learn to see through noise";
        ui.label(RichText::new(title).text_style(theme::style::subheading()));
        ui.add_space(size::GRID);
        ui.label("A picture is put under noise, a little or a lot, and the network is asked what was there. That is all it ever learns. A network that can do so at every noise level can begin with nothing but noise, and end with a picture that nobody has drawn.");
        ui.add_space(size::GROUP);
        let [label, hint] = bench::START;
        let button = theme::primary_button(ui.ctx(), label);
        let can = view.setup.source().is_some();
        if ui.add_enabled(can, button).on_hover_text(hint).clicked() {
            view.start_anew(cx);
        }
        ui.add_space(size::GRID);
        let side = view.setup.side();
        let name = view.setup.source_name();
        caption(ui, format!("On {name}, at {side} × {side} pixels."));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_told_by_the_words_it_was_asked_for() {
        let attributes = [Attribute {
            name: "hair_color".into(),
            values: vec!["black".into(), "brown".into()],
        }];
        assert_eq!(asked_for(&attributes, &[2]), "Asked for\nhair color: brown");
        assert!(asked_for(&attributes, &[0]).starts_with("Nothing"));
    }

    #[test]
    fn a_time_is_told_in_the_two_units_that_matter() {
        let told = [0.4, 185.0, 7260.0].map(duration);
        assert_eq!(told, ["0 s", "3 min 5 s", "2 h 1 min"]);
    }
}
