//! What the pages wish for: the large picture, and the small ones below it.

use super::pages::Page;
use super::worker::{Ask, Place, Way, Wish};
use super::{FromPictureView, N_WALK, STRENGTHS};
use crate::labs::diffusion::sampling::{Repaint, Start};
use std::sync::Arc;

impl FromPictureView {
    fn ask(&mut self) -> Option<Ask> {
        self.n_asked += 1;
        Some(Ask {
            number: self.n_asked,
            denoiser: Arc::clone(self.denoiser.as_ref()?),
            caption: self.caption.clone(),
            seed: self.seed,
            settings: self.settings,
        })
    }

    /// Wishes for the large picture of the page.
    pub(super) fn draw_main(&mut self) {
        let (Some(ask), Some(original)) = (self.ask(), self.original.clone()) else {
            return;
        };
        let picture = original.numbers.clone();
        self.outcomes[self.page as usize].begin(ask.number);
        let (start, repaint) = match self.page {
            Page::Strength => (self.start(self.strength), None),
            Page::Repaint => {
                let mask = self.mask.numbers().to_vec();
                (self.start(self.strength), Some(Repaint { picture, mask }))
            }
            Page::Walk => (self.between(self.part), None),
            Page::Back => {
                let wish = Wish::Back {
                    ask,
                    picture,
                    shows: original.caption.clone(),
                    n_refinements: self.n_refinements,
                };
                self.wish(Place::Main, wish);
                return;
            }
        };
        self.wish(Place::Main, Wish::Main(ask, Way { start, repaint }));
    }

    /// Wishes for the small pictures of the page.
    pub(super) fn draw_row(&mut self) {
        let Some(ask) = self.ask() else { return };
        let ways = self.ways();
        if !ways.is_empty() {
            self.outcomes[self.page as usize].begin_row(ask.number, ways.len());
            self.wish(Place::Row, Wish::Row(ask, ways));
        }
    }

    /// Wishes again for those small pictures that had to wait for the large one.
    pub(super) fn resume_row(&mut self) {
        let missing = self.outcome().missing();
        let Some(mut ask) = self.ask().filter(|_| !missing.is_empty()) else {
            return;
        };
        ask.number = self.outcome().row_number();
        let mut ways = self.ways();
        ways.retain(|(i, _)| missing.contains(i));
        self.wish(Place::Row, Wish::Row(ask, ways));
    }

    /// The ways to the small pictures of the page, in the order they are gone.
    fn ways(&self) -> Vec<(usize, Way)> {
        let starts: Vec<Start> = match self.page {
            Page::Strength => STRENGTHS.iter().map(|&s| self.start(s)).collect(),
            Page::Walk => (0..N_WALK)
                .map(|i| self.between(place_on_walk(i)))
                .collect(),
            Page::Repaint | Page::Back => Vec::new(),
        };
        let way = |start| Way {
            start,
            repaint: None,
        };
        let mut ways: Vec<(usize, Way)> = starts.into_iter().map(way).enumerate().collect();
        if self.page == Page::Walk {
            // The ends first, then the middle: so it is seen early where the walk leads.
            ways.sort_by_key(|&(i, _)| [0, 4, 3, 2, 5, 6, 1].get(i).copied().unwrap_or(i));
        }
        ways
    }

    fn start(&self, strength: f64) -> Start {
        let original = self.original.as_ref();
        Start::Picture {
            picture: original.map(|o| o.numbers.clone()).unwrap_or_default(),
            strength,
        }
    }

    fn between(&self, part: f64) -> Start {
        Start::Between {
            other: self.other,
            part,
        }
    }
}

/// How far the picture `i` of a walk has gone.
pub(super) fn place_on_walk(i: usize) -> f64 {
    i as f64 / (N_WALK - 1) as f64
}
