//! The icons, drawn as strokes on a grid of 24: they need no font, look alike on every machine and
//! take the colour and size of the text beside them. An icon never stands without its word: in the
//! rail below it, elsewhere in a tooltip and in the name that screen readers say.

use crate::theme;
use eframe::egui::{
    Align2, Color32, CursorIcon, Painter, Pos2, Rect, Response, Role, Sense, Stroke, TextStyle, Ui,
    Vec2, WidgetInfo, pos2,
};

/// One of the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A page with lines: the text chapter.
    Text,
    /// Chips in two rows: the chapter of tokens.
    Tokens,
    /// Two arrows from one place: the chapter of embeddings.
    Arrows,
    /// A frame with a hill and a sun in it: the chapter of images.
    Pictures,
    /// A wave: the chapter of sound.
    Wave,
    /// A folder: open a file.
    Open,
    /// A magnifying glass: find a command.
    Find,
    /// A half-filled disc: change the theme.
    Contrast,
    /// A window with a column on the right: the bench.
    Bench,
    /// A triangle: run.
    Run,
    /// Two bars: pause.
    Pause,
    /// A disc: record.
    Record,
    /// A cross of two bars: more of it.
    Plus,
    /// A bar: less of it.
    Less,
    /// A bar and a triangle to the left: one step back.
    Back,
    /// A triangle to the right and a bar: one step forward.
    Forward,
    /// A square: stop.
    Stop,
    /// An arrow back.
    Undo,
    /// An arrow forth.
    Redo,
    /// A cross: close.
    Close,
    /// A triangle with a bar in it: a warning.
    Warning,
    /// A tick: done.
    Done,
    /// A path that forks: branches.
    Branch,
    /// Rising bars: probabilities.
    Bars,
    /// An arrowhead downwards: there is more below.
    More,
}

/// The outline of a rectangle, from its upper left to its lower right corner.
fn rectangle((left, top): (f32, f32), (right, bottom): (f32, f32)) -> Vec<(f32, f32)> {
    vec![
        (left, top),
        (right, top),
        (right, bottom),
        (left, bottom),
        (left, top),
    ]
}

