//! Which points get their word written beside them: the most important first, each where it covers
//! neither another word nor a point that matters.

use eframe::egui::{Rect, Vec2, pos2, vec2};

/// Side of a cell of the plan of what is taken, in screen points.
const CELL: f32 = 5.0;

/// Between a dot and its word.
const GAP: f32 = 3.0;

/// What of the window is taken.
#[derive(Debug)]
pub(super) struct Plan {
    columns: usize,
    rows: usize,
    taken: Vec<bool>,
}

impl Plan {
    pub(super) fn new(size: Vec2) -> Self {
        let columns = (size.x / CELL).floor().max(1.0) as usize;
        let rows = (size.y / CELL).floor().max(1.0) as usize;
        Self {
            columns,
            rows,
            taken: vec![false; columns * rows],
        }
    }

    /// The cells under `rect`; `None` where it is not wholly in the window.
    fn cells(&self, rect: Rect) -> Option<[usize; 4]> {
        let cell = |x: f32| (x / CELL).floor() as i64;
        let ends = [rect.min.x, rect.max.x, rect.min.y, rect.max.y].map(cell);
        let inside = ends[0] >= 0
            && ends[2] >= 0
            && ends[1] < self.columns as i64
            && ends[3] < self.rows as i64;
        inside.then(|| ends.map(|end| end as usize))
    }

    fn is_free(&self, rect: Rect) -> bool {
        let Some([left, right, top, bottom]) = self.cells(rect) else {
            return false;
        };
        (top..=bottom).all(|row| {
            let line = &self.taken[row * self.columns..][..self.columns];
            !line[left..=right].contains(&true)
        })
    }

    /// Takes the cells under `rect`, as far as they are in the window.
    pub(super) fn take(&mut self, rect: Rect) {
        let window = vec2(self.columns as f32, self.rows as f32) * CELL - vec2(0.1, 0.1);
        let rect = rect.intersect(Rect::from_min_size(pos2(0.0, 0.0), window));
        if !rect.is_positive() {
            return;
        }
        if let Some([left, right, top, bottom]) = self.cells(rect) {
            for row in top..=bottom {
                self.taken[row * self.columns..][left..=right].fill(true);
            }
        }
    }

    /// A place for a word of this `size` beside the dot at `at`, taken from now on.
    pub(super) fn place(&mut self, at: [f32; 2], radius: f32, size: Vec2) -> Option<Rect> {
        let [x, y] = at;
        let gap = radius + GAP;
        let corners = [
            pos2(x + gap, y - size.y * 0.5),
            pos2(x - gap - size.x, y - size.y * 0.5),
            pos2(x - size.x * 0.5, y - gap - size.y + 2.0),
            pos2(x - size.x * 0.5, y + gap - 2.0),
        ];
        let rects = corners.map(|corner| Rect::from_min_size(corner, size));
        let found = rects.into_iter().find(|&rect| self.is_free(rect))?;
        self.take(found);
        Some(found)
    }

    /// Whether the dot's own place is taken: then its word would only add to a crowd.
    pub(super) fn is_crowded(&self, at: [f32; 2]) -> bool {
        !self.is_free(Rect::from_min_size(pos2(at[0], at[1]), Vec2::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_never_cover_each_other_nor_leave_the_window() {
        let size = vec2(500.0, 300.0);
        let mut plan = Plan::new(size);
        let mut placed: Vec<Rect> = Vec::new();
        for i in 0..600_u32 {
            let x = (i as f32 * 0.618_034).fract() * 500.0;
            let y = (i as f32 * 0.754_878).fract() * 300.0;
            let size = vec2(20.0 + (i % 7) as f32 * 9.0, 16.0);
            placed.extend(plan.place([x, y], 2.0, size));
        }
        assert!(placed.len() > 60, "{}", placed.len());
        let window = Rect::from_min_size(pos2(0.0, 0.0), size);
        for (i, a) in placed.iter().enumerate() {
            assert!(window.contains_rect(*a));
            assert!(placed[..i].iter().all(|b| !b.intersects(*a)), "{a:?}");
        }
    }

    #[test]
    fn a_word_goes_to_another_side_before_it_is_left_out() {
        let mut plan = Plan::new(vec2(300.0, 100.0));
        let size = vec2(4.0, 14.0);
        let sides: Vec<_> = (0..5)
            .map(|_| plan.place([152.5, 50.0], 2.0, size))
            .collect();
        assert!(sides[0].is_some_and(|rect| rect.left() > 152.5));
        assert!(sides[1].is_some_and(|rect| rect.right() < 152.5));
        assert!(sides[2].is_some_and(|rect| rect.bottom() < 50.0));
        assert!(sides[3].is_some_and(|rect| rect.top() > 50.0));
        assert_eq!(sides[4], None);
    }

    #[test]
    fn what_was_taken_in_part_outside_the_window_is_taken_inside() {
        let mut plan = Plan::new(vec2(100.0, 100.0));
        plan.take(Rect::from_min_max(pos2(-20.0, -20.0), pos2(30.0, 30.0)));
        assert!(plan.is_crowded([10.0, 10.0]));
        assert!(!plan.is_crowded([60.0, 60.0]));
    }
}
