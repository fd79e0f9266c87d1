//! A sound as a picture: one texture, made anew only when the levels or their colours change; frequencies
//! on the left, times below, the levels' legend on the right.

use crate::theme::{self, ColorMap};
use crate::widgets::time_span::{TimeSpan, Touch, nice_step};
use crate::widgets::waveform::{LEFT, RIGHT};
use eframe::egui::{
    Align2, Color32, ColorImage, FontId, Pos2, Rect, Response, Role, Sense, Stroke, TextStyle,
    TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, pos2,
};

/// The levels of what can be seen.
#[derive(Debug, Clone, Copy)]
pub struct Spectrogram<'a> {
    /// What AccessKit calls it.
    pub name: &'a str,
    /// Row after row from the highest frequency down, in dB.
    pub levels: &'a [f32],
    /// Columns.
    pub n_columns: usize,
    /// A number that differs whenever the levels do.
    pub version: u64,
    /// The seconds from the left edge of the first column to the right edge of the last.
    pub covers: [f64; 2],
    /// The level of the lowest colour and of the highest.
    pub range_db: [f32; 2],
    /// The colours.
    pub colors: ColorMap,
    /// Where numbers stand on the left: the share of the height (0 at the bottom), and the number.
    pub ticks: &'a [(f32, String)],
    /// Where the sound is heard now.
    pub playing: Option<f64>,
    /// A cell that is asked about: a time and a share of the height.
    pub asked: Option<(f64, f32)>,
    /// Whether a hand paints here: then it neither clicks nor selects, and [`Shown::response`] has it.
    pub is_painted: bool,
}

/// The picture, kept between frames.
#[derive(Default)]
pub struct SpectrogramState {
    texture: Option<TextureHandle>,
    drawn: Option<(u64, [u32; 2], ColorMap)>,
}

impl std::fmt::Debug for SpectrogramState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpectrogramState").finish_non_exhaustive()
    }
}

/// What came of showing it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Where the picture is.
    pub plot: Rect,
    /// Where the pointer is, if it is on the picture.
    pub hovered: Option<Pos2>,
    /// What a hand did.
    pub touch: Option<Touch>,
    /// The hand itself.
    pub response: Response,
}

/// Height of the times below.
const BELOW: f32 = 24.0;

/// The part of `rect` in which the picture is drawn.
#[must_use]
pub fn plot_in(rect: Rect) -> Rect {
    Rect::from_min_max(
        rect.min + Vec2::new(LEFT, 0.0),
        rect.max - Vec2::new(RIGHT, BELOW),
    )
}

