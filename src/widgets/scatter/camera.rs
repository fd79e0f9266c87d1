//! From the numbers of a point to its place on the screen: fitted to the window, then zoomed and moved;
//! in three dimensions turned first, and seen from a little way off.

use eframe::egui::{Rect, Vec2, vec2};
use serde::{Deserialize, Serialize};

/// How near and how far a person can go.
const ZOOM_FLAT: [f32; 2] = [0.5, 2000.0];
const ZOOM_SOLID: [f32; 2] = [0.3, 60.0];

/// How far the eye is from the middle, in radii of the cloud.
const EYE: f32 = 3.4;

/// The share of the window that the points fill when they are fitted.
const FILLED: f32 = 0.9;

/// What part of the space is seen, and from where. The default shows every point.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Camera {
    /// How much larger than fitted.
    pub zoom: f32,
    /// How far the middle of the picture is from the middle of the points, in halves of the window's
    /// shorter side before zooming; y grows downward.
    pub pan: [f32; 2],
    /// Turned about the upright axis, in radians.
    pub yaw: f32,
    /// Tilted towards the eye, in radians.
    pub pitch: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            pan: [0.0; 2],
            yaw: 0.5,
            pitch: 0.35,
        }
    }
}

/// The box that holds all points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The smallest number on each axis.
    pub least: [f32; 3],
    /// The largest.
    pub most: [f32; 3],
}

impl Bounds {
    /// Around `positions`; numbers that are none are passed over.
    #[must_use]
    pub fn of(positions: &[[f32; 3]]) -> Self {
        let (mut least, mut most) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
        for position in positions {
            for axis in 0..3 {
                if position[axis].is_finite() {
                    least[axis] = least[axis].min(position[axis]);
                    most[axis] = most[axis].max(position[axis]);
                }
            }
        }
        for axis in 0..3 {
            if least[axis] > most[axis] {
                (least[axis], most[axis]) = (0.0, 0.0);
            }
        }
        Self { least, most }
    }

    fn middle(&self) -> [f32; 3] {
        std::array::from_fn(|axis| f32::midpoint(self.least[axis], self.most[axis]))
    }

    fn half(&self, axis: usize) -> f32 {
        ((self.most[axis] - self.least[axis]) * 0.5).max(1e-12)
    }
}

/// A camera in one window: what turns numbers into places, relative to the window's corner.
#[derive(Debug, Clone, Copy)]
pub struct Projection {
    middle: [f32; 3],
    /// Screen points per unit on each axis, zoom included.
    scale: [f32; 2],
    centre: Vec2,
    /// Rows of the turn, divided by the radius; `None` where the map is flat.
    turn: Option<[[f32; 3]; 3]>,
    lens: f32,
}

impl Projection {
    /// The camera in a window of this `size`. Axes keep their proportion unless they may be
    /// `stretched` each to fill the window.
    #[must_use]
    pub fn new(camera: &Camera, bounds: &Bounds, size: Vec2, solid: bool, stretched: bool) -> Self {
        let least_side = size.x.min(size.y) * 0.5;
        let centre = size * 0.5 - vec2(camera.pan[0], camera.pan[1]) * (least_side * camera.zoom);
        let middle = bounds.middle();
        if solid {
            let radius = (0..3).map(|axis| bounds.half(axis)).fold(0.0, f32::max);
            let turn = turn(camera).map(|row| row.map(|x| x / radius));
            return Self {
                middle,
                scale: [0.0; 2],
                centre,
                turn: Some(turn),
                lens: least_side * camera.zoom * FILLED * 0.64,
            };
        }
        let fit = |axis: usize, room: f32| room * 0.5 * FILLED / bounds.half(axis) * camera.zoom;
        let mut scale = [fit(0, size.x), fit(1, size.y)];
        if !stretched {
            scale = [scale[0].min(scale[1]); 2];
        }
        Self {
            middle,
            scale,
            centre,
            turn: None,
            lens: 0.0,
        }
    }

    /// Where a point stands, and how near it is: 1 in the middle, more in front of it.
    #[must_use]
    pub fn place(&self, position: [f32; 3]) -> ([f32; 2], f32) {
        let from: [f32; 3] = std::array::from_fn(|axis| position[axis] - self.middle[axis]);
        let Some(turn) = &self.turn else {
            let x = self.centre.x + from[0] * self.scale[0];
            return ([x, self.centre.y - from[1] * self.scale[1]], 1.0);
        };
        let [x, y, z] = turn.map(|row| row[0] * from[0] + row[1] * from[1] + row[2] * from[2]);
        let near = EYE / (EYE - z).max(0.1);
        let x = self.centre.x + x * near * self.lens;
        ([x, self.centre.y - y * near * self.lens], near)
    }

    /// The numbers at a place of a flat map.
    #[must_use]
    pub fn number_at(&self, place: Vec2) -> [f32; 2] {
        let from = place - self.centre;
        [
            self.middle[0] + from.x / self.scale[0],
            self.middle[1] - from.y / self.scale[1],
        ]
    }
}

