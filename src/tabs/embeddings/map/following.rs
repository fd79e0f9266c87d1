//! What arrives for the map: points that move, the values that colour them, the words around one.

use super::making::{Message, look_around, shade, stage_words};
use super::{MapView, Shaded, Shading};
use crate::labs::embeddings::Neighbour;
use crate::labs::embeddings::map::MapEvent;
use crate::tabs::embeddings::views::Desk;
use crate::tabs::{Notice, TabContext};
use crate::widgets::count::grouped;
use std::sync::Arc;

impl MapView {
    /// Takes what the laying-out job sent.
    pub(super) fn poll_making(&mut self, cx: &mut TabContext<'_>) {
        let Some(making) = &mut self.making else {
            return;
        };
        let mut moved = false;
        let mut done = None;
        for message in making.job.poll() {
            match message {
                Message::Words(words) => making.made.words = words,
                Message::Angle(angle) => making.made.angle = Some(angle),
                Message::Event(MapEvent::Progress { stage, fraction }) => {
                    making.label = stage_words(stage).into();
                    making.fraction = fraction;
                }
                Message::Event(MapEvent::Explained(shares)) => making.made.explained = shares,
                Message::Event(MapEvent::Points {
                    positions,
                    iteration,
                    n_iterations,
                    kl,
                }) => {
                    making.made.positions = positions;
                    making.made.steps = [iteration, n_iterations];
                    making.made.kl = kl.or(making.made.kl);
                    making.label = format!("Moving the points, step {}", grouped(iteration));
                    making.fraction = Some(iteration as f32 / n_iterations.max(1) as f32);
                    moved = true;
                }
                Message::Done(result) => done = Some(result),
            }
        }
        match &done {
            Some(Ok(map)) if !map.positions.is_empty() => {
                making.made.positions = Arc::clone(&map.positions);
                making.made.explained.clone_from(&map.explained);
                making.made.kl = map.kl.or(making.made.kl);
                moved = true;
            }
            _ => {}
        }
        let is_over = done.is_some() || !making.job.is_running();
        let made = moved.then(|| making.made.clone());
        if let Some(made) = made {
            self.show_made(made);
        }
        if let Some(Err(refusal)) = done {
            let Some(making) = &self.making else { return };
            self.refused = Some((making.made.number, making.made.setup.clone()));
            cx.notices.push(Notice::Refused(refusal));
        }
        if is_over && let Some(mut making) = self.making.take() {
            let failed = making.job.take_failure();
            cx.notices.extend(failed.map(Notice::Refused));
        }
    }

    /// Colours by the direction that is wanted.
    pub(super) fn follow_shade(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        if let Some(shading) = &mut self.shading {
            let arrived = shading.job.poll().pop();
            if arrived.is_none() && shading.job.is_running() {
                return;
            }
            let values = arrived.and_then(Result::ok);
            let most = values.as_deref().map_or(1.0, usual_extent);
            self.shaded = Some(Shaded {
                pair: shading.pair.clone(),
                words: Arc::clone(&shading.words),
                values,
                most,
            });
            self.shading = None;
            self.version += 1;
        }
        let (Some(made), Some(space)) = (&self.made, desk.sets.space()) else {
            return;
        };
        if !self.setup.colored || made.number != desk.sets.number() {
            return;
        }
        let is_there = self.shaded.as_ref().is_some_and(|shaded| {
            shaded.pair == self.setup.color && Arc::ptr_eq(&shaded.words, &made.words)
        });
        if is_there {
            return;
        }
        let (words, pair) = (Arc::clone(&made.words), self.setup.color.clone());
        let wake = Arc::clone(&cx.wake);
        let job = shade(space.clone(), Arc::clone(&words), pair.clone(), wake);
        self.shading = job.ok().map(|job| Shading { job, pair, words });
    }

    /// Looks around the word under the pointer, and the one that was clicked.
    pub(super) fn follow_around(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        if let Some(job) = &mut self.looking {
            let arrived = job.poll().pop();
            if arrived.is_none() && job.is_running() {
                return;
            }
            self.looking = None;
            self.around.extend(arrived);
            let too_many = self.around.len().saturating_sub(64);
            self.around.drain(..too_many);
        }
        let (Some(made), Some(space)) = (&self.made, desk.sets.space()) else {
            return;
        };
        if made.number != desk.sets.number() {
            return;
        }
        let wanted = [self.chosen, self.hovered].into_iter().flatten();
        let place = |point: usize| made.words.get(point).map(|&i| i as usize);
        let mut unknown = wanted
            .filter_map(place)
            .filter(|i| self.around.iter().all(|(known, _)| known != i));
        if let Some(i) = unknown.next() {
            self.looking = look_around(space.clone(), i, Arc::clone(&cx.wake)).ok();
        }
        let chosen = self.chosen.and_then(place);
        let near = self.around.iter().find(|(of, _)| Some(*of) == chosen);
        let near = near.map_or(&[][..], |(_, near)| near);
        let point = |near: &Neighbour| made.words.binary_search(&(near.index as u32));
        let lit = near.iter().filter_map(|near| point(near).ok());
        self.lit = lit.map(|i| i as u32).collect();
    }
}

/// How far from zero all but the farthest fiftieth of the values lie.
fn usual_extent(values: &[f32]) -> f32 {
    let mut sizes: Vec<f32> = values.iter().map(|x| x.abs()).collect();
    let at = sizes.len() * 49 / 50;
    if sizes.is_empty() {
        return 1.0;
    }
    let at = at.min(sizes.len() - 1);
    let (_, most, _) = sizes.select_nth_unstable_by(at, f32::total_cmp);
    most.max(1e-6)
}
