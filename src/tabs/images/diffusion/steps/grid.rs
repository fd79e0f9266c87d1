//! Eight captions down, eight seeds across: along a row the words stay, along a column the noise does.

use super::StepsView;
use super::maker::{Event, Task, Wish, read};
use super::pages::{Page, PageEvent, PageTask};
use crate::jobs::Emit;
use crate::labs::diffusion::captions::{Attribute, of_faces, parse};
use crate::labs::diffusion::sampling::Settings;
use crate::labs::diffusion::{About, Denoiser, Drawing, Sampler, draw};
use crate::labs::gan::pictures::Pictures;
use crate::labs::judge::Reading;
use crate::refusal::Result;
use crate::tabs::parts::caption;
use crate::theme::{self, size};
use crate::widgets::image_grid::{ImageGrid, percent};
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{Align2, Label, RichText, ScrollArea, TextEdit, TextStyle, Ui, pos2, vec2};

/// Captions, and seeds.
const N: usize = 8;
/// More steps than this are not taken for sixty-four pictures.
const MOST_STEPS: usize = 25;

/// Width of a caption beside its pictures.
const LEAST_TEXT: f32 = 180.0;
const MOST_TEXT: f32 = 420.0;

/// What is asked for at first: each differs from the one before in one thing or in many.
const CAPTIONS: [&str; N] = [
    "a smiling face with curly red hair and glasses, tan skin, blue background",
    "a sad face with curly red hair and glasses, tan skin, blue background",
    "a sad face with long blond hair, pale skin, pink background",
    "a surprised face with a black bob and flowers, peach skin, yellow background",
    "a smiling face with a bald head and a little brown hair, sunglasses and a beard, dark skin, green background",
    "a smiling face with a green mohawk, pale skin, purple background",
    "a sad face with short grey hair, glasses and a beard, peach skin, white background",
    "a surprised face with a pink bun, brown skin, white background",
];

/// What is to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Order {
    captions: Vec<String>,
    /// The first row that is still missing.
    from: usize,
    seed: u64,
    n_steps: usize,
    guidance: f64,
}

/// One row of pictures.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pictures: Pictures,
    readings: Option<Vec<Reading>>,
}

/// The page.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// The captions, one on each line.
    text: Option<String>,
    order: Option<Order>,
    rows: Vec<Sheet>,
    sheets: Vec<PictureSheet>,
    version: u64,
}

