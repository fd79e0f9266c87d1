//! Where the pictures of a film stand on the screen.

use eframe::egui::{Pos2, Rect, pos2, vec2};

/// Between two pictures.
pub(super) const GAP: f32 = 2.0;

/// Where the frames stand on the screen.
pub(super) struct Film {
    pub(super) rect: Rect,
    n_frames: usize,
    /// Of one picture, with the gap.
    width: f32,
    /// Every how manyth frame is drawn: a power of two.
    pub(super) every: usize,
}

impl Film {
    pub(super) fn of(rect: Rect, n_frames: usize, aspect: f32) -> Self {
        let width = (rect.height() * aspect + GAP).max(4.0);
        let room = ((rect.width() + GAP) / width).floor().max(1.0) as usize;
        let every = n_frames.div_ceil(room).max(1).next_power_of_two();
        Self {
            rect,
            n_frames,
            width,
            every,
        }
    }

    pub(super) fn n_slots(&self) -> usize {
        self.n_frames.div_ceil(self.every)
    }

    pub(super) fn frame_of(&self, slot: usize) -> usize {
        slot * self.every
    }

    pub(super) fn slot_of(&self, frame: usize) -> usize {
        frame / self.every
    }

    pub(super) fn place(&self, slot: usize) -> Rect {
        let left = self.rect.left() + slot as f32 * self.width;
        let size = vec2(self.width - GAP, self.rect.height());
        Rect::from_min_size(pos2(left, self.rect.top()), size)
    }

    pub(super) fn frame_at(&self, at: Pos2) -> usize {
        let slots = ((at.x - self.rect.left()) / self.width).max(0.0);
        ((slots * self.every as f32) as usize).min(self.n_frames - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film(n_frames: usize) -> Film {
        let rect = Rect::from_min_size(pos2(100.0, 0.0), vec2(500.0, 48.0));
        Film::of(rect, n_frames, 1.0)
    }

    #[test]
    fn a_short_film_shows_every_frame_and_a_long_one_every_second_fourth_eighth() {
        assert_eq!(film(0).n_slots(), 0);
        for (n_frames, every, n_slots) in [(1, 1, 1), (10, 1, 10), (11, 2, 6), (41, 8, 6)] {
            let film = film(n_frames);
            assert_eq!((film.every, film.n_slots()), (every, n_slots), "{n_frames}");
        }
    }

    #[test]
    fn every_frame_can_be_gone_to_and_stands_under_the_pointer() {
        for n_frames in [3, 10, 23, 77] {
            let film = film(n_frames);
            for frame in 0..n_frames {
                let x = 100.0 + (frame as f32 + 0.5) / film.every as f32 * film.width;
                assert_eq!(film.frame_at(pos2(x, 10.0)), frame);
                let place = film.place(film.slot_of(frame));
                assert!(place.left() <= x && x <= place.right() + GAP);
                assert!(film.rect.contains(place.min));
            }
            assert_eq!(film.frame_at(pos2(9999.0, 10.0)), n_frames - 1);
            assert_eq!(film.frame_at(pos2(0.0, 10.0)), 0);
        }
    }
}
