//! The numbers of every step, kept for the charts: never more than a few hundred points, however long a
//! training is. When they become too many, two neighbours become their mean.

use crate::labs::diffusion::training::{N_BANDS, Turn};

/// Points of a chart, at most.
const MOST: usize = 400;
/// A band's error is the mean over so many of its last steps: a single batch says little.
const SMOOTHED: f32 = 20.0;

/// What the charts show, by steps.
#[derive(Debug, Clone, Default)]
pub(in crate::tabs::images) struct Trace {
    /// The steps that the points stand at.
    pub(super) steps: Vec<f32>,
    pub(super) loss: Vec<f32>,
    /// For each band of noise levels the error of the clean picture, averaged over its last steps.
    pub(super) bands: [Vec<f32>; N_BANDS],
    pub(super) gradient: Vec<f32>,
    pub(super) learning_rate: Vec<f32>,
    /// The error of each band now; `None` before its first.
    pub(super) now: [Option<f32>; N_BANDS],
    /// How many steps a point is the mean of; 0 is 1.
    every: usize,
    pending: Vec<Turn>,
}

impl Trace {
    /// Adds a step.
    pub(super) fn push(&mut self, turn: &Turn) {
        for (now, error) in self.now.iter_mut().zip(turn.bands) {
            if let Some(error) = error {
                *now = Some(now.map_or(error, |now| now + (error - now) / SMOOTHED));
            }
        }
        self.pending.push(turn.clone());
        if self.pending.len() < self.every.max(1) {
            return;
        }
        let turns = std::mem::take(&mut self.pending);
        let mean = |value: &dyn Fn(&Turn) -> f32| {
            turns.iter().map(value).sum::<f32>() / turns.len() as f32
        };
        self.steps.push(turn.step as f32);
        self.loss.push(mean(&|turn| turn.loss));
        self.gradient.push(mean(&|turn| turn.gradient));
        self.learning_rate
            .push(mean(&|turn| turn.learning_rate as f32));
        for (band, now) in self.bands.iter_mut().zip(self.now) {
            band.push(now.unwrap_or(f32::NAN));
        }
        if self.steps.len() >= MOST {
            self.every = self.every.max(1) * 2;
            self.each(&mut |values| {
                let pairs = values.chunks(2);
                let mean = |pair: &[f32]| pair.iter().sum::<f32>() / pair.len() as f32;
                *values = pairs.map(mean).collect();
            });
        }
    }

    /// What was known by the end of a step: what a way that begins there begins with.
    pub(super) fn until(&self, step: usize) -> Self {
        let mut trace = self.clone();
        let n = trace.steps.partition_point(|&at| at <= step as f32);
        trace.each(&mut |values| values.truncate(n));
        trace.pending.clear();
        let last = trace.bands.each_ref().map(|band| band.last().copied());
        trace.now = last.map(|error| error.filter(|error| error.is_finite()));
        trace
    }

    fn each(&mut self, change: &mut dyn FnMut(&mut Vec<f32>)) {
        let lines = [
            &mut self.steps,
            &mut self.loss,
            &mut self.gradient,
            &mut self.learning_rate,
        ];
        lines.into_iter().chain(&mut self.bands).for_each(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(step: usize) -> Turn {
        let mut bands = [None; N_BANDS];
        bands[step % N_BANDS] = Some(2.0);
        Turn {
            step,
            loss: step as f32,
            bands,
            ..Turn::default()
        }
    }

    #[test]
    fn a_long_training_keeps_few_points_that_are_true_means() {
        let mut trace = Trace::default();
        let n = 5000;
        (1..=n).for_each(|step| trace.push(&turn(step)));
        assert!(trace.steps.len() < MOST && trace.steps.is_sorted());
        assert_eq!(trace.bands[3].len(), trace.steps.len());
        // The mean of 1, 2, …, n is (n + 1) / 2, whatever was merged.
        let mean = trace.loss.iter().sum::<f32>() / trace.steps.len() as f32;
        assert!(
            (mean - n as f32 / 2.0).abs() < trace.every as f32 + 20.0,
            "{mean}"
        );
        assert!(trace.now.iter().all(|now| *now == Some(2.0)));
    }

    #[test]
    fn going_back_forgets_what_came_after() {
        let mut trace = Trace::default();
        (1..=20).for_each(|step| trace.push(&turn(step)));
        let back = trace.until(5);
        assert_eq!(back.steps, [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(back.now.iter().flatten().count(), 5);
    }
}
