//! Arrows from an origin along two or three named axes: a plane on squared paper, or a room that is
//! turned by dragging, with a line from each tip down to the floor so that depth is seen.

pub(in crate::widgets) mod labels;
mod room;

use crate::theme;
use eframe::egui::{
    Align2, Color32, Id, Key, Painter, Pos2, Role, Sense, Shape, Stroke, TextStyle, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};
use labels::Labels;
use room::Room;

/// What an arrow is, and so how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of many.
    Plain,
    /// A part of the sum.
    Input,
    /// A step on the way to the sum, drawn from the tip of the one before.
    Step,
    /// The sum.
    Sum,
    /// The one that points the same way.
    Answer,
}

/// One arrow. Places are given along the axes; a third number is ignored where there are two axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrow<'a> {
    /// Where it starts.
    pub from: [f32; 3],
    /// Where it ends.
    pub to: [f32; 3],
    /// The word at its tip.
    pub label: &'a str,
    /// What it is.
    pub kind: Kind,
}

/// How a room is turned, in radians.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// Round the third axis.
    pub yaw: f32,
    /// Seen from so high above the floor.
    pub pitch: f32,
}

impl Default for Turn {
    fn default() -> Self {
        Self {
            yaw: -0.6,
            pitch: 0.4,
        }
    }
}

/// The drawing.
#[derive(Debug, Clone, Copy)]
pub struct Arrows<'a> {
    /// What AccessKit calls it.
    pub name: &'a str,
    /// Two or three axes.
    pub axes: &'a [&'a str],
    /// The arrows, later ones on top.
    pub arrows: &'a [Arrow<'a>],
}

