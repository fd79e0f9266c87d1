//! Where a place along two or three axes stands on the screen.

use super::Turn;
use eframe::egui::{Pos2, Rect, Vec2, pos2};

/// Room for the numbers along the edges of squared paper.
const EDGE: [f32; 2] = [34.0, 22.0];

/// A view onto the axes.
pub(super) struct Room {
    /// Where the drawing is, without its numbers.
    area: Rect,
    /// The place along the axes that stands in the middle of the area.
    middle: [f32; 3],
    /// Points per unit.
    scale: f32,
    turn: Option<Turn>,
}

impl Room {
    /// A plane from `least` to `most` both ways, as large as fits, with air around it.
    pub(super) fn flat(rect: Rect, [least, most]: [f32; 2]) -> Self {
        let mut area = rect;
        area.min.x += EDGE[0];
        area.max.y -= EDGE[1];
        area.min.y += 4.0;
        let span = (most - least).max(1e-6) * 1.24;
        let middle = (most + least) * 0.5;
        Self {
            area,
            middle: [middle, middle, 0.0],
            scale: area.width().min(area.height()).max(1.0) / span,
            turn: None,
        }
    }

    /// A room from `least` to `most` along each of three axes, as large as fits the way it is turned.
    pub(super) fn turned(rect: Rect, [least, most]: [f32; 2], turn: Turn) -> Self {
        let mut room = Self {
            area: rect,
            middle: [(least + most) * 0.5; 3],
            scale: 1.0,
            turn: Some(turn),
        };
        let centre = rect.center();
        let corner = |i: usize| [0, 1, 2].map(|axis| if i >> axis & 1 == 1 { most } else { least });
        let far = (0..8).map(|i| (room.place(corner(i)) - centre).abs());
        let far = far.fold(Vec2::splat(1e-6), Vec2::max);
        // The words stand outside the room.
        let half = rect.size() * 0.5 * 0.8;
        room.scale = (half.x / far.x).min(half.y / far.y).max(1e-6);
        room
    }

    /// Where `at` stands on the screen.
    pub(super) fn place(&self, at: [f32; 3]) -> Pos2 {
        let [x, y, z] = [0, 1, 2].map(|i| (at[i] - self.middle[i]) * self.scale);
        let centre = self.area.center();
        match self.turn {
            None => pos2(centre.x + x, centre.y - y),
            Some(turn) => {
                let (sin, cos) = turn.yaw.sin_cos();
                let across = x * cos - y * sin;
                let away = x * sin + y * cos;
                let up = z * turn.pitch.cos() + away * turn.pitch.sin();
                pos2(centre.x + across, centre.y - up)
            }
        }
    }

    /// Where the squares are.
    pub(super) fn area(&self) -> Rect {
        self.area
    }

    /// From where to where each axis of a plane is seen.
    pub(super) fn ends(&self) -> [[f32; 2]; 2] {
        let half = self.area.size() * 0.5 / self.scale;
        let [x, y, _] = self.middle;
        [[x - half.x, x + half.x], [y - half.y, y + half.y]]
    }

    /// The side of a square of the paper: 1, 2 or 5 times a power of ten, 40 points or more.
    pub(super) fn step(&self) -> f32 {
        let least = 40.0 / self.scale;
        let power = 10.0_f32.powf(least.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|n| n * power);
        steps
            .into_iter()
            .find(|&step| step >= least)
            .unwrap_or(power * 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::vec2;

    fn rect() -> Rect {
        Rect::from_min_size(pos2(10.0, 20.0), vec2(300.0, 200.0))
    }

    #[test]
    fn a_plane_keeps_right_angles_and_everything_in_sight() {
        let room = Room::flat(rect(), [-1.0, 2.0]);
        let [o, x, y] = [[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]].map(|at| room.place(at));
        assert!((x.x - o.x - (o.y - y.y)).abs() < 1e-3 && x.y == o.y && y.x == o.x);
        for corner in [[-1.0, -1.0, 0.0], [2.0, 2.0, 0.0]] {
            assert!(rect().contains(room.place(corner)));
        }
        assert!(room.step() * room.scale >= 40.0);
    }

    #[test]
    fn a_room_shows_all_of_its_corners_however_it_is_turned() {
        for i in 0..40 {
            let turn = Turn {
                yaw: i as f32 * 0.3,
                pitch: (i as f32 * 0.7).sin(),
            };
            let room = Room::turned(rect(), [0.0, 1.0], turn);
            for corner in 0..8 {
                let at = [0, 1, 2].map(|axis| ((corner >> axis) & 1) as f32);
                assert!(rect().contains(room.place(at)), "{turn:?} {at:?}");
            }
        }
    }

    #[test]
    fn from_straight_ahead_the_third_axis_goes_up_and_the_first_to_the_right() {
        let room = Room::turned(
            rect(),
            [0.0, 1.0],
            Turn {
                yaw: 0.0,
                pitch: 0.0,
            },
        );
        let [o, x, z] = [[0.0; 3], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]].map(|at| room.place(at));
        assert!(x.x > o.x && x.y == o.y && z.y < o.y && z.x == o.x);
    }
}