/// Draws the rows that are missing.
pub(super) fn work(denoiser: &Denoiser, order: &Order, emit: Emit<'_, Event>) -> Result<()> {
    let about = denoiser.about();
    let n_rows = order.captions.len();
    for (i, text) in order.captions.iter().enumerate().skip(order.from) {
        let drawing = Drawing {
            rows: vec![parse(text, &about.attributes).rows; N],
            seed: order.seed,
            n_steps: order.n_steps,
            guidance: order.guidance,
        };
        let mut done = 0;
        let pictures = draw(denoiser, &drawing, &mut || {
            done += 1;
            let part = done as f32 / order.n_steps as f32;
            emit(Event::Tick((i as f32 + part) / n_rows as f32))
        })?;
        let Some(pictures) = pictures else {
            return Ok(());
        };
        let readings = read(about, pictures.pixels.clone())?;
        let sheet = Sheet { pictures, readings };
        if emit(Event::Page(PageEvent::Row(i, sheet))).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

impl Grid {
    /// Takes a row.
    pub(super) fn take(&mut self, i: usize, sheet: Sheet) {
        self.rows.truncate(i);
        self.rows.push(sheet);
        self.version += 1;
    }

    /// The captions, at most eight.
    fn captions(&self) -> Vec<String> {
        let text = self.text.as_deref().unwrap_or_default().lines();
        let lines = text.map(str::trim).filter(|line| !line.is_empty());
        lines.take(N).map(str::to_owned).collect()
    }
}

impl StepsView {
    /// What the page is to show now.
    fn order(&self) -> Order {
        let recipe = &self.ways[self.shown].recipe;
        Order {
            captions: self.grid.captions(),
            from: 0,
            seed: recipe.seed,
            n_steps: recipe.settings.n_steps.min(MOST_STEPS),
            guidance: recipe.settings.guidance,
        }
    }

    /// Whether what is there is what would be drawn now.
    fn grid_is_current(&self) -> bool {
        self.grid.order.as_ref() == Some(&self.order())
    }

    /// Draws all rows, or those that are missing.
    pub(super) fn draw_grid(&mut self) {
        let order = self.order();
        if self.grid.order.as_ref() != Some(&order) {
            self.grid.rows.clear();
            self.grid.order = Some(order.clone());
        }
        let order = Order {
            from: self.grid.rows.len(),
            ..order
        };
        let task = Task::Page(PageTask::Grid(order));
        let is_draft = false;
        self.maker.wish(Wish { task, is_draft });
    }
}

/// How much of what was asked for is seen, 0..=1.
fn agreement(reading: &Reading, rows: &[u32]) -> f32 {
    let asked = rows.iter().enumerate().filter(|(_, row)| **row > 0);
    let right = |(i, row): &(usize, &u32)| {
        let best = reading.best(*i);
        best.is_some_and(|(value, _)| value as u32 + 1 == **row)
    };
    let n_asked = asked.clone().count();
    asked.filter(right).count() as f32 / n_asked.max(1) as f32
}

pub(super) fn show(view: &mut StepsView, ui: &mut Ui, about: &About) {
    if view.grid.text.is_none() {
        view.grid.text = Some(first_captions(&about.attributes));
        if !view.maker.is_busy() {
            view.draw_grid();
        }
    }
    let is_current = view.grid_is_current();
    let told = match (is_current, view.grid.rows.is_empty()) {
        (true, _) => overall(view, &about.attributes),
        (false, true) => "“Draw all” makes a picture for every caption and every seed.".into(),
        (false, false) => "Something was changed since: “Draw all” makes them anew.".into(),
    };
    caption(ui, told);
    let Some(order) = view.grid.order.clone() else {
        return;
    };
    ScrollArea::vertical().id_salt("grid").show(ui, |ui| {
        let space = ui.available_size();
        ui.spacing_mut().item_spacing.y = size::HALF;
        let n = N as f32;
        let high = (space.y - 28.0) / n - 12.0;
        let wide = (space.x - LEAST_TEXT - size::GRID) / n - 6.0;
        let side = high.min(wide).max(36.0);
        let text = (space.x - (side + 6.0) * n - size::GRID).clamp(LEAST_TEXT, MOST_TEXT);
        heads(ui, text, side, order.seed);
        let mut chosen = None;
        for (i, words) in order.captions.iter().enumerate() {
            ui.horizontal(|ui| {
                ui.set_height(side + 7.0);
                ui.spacing_mut().item_spacing.x = size::GRID;
                ui.allocate_ui(vec2(text, side + 7.0), |ui| {
                    ui.set_width(text);
                    let words = RichText::new(words).small();
                    ui.add(Label::new(words).wrap());
                });
                if let Some(seed) = row(view, ui, i, side, about) {
                    chosen = Some((words.clone(), order.seed.wrapping_add(seed as u64)));
                }
            });
        }
        if let Some((caption, seed)) = chosen {
            view.take_over(caption, seed, &order);
        }
    });
}

impl StepsView {
    /// Goes the way of one of the pictures step by step.
    fn take_over(&mut self, caption: String, seed: u64, order: &Order) {
        let recipe = &mut self.ways[self.shown].recipe;
        recipe.caption = caption;
        recipe.seed = seed;
        recipe.share = 0.0;
        recipe.settings = Settings {
            n_steps: order.n_steps,
            guidance: order.guidance,
            ..Settings::of(Sampler::DDIM)
        };
        self.page = Page::Film;
        self.draw(false, false);
    }
}

fn heads(ui: &mut Ui, text: f32, side: f32, seed: u64) {
    let font = TextStyle::Small.resolve(ui.style());
    let color = theme::palette(ui.ctx()).text_weak;
    let size_here = vec2(ui.available_width(), 18.0);
    let (rect, _) = ui.allocate_exact_size(size_here, eframe::egui::Sense::hover());
    for i in 0..N {
        let x = rect.left() + text + size::GRID + (side + 6.0) * i as f32 + side * 0.5;
        let words = match i {
            0 => format!("seed {seed}"),
            i => seed.wrapping_add(i as u64).to_string(),
        };
        let at = pos2(x, rect.center().y);
        ui.painter()
            .text(at, Align2::CENTER_CENTER, words, font.clone(), color);
    }
}

/// One row; the place of the picture that was pressed.
fn row(view: &mut StepsView, ui: &mut Ui, i: usize, side: f32, about: &About) -> Option<usize> {
    let grid = &mut view.grid;
    let rows = parse(&grid.order.as_ref()?.captions[i], &about.attributes).rows;
    grid.sheets.resize_with(N, PictureSheet::default);
    let row = grid.rows.get(i)?;
    let pixels = Pixels {
        side: row.pictures.side,
        n_channels: row.pictures.n_channels,
        bytes: &row.pictures.pixels,
    };
    grid.sheets[i].update(ui.ctx(), grid.version, pixels, false);
    let readings = row.readings.iter().flatten();
    let verdicts: Vec<f32> = readings.map(|reading| agreement(reading, &rows)).collect();
    let name = format!("Caption {}, picture", i + 1);
    let grid = ImageGrid {
        name: &name,
        sheet: &grid.sheets[i],
        n: N,
        columns: N,
        verdicts: &verdicts,
        verdict: "of what was asked for is seen",
        chosen: None,
    };
    let done = grid.show(ui, vec2((side + 6.0) * N as f32 - 6.0, side + 7.0));
    if let Some((at, response)) = done.hovered {
        let seen = verdicts.get(at).map_or_else(String::new, |p| {
            format!(" The judge sees {} of what was asked for.", percent(*p))
        });
        response.on_hover_text(format!("Press it to go its way step by step.{seen}"));
    }
    done.clicked
}

/// How often the judge sees what was asked for, over all that is there.
fn overall(view: &StepsView, attributes: &[Attribute]) -> String {
    let (grid, mut sum, mut n) = (&view.grid, 0.0, 0);
    for (row, words) in grid.rows.iter().zip(grid.captions()) {
        let rows = parse(&words, attributes).rows;
        for reading in row.readings.iter().flatten() {
            sum += agreement(reading, &rows);
            n += 1;
        }
    }
    if n == 0 {
        return "Along a row the words stay, along a column the noise.".into();
    }
    format!(
        "Along a row the words stay, along a column the noise. Bars: what of the words the judge sees, {} over {n} pictures.",
        percent(sum / n as f32)
    )
}

/// The captions to begin with, for a model that knows faces or something else.
fn first_captions(attributes: &[Attribute]) -> String {
    if attributes == of_faces() {
        return CAPTIONS.join("\n");
    }
    let first = attributes.first().map_or(&[][..], |a| &a.values);
    let words: Vec<&str> = first.iter().take(N).map(String::as_str).collect();
    words.join("\n")
}

/// The captions, to be written.
pub(super) fn bench(view: &mut StepsView, ui: &mut Ui) {
    let Some(text) = &mut view.grid.text else {
        return;
    };
    let label = ui.label("one on each line, eight at most");
    let field = TextEdit::multiline(text).desired_rows(8).char_limit(4000);
    ui.add(field.desired_width(f32::INFINITY))
        .labelled_by(label.id);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_captions_of_the_grid_are_understood_word_for_word() {
        for caption in CAPTIONS {
            let parsed = parse(caption, &of_faces());
            assert!(parsed.unknown.is_empty(), "{caption}: {:?}", parsed.unknown);
            assert!(parsed.rows.iter().all(|&row| row > 0), "{caption}");
        }
    }

    #[test]
    fn agreement_counts_only_what_was_asked_for() {
        let reading = Reading {
            probs: vec![vec![0.9, 0.1], vec![0.2, 0.8], vec![0.6, 0.4]],
        };
        assert_eq!(agreement(&reading, &[1, 1, 0]), 0.5);
        assert_eq!(agreement(&reading, &[1, 2, 0]), 1.0);
        assert_eq!(agreement(&reading, &[0, 0, 0]), 0.0);
    }
}
