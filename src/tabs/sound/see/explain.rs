//! The drawer: where the level of a cell comes from, sample by sample.

use super::super::in_use::InUse;
use super::super::looking::Seen;
use super::super::settings::Chosen;
use super::super::views::Desk;
use super::SeeView;
use crate::labs::sound::cell::{Cell, Sum};
use crate::refusal::Result;
use crate::tabs::parts::{caption, group};
use crate::theme::style;
use crate::widgets::count::grouped;
use crate::widgets::icon::Icon;
use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, Ui};

/// The cell that is asked about.
#[derive(Debug, Default)]
pub(super) struct Explaining {
    asked: Option<Asked>,
    /// Whether it was opened just now.
    is_new: bool,
}

#[derive(Debug)]
struct Asked {
    /// The sound's number.
    sound: u64,
    /// How the picture was made that was clicked.
    chosen: Chosen,
    /// What it showed.
    shown_db: f64,
    cell: Result<Cell>,
}

impl Explaining {
    pub(super) fn is_open(&self) -> bool {
        self.asked.is_some()
    }

    pub(super) fn close(&mut self) {
        self.asked = None;
    }

    /// Asks about a row and column of the picture.
    pub(super) fn open(&mut self, at: [usize; 2], seen: &Seen, sound: &InUse, chosen: Chosen) {
        let picture = &seen.picture;
        let cell = Cell::of(&sound.sound, &seen.asked.settings, picture, at);
        self.is_new = true;
        self.asked = Some(Asked {
            sound: sound.number,
            chosen,
            shown_db: f64::from(picture.level(at[0], at[1])),
            cell,
        });
    }

    /// Its time and frequency.
    pub(super) fn place(&self, chosen: &Chosen, rate_hz: f64) -> Option<(f64, f64)> {
        let asked = self.asked.as_ref().filter(|it| it.chosen == *chosen)?;
        let sum = &asked.cell.as_ref().ok()?.loudest;
        let hz = sum.bin as f64 * rate_hz / chosen.win_length as f64;
        Some((sum.middle as f64 / rate_hz, hz))
    }
}

pub(super) fn show(view: &mut SeeView, ui: &mut Ui, desk: &mut Desk) {
    if head(ui) {
        view.explaining.close();
    }
    let is_new = std::mem::take(&mut view.explaining.is_new);
    let Some(sound) = &desk.sound else { return };
    let asked = view.explaining.asked.as_ref();
    let Some(asked) = asked.filter(|it| it.sound == sound.number) else {
        return;
    };
    let cell = match &asked.cell {
        Ok(cell) => cell,
        Err(refusal) => {
            ui.label(refusal.to_string());
            return;
        }
    };
    ScrollArea::vertical()
        .id_salt("the sum of a cell")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            level(ui, cell, asked);
            if cell.parts.len() * cell.n_frames > 1 {
                parts(ui, cell, sound, &asked.chosen);
            }
            place(ui, sound, &cell.loudest, &asked.chosen);
            terms(ui, &cell.loudest, asked, sound.sound.n_channels(), is_new);
        });
}

/// The title. Whether it is to be closed.
fn head(ui: &mut Ui) -> bool {
    let mut close = false;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        let button = Icon::Close.button(ui, "Close the equation", "Back to the whole stage.");
        close = button.clicked();
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            let title = RichText::new("Where this level comes from");
            ui.label(title.text_style(style::subheading()));
        });
    });
    close
}

/// From the amplitude to the level, and what the picture shows.
fn level(ui: &mut Ui, cell: &Cell, asked: &Asked) {
    caption(
        ui,
        "level = 20·log₁₀(A / (Σ w / 2)): 0 dB is a sine of full scale.",
    );
    let (a, full) = (number(cell.amplitude()), number(cell.full_scale));
    line(ui, &format!("= 20·log₁₀({a} / {full})"));
    line(ui, &format!("= {} dB", signed(cell.level_db(), 4)));
    let off = (asked.shown_db - cell.level_db()).abs();
    let off = format!("{off:.0e}").replace("e-", "e−");
    let shown = signed(asked.shown_db, 4);
    caption(
        ui,
        format!("In the picture {shown} dB, difference {off} dB."),
    );
}

