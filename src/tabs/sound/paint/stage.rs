//! The stage: the spectrogram under the hand.

use super::super::player::{keep_moving, time};
use super::super::settings::Chosen;
use super::super::views::Desk;
use super::tools::Tool;
use super::{InUse, PaintView};
use crate::labs::sound::painting::Dab;
use crate::tabs::TabContext;
use crate::theme::{self, ColorMap, size};
use crate::widgets::spectrogram::{Shown, Spectrogram, plot_in};
use eframe::egui::{
    self, CursorIcon, PointerButton, Pos2, Rect, RichText, Shape, Stroke as Line, Ui, pos2, vec2,
};

/// How far below full scale the darkest colour is.
pub(super) const RANGE_DB: f64 = 90.0;
/// The colours: the hand's own are apart from them.
pub(super) const COLORS: ColorMap = ColorMap::Magma;

pub(super) fn show(view: &mut PaintView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let Some(sound) = desk.sound.clone() else {
        ui.add_space(size::GROUP);
        ui.label("Here you paint on the picture of a sound and hear the paint. Choose a sound in “See and hear” first.");
        return;
    };
    let id = sound.id();
    let playing = desk.player.place(id).map(|it| it / sound.rate_hz());
    if desk.player.is_playing(id) {
        keep_moving(ui.ctx());
        view.span.follow(playing.unwrap_or(0.0));
    }
    view.span.cursor = playing.unwrap_or(0.0);
    let words = format!("{} of {}", time(view.span.cursor), time(view.span.total));
    ui.label(RichText::new(words).text_style(egui::TextStyle::Monospace));
    let height = ui.available_height() - size::SMALL * 1.8 - size::GRID;
    let full = vec2(ui.available_width(), height.max(80.0));
    let scale = ui.ctx().pixels_per_point();
    let plot = plot_in(Rect::from_min_size(Pos2::ZERO, full)).size() * scale;
    view.looking.set_room(plot);
    let rate = sound.rate_hz();
    let ticks = view.chosen.ticks(rate, height / size::GROUP);
    let seen = view.looking.seen(&sound).cloned();
    let picture = seen.as_ref().map(|it| &it.picture);
    let widget = Spectrogram {
        name: "The canvas",
        levels: picture.map_or(&[], |it| &it.levels),
        n_columns: picture.map_or(0, |it| it.n_columns),
        version: view.looking.version(),
        covers: picture.map_or([0.0, 1.0], |it| it.secs),
        range_db: [-RANGE_DB as f32, 0.0],
        colors: COLORS,
        ticks: &ticks,
        playing,
        asked: None,
        is_painted: true,
    };
    let shown = widget.show(ui, full, &mut view.span, &mut view.texture);
    answer(view, &shown, &sound, desk, cx);
    paint_hand(view, ui, &shown, rate);
    let colors = theme::palette(ui.ctx());
    let told = "Drag to paint. The wheel zooms in time; with Shift it scrolls.";
    ui.label(RichText::new(told).small().color(colors.text_weak));
}

/// The moment and the frequency under a place.
fn dab_at(view: &PaintView, at: Pos2, plot: Rect, rate: f64) -> Dab {
    let share = f64::from((plot.bottom() - at.y) / plot.height()).clamp(0.0, 1.0);
    Dab {
        secs: view.span.secs_at(at.x, plot),
        hz: view.chosen.at(share, rate),
    }
}

/// The place of a moment and a frequency.
fn place_of(view: &PaintView, dab: Dab, plot: Rect, rate: f64) -> Pos2 {
    let share = view.chosen.share(dab.hz, rate) as f32;
    let x = view.span.x_of(dab.secs, plot);
    pos2(x, plot.bottom() - share * plot.height())
}

/// Follows the hand; when it is lifted, its stroke is painted.
fn answer(
    view: &mut PaintView,
    shown: &Shown,
    sound: &InUse,
    desk: &Desk,
    cx: &mut TabContext<'_>,
) {
    let response = &shown.response;
    let rate = sound.rate_hz();
    let is_down = response.dragged_by(PointerButton::Primary) || response.clicked();
    if is_down && let Some(at) = response.interact_pointer_pos() {
        if response.drag_started() {
            let from = response.ctx.input(|input| input.pointer.press_origin());
            view.hand.path = from
                .map(|from| dab_at(view, from, shown.plot, rate))
                .into_iter()
                .collect();
        }
        let dab = dab_at(view, at, shown.plot, rate);
        if view.hand.path.last() != Some(&dab) {
            view.hand.path.push(dab);
        }
    }
    if (response.drag_stopped() || response.clicked())
        && let Some(stroke) = view.hand.lift(&view.tools, view.span.total)
    {
        view.paint(stroke, desk, cx);
    }
}

/// What the hand has done and not yet left, and the brush under it.
fn paint_hand(view: &PaintView, ui: &Ui, shown: &Shown, rate: f64) {
    let colors = theme::palette(ui.ctx());
    let plot = shown.plot;
    let painter = ui.painter().with_clip_rect(plot);
    let place = |dab: &Dab| place_of(view, *dab, plot, rate);
    let line = Line::new(2.0, colors.accent);
    let under = Line::new(4.0, colors.stage);
    if let Some((secs, hz)) = view.hand.rectangle {
        let corner = |i: usize, j: usize| Dab {
            secs: secs[i],
            hz: hz[j],
        };
        let rect = Rect::from_two_pos(place(&corner(0, 0)), place(&corner(1, 1)));
        for line in [under, line] {
            painter.rect_stroke(rect, 0.0, line, egui::StrokeKind::Middle);
        }
    }
    let path: Vec<Pos2> = view.hand.path.iter().map(place).collect();
    match (view.tools.tool, path.first(), path.last()) {
        (Tool::Select, Some(from), Some(to)) => {
            let rect = Rect::from_two_pos(*from, *to);
            painter.rect_stroke(rect, 0.0, line, egui::StrokeKind::Middle);
        }
        _ if path.len() > 1 => {
            painter.add(Shape::line(path.clone(), under));
            painter.add(Shape::line(path, line));
        }
        _ => {}
    }
    let Some(at) = shown.hovered else { return };
    ui.ctx().set_cursor_icon(CursorIcon::Crosshair);
    let here = dab_at(view, at, plot, rate);
    match view.tools.tool {
        Tool::Brush | Tool::Eraser | Tool::Noise => {
            let outline = brush_outline(view, here, &view.chosen, plot, rate);
            painter.add(Shape::closed_line(outline.clone(), under));
            painter.add(Shape::closed_line(outline, line));
        }
        Tool::Notch => {
            for factor in [view.tools.octaves.exp2(), (-view.tools.octaves).exp2()] {
                let edge = Dab {
                    hz: here.hz * factor,
                    ..here
                };
                let y = place(&edge).y;
                painter.hline(plot.x_range(), y, under);
                painter.hline(plot.x_range(), y, line);
            }
        }
        Tool::Melody | Tool::Select => {}
    }
}

/// The edge of the brush around a place.
fn brush_outline(view: &PaintView, here: Dab, chosen: &Chosen, plot: Rect, rate: f64) -> Vec<Pos2> {
    let [wide, high] = view.tools.radius();
    let [low, top] = chosen.range_hz(rate);
    let edge = (0..32).map(|i| {
        let (sin, cos) = (f64::from(i) * std::f64::consts::TAU / 32.0).sin_cos();
        let hz = here.hz * (high * sin).exp2();
        let dab = Dab {
            secs: here.secs + wide * cos,
            hz: hz.clamp(low.max(1.0), top),
        };
        place_of(view, dab, plot, rate)
    });
    edge.collect()
}
