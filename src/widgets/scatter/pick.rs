//! Which point is meant: the nearest to the pointer, by a grid over the screen, and those inside a
//! lasso.

use eframe::egui::{Pos2, Rect, Vec2, pos2};

/// Side of a cell of the grid, in screen points; also the farthest a pointer may be from its point.
const CELL: f32 = 14.0;

/// The places of all points, by cells of the screen.
#[derive(Debug, Clone, Default)]
pub(super) struct Grid {
    columns: usize,
    rows: usize,
    /// Where each cell begins in `points`.
    starts: Vec<u32>,
    points: Vec<u32>,
}

impl Grid {
    /// Sorts `places` into cells; those outside a window of this `size` are left out.
    pub(super) fn new(places: &[[f32; 2]], size: Vec2) -> Self {
        let columns = (size.x / CELL).ceil().max(1.0) as usize;
        let rows = (size.y / CELL).ceil().max(1.0) as usize;
        let cell = |&[x, y]: &[f32; 2]| {
            let inside = x >= 0.0 && y >= 0.0 && x < size.x && y < size.y;
            inside.then(|| (y / CELL) as usize * columns + (x / CELL) as usize)
        };
        let mut starts = vec![0_u32; columns * rows + 1];
        for cell in places.iter().filter_map(cell) {
            starts[cell + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut points = vec![0; starts.last().map_or(0, |&n| n as usize)];
        for (place, i) in places.iter().zip(0_u32..) {
            if let Some(cell) = cell(place) {
                points[next[cell] as usize] = i;
                next[cell] += 1;
            }
        }
        Self {
            columns,
            rows,
            starts,
            points,
        }
    }

    /// The point nearest to `at` within a cell's reach.
    pub(super) fn nearest(&self, places: &[[f32; 2]], at: Vec2) -> Option<usize> {
        let (column, row) = ((at.x / CELL) as i64, (at.y / CELL) as i64);
        let mut best = (CELL * CELL, None);
        for row in row - 1..=row + 1 {
            for column in column - 1..=column + 1 {
                for &i in self.cell(column, row) {
                    let [x, y] = places[i as usize];
                    let distance = (x - at.x).powi(2) + (y - at.y).powi(2);
                    if distance < best.0 {
                        best = (distance, Some(i as usize));
                    }
                }
            }
        }
        best.1
    }

    fn cell(&self, column: i64, row: i64) -> &[u32] {
        let inside =
            column >= 0 && row >= 0 && column < self.columns as i64 && row < self.rows as i64;
        if !inside {
            return &[];
        }
        let cell = row as usize * self.columns + column as usize;
        &self.points[self.starts[cell] as usize..self.starts[cell + 1] as usize]
    }
}

/// The points inside a closed line; both relative to the same corner.
pub(super) fn inside(places: &[[f32; 2]], line: &[Pos2]) -> Vec<u32> {
    if line.len() < 3 {
        return Vec::new();
    }
    let around = Rect::from_points(line);
    let within = |&(&[x, y], _): &(&[f32; 2], u32)| {
        around.contains(pos2(x, y)) && is_inside(pos2(x, y), line)
    };
    let found = places.iter().zip(0_u32..).filter(within);
    found.map(|(_, i)| i).collect()
}

/// Whether a ray from `at` crosses the line an odd number of times.
fn is_inside(at: Pos2, line: &[Pos2]) -> bool {
    let mut inside = false;
    let mut before = line[line.len() - 1];
    for &corner in line {
        let crosses = (corner.y > at.y) != (before.y > at.y);
        if crosses {
            let share = (at.y - corner.y) / (before.y - corner.y);
            inside ^= at.x < corner.x + share * (before.x - corner.x);
        }
        before = corner;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::vec2;

    /// Points spread by the golden ratio.
    fn places() -> Vec<[f32; 2]> {
        let place = |i: u32| {
            let x = (i as f32 * 0.618_034).fract() * 400.0;
            [x, (i as f32 * 0.754_878).fract() * 300.0]
        };
        (0..700).map(place).collect()
    }

    #[test]
    fn the_grid_finds_the_point_that_looking_at_all_of_them_finds() {
        let places = places();
        let grid = Grid::new(&places, vec2(400.0, 300.0));
        for at in [vec2(3.0, 3.0), vec2(200.0, 150.0), vec2(399.0, 299.0)] {
            let distance = |i: &usize| (vec2(places[*i][0], places[*i][1]) - at).length();
            let all = (0..places.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)));
            let all = all.filter(|i| distance(i) < CELL);
            assert_eq!(grid.nearest(&places, at), all);
        }
        assert_eq!(grid.nearest(&places, vec2(900.0, -50.0)), None);
    }

    #[test]
    fn a_lasso_holds_what_is_inside_its_bends() {
        // An L: the point in its crook is outside.
        let corners = [(0, 0), (30, 0), (30, 10), (10, 10), (10, 30), (0, 30)];
        let line = corners.map(|(x, y)| pos2(x as f32, y as f32));
        let places = [
            [5.0, 5.0],
            [20.0, 20.0],
            [25.0, 5.0],
            [5.0, 25.0],
            [40.0, 5.0],
        ];
        assert_eq!(inside(&places, &line), [0, 2, 3]);
        assert!(inside(&places, &line[..2]).is_empty());
    }
}
