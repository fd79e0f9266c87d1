//! The part of a sound that can be seen, and what is marked in it. A wave and a spectrogram that share
//! one [`TimeSpan`] are zoomed, scrolled and marked together.

use crate::theme;
use crate::widgets::token_strip::keep_horizontal_arrows;
use eframe::egui::{
    Align2, FontId, Key, Painter, PointerButton, Pos2, Rect, Response, Stroke, Ui, pos2,
};

/// The least that can be seen: a few samples.
const LEAST_SECS: f64 = 0.0005;

/// Times in seconds from the beginning of the sound.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeSpan {
    /// How long the sound is.
    pub total: f64,
    /// From where to where it can be seen.
    pub visible: [f64; 2],
    /// Where one is.
    pub cursor: f64,
    /// What is selected.
    pub selection: Option<[f64; 2]>,
    /// Where the selecting began.
    anchor: Option<f64>,
}

/// What a hand did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Touch {
    /// Clicked here, at this time.
    Click(Pos2, f64),
    /// Selected something, and is done.
    Selected,
}

impl TimeSpan {
    /// All of a sound.
    #[must_use]
    pub fn all(total: f64) -> Self {
        let total = total.max(LEAST_SECS);
        Self {
            total,
            visible: [0.0, total],
            cursor: 0.0,
            selection: None,
            anchor: None,
        }
    }

    /// How much can be seen.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.visible[1] - self.visible[0]
    }

    /// Whether all of it can be seen.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.width() >= self.total * 0.9999
    }

    /// The place of a time over `plot`; outside of it where the time cannot be seen.
    #[must_use]
    pub fn x_of(&self, secs: f64, plot: Rect) -> f32 {
        let share = (secs - self.visible[0]) / self.width();
        plot.left() + (share * f64::from(plot.width())) as f32
    }

    /// The time at a place over `plot`.
    #[must_use]
    pub fn secs_at(&self, x: f32, plot: Rect) -> f64 {
        let share = f64::from(x - plot.left()) / f64::from(plot.width().max(1.0));
        let secs = self.visible[0] + share * self.width();
        secs.clamp(0.0, self.total)
    }

    /// Shows so many times more around a time, which stays where it is.
    pub fn zoom(&mut self, factor: f64, around: f64) {
        let width = (self.width() / factor).clamp(LEAST_SECS.min(self.total), self.total);
        let share = (around - self.visible[0]) / self.width();
        self.show_from(around - share * width, width);
    }

    /// Scrolls by so many seconds.
    pub fn scroll(&mut self, by: f64) {
        self.show_from(self.visible[0] + by, self.width());
    }

    /// Shows all of it.
    pub fn show_all(&mut self) {
        self.visible = [0.0, self.total];
    }

    /// Shows a part of it, as far as there is one.
    pub fn show_part(&mut self, [from, to]: [f64; 2]) {
        let width = (to - from).clamp(LEAST_SECS.min(self.total), self.total);
        self.show_from(from, width);
    }

    /// Turns the page when a time has left what can be seen.
    pub fn follow(&mut self, secs: f64) {
        let [from, to] = self.visible;
        if secs < from || secs > to {
            self.show_from(secs - self.width() * 0.02, self.width());
        }
    }

    fn show_from(&mut self, from: f64, width: f64) {
        let from = from.clamp(0.0, (self.total - width).max(0.0));
        self.visible = [from, (from + width).min(self.total)];
    }

    /// Answers a hand on `plot`: the wheel zooms (with Shift it scrolls), a drag selects, a drag with the
    /// middle button scrolls; with the keys, left and right move the cursor, up and down zoom.
    pub fn answer(&mut self, ui: &Ui, response: &Response, plot: Rect) -> Option<Touch> {
        self.answer_wheel(ui, response, plot);
        self.answer_keys(ui, response);
        if response.clicked() {
            response.request_focus();
            let at = response.interact_pointer_pos();
            return at.map(|at| Touch::Click(at, self.secs_at(at.x, plot)));
        }
        if response.double_clicked() {
            self.show_all();
        }
        if response.dragged_by(PointerButton::Middle) {
            let by = f64::from(response.drag_delta().x) / f64::from(plot.width().max(1.0));
            self.scroll(-by * self.width());
        }
        if response.drag_started_by(PointerButton::Primary) {
            let from = ui.input(|input| input.pointer.press_origin());
            self.anchor = from.map(|from| self.secs_at(from.x, plot));
        }
        let at = response.interact_pointer_pos();
        if let (Some(anchor), Some(at)) = (self.anchor, at)
            && response.dragged_by(PointerButton::Primary)
        {
            let at = self.secs_at(at.x, plot);
            self.selection = Some([anchor.min(at), anchor.max(at)]);
        }
        if response.drag_stopped() && self.anchor.take().is_some() {
            return Some(Touch::Selected);
        }
        None
    }

    /// The wheel's part of [`TimeSpan::answer`].
    pub fn answer_wheel(&mut self, ui: &Ui, response: &Response, plot: Rect) {
        let Some(at) = response.hover_pos() else {
            return;
        };
        let (wheel, pinch, is_shift) = ui.input(|input| {
            let wheel = input.smooth_scroll_delta();
            (wheel, input.zoom_delta(), input.modifiers.shift)
        });
        let around = self.secs_at(at.x, plot);
        if pinch != 1.0 {
            self.zoom(f64::from(pinch), around);
        } else if is_shift || wheel.x.abs() > wheel.y.abs() {
            let by = f64::from(wheel.x + wheel.y) / f64::from(plot.width().max(1.0));
            self.scroll(-by * self.width());
        } else if wheel.y != 0.0 {
            self.zoom((f64::from(wheel.y) / 200.0).exp(), around);
        }
    }

    fn answer_keys(&mut self, ui: &Ui, response: &Response) {
        if !response.has_focus() {
            return;
        }
        keep_horizontal_arrows(ui, response.id);
        let step = self.width() / 100.0;
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        let moved =
            f64::from(i8::from(pressed(Key::ArrowRight)) - i8::from(pressed(Key::ArrowLeft)));
        if moved != 0.0 {
            self.cursor = (self.cursor + moved * step).clamp(0.0, self.total);
            self.follow(self.cursor);
        }
        if pressed(Key::Home) {
            self.cursor = 0.0;
            self.follow(0.0);
        }
        if pressed(Key::End) {
            self.cursor = self.total;
            self.follow(self.total);
        }
        let cursor = self.cursor;
        if pressed(Key::Plus) || pressed(Key::Equals) {
            self.zoom(2.0, cursor);
        }
        if pressed(Key::Minus) {
            self.zoom(0.5, cursor);
        }
    }

    /// Paints what is selected and where one is.
    pub fn paint_marks(&self, painter: &Painter, plot: Rect, playing: Option<f64>) {
        let colors = theme::palette(painter.ctx());
        let painter = painter.with_clip_rect(plot.expand2([1.0, 0.0].into()));
        if let Some([from, to]) = self.selection {
            let [left, right] = [from, to].map(|secs| self.x_of(secs, plot));
            let part = Rect::from_x_y_ranges(left..=right, plot.y_range());
            painter.rect_filled(part, 0.0, colors.accent.gamma_multiply(0.22));
            for x in [left, right] {
                painter.vline(x, plot.y_range(), Stroke::new(1.5, colors.accent));
            }
        }
        let here = playing.unwrap_or(self.cursor);
        let x = self.x_of(here, plot);
        // Light on dark and dark on light: seen on every colour of a picture.
        painter.vline(
            x,
            plot.y_range(),
            Stroke::new(4.0, colors.stage.gamma_multiply(0.7)),
        );
        painter.vline(x, plot.y_range(), Stroke::new(2.0, colors.text));
    }

    /// Writes the times below `plot`.
    pub fn paint_times(&self, painter: &Painter, plot: Rect, font: &FontId) {
        let colors = theme::palette(painter.ctx());
        let room = (f64::from(plot.width()) / f64::from(font.size * 6.0)).max(1.0);
        let step = nice_step(self.width() / room);
        let first = (self.visible[0] / step).ceil();
        let n = ((self.visible[1] / step).floor() - first).max(0.0) as usize;
        let widest = plot.right() - font.size * 1.2;
        for i in 0..=n {
            let secs = (first + i as f64) * step;
            let x = self.x_of(secs, plot);
            let tick = Stroke::new(1.0, colors.outline);
            painter.vline(x, plot.bottom()..=plot.bottom() + 4.0, tick);
            if x < widest {
                let at = pos2(x, plot.bottom() + 5.0);
                let text = short_time(secs, step);
                painter.text(at, Align2::CENTER_TOP, text, font.clone(), colors.text_weak);
            }
        }
        let at = pos2(plot.right(), plot.bottom() + 5.0);
        painter.text(at, Align2::RIGHT_TOP, "s", font.clone(), colors.text_weak);
    }
}

