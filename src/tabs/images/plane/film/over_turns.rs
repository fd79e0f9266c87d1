//! The numbers of a branch, turn by turn.

use crate::labs::gan::plane::{Player, Turn};

/// Numbers kept of a curve, at most.
pub(super) const MOST_NUMBERS: usize = 500;

/// The quantities that are drawn over time, in the order of [`Curves::values`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tabs::images::plane) enum Quantity {
    LossD,
    LossG,
    AccuracyReal,
    AccuracyFake,
    Kl,
    Js,
    Covered,
    GradientD,
    GradientG,
}

const N_QUANTITIES: usize = 9;

impl Quantity {
    fn of(self, turn: &Turn) -> f32 {
        match self {
            Self::LossD => turn.loss_d,
            Self::LossG => turn.loss_g,
            Self::AccuracyReal => turn.accuracy_real * 100.0,
            Self::AccuracyFake => turn.accuracy_fake * 100.0,
            Self::Kl => turn.divergence.kl as f32,
            Self::Js => turn.divergence.js as f32,
            Self::Covered => turn.coverage.n_covered as f32,
            Self::GradientD => turn.gradient_norm(Player::Discriminator),
            Self::GradientG => turn.gradient_norm(Player::Generator),
        }
    }

    /// Its name in a file.
    pub(in crate::tabs::images::plane) fn key(self) -> &'static str {
        match self {
            Self::LossD => "loss_d",
            Self::LossG => "loss_g",
            Self::AccuracyReal => "accuracy_on_real_percent",
            Self::AccuracyFake => "accuracy_on_generated_percent",
            Self::Kl => "kl_nats",
            Self::Js => "js_nats",
            Self::Covered => "modes_covered",
            Self::GradientD => "gradient_of_d",
            Self::GradientG => "gradient_of_g",
        }
    }

    pub(in crate::tabs::images::plane) const ALL: [Self; N_QUANTITIES] = [
        Self::LossD,
        Self::LossG,
        Self::AccuracyReal,
        Self::AccuracyFake,
        Self::Kl,
        Self::Js,
        Self::Covered,
        Self::GradientD,
        Self::GradientG,
    ];
}

/// The numbers of a branch over its turns.
#[derive(Debug, Clone, Default)]
pub(in crate::tabs::images::plane) struct Curves {
    pub(in crate::tabs::images::plane) turns: Vec<f32>,
    values: [Vec<f32>; N_QUANTITIES],
    /// Every how manyth turn that arrived is kept, and how many arrived since the last.
    every: usize,
    since: usize,
}

impl Curves {
    pub(in crate::tabs::images::plane) fn get(&self, quantity: Quantity) -> &[f32] {
        &self.values[quantity as usize]
    }

    /// The newest stands at the end, and stays there when it is its turn to.
    pub(super) fn push(&mut self, turn: &Turn) {
        if !self.since.is_multiple_of(self.every.max(1)) {
            self.pop();
        }
        self.since += 1;
        self.put(turn);
        if self.turns.len() > MOST_NUMBERS {
            let halve = |numbers: &mut Vec<f32>| {
                let mut i = 0;
                numbers.retain(|_| {
                    i += 1;
                    i % 2 == 1
                });
            };
            halve(&mut self.turns);
            self.values.iter_mut().for_each(halve);
            self.every = self.every.max(1) * 2;
        }
    }

    pub(super) fn put(&mut self, turn: &Turn) {
        self.turns.push(turn.turn as f32);
        for quantity in Quantity::ALL {
            self.values[quantity as usize].push(quantity.of(turn));
        }
    }

    pub(super) fn pop(&mut self) {
        self.turns.pop();
        for values in &mut self.values {
            values.pop();
        }
    }

    /// Only what was before a turn, and it.
    pub(super) fn until(&self, turn: u64) -> Self {
        let n = self.turns.partition_point(|&at| at <= turn as f32);
        let mut curves = self.clone();
        curves.turns.truncate(n);
        for values in &mut curves.values {
            values.truncate(n);
        }
        curves.since = 0;
        curves
    }
}
