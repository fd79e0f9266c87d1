//! All that can be seen of a network at once: points on their whole way from noise to data, and the
//! arrows that lead them, at every moment of it.

use super::session::{ask, noise};
use super::{EXTENT, Method, State};
use std::ops::ControlFlow;

/// What is to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// How many points are led from noise to data.
    pub n_points: usize,
    /// In how many even steps of time, 1..=1000.
    pub n_steps: usize,
    /// Arrows along a side of the plane.
    pub side: usize,
}

/// A network seen at every moment of the way: [`Look::times`] has one more moment than there are steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Look {
    /// s of each moment, from 1 (noise) to 0 (data).
    pub times: Vec<f64>,
    /// At each moment, where every point is.
    pub points: Vec<Vec<[f32; 2]>>,
    /// Where the arrows begin: the middles of the cells, row by row from the lowest y.
    pub cells: Vec<[f32; 2]>,
    /// At each moment but the last, where a point there would be after the next step.
    pub arrows: Vec<Vec<[f32; 2]>>,
}

/// The moments of a way in `n_steps`.
fn times(n_steps: usize) -> Vec<f64> {
    let n = n_steps.clamp(1, 1000);
    (0..=n).map(|i| 1.0 - i as f64 / n as f64).collect()
}

/// Where points (two numbers each) at time `from` are at time `to`; samplers that add noise add none
/// here.
fn moved(state: &State, method: Method, points: &[f32], ends: [f64; 2]) -> Vec<f32> {
    let none = vec![0.0; points.len()];
    let ask = &mut |x: &[f32], s: f64| ask(&state.network, x, s);
    method.step(points, ends, &none, ask)
}

/// Looks at a network; asks `go_on` between two moments, and is `None` where it says stop.
#[must_use]
pub fn look(
    state: &State,
    method: Method,
    wanted: Wanted,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Option<Look> {
    let times = times(wanted.n_steps);
    let side = wanted.side.clamp(1, 64);
    let along = |i: usize| (i as f32 + 0.5) * (2.0 * EXTENT / side as f32) - EXTENT;
    let cells: Vec<[f32; 2]> = (0..side * side)
        .map(|i| [along(i % side), along(i / side)])
        .collect();
    let mut points = noise(state.seed, wanted.n_points);
    let mut seen = Look {
        points: vec![points.as_chunks().0.to_vec()],
        ..Look::default()
    };
    for ends in times.windows(2) {
        if go_on().is_break() {
            return None;
        }
        let ends = [ends[0], ends[1]];
        // The points and the cells in one go.
        let n = points.len();
        points.extend_from_slice(cells.as_flattened());
        let mut after = moved(state, method, &points, ends);
        let arrows = after.split_off(n);
        seen.points.push(after.as_chunks().0.to_vec());
        seen.arrows.push(arrows.as_chunks().0.to_vec());
        points = after;
    }
    Some(Look {
        times,
        cells,
        ..seen
    })
}

/// The way of a point that is put on the plane at moment `begin` of a way in `n_steps`: where it is then
/// and at every moment after.
#[must_use]
pub fn onward(
    state: &State,
    method: Method,
    point: [f32; 2],
    begin: usize,
    n_steps: usize,
) -> Vec<[f32; 2]> {
    let times = times(n_steps);
    let rest = times.get(begin..).unwrap_or_default();
    let mut way = vec![point];
    for ends in rest.windows(2) {
        let [x, y] = way[way.len() - 1];
        let after = moved(state, method, &[x, y], [ends[0], ends[1]]);
        way.extend(after.as_chunks().0);
    }
    way
}

#[cfg(test)]
mod tests {
    use super::super::{Session, Settings};
    use super::*;

    #[test]
    fn what_is_looked_at_is_what_the_session_computes() {
        let settings = Settings {
            method: Method::Flow,
            ..Settings::default()
        };
        let mut session = Session::new(&settings, 4);
        for _ in 0..20 {
            session.step().unwrap();
        }
        let wanted = Wanted {
            n_points: 30,
            n_steps: 6,
            side: 3,
        };
        let mut go_on = || ControlFlow::Continue(());
        let seen = look(session.state(), settings.method, wanted, &mut go_on).unwrap();
        let ways = session.paths(session.noise(30), 6);
        let flat: Vec<Vec<f32>> = seen
            .points
            .iter()
            .map(|moment| moment.as_flattened().to_vec())
            .collect();
        assert_eq!(flat, ways);
        assert_eq!(seen.times.len(), 7);
        assert_eq!(seen.arrows.len(), 6);
        // In one step from s = 1 to 0 every cell goes to where the network says it came from.
        let whole = Wanted {
            n_steps: 1,
            ..wanted
        };
        let once = look(session.state(), settings.method, whole, &mut go_on).unwrap();
        assert_eq!(once.arrows[0], session.field(1.0, 3));
        // A point put where the first one is at moment 2 goes its way from there.
        let way = onward(session.state(), settings.method, seen.points[2][0], 2, 6);
        let same: Vec<[f32; 2]> = seen.points[2..].iter().map(|moment| moment[0]).collect();
        assert_eq!(way, same);
    }

    #[test]
    fn looking_stops_when_it_is_told_to() {
        let state = State::new(&Settings::default(), 0);
        let wanted = Wanted {
            n_points: 10,
            n_steps: 50,
            side: 4,
        };
        let mut n = 0;
        let seen = look(&state, Method::default(), wanted, &mut || {
            n += 1;
            if n > 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!((seen, n), (None, 4));
    }
}