/// 1, 2 or 5 times a power of ten, not below `least`.
#[must_use]
pub fn nice_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.max(1e-12).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let wide = steps.into_iter().find(|step| *step >= least * 0.999_999);
    wide.unwrap_or(10.0 * power)
}

/// A time with as many digits as its step needs; with minutes from one on.
fn short_time(secs: f64, step: f64) -> String {
    let digits = (-step.log10().floor()).max(0.0) as usize;
    if secs < 60.0 {
        return format!("{secs:.digits$}");
    }
    let minutes = (secs / 60.0).floor();
    let rest = secs - minutes * 60.0;
    let width = if digits == 0 { 2 } else { 3 + digits };
    format!("{minutes:.0}:{rest:0width$.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_stays_under_the_pointer_while_one_zooms() {
        let mut span = TimeSpan::all(10.0);
        let plot = Rect::from_min_max(pos2(100.0, 0.0), pos2(600.0, 50.0));
        let at = span.secs_at(350.0, plot);
        assert_eq!(at, 5.0);
        span.zoom(4.0, at);
        assert_eq!(span.visible, [3.75, 6.25]);
        assert_eq!(span.x_of(5.0, plot), 350.0);
        // Never beyond the ends of the sound.
        span.scroll(100.0);
        assert_eq!(span.visible, [7.5, 10.0]);
        span.zoom(0.01, 9.0);
        assert!(span.is_whole());
    }

    #[test]
    fn the_page_is_turned_when_the_sound_leaves_it() {
        let mut span = TimeSpan::all(100.0);
        span.show_part([0.0, 10.0]);
        span.follow(9.9);
        assert_eq!(span.visible, [0.0, 10.0]);
        span.follow(10.1);
        assert!((span.visible[0] - 9.9).abs() < 1e-9);
    }

    #[test]
    fn steps_are_those_of_a_ruler_and_times_those_of_a_clock() {
        assert_eq!([0.3, 0.5, 7.0].map(nice_step), [0.5, 0.5, 10.0]);
        assert_eq!(short_time(1.5, 0.5), "1.5");
        assert_eq!(short_time(75.0, 5.0), "1:15");
        assert_eq!(short_time(61.5, 0.5), "1:01.5");
        assert_eq!(short_time(0.02, 0.01), "0.02");
    }

    #[test]
    fn an_empty_sound_has_a_span_too() {
        let mut span = TimeSpan::all(0.0);
        span.zoom(2.0, 0.0);
        span.scroll(1.0);
        assert!(span.width() > 0.0 && span.visible[0] >= 0.0);
    }
}
