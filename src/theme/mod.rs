//! Every colour, size and font, in light, dark and projector.
//!
//! A widget asks [`palette`] for colours by meaning, takes lengths from [`size`] and text styles from
//! [`style`]. Nothing else in the program names a colour or a size of text. The projector theme is
//! the same layout, half as large again, with more contrast.

mod fallback_fonts;
pub mod fonts;
mod look;
mod palette;
mod scales;

pub use palette::Palette;
pub use scales::{ColorMap, contrast, diverging, mix, viridis};

use eframe::egui::{self, Atom, Button, Context, CornerRadius, Id, RichText, Stroke, Vec2};
use serde::{Deserialize, Serialize};

/// How the window looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// For daylight.
    #[default]
    Light,
    /// For evenings.
    Dark,
    /// For the back row: larger, with more contrast.
    Projector,
}

impl Theme {
    /// Every theme, in the order they follow each other.
    pub const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::Projector];

    /// Its name on screen.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Light => "Light",
            Self::Dark => "Dark",
            Self::Projector => "Projector",
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::Projector,
            Self::Projector => Self::Light,
        }
    }

    /// Its colours.
    #[must_use]
    pub fn palette(self) -> &'static Palette {
        match self {
            Self::Light => &palette::LIGHT,
            Self::Dark => &palette::DARK,
            Self::Projector => &palette::PROJECTOR,
        }
    }

    /// How much larger everything is than in the other themes.
    #[must_use]
    pub fn scale(self) -> f32 {
        match self {
            Self::Light | Self::Dark => 1.0,
            Self::Projector => 1.5,
        }
    }
}

/// Lengths in points. Everything stands on a grid of eight.
pub mod size {
    /// One step of the grid.
    pub const GRID: f32 = 8.0;
    /// Between things that belong together.
    pub const HALF: f32 = 4.0;
    /// Between groups.
    pub const GROUP: f32 = 24.0;
    /// Captions, units, the status line.
    pub const SMALL: f32 = 13.0;
    /// Words.
    pub const BODY: f32 = 15.0;
    /// The title of a group.
    pub const SUBHEADING: f32 = 18.0;
    /// The title line of the stage.
    pub const HEADING: f32 = 24.0;
    /// One number that everybody looks at.
    pub const DISPLAY: f32 = 32.0;
    /// The least height of what can be pressed.
    pub const CONTROL: f32 = 32.0;
    /// Rounded corners of controls.
    pub const RADIUS: u8 = 6;
    /// Rounded corners of cards and windows.
    pub const CARD_RADIUS: u8 = 10;
    /// Width of the rail on the left.
    pub const RAIL: f32 = 88.0;
    /// Width of the bench on the right.
    pub const BENCH: f32 = 320.0;
    /// Height of the header.
    pub const HEADER: f32 = 48.0;
    /// Height of the timeline.
    pub const TIMELINE: f32 = 96.0;
    /// Height of the status line.
    pub const STATUS: f32 = 32.0;
    /// Inside a panel, along its edges.
    pub const MARGIN: i8 = 16;
}

/// Text styles beside egui's own (`Small` 13, `Body`, `Button` and `Monospace` 15, `Heading` 24).
pub mod style {
    use eframe::egui::TextStyle;

    /// The title of a group: semibold 18.
    #[must_use]
    pub fn subheading() -> TextStyle {
        TextStyle::Name("subheading".into())
    }

    /// Body text that must stand out: semibold 15.
    #[must_use]
    pub fn strong() -> TextStyle {
        TextStyle::Name("strong".into())
    }

    /// One number that everybody looks at: semibold 32.
    #[must_use]
    pub fn display() -> TextStyle {
        TextStyle::Name("display".into())
    }

    /// Small numbers: monospace 13.
    #[must_use]
    pub fn small_mono() -> TextStyle {
        TextStyle::Name("small_mono".into())
    }
}

/// Seconds a change takes to show, where motion is wanted.
pub const MOTION_SECS: f32 = 0.2;

/// Gives the window its look. Fonts are installed apart, once: [`fonts::install`].
pub fn apply(ctx: &Context, theme: Theme, motion: bool) {
    ctx.data_mut(|data| data.insert_temp(Id::unique("theme"), theme));
    let style = std::sync::Arc::new(look::style(theme.palette(), motion));
    let egui_theme = if theme.palette().dark {
        egui::Theme::Dark
    } else {
        egui::Theme::Light
    };
    ctx.set_style_of(egui::Theme::Dark, std::sync::Arc::clone(&style));
    ctx.set_style_of(egui::Theme::Light, style);
    ctx.set_theme(egui_theme);
}

/// The theme that [`apply`] gave the window.
#[must_use]
pub fn current(ctx: &Context) -> Theme {
    ctx.data(|data| data.get_temp(Id::unique("theme")))
        .unwrap_or_default()
}

/// The colours to draw with now. From a `Ui`: `theme::palette(ui.ctx())`.
#[must_use]
pub fn palette(ctx: &Context) -> &'static Palette {
    current(ctx).palette()
}

/// Whether things may move: false where the person asked for stillness.
#[must_use]
pub fn motion(ctx: &Context) -> bool {
    ctx.global_style().animation_time > 0.0
}

/// Gives the sliders drawn in `ui` their look: a slim handle, the part before it in the accent, and
/// numbers of one width.
pub fn dress_sliders(ui: &mut egui::Ui) {
    let colors = palette(ui.ctx());
    let style = ui.style_mut();
    style.spacing.interact_size = Vec2::new(64.0, size::CONTROL - size::GRID);
    style.spacing.button_padding.y = 2.0;
    style.visuals.widgets.inactive.bg_fill = mix(colors.panel, colors.outline, 0.3);
    style.visuals.selection.bg_fill = mix(colors.stage, colors.accent, 0.75);
}

/// The button that starts this chapter's experiment: at most one on screen.
pub fn primary_button<'a>(ctx: &Context, label: &str) -> Button<'a> {
    let colors = palette(ctx);
    let text = RichText::new(label)
        .text_style(style::strong())
        .color(colors.on_accent);
    Button::new((Atom::grow(), text, Atom::grow()))
        .fill(colors.accent)
        .stroke(Stroke::new(1.0, colors.accent))
        .corner_radius(CornerRadius::same(size::RADIUS))
        .min_size(Vec2::new(112.0, size::CONTROL + size::HALF))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_themes_follow_each_other_in_a_ring() {
        let mut theme = Theme::default();
        for expected in [Theme::Dark, Theme::Projector, Theme::Light] {
            theme = theme.next();
            assert_eq!(theme, expected);
        }
    }

    #[test]
    fn what_was_applied_is_what_is_drawn_with() {
        let ctx = Context::default();
        for theme in Theme::ALL {
            apply(&ctx, theme, false);
            assert_eq!(palette(&ctx), theme.palette());
            assert_eq!(ctx.global_style().visuals.panel_fill, theme.palette().stage);
            assert!(!motion(&ctx));
        }
    }
}