/// The rows of the rotation: first about the upright axis, then towards the eye.
fn turn(camera: &Camera) -> [[f32; 3]; 3] {
    let (yaw_sin, yaw_cos) = camera.yaw.sin_cos();
    let (pitch_sin, pitch_cos) = camera.pitch.sin_cos();
    [
        [yaw_cos, 0.0, yaw_sin],
        [pitch_sin * yaw_sin, pitch_cos, -pitch_sin * yaw_cos],
        [-pitch_cos * yaw_sin, pitch_sin, pitch_cos * yaw_cos],
    ]
}

impl Camera {
    /// Moves the picture by screen points.
    pub fn pan_by(&mut self, delta: Vec2, window: Rect) {
        let unit = window.width().min(window.height()) * 0.5 * self.zoom;
        self.pan[0] -= delta.x / unit;
        self.pan[1] -= delta.y / unit;
    }

    /// Turns the cloud by a drag over so many screen points.
    pub fn turn_by(&mut self, delta: Vec2, window: Rect) {
        let per_point = std::f32::consts::PI / window.width().min(window.height()).max(1.0);
        self.yaw = (self.yaw + delta.x * per_point) % std::f32::consts::TAU;
        let most = std::f32::consts::FRAC_PI_2;
        self.pitch = (self.pitch + delta.y * per_point).clamp(-most, most);
    }

    /// Zooms by `factor` and keeps what is `at` (from the window's middle) where it is.
    pub fn zoom_by(&mut self, factor: f32, at: Vec2, window: Rect, solid: bool) {
        let [least, most] = if solid { ZOOM_SOLID } else { ZOOM_FLAT };
        let before = self.zoom;
        self.zoom = (before * factor).clamp(least, most);
        let unit = window.width().min(window.height()) * 0.5;
        let moved = 1.0 / before - 1.0 / self.zoom;
        self.pan[0] += at.x / unit * moved;
        self.pan[1] += at.y / unit * moved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    const WINDOW: Vec2 = vec2(800.0, 600.0);

    fn bounds() -> Bounds {
        Bounds::of(&[[-2.0, -1.0, -1.0], [2.0, 1.0, 1.0], [f32::NAN, 0.0, 0.0]])
    }

    #[test]
    fn fitted_points_stay_in_the_window_and_keep_their_proportion() {
        let camera = Camera::default();
        let map = Projection::new(&camera, &bounds(), WINDOW, false, false);
        let ([right, top], _) = map.place([2.0, 1.0, 0.0]);
        assert!((right - 760.0).abs() < 0.1 && (top - 120.0).abs() < 0.1);
        let stretched = Projection::new(&camera, &bounds(), WINDOW, false, true);
        let ([_, top], _) = stretched.place([2.0, 1.0, 0.0]);
        assert!((top - 30.0).abs() < 0.1, "{top}");
        let number = map.number_at(vec2(right, 300.0));
        assert!((number[0] - 2.0).abs() < 1e-4 && number[1].abs() < 1e-4);
    }

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let window = Rect::from_min_size(pos2(0.0, 0.0), WINDOW);
        let mut camera = Camera::default();
        let pointer = vec2(650.0, 140.0);
        let place = |camera: &Camera| {
            Projection::new(camera, &bounds(), WINDOW, false, false).number_at(pointer)
        };
        let before = place(&camera);
        for factor in [1.7, 3.0, 0.6] {
            camera.zoom_by(factor, pointer - WINDOW * 0.5, window, false);
        }
        camera.pan_by(vec2(30.0, 10.0), window);
        camera.pan_by(vec2(-30.0, -10.0), window);
        let after = place(&camera);
        assert!((before[0] - after[0]).abs() < 1e-4 && (before[1] - after[1]).abs() < 1e-4);
    }

    #[test]
    fn turning_a_quarter_brings_what_was_right_to_the_back() {
        let mut camera = Camera {
            yaw: 0.0,
            pitch: 0.0,
            ..Camera::default()
        };
        let near = |camera: &Camera| {
            let map = Projection::new(camera, &bounds(), WINDOW, true, false);
            map.place([2.0, 0.0, 0.0]).1
        };
        assert!((near(&camera) - 1.0).abs() < 1e-5);
        camera.yaw = std::f32::consts::FRAC_PI_2;
        assert!(near(&camera) < 0.8);
        camera.yaw = -camera.yaw;
        assert!(near(&camera) > 1.3);
    }

    #[test]
    fn a_turn_keeps_lengths() {
        let camera = Camera {
            yaw: 0.7,
            pitch: -0.4,
            ..Camera::default()
        };
        for row in turn(&camera) {
            let length: f32 = row.iter().map(|x| x * x).sum();
            assert!((length - 1.0).abs() < 1e-6);
        }
    }
}
