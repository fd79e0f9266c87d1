//! Small pictures in rows, each with a verdict under it: a bar whose length is a probability, and the
//! number where there is room. A click chooses a picture, a hover tells of it.

use super::picture_sheet::PictureSheet;
use crate::theme;
use eframe::egui::{
    Align2, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

/// Between pictures.
const GAP: f32 = 6.0;
/// The bar under a picture, with the air above it.
const BAR: f32 = 7.0;
/// A picture at least so large has its number written under it.
const ROOM_FOR_NUMBER: f32 = 56.0;

/// Pictures of a [`PictureSheet`], in rows.
#[derive(Debug, Clone, Copy)]
pub struct ImageGrid<'a> {
    /// What one of them is called: "Generated picture".
    pub name: &'a str,
    /// The pictures, from the first.
    pub sheet: &'a PictureSheet,
    /// How many are shown.
    pub n: usize,
    /// How many stand in a row.
    pub columns: usize,
    /// For each picture a probability, 0..=1; empty where there are none.
    pub verdicts: &'a [f32],
    /// What the probability says: "real".
    pub verdict: &'a str,
    /// The picture with a ring around it.
    pub chosen: Option<usize>,
}

/// What was done with the pictures.
#[derive(Debug, Default)]
pub struct GridResponse {
    /// The picture that was pressed.
    pub clicked: Option<usize>,
    /// The picture under the pointer, and where it is.
    pub hovered: Option<(usize, Response)>,
}

impl ImageGrid<'_> {
    /// Draws them as large as `size` allows, from its left upper corner, and takes no more room than
    /// they need.
    pub fn show(self, ui: &mut Ui, size: Vec2) -> GridResponse {
        let font = theme::style::small_mono().resolve(ui.style());
        let places = self.places(size, &font);
        let (area, _) = ui.allocate_exact_size(places.size, Sense::hover());
        let mut done = GridResponse::default();
        for i in 0..self.n {
            let picture = places.picture(i).translate(area.min.to_vec2());
            let cell = picture.with_max_y(picture.bottom() + places.below);
            let response = ui.interact(cell, ui.scope_id().with((self.name, i)), Sense::click());
            response.widget_info(|| {
                WidgetInfo::selected(Role::Button, true, self.chosen == Some(i), self.words(i))
            });
            if ui.is_rect_visible(cell) {
                self.paint(ui, i, picture, &places, &font, &response);
            }
            if response.clicked() {
                done.clicked = Some(i);
            }
            if response.hovered() || response.has_focus() {
                done.hovered = Some((i, response));
            }
        }
        done
    }

    /// The side of a picture drawn in `size`.
    #[must_use]
    pub fn side(&self, ui: &Ui, size: Vec2) -> f32 {
        let font = theme::style::small_mono().resolve(ui.style());
        self.places(size, &font).side
    }

    fn places(&self, size: Vec2, font: &FontId) -> Places {
        let columns = self.columns.clamp(1, self.n.max(1));
        let rows = self.n.div_ceil(columns).max(1);
        let room = |below: f32| {
            let across = (size.x + GAP) / columns as f32 - GAP;
            let down = (size.y + GAP) / rows as f32 - GAP - below;
            across.min(down).floor().max(8.0)
        };
        let has_verdicts = !self.verdicts.is_empty();
        let number = BAR + font.size + 2.0;
        let numbered = has_verdicts && room(number) >= ROOM_FOR_NUMBER;
        let below = match (has_verdicts, numbered) {
            (false, _) => 0.0,
            (true, true) => number,
            (true, false) => BAR,
        };
        let side = room(below);
        Places {
            side,
            below,
            numbered,
            columns,
            size: vec2(
                (side + GAP) * columns as f32 - GAP,
                (side + below + GAP) * rows as f32 - GAP,
            ),
        }
    }

    fn words(&self, i: usize) -> String {
        let name = format!("{} {}", self.name, i + 1);
        match self.verdicts.get(i) {
            Some(&p) => format!("{name}: {} {}", percent(p), self.verdict),
            None => name,
        }
    }

    fn paint(
        &self,
        ui: &Ui,
        i: usize,
        picture: Rect,
        places: &Places,
        font: &FontId,
        response: &Response,
    ) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        if self.sheet.len() > i {
            self.sheet.paint(painter, picture, i);
        } else {
            painter.rect_filled(picture, 2.0, colors.hover);
        }
        let ring = if self.chosen == Some(i) || response.has_focus() {
            Some(Stroke::new(3.0, colors.accent))
        } else if response.hovered() {
            Some(Stroke::new(2.0, colors.outline))
        } else {
            None
        };
        if let Some(ring) = ring {
            painter.rect_stroke(picture, 2.0, ring, StrokeKind::Outside);
        }
        let Some(&p) = self.verdicts.get(i) else {
            return;
        };
        let bar = Rect::from_min_size(
            pos2(picture.left(), picture.bottom() + 3.0),
            vec2(picture.width(), BAR - 3.0),
        );
        verdict_bar(ui, bar, p);
        if places.numbered {
            let at = pos2(picture.center().x, bar.bottom() + 1.0);
            let number = percent(p);
            painter.text(at, Align2::CENTER_TOP, number, font.clone(), colors.text);
        }
    }
}

