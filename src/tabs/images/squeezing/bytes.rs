//! Bytes: how small a picture becomes as a code, beside JPEG at the same error.

use super::pages::{column, square};
use super::studio::Bytes;
use super::{AIR, SqueezingView};
use crate::labs::autoencoder::compressed::{Compressed, Equal};
use crate::tabs::parts::{caption, part};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{
    Align2, FontId, Pos2, Rect, RichText, Role, Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};

/// The textures of this page.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    pictures: PictureSheet,
}

pub(super) fn show(view: &mut SqueezingView, ui: &mut Ui) {
    let mut sheets = std::mem::take(&mut view.plot.bytes);
    if let Some((number, bytes)) = view.asked.bytes() {
        let pictures = &bytes.pictures;
        let pixels = Pixels {
            side: pictures.side,
            n_channels: pictures.n_channels,
            bytes: &pictures.pixels,
        };
        sheets.pictures.update(ui.ctx(), number, pixels, true);
        page(view, ui, bytes, &sheets.pictures);
    } else {
        caption(ui, "Compressing a hundred pictures both ways…");
    }
    view.plot.bytes = sheets;
}

fn page(view: &SqueezingView, ui: &mut Ui, bytes: &Bytes, sheet: &PictureSheet) {
    let found = &bytes.compressed;
    verdict(ui, found, view.setup.one());
    let area = ui.available_rect_before_wrap();
    let left = area.with_max_x(area.left() + area.width() * 0.56);
    let right = area.with_min_x(left.right() + AIR);
    part(ui, left, |ui| {
        let fine_print = 6.4 * ui.text_style_height(&TextStyle::Small);
        let height = (ui.available_height() - fine_print).max(120.0);
        curve(view, ui, found, height);
        fine_print_of(ui, found);
    });
    part(ui, right, |ui| example(view, ui, bytes, sheet));
    ui.advance_cursor_after_rect(area);
}

/// The result in a sentence.
fn verdict(ui: &mut Ui, found: &Compressed, one: &str) {
    let k = found.code_bytes;
    let words = match found.equal {
        Equal::At { data_bytes, .. } => format!(
            "{k} bytes for a {one}; a JPEG that is as far off takes {data_bytes:.0}: {:.1} times as many",
            data_bytes / k.max(1) as f64
        ),
        Equal::Never(worst) => format!(
            "{k} bytes for a {one}; even the worst JPEG is nearer to it, with {:.0} bytes",
            worst.data_bytes
        ),
    };
    ui.label(RichText::new(words).text_style(theme::style::strong()));
}

fn fine_print_of(ui: &mut Ui, found: &Compressed) {
    let file = match found.equal {
        Equal::At { file_bytes, .. } => file_bytes,
        Equal::Never(worst) => worst.file_bytes,
    };
    let words = format!(
        "Means over {} held-out pictures. Each number is rounded to 8 bits, which costs {:.2} dB; unsqueezed a picture has {} bytes. Of a JPEG only its own data counts; with its tables the file has {file:.0} bytes. The network's tables are its weights, {} bytes: they know what such pictures look like.",
        found.n_pictures,
        (found.unrounded.psnr_db - found.code.psnr_db).max(0.0),
        grouped(found.raw_bytes as u64),
        grouped(found.network_bytes as u64),
    );
    caption(ui, words);
}

/// Where bytes and errors stand on the screen: bytes by their logarithm.
struct Axes {
    plot: Rect,
    bytes: [f64; 2],
    db: [f64; 2],
}

impl Axes {
    fn at(&self, bytes: f64, db: f64) -> Pos2 {
        let share = |x: f64, [least, most]: [f64; 2]| ((x - least) / (most - least)) as f32;
        let x = share(bytes.max(1.0).ln(), self.bytes.map(f64::ln));
        let y = share(db, self.db);
        pos2(
            self.plot.left() + self.plot.width() * x,
            self.plot.bottom() - self.plot.height() * y,
        )
    }
}

