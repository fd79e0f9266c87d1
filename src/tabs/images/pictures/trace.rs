//! The numbers of every turn, kept for the charts: never more than a few hundred points, however long
//! a training is. When they become too many, two neighbours become their mean.

use crate::labs::gan::pictures::Turn;

/// Points of a chart, at most.
const MOST: usize = 480;

/// What the charts show, by turns.
#[derive(Debug, Clone)]
pub(in crate::tabs::images) struct Trace {
    /// The turns that the points stand at.
    pub(super) steps: Vec<f32>,
    pub(super) loss_d: Vec<f32>,
    pub(super) loss_g: Vec<f32>,
    pub(super) p_real: Vec<f32>,
    pub(super) p_fake: Vec<f32>,
    /// For each layer of the generator the length of its gradient.
    pub(super) gradient_g: Vec<Vec<f32>>,
    /// The same of the discriminator.
    pub(super) gradient_d: Vec<Vec<f32>>,
    /// How many turns a point is the mean of.
    every: usize,
    /// The turns on their way to becoming a point.
    pending: Vec<Turn>,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            steps: Vec::new(),
            loss_d: Vec::new(),
            loss_g: Vec::new(),
            p_real: Vec::new(),
            p_fake: Vec::new(),
            gradient_g: Vec::new(),
            gradient_d: Vec::new(),
            every: 1,
            pending: Vec::new(),
        }
    }
}

impl Trace {
    /// Adds a turn.
    pub(super) fn push(&mut self, turn: &Turn) {
        self.pending.push(turn.clone());
        if self.pending.len() < self.every {
            return;
        }
        let turns = std::mem::take(&mut self.pending);
        let mean = |value: &dyn Fn(&Turn) -> f32| {
            turns.iter().map(value).sum::<f32>() / turns.len() as f32
        };
        self.steps.push(turn.step as f32);
        self.loss_d.push(mean(&|turn| turn.loss_d));
        self.loss_g.push(mean(&|turn| turn.loss_g));
        self.p_real.push(mean(&|turn| turn.p_real));
        self.p_fake.push(mean(&|turn| turn.p_fake));
        let n_before = self.steps.len() - 1;
        for (layers, gradients) in [
            (&mut self.gradient_g, turn.gradient_g.len()),
            (&mut self.gradient_d, turn.gradient_d.len()),
        ] {
            layers.resize_with(gradients.max(layers.len()), || vec![f32::NAN; n_before]);
        }
        for (i, layer) in self.gradient_g.iter_mut().enumerate() {
            layer.push(mean(&|turn| at(&turn.gradient_g, i)));
        }
        for (i, layer) in self.gradient_d.iter_mut().enumerate() {
            layer.push(mean(&|turn| at(&turn.gradient_d, i)));
        }
        if self.steps.len() >= MOST {
            self.halve();
        }
    }

    /// What was known by the end of a turn: what a way that begins there begins with.
    pub(super) fn until(&self, step: usize) -> Self {
        let mut trace = self.clone();
        let n = trace.steps.partition_point(|&at| at <= step as f32);
        trace.each(&mut |values| values.truncate(n));
        trace.pending.clear();
        trace
    }

    fn each(&mut self, change: &mut dyn FnMut(&mut Vec<f32>)) {
        for values in [
            &mut self.steps,
            &mut self.loss_d,
            &mut self.loss_g,
            &mut self.p_real,
            &mut self.p_fake,
        ] {
            change(values);
        }
        let layers = self.gradient_g.iter_mut().chain(&mut self.gradient_d);
        layers.for_each(change);
    }

    /// Two neighbours become one point: their mean, at the turn of the later one.
    fn halve(&mut self) {
        self.each(&mut |values| {
            let pairs = values.chunks(2);
            *values = pairs
                .map(|pair| pair.iter().sum::<f32>() / pair.len() as f32)
                .collect();
        });
        self.every *= 2;
    }
}

fn at(values: &[f32], i: usize) -> f32 {
    values.get(i).copied().unwrap_or(f32::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(step: usize) -> Turn {
        Turn {
            step,
            loss_d: step as f32,
            gradient_g: vec![1.0, step as f32],
            ..Turn::default()
        }
    }

    #[test]
    fn a_long_training_keeps_few_points_that_are_true_means() {
        let mut trace = Trace::default();
        let n = 5000;
        (1..=n).for_each(|step| trace.push(&turn(step)));
        assert!(trace.steps.len() < MOST);
        assert_eq!(trace.gradient_g[1].len(), trace.steps.len());
        // The mean of 1, 2, …, n is (n + 1) / 2, whatever was merged.
        let mean = trace.loss_d.iter().sum::<f32>() / trace.steps.len() as f32;
        assert!((mean - n as f32 / 2.0).abs() < trace.every as f32, "{mean}");
        assert!(trace.steps.is_sorted());
    }

    #[test]
    fn going_back_forgets_what_came_after() {
        let mut trace = Trace::default();
        (1..=20).for_each(|step| trace.push(&turn(step)));
        let back = trace.until(12);
        assert_eq!(back.steps.last(), Some(&12.0));
        assert_eq!(back.loss_d.len(), 12);
        assert_eq!(back.gradient_g[0].len(), 12);
    }
}
