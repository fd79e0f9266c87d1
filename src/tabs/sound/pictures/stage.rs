//! The stage: the picture and the one that the sound has, with the place that is heard on both.

use super::super::player::{keep_moving, time};
use super::super::views::Desk;
use super::PicturesView;
use crate::labs::sound::MelScale;
use crate::labs::sound::pictures::{Drawn, Grey, Source};
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice, wrapped};
use crate::theme::{self, size};
use crate::widgets::lines::{Lines, Scale, Series};
use crate::widgets::time_span::nice_step;
use eframe::egui::{
    Align2, Color32, ColorImage, Context, FontId, Pos2, Rect, Role, Sense, Stroke, TextStyle,
    TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// What stands over the pictures, and what AccessKit calls them.
const NAMES: [[&str; 2]; 2] = [
    ["The picture", "Pixels of the picture"],
    [
        "The picture that the sound has",
        "Pixels of the sound’s own picture",
    ],
];

pub(super) fn show(
    view: &mut PicturesView,
    ui: &mut Ui,
    desk: &mut Desk,
    _cx: &mut TabContext<'_>,
) {
    let Some(taken) = view.taken.clone() else {
        nothing_yet(view, ui);
        return;
    };
    let how = match taken.looked.source {
        Source::Tags => {
            "It says that it is a spectrogram in Riffusion's format, and how it was made."
        }
        Source::Size => "It has Riffusion's 512 grey rows, and is read so: black is loud.",
        Source::Any => {
            "It is taken for a spectrogram: what is light is loud, and what is high up is high."
        }
    };
    caption(ui, how);
    kept(view, ui, desk);
    let room = ui.available_size();
    let curve = (room.y * 0.24).clamp(80.0, 180.0);
    let height = (room.y - curve - size::GRID * 4.0 - size::SMALL * 3.0).max(80.0);
    let width = (room.x - size::GRID * 2.0) * 0.5;
    let playing = place(view, desk);
    if view.is_playing(desk) {
        keep_moving(ui.ctx());
    }
    let found = view.found.heard.as_ref().map(|heard| heard.picture.clone());
    let axes = Axes::of(view, &taken.looked.picture);
    let mut pressed = None;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = size::GRID * 2.0;
        for (i, ([words, name], picture)) in [
            (NAMES[0], Some(&taken.looked.picture)),
            (NAMES[1], found.as_ref()),
        ]
        .into_iter()
        .enumerate()
        {
            ui.vertical(|ui| {
                ui.set_width(width);
                caption(ui, words);
                let texture = &mut view.textures[i];
                let room = vec2(width, height);
                let at = one(ui, name, picture, texture, room, playing, &axes);
                pressed = pressed.or(at);
            });
        }
    });
    hover_line(view, ui);
    if let Some(at) = pressed {
        view.pixel = Some(at);
    }
    convergence(view, ui, curve);
}

fn nothing_yet(view: &mut PicturesView, ui: &mut Ui) {
    ui.add_space(size::GROUP);
    ui.label("A spectrogram is a picture: time goes to the right, frequency up. So every picture can be heard, and a model that draws pictures can make music.");
    ui.add_space(size::GRID);
    ui.label("Begin with a shape:");
    ui.add_space(size::GRID);
    wrapped(ui, |ui| {
        for drawn in Drawn::ALL {
            if choice(
                ui,
                false,
                &format!("Try: {}", drawn.name()),
                drawn.teaches(),
            ) {
                view.draw(drawn);
            }
        }
    });
    ui.add_space(size::GRID);
    caption(
        ui,
        "Or drop a PNG or JPEG on the window: one of Riffusion's, or any photograph.",
    );
}