impl Spectrogram<'_> {
    /// Draws it in `size`.
    pub fn show(
        self,
        ui: &mut Ui,
        size: Vec2,
        span: &mut TimeSpan,
        state: &mut SpectrogramState,
    ) -> Shown {
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.name));
        let plot = plot_in(rect);
        let touch = if self.is_painted {
            span.answer_wheel(ui, &response, plot);
            None
        } else {
            span.answer(ui, &response, plot)
        };
        let font = TextStyle::Small.resolve(ui.style());
        self.paint_levels(ui, plot, span, state);
        self.paint_ticks(ui, plot, &font);
        span.paint_times(ui.painter(), plot, &font);
        self.paint_legend(ui, plot, &font);
        span.paint_marks(ui.painter(), plot, self.playing);
        let colors = theme::palette(ui.ctx());
        if let Some((secs, share)) = self.asked {
            let at = pos2(span.x_of(secs, plot), plot.bottom() - share * plot.height());
            let painter = ui.painter().with_clip_rect(plot);
            painter.circle_stroke(at, 6.0, Stroke::new(4.0, colors.stage));
            painter.circle_stroke(at, 6.0, Stroke::new(2.0, colors.accent));
        }
        if response.has_focus() {
            let ring = Stroke::new(1.0, colors.accent);
            let kind = eframe::egui::StrokeKind::Outside;
            ui.painter().rect_stroke(plot, 2.0, ring, kind);
        }
        let hovered = response.hover_pos().filter(|at| plot.contains(*at));
        Shown {
            plot,
            hovered,
            touch,
            response,
        }
    }

    fn paint_levels(&self, ui: &Ui, plot: Rect, span: &TimeSpan, state: &mut SpectrogramState) {
        let painter = ui.painter().with_clip_rect(plot);
        painter.rect_filled(plot, 0.0, self.colors.at(0.0));
        let n_rows = self.levels.len().checked_div(self.n_columns).unwrap_or(0);
        if n_rows == 0 {
            return;
        }
        let key = (self.version, self.range_db.map(f32::to_bits), self.colors);
        if state.drawn != Some(key) {
            state.drawn = Some(key);
            let image = self.image(n_rows);
            let options = TextureOptions::NEAREST;
            match &mut state.texture {
                Some(texture) => texture.set(image, options),
                None => state.texture = Some(ui.ctx().load_texture("spectrogram", image, options)),
            }
        }
        if let Some(texture) = &state.texture {
            let [left, right] = self.covers.map(|secs| span.x_of(secs, plot));
            let place = Rect::from_x_y_ranges(left..=right, plot.y_range());
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), place, whole, Color32::WHITE);
        }
    }

    /// Every level in its colour. 256 colours: more than can be told apart.
    fn image(&self, n_rows: usize) -> ColorImage {
        let colors: Vec<Color32> = (0..=255)
            .map(|i| self.colors.at(i as f32 / 255.0))
            .collect();
        let [low, high] = self.range_db;
        let scale = 255.0 / (high - low).max(1e-3);
        let color = |&level: &f32| colors[((level - low) * scale).clamp(0.0, 255.0) as usize];
        let pixels = self.levels[..n_rows * self.n_columns].iter().map(color);
        ColorImage::new([self.n_columns, n_rows], pixels.collect())
    }

    fn paint_ticks(&self, ui: &Ui, plot: Rect, font: &FontId) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let mut last_written = f32::INFINITY;
        for (share, text) in self.ticks {
            let y = plot.bottom() - share * plot.height();
            let tick = Stroke::new(1.0, colors.outline);
            painter.hline(plot.left() - 4.0..=plot.left(), y, tick);
            // Where the picture is low, words that would stand in each other are left out.
            if (last_written - y).abs() < font.size * 1.2 {
                continue;
            }
            last_written = y;
            let at = pos2(plot.left() - 7.0, y);
            let ink = colors.text_weak;
            painter.text(at, Align2::RIGHT_CENTER, text, font.clone(), ink);
        }
    }

    fn paint_legend(&self, ui: &Ui, plot: Rect, font: &FontId) {
        const STEPS: usize = 64;
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let top = plot.top() + font.size * 1.6;
        let bar = Rect::from_min_max(
            pos2(plot.right() + 8.0, top),
            pos2(plot.right() + 18.0, plot.bottom()),
        );
        let step = bar.height() / STEPS as f32;
        for i in 0..STEPS {
            let y = bar.bottom() - step * (i + 1) as f32;
            let cell = Rect::from_min_size(pos2(bar.left(), y), Vec2::new(10.0, step + 0.5));
            let share = i as f32 / (STEPS - 1) as f32;
            painter.rect_filled(cell, 0.0, self.colors.at(share));
        }
        let at = pos2(bar.left(), plot.top());
        painter.text(at, Align2::LEFT_TOP, "dB", font.clone(), colors.text_weak);
        let [low, high] = self.range_db;
        let room = (bar.height() / (font.size * 2.2)).clamp(1.0, 10.0);
        let step = nice_step(f64::from((high - low) / room)) as f32;
        let mut level = high;
        while level >= low {
            let y = bar.bottom() - (level - low) / (high - low) * bar.height();
            let text = format!("{level:.0}").replace('-', "−");
            let at = pos2(bar.right() + 4.0, y);
            painter.text(
                at,
                Align2::LEFT_CENTER,
                text,
                font.clone(),
                colors.text_weak,
            );
            level -= step;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loudest_is_the_lightest_and_what_is_below_the_range_is_the_darkest() {
        let picture = Spectrogram {
            name: "",
            levels: &[0.0, -40.0, -80.0, -200.0],
            n_columns: 2,
            version: 0,
            covers: [0.0, 1.0],
            range_db: [-80.0, 0.0],
            colors: ColorMap::Viridis,
            ticks: &[],
            playing: None,
            asked: None,
            is_painted: false,
        };
        let image = picture.image(2);
        assert_eq!(image.size, [2, 2]);
        let expected = [1.0, 127.0 / 255.0, 0.0, 0.0].map(|t| ColorMap::Viridis.at(t));
        assert_eq!(image.pixels, expected);
    }
}
