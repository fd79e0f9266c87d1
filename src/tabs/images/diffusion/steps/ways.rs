//! The ways from noise to a picture. One that leaves another keeps all that came before; no way is ever
//! thrown away, and every one has words, chance and settings of its own.

use super::recipe::Recipe;
use crate::labs::diffusion::sampling::{Start, Step, start_noise};
use crate::labs::judge::Reading;
use std::sync::Arc;

/// Steps of a way that are kept, at most: of longer ones every second, third, …
pub(super) const MOST_KEPT: usize = 250;

/// A step, and what it is known by.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// Differs from that of every other step.
    pub(super) id: u64,
    /// Which of the way's steps it is, from 1.
    pub(super) number: usize,
    /// What it was made by.
    pub(super) recipe: Arc<Recipe>,
    pub(super) step: Arc<Step>,
}

/// What one run gave.
#[derive(Debug, Clone, Default)]
pub(super) struct Take {
    /// The steps, those before a branch included.
    pub(super) steps: Vec<Kept>,
    /// The picture, once it is there, and what it is known by.
    pub(super) end: Option<(u64, Arc<Vec<f32>>)>,
    /// What the judge sees in each step's clean picture, and last in the picture itself. Empty until it
    /// has looked, or where there is none.
    pub(super) readings: Vec<Reading>,
    /// How many steps there will be.
    pub(super) n_steps: usize,
    /// What those after the branch are made by.
    recipe: Arc<Recipe>,
    /// What the steps after the branch took.
    pub(super) secs: f64,
}

impl Take {
    /// Frames of the film: the steps, and the picture.
    pub(super) fn n_frames(&self) -> usize {
        self.steps.len() + usize::from(self.end.is_some())
    }

    /// What a frame is known by.
    pub(super) fn id(&self, frame: usize) -> Option<u64> {
        let step = self.steps.get(frame).map(|kept| kept.id);
        step.or_else(|| self.end.as_ref().map(|(id, _)| *id))
    }

    /// The frame whose noise level is nearest to `t`; the picture itself has none.
    fn nearest(&self, t: f64) -> Option<usize> {
        let off = |kept: &Kept| (kept.step.from.t - t).abs();
        let frames = self.steps.iter().enumerate();
        let nearest = frames.min_by(|(_, a), (_, b)| off(a).total_cmp(&off(b)));
        nearest.map(|(i, _)| i)
    }
}

/// Where a way left another.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    /// What came before.
    prefix: Vec<Kept>,
    /// The step that it is another answer to.
    at: Kept,
    /// The seed of the way it left: with another one the noise is drawn anew here.
    seed: u64,
}

/// One way.
#[derive(Debug, Clone, Default)]
pub(super) struct Way {
    pub(super) recipe: Recipe,
    branch: Option<Branch>,
    pub(super) take: Take,
    /// A run that takes the place of the other when it is complete.
    coming: Option<Take>,
    /// The frame on the stage; the newest where there is none.
    pub(super) selected: Option<usize>,
}

impl Way {
    pub(super) fn new(recipe: Recipe) -> Self {
        Self {
            recipe,
            ..Self::default()
        }
    }

    /// A way that leaves this one at a frame, if that is a step. It begins with the same recipe.
    pub(super) fn branch_at(&self, frame: usize) -> Option<Self> {
        let at = self.take.steps.get(frame)?.clone();
        Some(Self {
            recipe: self.recipe.clone(),
            branch: Some(Branch {
                prefix: self.take.steps[..frame].to_vec(),
                at,
                seed: self.recipe.seed,
            }),
            take: self.take.clone(),
            coming: None,
            selected: Some(frame),
        })
    }

    /// Where its run begins. A branch with another seed keeps the clean picture that was seen there and
    /// puts new noise on it.
    pub(super) fn start(&self) -> Start {
        let Some(branch) = &self.branch else {
            return Start::Noise;
        };
        let step = &branch.at.step;
        let x_t = if branch.seed == self.recipe.seed {
            step.x_t.clone()
        } else {
            let noise = start_noise(self.recipe.seed, step.x_t.len());
            step.from.noised(&step.x0_pred, &noise)
        };
        let level = step.from;
        Start::At { x_t, level }
    }

    /// The step that it begins with, from 1; `None` where it begins with noise.
    pub(super) fn began_at(&self) -> Option<usize> {
        self.branch.as_ref().map(|branch| branch.at.number)
    }

    /// The frame that it begins with.
    pub(super) fn first_own_frame(&self) -> Option<usize> {
        self.branch.as_ref().map(|branch| branch.prefix.len())
    }

    /// What came before its own steps.
    pub(super) fn prefix(&self) -> &[Kept] {
        self.branch.as_ref().map_or(&[], |branch| &branch.prefix)
    }

    /// A run of so many steps begins; `hold` keeps what is there until it is complete.
    pub(super) fn begin(&mut self, n_steps: usize, recipe: Arc<Recipe>, hold: bool) {
        let before = self.began_at().map_or(0, |number| number - 1);
        let take = Take {
            steps: self.prefix().to_vec(),
            n_steps: before + n_steps,
            recipe,
            ..Take::default()
        };
        if hold {
            self.coming = Some(take);
        } else {
            self.take = take;
            self.coming = None;
            self.selected = None;
        }
    }