/// The sounds kept on the way, to choose from.
fn kept(view: &mut PicturesView, ui: &mut Ui, desk: &mut Desk) {
    let shown = view.shown().map(|(n, _)| *n);
    let steps: Vec<usize> = view.found.kept.iter().map(|(n, _)| *n).collect();
    let mut chosen = None;
    wrapped(ui, |ui| {
        ui.label("Hear it after");
        for n in steps {
            let label = match n {
                0 => "no step".to_owned(),
                1 => "1 step".to_owned(),
                n => format!("{n} steps"),
            };
            let hint = "The sound after so many steps of Griffin-Lim, at the same place.";
            if choice(ui, shown == Some(n), &label, hint) {
                chosen = Some(n);
            }
        }
    });
    if let Some(n) = chosen {
        view.select(n, desk);
    }
}

/// The share of the sound that has been heard.
fn place(view: &PicturesView, desk: &Desk) -> Option<f32> {
    let kept = view.shown()?;
    let place = desk.player.place(view.track(kept).id)?;
    Some((place / kept.1.len().max(1) as f64) as f32)
}

/// One picture in the middle of its room. The pixel that was pressed, as row and column.
fn one(
    ui: &mut Ui,
    name: &str,
    picture: Option<&Grey>,
    texture: &mut Option<TextureHandle>,
    room: Vec2,
    playing: Option<f32>,
    axes: &Axes,
) -> Option<[usize; 2]> {
    let colors = theme::palette(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(room, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let font = TextStyle::Small.resolve(ui.style());
    let rect = Rect::from_min_max(
        rect.min + vec2(font.size * 4.2, 0.0),
        rect.max - vec2(0.0, font.size * 1.6),
    );
    ui.painter().rect_filled(rect, 2.0, colors.panel);
    axes.paint(ui, rect, &font);
    let picture = picture?;
    let texture = texture.get_or_insert_with(|| texture_of(ui.ctx(), picture));
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter()
        .image(texture.id(), rect, whole, Color32::WHITE);
    if let Some(share) = playing {
        let x = rect.left() + share.clamp(0.0, 1.0) * rect.width();
        ui.painter()
            .vline(x, rect.y_range(), Stroke::new(4.0, colors.stage));
        ui.painter()
            .vline(x, rect.y_range(), Stroke::new(2.0, colors.accent));
    }
    if let Some([row, column]) = axes.asked {
        let share = vec2(
            (column as f32 + 0.5) / picture.width as f32,
            (row as f32 + 0.5) / picture.height as f32,
        );
        let at = rect.min + share * rect.size();
        let painter = ui.painter();
        painter.circle_stroke(at, 6.0, Stroke::new(4.0, colors.stage));
        painter.circle_stroke(at, 6.0, Stroke::new(2.0, colors.accent));
    }
    let at = |at: Pos2| {
        let share = (at - rect.min) / rect.size();
        let index = |share: f32, n: usize| ((share * n as f32).max(0.0) as usize).min(n - 1);
        [
            index(share.y, picture.height),
            index(share.x, picture.width),
        ]
    };
    let hint = "Click a pixel to see what it means.";
    let response = response.on_hover_text_at_pointer(hint);
    let pressed = response.clicked().then(|| response.interact_pointer_pos());
    pressed.flatten().map(at)
}

/// What stands beside both pictures, and the pixel that is asked about.
struct Axes {
    /// Shares of the height from the bottom, and frequencies.
    hz: Vec<(f32, String)>,
    /// Shares of the width, and times.
    secs: Vec<(f32, String)>,
    asked: Option<[usize; 2]>,
}

impl Axes {
    fn of(view: &PicturesView, picture: &Grey) -> Self {
        let params = view
            .reading
            .map(|reading| reading.params)
            .unwrap_or_default();
        let mel = |hz: f64| MelScale::Htk.from_hz(hz);
        let [low, high] = [params.min_frequency_hz, params.max_frequency_hz].map(mel);
        let named = [200.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0];
        let hz = named.into_iter().filter_map(|hz: f64| {
            let share = (mel(hz) - low) / (high - low);
            let words = match hz {
                1000.0.. => format!("{} kHz", hz / 1000.0),
                _ => format!("{hz} Hz"),
            };
            (0.02..0.98)
                .contains(&share)
                .then_some((share as f32, words))
        });
        let total = picture.width as f64 * params.step_size_millis / 1000.0;
        let step = nice_step(total / 5.0);
        let times = (0..8).map(|i| f64::from(i) * step);
        let times = times.filter(|secs| *secs < total * 0.97);
        let secs = times.map(|secs| ((secs / total) as f32, format!("{} s", rounded(secs))));
        Self {
            hz: hz.collect(),
            secs: secs.collect(),
            asked: view.pixel,
        }
    }

    fn paint(&self, ui: &Ui, rect: Rect, font: &FontId) {
        let ink = theme::palette(ui.ctx()).text_weak;
        let tick = Stroke::new(1.0, ink);
        // The lower a frequency the closer they stand: those that would stand on the next are left out.
        let mut above: Option<f32> = None;
        for (share, words) in self.hz.iter().rev() {
            let y = rect.bottom() - share * rect.height();
            ui.painter().hline(rect.left() - 4.0..=rect.left(), y, tick);
            if above.is_some_and(|above| y - above < font.size * 1.1) {
                continue;
            }
            above = Some(y);
            let at = pos2(rect.left() - 6.0, y);
            ui.painter()
                .text(at, Align2::RIGHT_CENTER, words, font.clone(), ink);
        }
        for (share, words) in &self.secs {
            let x = rect.left() + share * rect.width();
            ui.painter()
                .vline(x, rect.bottom()..=rect.bottom() + 4.0, tick);
            let anchor = if *share > 0.0 {
                Align2::CENTER_TOP
            } else {
                Align2::LEFT_TOP
            };
            let at = pos2(x, rect.bottom() + 4.0);
            ui.painter().text(at, anchor, words, font.clone(), ink);
        }
    }
}

/// A time without the digits that only rounding made.
fn rounded(secs: f64) -> f64 {
    (secs * 1000.0).round() / 1000.0
}

fn texture_of(ctx: &Context, picture: &Grey) -> TextureHandle {
    // Graphics cards take pictures up to 8192 pixels wide; a minute has 6000 columns.
    let image = ColorImage::from_gray([picture.width, picture.height], &picture.pixels);
    ctx.load_texture("a picture of a sound", image, TextureOptions::LINEAR)
}

fn hover_line(view: &PicturesView, ui: &mut Ui) {
    let words = match (&view.taken, view.shown()) {
        (Some(taken), Some((_, sound))) => {
            let picture = &taken.looked.picture;
            let mut words = format!(
                "{} × {} pixels: {} of sound.",
                picture.width,
                picture.height,
                time(sound.secs())
            );
            if let Some(heard) = &view.found.heard {
                let gain = 20.0 * heard.gain.max(1e-9).log10();
                words += &format!(" Its loudness was changed by {gain:+.1} dB.").replace('-', "−");
            }
            words
        }
        _ => "Searching for waves that have this spectrogram…".into(),
    };
    caption(ui, words);
}

/// The convergence after every step.
fn convergence(view: &PicturesView, ui: &mut Ui, height: f32) {
    let colors = theme::palette(ui.ctx());
    let steps: Vec<f32> = (0..view.found.curve.len()).map(|n| n as f32).collect();
    let series = [Series {
        name: "",
        values: &view.found.curve,
        color: colors.hues[1],
    }];
    let lines = Lines {
        name: "Spectral convergence",
        y: "spectral convergence, ‖|c| − S‖ / ‖S‖",
        x: "steps of Griffin-Lim",
        steps: &steps,
        series: &series,
        scale: Scale::Log,
        here: view.shown().map(|(n, _)| *n as f32),
    };
    let hint = "How far the spectrogram of the sound is from the picture's: 0 fits perfectly. Few pictures are the spectrogram of any sound, so it ends above 0.";
    lines.show(ui, height).on_hover_text(hint);
}
