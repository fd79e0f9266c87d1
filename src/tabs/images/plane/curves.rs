//! Losses and measures over the turns, each with its number now; a click on a number shows where it
//! comes from.

use super::PlaneView;
use super::asked::Asked;
use super::film::{Curves, Quantity};
use super::networks::PLAYERS;
use super::plot::inks;
use super::stage::Pane;
use crate::labs::gan::plane::{ENOUGH, Player, Turn};
use crate::tabs::parts::part;
use crate::theme::{self, Palette, size};
use crate::widgets::lines::{Lines, Scale, Series, written};
use eframe::egui::{
    Align, Align2, Color32, CursorIcon, Label, Layout, Rect, RichText, Role, Sense, Stroke,
    TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// One drawing: its title, what hovering it teaches, its lines.
struct Chart<'a> {
    title: &'a str,
    hint: &'a str,
    scale: Scale,
    lines: Vec<(&'a str, Quantity, Color32)>,
    /// The numbers now, in the order of the lines.
    now: Vec<String>,
    /// Whether a click on a number shows where it comes from.
    is_explained: bool,
}

pub(super) fn show(view: &mut PlaneView, ui: &mut Ui) {
    let Some(frame) = view.film.here().cloned() else {
        return;
    };
    let Some(branch) = view.film.branch() else {
        return;
    };
    let colors = theme::palette(ui.ctx());
    let turn = &frame.turn;
    let here = view.film.selected().map(|_| turn.turn as f32);
    let charts = charts(turn, colors);
    let area = ui.available_rect_before_wrap();
    let (columns, rows) = (2, 3);
    let gap = vec2(size::GRID * 2.0, size::GRID);
    let cell = vec2(
        (area.width() - gap.x) / columns as f32,
        (area.height() - gap.y * (rows - 1) as f32) / rows as f32,
    );
    let place = |i: usize| {
        let (column, row) = (i % columns, i / columns);
        let corner = area.min + (cell + gap) * vec2(column as f32, row as f32);
        Rect::from_min_size(corner, cell)
    };
    let mut asked = None;
    for (i, chart) in charts.iter().enumerate() {
        part(ui, place(i), |ui| {
            let pressed = chart.show(ui, &branch.curves, here);
            asked = asked.or(pressed.filter(|_| i == 0));
        });
    }
    part(ui, place(charts.len()), |ui| modes(ui, turn));
    if let Some(line) = asked {
        view.ask(Asked::Loss(PLAYERS[line]), Pane::Curves);
    }
}

fn charts<'a>(turn: &Turn, colors: &Palette) -> [Chart<'a>; 5] {
    let [real, fake] = inks(colors);
    let (d, g) = (colors.accent, colors.hues[8]);
    let n = |x: f32| written(x);
    let percent = |x: f32| format!("{:.0} %", x * 100.0);
    [
        Chart {
            title: "Loss",
            hint: "What each network lowers. They pull against each other: neither loss alone says how good the points are. Click a number for its equation.",
            scale: Scale::Linear,
            lines: vec![("D", Quantity::LossD, d), ("G", Quantity::LossG, g)],
            now: vec![n(turn.loss_d), n(turn.loss_g)],
            is_explained: true,
        },
        Chart {
            title: "D is right, %",
            hint: "How many of the real points D calls real, and of the generated ones fake. 50 % of both is guessing: then D can no longer tell them apart.",
            scale: Scale::Fixed(0.0, 100.0),
            lines: vec![
                ("real", Quantity::AccuracyReal, real),
                ("fake", Quantity::AccuracyFake, fake),
            ],
            now: vec![percent(turn.accuracy_real), percent(turn.accuracy_fake)],
            is_explained: false,
        },
        Chart {
            title: "Divergence, nats",
            hint: "How far the generated distribution is from the real one; 0 is equal. JS is at most ln 2 = 0.693 (nothing in common); KL(real ‖ generated) grows where something real is never made. The scale is of powers of ten.",
            scale: Scale::Log,
            lines: vec![("KL", Quantity::Kl, g), ("JS", Quantity::Js, d)],
            now: vec![n(turn.divergence.kl as f32), n(turn.divergence.js as f32)],
            is_explained: false,
        },
        Chart {
            title: "Gradient, length",
            hint: "The length of the gradient of each loss by all weights of its network, on a scale of powers of ten. Where G's falls by orders of magnitude, G learns nothing any more (vanishing gradients).",
            scale: Scale::Log,
            lines: vec![("D", Quantity::GradientD, d), ("G", Quantity::GradientG, g)],
            now: vec![
                n(turn.gradient_norm(Player::Discriminator)),
                n(turn.gradient_norm(Player::Generator)),
            ],
            is_explained: false,
        },
        Chart {
            title: "Modes covered",
            hint: "How many parts of the real distribution get at least a quarter of the points they should. A fall is mode collapse.",
            scale: Scale::Fixed(0.0, turn.coverage.n_parts() as f32),
            lines: vec![("", Quantity::Covered, d)],
            now: vec![format!(
                "{} of {}",
                turn.coverage.n_covered,
                turn.coverage.n_parts()
            )],
            is_explained: false,
        },
    ]
}

