//! What became of the wishes of a page: the way there, the picture, and the small pictures beside it.

use super::worker::{Answer, Frame};
use crate::widgets::picture_sheet::PictureSheet;

/// What became of a page's wishes so far.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Whether something it depends on has changed since.
    pub(super) is_old: bool,
    /// The number of the newest wish for the large picture, and of that whose steps are here.
    number: u64,
    shown: u64,
    is_running: bool,
    /// Steps done of all; on the way up and then down they are counted together.
    steps: [usize; 2],
    /// The steps that were kept, and those on the way to the noise.
    pub(super) frames: Vec<Frame>,
    pub(super) up: Vec<Frame>,
    pub(super) noise: Option<Vec<f32>>,
    pub(super) picture: Option<Vec<f32>>,
    /// The small pictures.
    row_number: u64,
    pub(super) row: Vec<Option<Vec<f32>>>,
    is_row_running: bool,
    /// Grows with everything that arrives.
    pub(super) version: u64,
    pub(super) sheets: [PictureSheet; 3],
}

impl Default for Outcome {
    fn default() -> Self {
        Self {
            is_old: true,
            number: 0,
            shown: 0,
            is_running: false,
            steps: [0, 0],
            frames: Vec::new(),
            up: Vec::new(),
            noise: None,
            picture: None,
            row_number: 0,
            row: Vec::new(),
            is_row_running: false,
            version: 0,
            sheets: Default::default(),
        }
    }
}

impl Outcome {
    /// The large picture was wished for. What is there stays until something new arrives.
    pub(super) fn begin(&mut self, number: u64) {
        self.is_old = false;
        self.number = number;
        self.is_running = true;
        self.steps = [0, 0];
    }

    /// The small ones were.
    pub(super) fn begin_row(&mut self, number: u64, n: usize) {
        self.row_number = number;
        self.row = vec![None; n];
        self.is_row_running = true;
        self.version += 1;
    }

    /// The small pictures that are still to come.
    pub(super) fn missing(&self) -> Vec<usize> {
        let places = self.row.iter().enumerate();
        let missing = places.filter(|(_, place)| self.is_row_running && place.is_none());
        missing.map(|(i, _)| i).collect()
    }

    pub(super) fn row_number(&self) -> u64 {
        self.row_number
    }

    /// Nothing more will come.
    pub(super) fn stop(&mut self) {
        self.is_running = false;
        self.is_row_running = false;
    }

    /// Whether nothing was wished for yet.
    pub(super) fn is_new(&self) -> bool {
        self.number == 0
    }

    pub(super) fn is_busy(&self) -> bool {
        self.is_running || self.is_row_running
    }

    /// How far it is, 0..=1.
    pub(super) fn fraction(&self) -> f32 {
        let [done, of] = self.steps;
        let main = done as f32 / of.max(1) as f32;
        if self.row.is_empty() {
            return main;
        }
        let there = self.row.iter().flatten().count() as f32;
        let n = self.row.len() as f32;
        let main = if self.is_running { main } else { 1.0 };
        (main + there) / (n + 1.0)
    }

    /// Takes what is an answer to a wish of this page.
    pub(super) fn hear(&mut self, answer: &Answer) {
        match answer {
            Answer::Step {
                number,
                done,
                of,
                is_up,
                frame,
            } if *number == self.number => {
                if self.shown != *number {
                    self.shown = *number;
                    self.frames.clear();
                    self.up.clear();
                    self.noise = None;
                    self.picture = None;
                }
                self.steps = [*done, *of];
                if *is_up || !self.up.is_empty() {
                    let before = if *is_up { 0 } else { *of };
                    self.steps = [done + before, 2 * of];
                }
                let frames = if *is_up {
                    &mut self.up
                } else {
                    &mut self.frames
                };
                frames.extend(frame.clone());
            }
            Answer::Noise { number, noise } if *number == self.number => {
                self.noise = Some(noise.clone());
            }
            Answer::Main { number, picture } if *number == self.number => {
                if self.shown != *number {
                    // No step was needed: at strength 0 the picture is what it was.
                    self.shown = *number;
                    self.frames.clear();
                }
                self.picture = Some(picture.clone());
                self.is_running = false;
            }
            Answer::Row { number, i, picture } if *number == self.row_number => {
                if let Some(place) = self.row.get_mut(*i) {
                    *place = Some(picture.clone());
                }
                self.is_row_running = self.row.iter().any(Option::is_none);
            }
            _ => return,
        }
        self.version += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_older_wishes_are_not_heard_and_what_is_there_stays_until_new_steps_come() {
        let mut outcome = Outcome::default();
        let main = |number| Answer::Main {
            number,
            picture: vec![number as f32],
        };
        outcome.begin(1);
        assert!(outcome.is_busy());
        outcome.hear(&main(1));
        assert!(!outcome.is_busy());
        outcome.begin(2);
        outcome.hear(&main(1));
        assert!(outcome.is_busy());
        assert_eq!(outcome.picture, Some(vec![1.0]));
        let step = Answer::Step {
            number: 2,
            done: 1,
            of: 4,
            is_up: false,
            frame: None,
        };
        outcome.hear(&step);
        assert_eq!(outcome.picture, None);
        assert_eq!(outcome.fraction(), 0.25);
        outcome.hear(&main(2));
        assert_eq!(outcome.picture, Some(vec![2.0]));
    }

    #[test]
    fn a_row_is_done_when_all_of_it_is_there() {
        let mut outcome = Outcome::default();
        outcome.begin_row(3, 2);
        for i in [1, 0] {
            assert!(outcome.is_busy());
            outcome.hear(&Answer::Row {
                number: 3,
                i,
                picture: Vec::new(),
            });
        }
        assert!(!outcome.is_busy());
    }
}