impl Icon {
    /// The lines of the picture, in a square of 24; a path that returns to its start is closed.
    fn strokes(self) -> Vec<Vec<(f32, f32)>> {
        match self {
            Self::Text => vec![
                rectangle((5.0, 3.0), (19.0, 21.0)),
                vec![(8.5, 8.0), (15.5, 8.0)],
                vec![(8.5, 12.0), (15.5, 12.0)],
                vec![(8.5, 16.0), (12.5, 16.0)],
            ],
            Self::Tokens => chips(),
            Self::Arrows => vec![
                vec![(4.0, 20.0), (20.0, 15.0)],
                vec![(16.0, 13.0), (20.0, 15.0), (17.2, 18.6)],
                vec![(4.0, 20.0), (9.5, 4.0)],
                vec![(5.8, 6.8), (9.5, 4.0), (11.6, 8.2)],
            ],
            Self::Pictures => framed_hill(),
            Self::Wave => vec![wave()],
            Self::Open => vec![vec![
                (3.0, 19.0),
                (3.0, 5.0),
                (9.0, 5.0),
                (11.0, 8.0),
                (21.0, 8.0),
                (21.0, 19.0),
                (3.0, 19.0),
            ]],
            Self::Find => vec![
                arc(10.5, 10.5, 6.5, 0.0, 360.0),
                vec![(15.5, 15.5), (21.0, 21.0)],
            ],
            Self::Contrast => {
                let mut lines = vec![arc(12.0, 12.0, 8.5, 0.0, 360.0)];
                lines.extend((0..8).map(|i| {
                    let x = 12.0 + i as f32;
                    let half = (8.5_f32.powi(2) - (x - 12.0).powi(2)).sqrt();
                    vec![(x, 12.0 - half), (x, 12.0 + half)]
                }));
                lines
            }
            Self::Bench => vec![
                rectangle((3.0, 4.5), (21.0, 19.5)),
                vec![(15.0, 4.5), (15.0, 19.5)],
            ],
            Self::Run => vec![vec![(7.0, 4.0), (20.0, 12.0), (7.0, 20.0), (7.0, 4.0)]],
            Self::Pause => vec![
                rectangle((6.0, 5.0), (9.5, 19.0)),
                rectangle((14.5, 5.0), (18.0, 19.0)),
            ],
            Self::Record => vec![arc(12.0, 12.0, 7.0, 0.0, 360.0)],
            Self::Plus => vec![
                vec![(12.0, 5.0), (12.0, 19.0)],
                vec![(5.0, 12.0), (19.0, 12.0)],
            ],
            Self::Less => vec![vec![(5.0, 12.0), (19.0, 12.0)]],
            Self::Back | Self::Forward => self.step_strokes(),
            Self::Stop => vec![rectangle((6.0, 6.0), (18.0, 18.0))],
            Self::Undo => vec![
                vec![(8.0, 4.0), (4.0, 8.0), (8.0, 12.0)],
                [
                    vec![(4.0, 8.0)],
                    arc(14.0, 13.0, 5.0, -90.0, 90.0),
                    vec![(9.0, 18.0)],
                ]
                .concat(),
            ],
            Self::Redo => Self::Undo
                .strokes()
                .into_iter()
                .map(|line| line.into_iter().map(|(x, y)| (24.0 - x, y)).collect())
                .collect(),
            Self::Close => vec![
                vec![(6.0, 6.0), (18.0, 18.0)],
                vec![(18.0, 6.0), (6.0, 18.0)],
            ],
            Self::Warning => vec![
                vec![(12.0, 3.5), (21.5, 20.0), (2.5, 20.0), (12.0, 3.5)],
                vec![(12.0, 9.5), (12.0, 14.0)],
                vec![(12.0, 16.4), (12.0, 17.4)],
            ],
            Self::Done => vec![vec![(4.0, 12.5), (9.5, 18.0), (20.0, 6.5)]],
            Self::Branch => fork(),
            Self::Bars => vec![
                vec![(5.0, 20.0), (5.0, 4.0)],
                vec![(12.0, 20.0), (12.0, 10.0)],
                vec![(19.0, 20.0), (19.0, 15.0)],
            ],
            Self::More => vec![vec![(7.0, 10.0), (12.0, 15.0), (17.0, 10.0)]],
        }
    }

    /// A triangle that points at a bar: one step, forward or back.
    fn step_strokes(self) -> Vec<Vec<(f32, f32)>> {
        let mirror = |x: f32| if self == Self::Back { 24.0 - x } else { x };
        let triangle = [(6.0, 5.0), (16.0, 12.0), (6.0, 19.0), (6.0, 5.0)];
        let bar = [(18.0, 5.0), (18.0, 19.0)];
        [&triangle[..], &bar[..]]
            .map(|line| line.iter().map(|&(x, y)| (mirror(x), y)).collect())
            .to_vec()
    }

    /// Draws the icon in the middle of `rect`, `side` points wide.
    pub fn paint(self, painter: &Painter, rect: Rect, side: f32, color: Color32) {
        let corner = rect.center() - Vec2::splat(side / 2.0);
        let place = |(x, y): (f32, f32)| -> Pos2 {
            pos2(corner.x + x / 24.0 * side, corner.y + y / 24.0 * side)
        };
        let stroke = Stroke::new((side / 14.0).max(1.25), color);
        for line in self.strokes() {
            painter.line(line.into_iter().map(place).collect(), stroke);
        }
    }