impl Chart<'_> {
    /// Draws it in the room there is. Returns the line whose number was clicked.
    fn show(&self, ui: &mut Ui, curves: &Curves, here: Option<f32>) -> Option<usize> {
        ui.spacing_mut().item_spacing.y = 0.0;
        let pressed = self.head(ui);
        let series = self.lines.iter().map(|&(name, quantity, color)| Series {
            name,
            values: curves.get(quantity),
            color,
        });
        let series: Vec<Series<'_>> = series.collect();
        let lines = Lines {
            name: self.title,
            y: "",
            x: "turns",
            steps: &curves.turns,
            series: &series,
            scale: self.scale,
            here,
        };
        let height = ui.available_height().max(40.0);
        lines.show_headless(ui, height);
        pressed
    }

    /// The title, and the numbers now beside the colours of their lines; below each other where there
    /// is too little room.
    fn head(&self, ui: &mut Ui) -> Option<usize> {
        let colors = theme::palette(ui.ctx());
        let title = RichText::new(self.title).small().color(colors.text_weak);
        let width = |words: &str| number_width(ui, words);
        let numbers = self.words();
        let wide: f32 = numbers.iter().map(|words| width(words) + 6.0).sum();
        let is_roomy = wide + width(self.title) <= ui.available_width();
        if !is_roomy {
            let title = ui.add(Label::new(title.clone()).truncate());
            title.on_hover_text(self.hint);
        }
        let mut pressed = None;
        let row = vec2(ui.available_width(), 20.0);
        let layout = if is_roomy {
            Layout::right_to_left(Align::Center)
        } else {
            Layout::left_to_right(Align::Center)
        };
        ui.allocate_ui_with_layout(row, layout, |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let mut places: Vec<usize> = (0..self.lines.len()).collect();
            if is_roomy {
                places.reverse();
            }
            for i in places {
                if self.number(ui, &numbers[i], self.lines[i].2) {
                    pressed = Some(i);
                }
            }
            if is_roomy {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.label(title).on_hover_text(self.hint);
                });
            }
        });
        pressed
    }

    /// Each line's name with its number now.
    fn words(&self) -> Vec<String> {
        let lines = self.lines.iter().zip(&self.now);
        let words = lines.map(|((name, _, _), now)| format!("{name} {now}"));
        words.map(|words| words.trim().to_owned()).collect()
    }

    /// A number with its name and the colour of its line. Whether it was clicked.
    fn number(&self, ui: &mut Ui, words: &str, color: Color32) -> bool {
        let colors = theme::palette(ui.ctx());
        let font = TextStyle::Small.resolve(ui.style());
        let painter = ui.painter();
        let galley = painter.layout_no_wrap(words.to_owned(), font, colors.text);
        let wide = vec2(number_width(ui, words), 18.0);
        let (rect, response) = ui.allocate_exact_size(wide, Sense::click());
        let name = format!("{}: {words}", self.title);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let painter = ui.painter();
        let is_lit = self.is_explained && (response.hovered() || response.has_focus());
        if is_lit {
            painter.rect_filled(rect, 3.0, colors.hover);
        }
        let middle = pos2(rect.left() + 4.0, rect.center().y);
        let swatch = Rect::from_center_size(middle, vec2(8.0, 3.0));
        painter.rect_filled(swatch, 1.0, color);
        let at = pos2(rect.left() + 11.0, rect.center().y - galley.size().y * 0.5);
        painter.galley(at, galley, colors.text);
        if !self.is_explained {
            response.on_hover_text(self.hint);
            return false;
        }
        response
            .on_hover_cursor(CursorIcon::PointingHand)
            .on_hover_text("Show where this number comes from.")
            .clicked()
    }
}

