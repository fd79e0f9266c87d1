//! What a judge sees in the picture on the stage, beside what was asked for.

use super::StepsView;
use super::ways::Way;
use crate::labs::diffusion::About;
use crate::labs::diffusion::captions::Attribute;
use crate::tabs::parts::caption;
use crate::theme::{self, size};
use crate::widgets::icon::Icon;
use crate::widgets::image_grid::percent;
use eframe::egui::{Align2, Rect, RichText, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// One attribute: what was asked for, and what is seen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen {
    /// "hair color".
    pub(super) attribute: String,
    /// "red"; `None` where nothing was asked.
    pub(super) asked: Option<String>,
    /// "red".
    pub(super) found: String,
    /// How sure the judge is of what was asked for, or else of what it sees, 0..=1.
    pub(super) p: f32,
}

impl Seen {
    /// Whether it is what was asked for; `None` where nothing was.
    pub(super) fn agrees(&self) -> Option<bool> {
        self.asked.as_ref().map(|asked| *asked == self.found)
    }

    /// "mood: smiling asked for and seen, 98 %".
    fn in_words(&self) -> String {
        let Self {
            attribute, found, ..
        } = self;
        let p = percent(self.p);
        match (&self.asked, self.agrees()) {
            (Some(_), Some(true)) => format!("{attribute}: {found} asked for and seen, {p}"),
            (Some(asked), _) => format!("{attribute}: {asked} asked for ({p}), {found} seen"),
            (None, _) => format!("{attribute}: {found} seen, {p}"),
        }
    }
}

/// What the judge sees in the frame on the stage, attribute by attribute.
pub(super) fn of(way: &Way, attributes: &[Attribute]) -> Vec<Seen> {
    let Some(reading) = way.reading() else {
        return Vec::new();
    };
    let rows = way.recipe.parsed(attributes).rows;
    let seen = attributes.iter().enumerate().filter_map(|(i, attribute)| {
        let (best, p) = reading.best(i)?;
        let asked = rows.get(i)?.checked_sub(1).map(|value| value as usize);
        let sure = |value: usize| reading.probs[i].get(value).copied().unwrap_or(0.0);
        Some(Seen {
            attribute: attribute.name.replace('_', " "),
            asked: asked.and_then(|value| attribute.values.get(value).cloned()),
            found: attribute.values.get(best)?.clone(),
            p: asked.map_or(p, sure),
        })
    });
    seen.collect()
}

/// The judge's answers in two columns.
pub(super) fn show(view: &StepsView, ui: &mut Ui, about: &About) {
    let seen = of(view.way(), &about.attributes);
    if seen.is_empty() {
        let words = if super::maker::judge(&about.attributes).is_ok_and(|judge| judge.is_none()) {
            "There is no judge of such pictures."
        } else {
            "A judge looks as soon as the picture is there."
        };
        caption(ui, words);
        return;
    }
    let n_asked = seen.iter().filter(|seen| seen.asked.is_some()).count();
    let n_right = seen.iter().filter(|seen| seen.agrees() == Some(true));
    let title = format!(
        "A judge sees {} of {n_asked} that were asked for",
        n_right.count()
    );
    let of = if view.ways[view.shown].shows_picture() {
        "in the picture"
    } else {
        "in x̂₀"
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::GRID;
        let title = RichText::new(title).text_style(theme::style::strong());
        ui.label(title).on_hover_text("A small classifier that learned from drawn faces and their descriptions: it never saw the caption.");
        caption(ui, of);
    });
    let n_rows = seen.len().div_ceil(2);
    let height = (ui.available_height() / n_rows as f32).clamp(22.0, 30.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, height * n_rows as f32), Sense::hover());
    for (i, seen) in seen.iter().enumerate() {
        let (column, row) = (i / n_rows, i % n_rows);
        let half = (width - size::GROUP) * 0.5;
        let corner = pos2(
            rect.left() + column as f32 * (half + size::GROUP),
            rect.top() + row as f32 * height,
        );
        line(ui, Rect::from_min_size(corner, vec2(half, height)), seen);
    }
}

/// "hair color  ✓ red  ▇▇▇▇ 98 %".
fn line(ui: &mut Ui, rect: Rect, seen: &Seen) {
    let colors = theme::palette(ui.ctx());
    let small = TextStyle::Small.resolve(ui.style());
    let left = Align2::LEFT_CENTER;
    let name = &seen.attribute;
    let painter = ui.painter();
    painter.text(rect.left_center(), left, name, small, colors.text_weak);
    verdict(ui, rect.with_min_x(rect.left() + rect.width() * 0.34), seen);
}

/// "✓ red  ▇▇▇▇ 98 %".
pub(super) fn verdict(ui: &Ui, rect: Rect, seen: &Seen) {
    let colors = theme::palette(ui.ctx());
    let id = ui.scope_id().with(("seen", &seen.attribute));
    let response = ui.interact(rect, id, Sense::hover());
    let words = seen.in_words();
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let painter = ui.painter();
    let small = TextStyle::Small.resolve(ui.style());
    let mono = theme::style::small_mono().resolve(ui.style());
    let y = rect.center().y;
    let mark = Rect::from_center_size(pos2(rect.left() + 7.0, y), vec2(14.0, 14.0));
    match seen.agrees() {
        Some(true) => Icon::Done.paint(painter, mark, 14.0, colors.good),
        Some(false) => Icon::Warning.paint(painter, mark, 14.0, colors.warning),
        None => {}
    }
    let at = pos2(rect.left() + 18.0, y);
    let left = Align2::LEFT_CENTER;
    painter.text(at, left, &seen.found, small, colors.text);
    let track = Rect::from_min_max(
        pos2(rect.left() + 18.0, y + 9.0),
        pos2(rect.right(), y + 11.0),
    );
    painter.rect_filled(track, 1.0, colors.line);
    let filled = track.with_max_x(track.left() + track.width() * seen.p.clamp(0.0, 1.0));
    painter.rect_filled(filled, 1.0, colors.accent);
    let right = Align2::RIGHT_CENTER;
    painter.text(
        rect.right_center(),
        right,
        percent(seen.p),
        mono,
        colors.text,
    );
    response.on_hover_text(words);
}