    fn newest(&mut self) -> &mut Take {
        self.coming.as_mut().unwrap_or(&mut self.take)
    }

    /// The next step of the run.
    pub(super) fn push(&mut self, id: u64, step: Arc<Step>) {
        let before = self.began_at().map_or(0, |number| number - 1);
        let number = before + step.i + 1;
        let take = self.newest();
        let recipe = Arc::clone(&take.recipe);
        take.steps.push(Kept {
            id,
            number,
            recipe,
            step,
        });
    }

    /// The run is complete.
    pub(super) fn finish(&mut self, id: u64, picture: Vec<f32>, secs: f64) {
        if let Some(coming) = self.coming.take() {
            let t = self.here().map(|kept| kept.step.from.t);
            let at_end = self.selected.is_none() || self.shows_picture();
            self.take = coming;
            self.selected = t.filter(|_| !at_end).and_then(|t| self.take.nearest(t));
        }
        self.take.end = Some((id, Arc::new(picture)));
        self.take.secs = secs;
    }

    /// The run ended before its picture was there: what was held back is let go of.
    pub(super) fn give_up(&mut self) {
        self.coming = None;
    }

    /// The step on the stage; that before the picture where the picture is.
    pub(super) fn here(&self) -> Option<&Kept> {
        let frame = self.selected.unwrap_or(usize::MAX);
        self.take.steps.get(frame).or(self.take.steps.last())
    }

    /// The place of the frame on the stage.
    pub(super) fn frame(&self) -> usize {
        let last = self.take.n_frames().saturating_sub(1);
        self.selected.map_or(last, |frame| frame.min(last))
    }

    /// Whether the finished picture is on the stage.
    pub(super) fn shows_picture(&self) -> bool {
        self.take.end.is_some() && self.frame() == self.take.steps.len()
    }

    /// What the judge sees in the frame on the stage.
    pub(super) fn reading(&self) -> Option<&Reading> {
        self.take.readings.get(self.frame())
    }

    /// What its button says.
    pub(super) fn name(&self, i: usize) -> String {
        match self.began_at() {
            None => format!("Way {}", i + 1),
            Some(number) => format!("Way {}, from step {number}", i + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::diffusion::Level;

    fn step(i: usize, n_steps: usize) -> Arc<Step> {
        let level = |i: usize| Level {
            t: (n_steps - i) as f64 * 100.0,
            alpha_cumprod: i as f64 / n_steps as f64,
        };
        Arc::new(Step {
            i,
            n_steps,
            from: level(i),
            to: level(i + 1),
            x_t: vec![i as f32],
            noise_pred: vec![0.0],
            x0_pred: vec![0.5],
            difference: Vec::new(),
            beyond: 0.0,
            largest: 0.5,
        })
    }

    fn way(n_steps: usize) -> Way {
        let mut way = Way::default();
        way.begin(n_steps, Arc::default(), false);
        for i in 0..n_steps {
            way.push(i as u64, step(i, n_steps));
        }
        way.finish(99, vec![0.5], 1.0);
        way
    }

    #[test]
    fn a_branch_keeps_what_came_before_and_begins_where_it_left() {
        let way = way(4);
        assert!(way.branch_at(4).is_none(), "the picture is no step");
        let mut branch = way.branch_at(2).unwrap();
        let Start::At { x_t, level } = branch.start() else {
            panic!("it begins with noise");
        };
        assert_eq!((x_t, level), (vec![2.0], step(2, 4).from));
        branch.begin(2, Arc::default(), false);
        branch.push(10, step(0, 2));
        branch.push(11, step(1, 2));
        branch.finish(12, vec![1.0], 1.0);
        let numbers: Vec<usize> = branch.take.steps.iter().map(|kept| kept.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4]);
        assert_eq!(branch.take.n_steps, 4);
        assert_eq!(branch.name(1), "Way 2, from step 3");
        assert_eq!(way.take.n_frames(), 5);
    }

    #[test]
    fn a_branch_with_another_seed_puts_new_noise_on_the_clean_picture() {
        let mut branch = way(4).branch_at(2).unwrap();
        branch.recipe.seed += 1;
        let Start::At { x_t, level } = branch.start() else {
            panic!("it begins with noise");
        };
        let noise = start_noise(branch.recipe.seed, 1)[0];
        let expected = level.signal() * 0.5 + level.noise() * f64::from(noise);
        assert!((f64::from(x_t[0]) - expected).abs() < 1e-6);
    }

    #[test]
    fn a_run_that_is_held_back_takes_its_place_when_complete_at_the_same_noise() {
        let mut way = way(4);
        way.selected = Some(1);
        way.begin(2, Arc::default(), true);
        way.push(20, step(0, 2));
        assert_eq!(way.take.n_frames(), 5);
        way.push(21, step(1, 2));
        way.finish(22, vec![0.0], 1.0);
        assert_eq!(way.take.n_frames(), 3);
        // t was 300 of 400; the new steps have 200 and 100.
        assert_eq!(way.selected, Some(0));
        way.selected = None;
        way.begin(2, Arc::default(), true);
        way.give_up();
        assert_eq!(way.take.n_frames(), 3);
    }
}