/// The room that a number takes, with the sign of its line.
fn number_width(ui: &Ui, words: &str) -> f32 {
    let font = TextStyle::Small.resolve(ui.style());
    let ink = theme::palette(ui.ctx()).text;
    let galley = ui.painter().layout_no_wrap(words.to_owned(), font, ink);
    galley.size().x + 14.0
}

/// How much each mode gets of what it should.
fn modes(ui: &mut Ui, turn: &Turn) {
    let colors = theme::palette(ui.ctx());
    let hint = "For each part of the real distribution: how often it is generated over how often it should be. 1 is right, 0 is a mode that was dropped.";
    let title = RichText::new("Each mode gets, × its due").small();
    let title = ui.add(Label::new(title.color(colors.text_weak)).truncate());
    title.on_hover_text(hint);
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let shares = &turn.coverage.shares;
    let told: Vec<String> = shares.iter().map(|share| format!("{share:.2}")).collect();
    let words = format!("Each mode gets: {}", told.join(", "));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    let font = TextStyle::Small.resolve(ui.style());
    let plot = Rect::from_min_max(
        rect.min + vec2(font.size * 2.2, 4.0),
        rect.max - vec2(4.0, font.size * 1.5),
    );
    let most = 2.0;
    let y = |share: f32| plot.bottom() - plot.height() * (share / most).clamp(0.0, 1.0);
    let painter = ui.painter();
    for value in [0.0, 1.0, 2.0_f32] {
        let line = if value == 1.0 {
            colors.outline
        } else {
            colors.line
        };
        painter.hline(plot.x_range(), y(value), Stroke::new(1.0, line));
        let at = pos2(plot.left() - 5.0, y(value));
        let words = format!("{value:.0}");
        painter.text(
            at,
            Align2::RIGHT_CENTER,
            words,
            font.clone(),
            colors.text_weak,
        );
    }
    let gap = plot.width() / shares.len().max(1) as f32;
    for (i, &share) in shares.iter().enumerate() {
        let x = plot.left() + gap * (i as f32 + 0.5);
        let bar = Rect::from_x_y_ranges(
            (x - gap * 0.3)..=(x + gap * 0.3),
            y(share).min(plot.bottom() - 1.0)..=plot.bottom(),
        );
        let covered = f64::from(share) >= ENOUGH;
        let color = if covered {
            colors.accent
        } else {
            colors.warning
        };
        painter.rect_filled(bar, 1.0, color);
        let at = pos2(x, plot.bottom() + 2.0);
        let words = (i + 1).to_string();
        painter.text(
            at,
            Align2::CENTER_TOP,
            words,
            font.clone(),
            colors.text_weak,
        );
    }
    let near = format!(
        "{:.0} % of the generated points belong to any mode.",
        turn.coverage.near * 100.0
    );
    response.on_hover_text(format!("{words}\n{near}"));
}