    /// A square button that shows the icon alone; `name` is its tooltip's first line and what a
    /// screen reader says.
    pub fn button(self, ui: &mut Ui, name: &str, tooltip: &str) -> Response {
        let side = theme::size::CONTROL;
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), name));
        if ui.is_rect_visible(rect) {
            let look = ui.style().interact(&response);
            let quiet = !(response.hovered() || response.has_focus());
            if !quiet {
                ui.painter().rect(
                    rect,
                    look.corner_radius,
                    look.weak_bg_fill,
                    look.bg_stroke,
                    eframe::egui::StrokeKind::Inside,
                );
            }
            let faded = if ui.is_enabled() { 1.0 } else { 0.5 };
            self.paint(
                ui.painter(),
                rect,
                18.0,
                look.text_color().gamma_multiply(faded),
            );
        }
        response
            .on_hover_cursor(CursorIcon::PointingHand)
            .on_hover_text(format!("{name}\n{tooltip}"))
    }

    /// A chapter in the rail: the icon with its word below it, marked when it is the open one.
    pub fn rail_button(self, ui: &mut Ui, name: &str, chosen: bool) -> Response {
        let colors = theme::palette(ui.ctx());
        let wide = Vec2::new(ui.available_width(), 64.0);
        let (rect, response) = ui.allocate_exact_size(wide, Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), chosen, name));
        if ui.is_rect_visible(rect) {
            let fill = match (chosen, response.hovered()) {
                (true, _) => colors.accent_soft,
                (false, true) => colors.hover,
                (false, false) => Color32::TRANSPARENT,
            };
            let corners = theme::size::RADIUS + 2;
            ui.painter().rect_filled(rect, corners, fill);
            if response.has_focus() {
                let ring = Stroke::new(2.0, colors.accent);
                ui.painter()
                    .rect_stroke(rect, corners, ring, eframe::egui::StrokeKind::Inside);
            }
            let ink = if chosen {
                colors.accent
            } else {
                colors.text_weak
            };
            let upper = Rect::from_min_size(rect.min, Vec2::new(rect.width(), 40.0));
            self.paint(
                ui.painter(),
                upper.translate(Vec2::new(0.0, 3.0)),
                22.0,
                ink,
            );
            let mut font = TextStyle::Small.resolve(ui.style());
            let below = pos2(rect.center().x, rect.bottom() - 8.0);
            // A long name is written a little smaller: it stays on its button.
            let width = ui
                .painter()
                .layout_no_wrap(name.into(), font.clone(), ink)
                .size()
                .x;
            font.size *= ((rect.width() - 4.0) / width.max(1.0)).min(1.0);
            let word = if chosen {
                colors.text
            } else {
                colors.text_weak
            };
            ui.painter()
                .text(below, Align2::CENTER_BOTTOM, name, font, word);
        }
        response.on_hover_cursor(CursorIcon::PointingHand)
    }
}

/// Part of a circle around (`x`, `y`), between two angles in degrees, clockwise from the right.
fn arc(x: f32, y: f32, r: f32, from: f32, to: f32) -> Vec<(f32, f32)> {
    (0..=24)
        .map(|i| (from + (to - from) * i as f32 / 24.0).to_radians())
        .map(|angle| (x + r * angle.cos(), y + r * angle.sin()))
        .collect()
}

/// A path that forks.
fn fork() -> Vec<Vec<(f32, f32)>> {
    vec![
        vec![(6.0, 3.0), (6.0, 21.0)],
        vec![(6.0, 15.0), (8.0, 12.0), (15.0, 10.0), (18.0, 6.0)],
        arc(18.0, 4.5, 1.8, 0.0, 360.0),
    ]
}

/// A picture in its frame: hills and a sun.
fn framed_hill() -> Vec<Vec<(f32, f32)>> {
    let hills = [
        (3.0, 16.5),
        (8.5, 10.5),
        (13.0, 15.5),
        (16.0, 12.5),
        (21.0, 17.5),
    ];
    vec![
        rectangle((3.0, 4.5), (21.0, 19.5)),
        hills.to_vec(),
        arc(15.5, 8.8, 1.8, 0.0, 360.0),
    ]
}

/// Two periods under a hill.
fn wave() -> Vec<(f32, f32)> {
    (0..=36)
        .map(|i| {
            let share = i as f32 / 36.0;
            let turn = share * 3.0 * std::f32::consts::TAU;
            let height = (share * std::f32::consts::PI).sin() * 8.5;
            (2.5 + 19.0 * share, 12.0 - height * turn.sin())
        })
        .collect()
}

/// Four chips in two rows.
fn chips() -> Vec<Vec<(f32, f32)>> {
    [
        (3.0, 6.0, 9.0),
        (14.0, 6.0, 7.0),
        (3.0, 13.5, 5.0),
        (10.0, 13.5, 11.0),
    ]
    .map(|(x, y, wide)| {
        let (right, bottom) = (x + wide, y + 5.0);
        vec![(x, y), (right, y), (right, bottom), (x, bottom), (x, y)]
    })
    .to_vec()
}