impl Arrows<'_> {
    /// Draws them over `size`. A drag or the arrow keys turn a room.
    pub fn show(self, ui: &mut Ui, size: Vec2, turn: &mut Turn) {
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.words()));
        let is_room = self.axes.len() > 2;
        if is_room {
            let by = response.drag_delta() * 0.01;
            turn.yaw += by.x;
            turn.pitch = (turn.pitch + by.y).clamp(-1.5, 1.5);
            if response.has_focus() {
                turn_by_keys(ui, turn);
            }
            response.on_hover_text("Drag to turn it.");
        }
        if !ui.is_rect_visible(rect) {
            return;
        }
        let ends = self.reach();
        let room = if is_room {
            Room::turned(rect, ends, *turn)
        } else {
            Room::flat(rect, ends)
        };
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        let mut labels = Labels::new(rect);
        if is_room {
            self.paint_room(ui, &painter, &room, ends, &mut labels);
        } else {
            self.paint_paper(ui, &painter, &room, &mut labels);
        }
        self.paint_arrows(ui, &painter, &room, &mut labels);
    }

    fn words(&self) -> String {
        let along = self.axes.join(", ");
        let shown = self.arrows.iter().filter(|arrow| arrow.kind != Kind::Step);
        let words: Vec<&str> = shown.map(|arrow| arrow.label).collect();
        format!("{}: {} along {along}", self.name, words.join(", "))
    }

    /// The least and the largest number on any axis; the origin is always in sight.
    fn reach(&self) -> [f32; 2] {
        let ends = self.arrows.iter().flat_map(|arrow| [arrow.from, arrow.to]);
        let n_axes = self.axes.len().min(3);
        let [mut least, mut most] = [0.0_f32; 2];
        for end in ends {
            for &value in &end[..n_axes] {
                most = most.max(value);
                least = least.min(value);
            }
        }
        [least, most.max(least + 1e-6)]
    }

    /// Squared paper with a number at each line.
    fn paint_paper(&self, ui: &Ui, painter: &Painter, room: &Room, labels: &mut Labels) {
        let colors = theme::palette(ui.ctx());
        let font = TextStyle::Small.resolve(ui.style());
        let area = room.area();
        let step = room.step();
        let [x_ends, y_ends] = room.ends();
        let lines = |[from, to]: [f32; 2]| {
            let first = (from / step).ceil() as i32;
            let last = (to / step).floor() as i32;
            (first..=last).map(move |i| i as f32 * step)
        };
        for x in lines(x_ends) {
            let at = room.place([x, 0.0, 0.0]).x;
            let color = if x == 0.0 {
                colors.outline
            } else {
                colors.line
            };
            painter.vline(at, area.y_range(), Stroke::new(1.0, color));
            let number = pos2(at, area.bottom() + 3.0);
            let text = plain(x);
            painter.text(
                number,
                Align2::CENTER_TOP,
                text,
                font.clone(),
                colors.text_weak,
            );
        }
        for y in lines(y_ends) {
            let at = room.place([0.0, y, 0.0]).y;
            let color = if y == 0.0 {
                colors.outline
            } else {
                colors.line
            };
            painter.hline(area.x_range(), at, Stroke::new(1.0, color));
            let number = pos2(area.left() - 5.0, at);
            let text = plain(y);
            painter.text(
                number,
                Align2::RIGHT_CENTER,
                text,
                font.clone(),
                colors.text_weak,
            );
        }
        let [x_name, y_name] = [0, 1].map(|i| self.axes.get(i).copied().unwrap_or_default());
        let corner = area.right_bottom() - vec2(4.0, 3.0);
        let shown = painter.text(
            corner,
            Align2::RIGHT_BOTTOM,
            format!("{x_name} →"),
            font.clone(),
            colors.text_weak,
        );
        labels.take(shown);
        let corner = area.left_top() + vec2(4.0, 3.0);
        let shown = painter.text(
            corner,
            Align2::LEFT_TOP,
            format!("↑ {y_name}"),
            font,
            colors.text_weak,
        );
        labels.take(shown);
    }

    /// The floor and the three axes with their names.
    fn paint_room(
        &self,
        ui: &Ui,
        painter: &Painter,
        room: &Room,
        [least, most]: [f32; 2],
        labels: &mut Labels,
    ) {
        let colors = theme::palette(ui.ctx());
        let font = TextStyle::Small.resolve(ui.style());
        let hair = Stroke::new(1.0, colors.line);
        for i in 0..=4 {
            let at = least + (most - least) * i as f32 / 4.0;
            for [from, to] in [
                [[at, least, 0.0], [at, most, 0.0]],
                [[least, at, 0.0], [most, at, 0.0]],
            ] {
                painter.line_segment([room.place(from), room.place(to)], hair);
            }
        }
        let origin = room.place([0.0; 3]);
        for (i, name) in self.axes.iter().take(3).enumerate() {
            let mut end = [0.0; 3];
            end[i] = most * 1.08;
            let tip = room.place(end);
            painter.line_segment([origin, tip], Stroke::new(1.5, colors.outline));
            labels.write(painter, &font, colors.text_weak, tip, tip - origin, name);
        }
    }

    fn paint_arrows(&self, ui: &Ui, painter: &Painter, room: &Room, labels: &mut Labels) {
        let colors = theme::palette(ui.ctx());
        let small = TextStyle::Small.resolve(ui.style());
        let strong = theme::style::strong().resolve(ui.style());
        for arrow in self.arrows {
            let [from, to] = [arrow.from, arrow.to].map(|end| room.place(end));
            let (color, width) = look(arrow.kind, colors);
            if self.axes.len() > 2 && arrow.kind != Kind::Step {
                let [x, y, _] = arrow.to;
                let foot = room.place([x, y, 0.0]);
                let line = Stroke::new(1.0, colors.line);
                painter.line_segment([to, foot], line);
                painter.circle_filled(foot, 1.5, colors.outline);
            }
            let stroke = Stroke::new(width, color);
            paint_arrow(painter, from, to, stroke, arrow.kind == Kind::Step);
        }
        // The arrows that matter have their words first.
        let order = [Kind::Sum, Kind::Answer, Kind::Input, Kind::Plain];
        for kind in order {
            for arrow in self.arrows.iter().filter(|arrow| arrow.kind == kind) {
                let [from, to] = [arrow.from, arrow.to].map(|end| room.place(end));
                let plain = kind == Kind::Plain;
                let font = if plain { &small } else { &strong };
                let color = if plain { colors.text_weak } else { colors.text };
                labels.write(painter, font, color, to, to - from, arrow.label);
            }
        }
    }
}

