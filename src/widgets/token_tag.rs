//! A token as a small coloured tag. The same id has the same colour wherever it stands, so that an eye
//! can follow a token from the corpus to the table of pairs and into the vocabulary.

use crate::theme;
use eframe::egui::{
    Align2, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, vec2,
};

/// One token to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'a> {
    /// Its visible text.
    pub text: &'a str,
    /// Its id, which chooses the colour.
    pub id: u32,
    /// Whether it wears a ring: the newest one.
    pub newest: bool,
}

impl<'a> Tag<'a> {
    /// A tag without a ring.
    #[must_use]
    pub fn new(text: &'a str, id: u32) -> Self {
        Self {
            text,
            id,
            newest: false,
        }
    }

    /// How high every tag is.
    #[must_use]
    pub fn height(ui: &Ui) -> f32 {
        (TextStyle::Monospace.resolve(ui.style()).size * 1.6).round()
    }

    /// How wide this one is.
    #[must_use]
    pub fn width(self, ui: &Ui) -> f32 {
        let font = TextStyle::Monospace.resolve(ui.style());
        let color = theme::palette(ui.ctx()).text;
        let galley = ui
            .painter()
            .layout_no_wrap(self.text.to_owned(), font, color);
        (galley.size().x + 10.0).max(20.0)
    }

    /// Paints it with its left end's middle at `at`; returns where it stands.
    #[expect(
        clippy::must_use_candidate,
        reason = "it paints; where it stands is for those who ask"
    )]
    pub fn paint(self, ui: &Ui, at: Pos2, clip: Rect) -> Rect {
        let colors = theme::palette(ui.ctx());
        let size = vec2(self.width(ui), Self::height(ui));
        let rect = Rect::from_min_size(at - vec2(0.0, size.y * 0.5), size);
        let painter = ui.painter().with_clip_rect(clip.intersect(ui.clip_rect()));
        painter.rect_filled(rect, 4.0, colors.token_fill(self.id as usize));
        if self.newest {
            let ring = Stroke::new(2.0, colors.accent);
            painter.rect_stroke(rect, 4.0, ring, StrokeKind::Inside);
        }
        let font = TextStyle::Monospace.resolve(ui.style());
        let center = rect.center();
        painter.text(center, Align2::CENTER_CENTER, self.text, font, colors.text);
        rect
    }

    /// Puts it among other things in a line.
    pub fn show(self, ui: &mut Ui) -> Response {
        let size = vec2(self.width(ui), Self::height(ui));
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, self.text));
        _ = self.paint(ui, rect.left_center(), rect.expand(2.0));
        response
    }
}