/// A bar as long as a probability, with a tick at one half.
pub fn verdict_bar(ui: &Ui, track: Rect, p: f32) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let p = if p.is_finite() {
        p.clamp(0.0, 1.0)
    } else {
        0.0
    };
    painter.rect_filled(track, 1.0, theme::mix(colors.stage, colors.outline, 0.35));
    let filled = track.with_max_x(track.left() + track.width() * p);
    painter.rect_filled(filled, 1.0, colors.accent);
    let half = track.center().x;
    let tick = if p > 0.5 {
        colors.on_accent
    } else {
        colors.text_weak
    };
    painter.vline(half, track.y_range(), Stroke::new(1.0, tick));
}

/// What the bars mean, in one line: a bar, and words.
pub fn verdict_legend(ui: &mut Ui, words: &str) {
    let font = TextStyle::Small.resolve(ui.style());
    let (rect, _) = ui.allocate_exact_size(vec2(40.0, font.size * 1.3), Sense::hover());
    let track = Rect::from_center_size(rect.center(), vec2(40.0, 4.0));
    verdict_bar(ui, track, 0.72);
    let color = theme::palette(ui.ctx()).text_weak;
    ui.label(eframe::egui::RichText::new(words).small().color(color));
}

/// A probability with as many digits as a small label has room for.
#[must_use]
pub fn percent(p: f32) -> String {
    let percent = p * 100.0;
    if !p.is_finite() {
        "no number".into()
    } else if percent > 0.0 && percent < 0.1 {
        "<0.1 %".into()
    } else if percent < 10.0 || percent > 99.0 && percent < 99.95 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// Where everything of a grid stands, from its own corner.
struct Places {
    side: f32,
    below: f32,
    numbered: bool,
    columns: usize,
    size: Vec2,
}

impl Places {
    fn picture(&self, i: usize) -> Rect {
        let (row, column) = (i / self.columns, i % self.columns);
        let at = pos2(
            column as f32 * (self.side + GAP),
            row as f32 * (self.side + self.below + GAP),
        );
        Rect::from_min_size(at, Vec2::splat(self.side))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(sheet: &PictureSheet) -> ImageGrid<'_> {
        ImageGrid {
            name: "Picture",
            sheet,
            n: 64,
            columns: 8,
            verdicts: &[0.5; 64],
            verdict: "real",
            chosen: None,
        }
    }

    #[test]
    fn the_pictures_fill_the_room_and_never_leave_it() {
        let sheet = PictureSheet::default();
        let font = FontId::monospace(13.0);
        for size in [vec2(400.0, 480.0), vec2(900.0, 300.0), vec2(1200.0, 900.0)] {
            let places = grid(&sheet).places(size, &font);
            assert!(places.size.x <= size.x && places.size.y <= size.y);
            let slack = (size - places.size).min_elem();
            assert!(slack < 8.0, "{slack} points are left over");
            assert!(places.picture(63).right() <= size.x);
        }
    }

    #[test]
    fn numbers_are_written_only_where_pictures_stay_large() {
        let sheet = PictureSheet::default();
        let font = FontId::monospace(13.0);
        let numbered = |side| grid(&sheet).places(Vec2::splat(side), &font).numbered;
        assert!(!numbered(480.0) && numbered(760.0));
    }

    #[test]
    fn a_probability_keeps_the_digits_that_matter() {
        let shown = [0.0, 0.000_2, 0.012, 0.5, 0.997, 1.0].map(percent);
        assert_eq!(
            shown,
            ["0.0 %", "<0.1 %", "1.2 %", "50 %", "99.7 %", "100 %"]
        );
    }

    #[test]
    fn a_picture_is_told_with_its_verdict() {
        let sheet = PictureSheet::default();
        assert_eq!(grid(&sheet).words(2), "Picture 3: 50 % real");
    }
}