/// The colour and the width of an arrow.
fn look(kind: Kind, colors: &theme::Palette) -> (Color32, f32) {
    match kind {
        Kind::Plain => (theme::mix(colors.stage, colors.text_weak, 0.6), 1.5),
        Kind::Input => (colors.hues[1], 2.5),
        Kind::Step => (colors.text_weak, 1.25),
        Kind::Sum => (colors.accent, 3.5),
        Kind::Answer => (colors.hues[8], 2.5),
    }
}

pub(in crate::widgets) fn paint_arrow(
    painter: &Painter,
    from: Pos2,
    to: Pos2,
    stroke: Stroke,
    dashed: bool,
) {
    let along = to - from;
    let length = along.length();
    if length < 1.0 {
        painter.circle_filled(to, 3.0, stroke.color);
        return;
    }
    let unit = along / length;
    let head = (6.0 + stroke.width * 1.5).min(length);
    let base = to - unit * head;
    if dashed {
        let dashes = Shape::dashed_line(&[from, base], stroke, 5.0, 4.0);
        painter.extend(dashes);
    } else {
        painter.line_segment([from, base + unit], stroke);
    }
    let side = unit.rot90() * head * 0.42;
    let tip = vec![to, base + side, base - side];
    painter.add(Shape::convex_polygon(tip, stroke.color, Stroke::NONE));
}

fn turn_by_keys(ui: &Ui, turn: &mut Turn) {
    ui.input(|input| {
        let pressed = |key| f32::from(u8::from(input.key_down(key))) * 0.06;
        turn.yaw += pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        turn.pitch += pressed(Key::ArrowDown) - pressed(Key::ArrowUp);
    });
    turn.pitch = turn.pitch.clamp(-1.5, 1.5);
}

/// A number without zeros that say nothing.
fn plain(n: f32) -> String {
    let digits = format!("{:.3}", if n == 0.0 { 0.0 } else { n });
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    digits.replace('-', "−")
}

/// Remembers how a drawing was turned, for as long as the window is open.
#[must_use]
pub fn kept_turn(ui: &Ui, id: Id) -> Turn {
    ui.data(|data| data.get_temp(id)).unwrap_or_default()
}

/// See [`kept_turn`].
pub fn keep_turn(ui: &Ui, id: Id, turn: Turn) {
    ui.data_mut(|data| data.insert_temp(id, turn));
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::Rect;

    #[test]
    fn numbers_on_paper_have_no_zeros_that_say_nothing() {
        let shown = [0.0, 0.25, -2.0, 1.5].map(plain);
        assert_eq!(shown, ["0", "0.25", "−2", "1.5"]);
    }

    #[test]
    fn a_plane_is_as_wide_as_its_arrows_and_a_room_reaches_as_far_each_way() {
        let arrow = |to| Arrow {
            from: [0.0; 3],
            to,
            label: "a",
            kind: Kind::Plain,
        };
        let arrows = [arrow([2.0, -1.0, 9.0]), arrow([1.0, 2.0, -9.0])];
        let plane = Arrows {
            name: "",
            axes: &["x", "y"],
            arrows: &arrows,
        };
        assert_eq!(plane.reach(), [-1.0, 2.0]);
        let room = Arrows {
            axes: &["x", "y", "z"],
            ..plane
        };
        assert_eq!(room.reach(), [-9.0, 9.0]);
    }

    #[test]
    fn a_drawing_of_nothing_is_drawn() {
        let nothing = Arrows {
            name: "Vectors",
            axes: &["x", "y"],
            arrows: &[],
        };
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(100.0, 100.0));
        let room = Room::flat(rect, nothing.reach());
        assert!(room.place([0.0; 3]).is_finite() && room.step() > 0.0);
    }
}
