//! egui's own style, set on purpose: spacing, outlines, corners, text, and what each state of a
//! control looks like. A control with the keyboard's focus wears the accent as a ring.

use super::palette::Palette;
use super::{MOTION_SECS, fonts, mix, size, style};
use eframe::egui::epaint::Shadow;
use eframe::egui::style::{HandleShape, ScrollStyle, WidgetVisuals, Widgets};
use eframe::egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Vec2, Visuals,
};

/// The whole style for one palette.
pub(super) fn style(colors: &Palette, motion: bool) -> Style {
    let mut look = Style {
        text_styles: text_styles().into(),
        drag_value_text_style: TextStyle::Monospace,
        animation_time: if motion { MOTION_SECS } else { 0.0 },
        visuals: visuals(colors),
        ..Style::default()
    };
    if !motion {
        look.scroll_animation = eframe::egui::style::ScrollAnimation::none();
    }
    set_spacing(&mut look);
    look.interaction.tooltip_delay = 0.4;
    look.interaction.selectable_labels = false;
    look
}

fn text_styles() -> [(TextStyle, FontId); 9] {
    let words = |points| FontId::new(points, FontFamily::Proportional);
    let strong = |points| FontId::new(points, fonts::strong_family());
    let numbers = |points| FontId::new(points, FontFamily::Monospace);
    [
        (TextStyle::Small, words(size::SMALL)),
        (TextStyle::Body, words(size::BODY)),
        (TextStyle::Button, words(size::BODY)),
        (TextStyle::Monospace, numbers(size::BODY)),
        (TextStyle::Heading, strong(size::HEADING)),
        (style::subheading(), strong(size::SUBHEADING)),
        (style::strong(), strong(size::BODY)),
        (style::display(), strong(size::DISPLAY)),
        (style::small_mono(), numbers(size::SMALL)),
    ]
}

fn set_spacing(look: &mut Style) {
    let spacing = &mut look.spacing;
    spacing.item_spacing = Vec2::splat(size::GRID);
    spacing.button_padding = Vec2::new(12.0, 6.0);
    spacing.interact_size = Vec2::new(40.0, size::CONTROL);
    spacing.window_margin = Margin::same(24);
    spacing.menu_margin = Margin::same(8);
    spacing.menu_spacing = 4.0;
    spacing.indent = 16.0;
    spacing.slider_width = 176.0;
    spacing.slider_rail_height = 4.0;
    spacing.combo_width = 160.0;
    spacing.combo_height = 320.0;
    spacing.text_edit_width = 288.0;
    spacing.icon_width = 18.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = 8.0;
    spacing.tooltip_width = 360.0;
    spacing.scroll = ScrollStyle {
        bar_width: 10.0,
        floating_width: 4.0,
        ..ScrollStyle::floating()
    };
}

fn visuals(colors: &Palette) -> Visuals {
    let base = if colors.dark {
        Visuals::dark()
    } else {
        Visuals::light()
    };
    let shadow = Shadow {
        offset: [0, 8],
        blur: 32,
        spread: 0,
        color: Color32::from_black_alpha(if colors.dark { 120 } else { 40 }),
    };
    let mut visuals = Visuals {
        widgets: widgets(colors),
        weak_text_color: Some(colors.text_weak),
        hyperlink_color: colors.accent,
        faint_bg_color: colors.panel,
        extreme_bg_color: colors.control,
        text_edit_bg_color: Some(colors.control),
        code_bg_color: colors.hover,
        warn_fg_color: colors.warning,
        error_fg_color: colors.error,
        window_corner_radius: CornerRadius::same(size::CARD_RADIUS),
        menu_corner_radius: CornerRadius::same(size::CARD_RADIUS),
        window_shadow: shadow,
        popup_shadow: shadow,
        window_fill: colors.stage,
        window_stroke: Stroke::new(1.0, colors.line),
        window_highlight_topmost: false,
        panel_fill: colors.stage,
        slider_trailing_fill: true,
        button_frame: true,
        indent_has_left_vline: false,
        striped: false,
        disabled_alpha: 0.5,
        ..base
    };
    visuals.selection.bg_fill = mix(colors.stage, colors.accent, 0.4);
    visuals.selection.stroke = Stroke::new(1.5, colors.text);
    visuals.handle_shape = HandleShape::Circle;
    visuals.text_cursor.stroke = Stroke::new(2.0, colors.accent);
    visuals.text_cursor.blink = false; // a blinking cursor would redraw the window twice a second
    visuals
}

/// The five states of a control, from lying there to held down.
fn widgets(colors: &Palette) -> Widgets {
    let state = |fill: Color32, track: Color32, outline: Stroke, text: Color32| WidgetVisuals {
        bg_fill: track,
        weak_bg_fill: fill,
        bg_stroke: outline,
        corner_radius: CornerRadius::same(size::RADIUS),
        fg_stroke: Stroke::new(1.5, text),
        expansion: 0.0,
    };
    let thin = |color| Stroke::new(1.0, color);
    Widgets {
        noninteractive: state(colors.panel, colors.panel, thin(colors.line), colors.text),
        inactive: state(
            colors.control,
            colors.control,
            thin(colors.outline),
            colors.text,
        ),
        hovered: state(colors.hover, colors.hover, thin(colors.accent), colors.text),
        active: state(
            colors.accent_soft,
            colors.accent_soft,
            Stroke::new(2.0, colors.accent),
            colors.text,
        ),
        open: state(colors.hover, colors.hover, thin(colors.accent), colors.text),
    }
}