/// The frames and bins that the place of the picture stands for.
fn parts(ui: &mut Ui, cell: &Cell, sound: &InUse, chosen: &Chosen) {
    group(ui, "What it stands for");
    let frames = counted(cell.n_frames, "frame");
    let looked = if cell.frames.len() < cell.n_frames {
        format!(" ({} of them computed)", cell.frames.len())
    } else {
        String::new()
    };
    let bins = counted(cell.parts.len(), "bin");
    caption(
        ui,
        format!("{frames}{looked} by {bins}: zoom in to see frames apart."),
    );
    let rule = if cell.is_mel {
        "A = Σ weight·P: a mel filter. P is the root of a bin's mean power |X|² over the frames."
    } else {
        "A = √(Σ weight·P²): the mean of the powers. P² is a bin's mean power |X|² over the frames."
    };
    caption(ui, rule);
    line(
        ui,
        &format!("{:>5} {:>10} {:>8} {:>12}", "k", "Hz", "weight", "P"),
    );
    let height = ui.text_style_height(&style::small_mono());
    ScrollArea::vertical()
        .id_salt("the parts")
        .max_height(height * 7.0)
        .auto_shrink([false, true])
        .show_rows(ui, height, cell.parts.len(), |ui, rows| {
            for part in &cell.parts[rows] {
                let hz = part.bin as f64 * sound.rate_hz() / chosen.win_length as f64;
                let (k, weight, p) = (part.bin, part.weight, number(part.power().sqrt()));
                line(ui, &format!("{k:>5} {hz:>10.2} {weight:>8.4} {p:>12}"));
            }
        });
}

/// Which frame and bin the sum is of.
fn place(ui: &mut Ui, sound: &InUse, sum: &Sum, chosen: &Chosen) {
    group(ui, "The sum");
    let (rate, n) = (sound.rate_hz(), chosen.win_length);
    let secs = sum.middle as f64 / rate;
    let middle = grouped(sum.middle as f64);
    let (t, k, hop) = (sum.frame, sum.bin, chosen.hop_length());
    line(ui, &format!("frame t = {t}: around sample"));
    line(ui, &format!("  {t}·{hop} = {middle}, {secs:.4} s"));
    let hz = k as f64 * rate / n as f64;
    let rate = grouped(rate);
    line(ui, &format!("bin k = {k}: {k}·{rate}/{n} = {hz:.2} Hz"));
    let a = number(sum.magnitude());
    let phase = signed(sum.phase(), 3);
    line(
        ui,
        &format!("X = {} {}·i", signed(sum.re, 5), signed(sum.im, 5)),
    );
    line(ui, &format!("|X| = √(re²+im²) = {a}, phase {phase}"));
}

/// Every term of the sum; those that are looked at are written.
fn terms(ui: &mut Ui, sum: &Sum, asked: &Asked, n_channels: usize, is_new: bool) {
    let n = sum.terms.len();
    let window = asked.chosen.window;
    caption(
        ui,
        format!("X = Σ w[n]·x[n]·e^(−i·2πkn/N), n = 0 … {}", n - 1),
    );
    let mixed = if n_channels > 1 {
        ", the mean of its channels"
    } else {
        ""
    };
    let first = sum.terms.first().map_or(0, |it| it.sample);
    caption(
        ui,
        format!(
            "w is the {} window, {} with x = 2πn/N; x[n] is the sound from sample {} on{mixed}. Every term:",
            window.name(),
            window.formula(),
            signed_count(first)
        ),
    );
    let mono = style::small_mono();
    let height = ui.text_style_height(&mono);
    row(
        ui,
        &["n", "w[n]", "x[n]", "real", "imaginary"].map(String::from),
    );
    let mut area = ScrollArea::vertical()
        .id_salt("the terms")
        .max_height(height * 12.0)
        .auto_shrink([false, true]);
    if is_new {
        // The middle of the window, where it counts most.
        let each = height + ui.spacing().item_spacing.y;
        area = area.vertical_scroll_offset((n as f32 * 0.5 - 5.0).max(0.0) * each);
    }
    area.show_rows(ui, height, n, |ui, rows| {
        for i in rows {
            let term = &sum.terms[i];
            let [re, im] = term.adds();
            let numbers = [term.x, re, im].map(|it| signed(it, 5));
            let [x, re, im] = numbers;
            row(
                ui,
                &[format!("{i}"), format!("{:.4}", term.window), x, re, im],
            );
        }
    });
}

/// Five columns of small numbers.
fn row(ui: &mut Ui, cells: &[String; 5]) {
    let [n, w, x, re, im] = cells;
    line(ui, &format!("{n:>5} {w:>6} {x:>8} {re:>8} {im:>9}"));
}

fn counted(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(n as f64))
}

fn signed_count(n: isize) -> String {
    let sign = if n < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(n.unsigned_abs() as f64))
}

fn signed(value: f64, digits: usize) -> String {
    format!("{value:+.digits$}").replace('-', "−")
}

/// With as many digits as say something.
fn number(value: f64) -> String {
    let text = if value != 0.0 && value.abs() < 1e-3 {
        format!("{value:.3e}")
    } else {
        format!("{value:.5}")
    };
    text.replace('-', "−")
}

fn line(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).text_style(style::small_mono())).extend());
}