/// JPEG's bytes and error at every quality, and the networks' that were trained.
fn curve(view: &SqueezingView, ui: &mut Ui, found: &Compressed, height: f32) {
    let size = vec2(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let words = "Error against bytes, of codes and of JPEG";
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words));
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let painter = ui.painter().with_clip_rect(rect);
    let plot = Rect::from_min_max(
        rect.min + vec2(font.size * 2.4, font.size * 1.8),
        rect.max - vec2(font.size, font.size * 3.0),
    );
    let axes = Axes {
        plot,
        bytes: [1.5, 1500.0],
        db: [8.0, 36.0],
    };
    ticks(ui, &axes, &font);
    let jpeg = found.jpeg.iter().filter(|j| j.fault.psnr_db <= axes.db[1]);
    let line: Vec<Pos2> = jpeg
        .map(|j| axes.at(j.data_bytes, j.fault.psnr_db))
        .collect();
    let ink = colors.hues[8];
    if let Some(last) = line.last() {
        let at = *last + vec2(-6.0, 0.0);
        painter.text(at, Align2::RIGHT_CENTER, "JPEG", font.clone(), ink);
    }
    painter.add(Shape::line(line, Stroke::new(2.5, ink)));
    // Every network of these pictures that was trained, and the one on the stage.
    let from = view.setup.from;
    for ((_, k), made) in view.made.iter().filter(|((of, _), _)| *of == from) {
        let is_here = *k == found.code_bytes;
        let db = if is_here {
            Some(found.code.psnr_db)
        } else {
            made.newest().map(|frame| frame.fault.psnr_db)
        };
        let Some(db) = db else { continue };
        let at = axes.at(*k as f64, db);
        if is_here {
            let bytes = match found.equal {
                Equal::At { data_bytes, .. } => data_bytes,
                Equal::Never(worst) => worst.data_bytes,
            };
            let across = [at, axes.at(bytes, db)];
            let dashes = Shape::dashed_line(&across, Stroke::new(1.5, colors.text_weak), 5.0, 4.0);
            painter.extend(dashes);
        }
        let radius = if is_here { 6.5 } else { 4.5 };
        painter.circle_filled(at, radius, colors.accent);
        let label = format!("{k} numbers");
        let below = at + vec2(0.0, radius + 2.0);
        painter.text(below, Align2::CENTER_TOP, label, font.clone(), colors.text);
    }
}

fn ticks(ui: &Ui, axes: &Axes, font: &FontId) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let line = Stroke::new(1.0, colors.line);
    let (plot, weak) = (axes.plot, colors.text_weak);
    for db in [10.0, 15.0, 20.0, 25.0, 30.0, 35.0] {
        let at = axes.at(axes.bytes[0], db);
        painter.hline(plot.x_range(), at.y, line);
        let at = at - vec2(5.0, 0.0);
        painter.text(
            at,
            Align2::RIGHT_CENTER,
            format!("{db:.0}"),
            font.clone(),
            weak,
        );
    }
    for bytes in [2.0, 8.0, 32.0, 128.0, 512.0] {
        let at = axes.at(bytes, axes.db[0]);
        painter.vline(at.x, plot.y_range(), line);
        let at = at + vec2(0.0, 3.0);
        painter.text(
            at,
            Align2::CENTER_TOP,
            format!("{bytes:.0}"),
            font.clone(),
            weak,
        );
    }
    let above = pos2(plot.left() - font.size * 2.4, plot.top() - font.size * 1.7);
    let words = "PSNR in dB: higher is nearer to the picture";
    painter.text(above, Align2::LEFT_TOP, words, font.clone(), weak);
    let below = pos2(plot.right(), plot.bottom() + font.size * 1.4);
    painter.text(
        below,
        Align2::RIGHT_TOP,
        "bytes of a picture",
        font.clone(),
        weak,
    );
}

/// The picture on the stage, both ways.
fn example(view: &SqueezingView, ui: &mut Ui, bytes: &Bytes, sheet: &PictureSheet) {
    let [code, jpeg] = bytes.faults;
    let k = bytes.compressed.code_bytes;
    let rows = [
        (
            "The picture".to_owned(),
            format!("{} bytes", grouped(bytes.compressed.raw_bytes as u64)),
        ),
        (
            "By its code".to_owned(),
            format!("{k} bytes, {:.1} dB", code.psnr_db),
        ),
        (
            format!("As a JPEG of quality {}", bytes.quality),
            format!("{} bytes, {:.1} dB", bytes.size, jpeg.psnr_db),
        ),
    ];
    let side = ((ui.available_height() - 2.0 * size::GRID) / 3.0)
        .min(ui.available_width() * 0.5)
        .max(48.0);
    let what = view.words_of(view.chosen());
    for (i, (name, words)) in rows.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = size::GRID * 1.5;
            let label = format!("{name}: {words}");
            square(ui, sheet, i, side, &label, Sense::hover()).on_hover_text(&what);
            let width = ui.available_width();
            column(ui, width, |ui| {
                ui.label(RichText::new(name).text_style(theme::style::strong()));
                caption(ui, words);
            });
        });
    }
}
