//! Words at the tips of arrows, none over another.

use eframe::egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Vec2, vec2};

/// The places that are taken.
pub(in crate::widgets) struct Labels {
    inside: Rect,
    taken: Vec<Rect>,
}

impl Labels {
    pub(in crate::widgets) fn new(inside: Rect) -> Self {
        Self {
            inside,
            taken: Vec::new(),
        }
    }

    /// Nothing will be written there.
    pub(in crate::widgets) fn take(&mut self, place: Rect) {
        self.taken.push(place);
    }

    /// Writes `text` beyond the tip of an arrow, or beside it, or wherever near it there is room.
    pub(in crate::widgets) fn write(
        &mut self,
        painter: &Painter,
        font: &FontId,
        color: Color32,
        tip: Pos2,
        along: Vec2,
        text: &str,
    ) {
        let galley = painter.layout_no_wrap(text.into(), font.clone(), color);
        let size = galley.size();
        let unit = if along.length() > 1.0 {
            along.normalized()
        } else {
            vec2(0.0, -1.0)
        };
        let around = (0..8).map(|i| {
            let angle = f32::from([0_i16, 45, -45, 90, -90, 135, -135, 180][i]).to_radians();
            let (sin, cos) = angle.sin_cos();
            vec2(unit.x * cos - unit.y * sin, unit.x * sin + unit.y * cos)
        });
        let near = around.clone().map(|way| (way, 11.0));
        let far = around.map(|way| (way, 30.0));
        let places = near.chain(far).map(|(way, gap)| {
            let room = vec2(size.x * 0.5 + gap, size.y * 0.5 + gap);
            // The box touches the circle round the tip from outside.
            let centre = tip + vec2(way.x * room.x, way.y * room.y);
            Align2::CENTER_CENTER.anchor_size(centre, size)
        });
        let places: Vec<Rect> = places.collect();
        let is_free = |place: &&Rect| {
            self.inside.contains_rect(**place)
                && self.taken.iter().all(|taken| !taken.intersects(**place))
        };
        let free = places.iter().find(is_free).or(places.first()).copied();
        let Some(place) = free else {
            return;
        };
        let inside = self.inside;
        let room = (inside.size() - size).max(Vec2::ZERO);
        let corner = place.min.clamp(inside.min, inside.min + room);
        self.taken.push(Rect::from_min_size(corner, size));
        painter.galley(corner, galley, color);
    }
}
