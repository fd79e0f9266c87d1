//! The way between a thread of ours and the callback of a sound device: a ring of frames, each with its
//! place in the sound. Neither side ever waits for the other, and nothing is allocated after it is made.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// One writer, one reader. What was written counts frames from the beginning of the ring's life.
#[derive(Debug)]
pub(crate) struct Ring {
    n_channels: usize,
    capacity: usize,
    /// The bits of the samples.
    samples: Box<[AtomicU32]>,
    /// The bits of each frame's place in the sound.
    places: Box<[AtomicU64]>,
    written: AtomicU64,
    read: AtomicU64,
    /// Frames before this one are not to be heard any more.
    skip_to: AtomicU64,
}

impl Ring {
    /// A ring with room for at least `n_frames`.
    pub(crate) fn new(n_frames: usize, n_channels: usize) -> Self {
        let capacity = n_frames.max(1).next_power_of_two();
        let zeros = |n: usize| (0..n).map(|_| AtomicU32::new(0)).collect();
        Self {
            n_channels,
            capacity,
            samples: zeros(capacity * n_channels),
            places: (0..capacity).map(|_| AtomicU64::new(0)).collect(),
            written: AtomicU64::new(0),
            read: AtomicU64::new(0),
            skip_to: AtomicU64::new(0),
        }
    }

    /// Samples in a frame.
    pub(crate) fn n_channels(&self) -> usize {
        self.n_channels
    }

    /// How many frames may be written now.
    pub(crate) fn room(&self) -> usize {
        let waiting = self.written.load(Ordering::Relaxed) - self.read.load(Ordering::Acquire);
        self.capacity - waiting as usize
    }

    /// Writes frames, for which there must be [`Ring::room`], with their places. The writer's side.
    pub(crate) fn write(&self, samples: &[f32], places: &[f64]) {
        let written = self.written.load(Ordering::Relaxed);
        for (i, place) in places.iter().enumerate() {
            let slot = (written as usize + i) & (self.capacity - 1);
            self.places[slot].store(place.to_bits(), Ordering::Relaxed);
            let frame = &samples[i * self.n_channels..][..self.n_channels];
            let slots = &self.samples[slot * self.n_channels..][..self.n_channels];
            for (slot, sample) in slots.iter().zip(frame) {
                slot.store(sample.to_bits(), Ordering::Relaxed);
            }
        }
        let written = written + places.len() as u64;
        self.written.store(written, Ordering::Release);
    }

    /// Takes back what was written and not yet read. The writer's side.
    pub(crate) fn skip_all(&self) {
        let written = self.written.load(Ordering::Relaxed);
        self.skip_to.store(written, Ordering::Release);
    }

    /// Whether everything that was written has been read.
    pub(crate) fn is_drained(&self) -> bool {
        let read = self.read.load(Ordering::Acquire);
        let read = read.max(self.skip_to.load(Ordering::Acquire));
        read >= self.written.load(Ordering::Relaxed)
    }

    /// Reads up to `n_frames` and hands each to `take` as its samples in turn: the frame's number, the
    /// channel's, the sample. Returns how many there were and the places of the first and the last. The
    /// reader's side.
    pub(crate) fn read(
        &self,
        n_frames: usize,
        mut take: impl FnMut(usize, usize, f32),
    ) -> (usize, Option<[f64; 2]>) {
        let skip_to = self.skip_to.load(Ordering::Acquire);
        let read = self.read.load(Ordering::Relaxed).max(skip_to);
        let written = self.written.load(Ordering::Acquire);
        let n = n_frames.min(written.saturating_sub(read) as usize);
        let slot_of = |i: usize| (read as usize + i) & (self.capacity - 1);
        for i in 0..n {
            let at = slot_of(i) * self.n_channels;
            for channel in 0..self.n_channels {
                let bits = self.samples[at + channel].load(Ordering::Relaxed);
                take(i, channel, f32::from_bits(bits));
            }
        }
        let ends = [0, n.saturating_sub(1)];
        let places = ends.map(|i| self.places[slot_of(i)].load(Ordering::Relaxed));
        self.read.store(read + n as u64, Ordering::Release);
        // What was taken back meanwhile says nothing about where the sound is.
        let is_valid = n > 0 && self.skip_to.load(Ordering::Acquire) == skip_to;
        (n, is_valid.then_some(places.map(f64::from_bits)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ring: &Ring, n_frames: usize) -> (Vec<f32>, Option<[f64; 2]>) {
        let mut samples = Vec::new();
        let (_, places) = ring.read(n_frames, |_, _, sample| samples.push(sample));
        (samples, places)
    }

    #[test]
    fn frames_come_out_as_they_went_in_round_and_round() {
        let ring = Ring::new(8, 2);
        let mut expected = 0;
        for round in 0..100_u32 {
            let n = 1 + round as usize % 7;
            let next = |i: usize| (expected + i) as f32;
            let samples: Vec<f32> = (0..n).flat_map(|i| [next(i), -next(i)]).collect();
            let places: Vec<f64> = (0..n).map(|i| f64::from(next(i))).collect();
            assert!(ring.room() >= n);
            ring.write(&samples, &places);
            let (came, ends) = read(&ring, 8);
            assert_eq!(came, samples);
            assert_eq!(ends, Some([places[0], places[n - 1]]));
            expected += n;
        }
        assert!(ring.is_drained());
    }

    #[test]
    fn what_was_taken_back_is_never_heard() {
        let ring = Ring::new(4, 1);
        ring.write(&[1.0, 2.0, 3.0], &[0.0, 1.0, 2.0]);
        ring.skip_all();
        assert!(ring.is_drained());
        // Its room is free once the reader has passed by.
        assert_eq!(ring.room(), 1);
        assert_eq!(read(&ring, 1), (vec![], None));
        assert_eq!(ring.room(), 4);
        ring.write(&[4.0], &[9.0]);
        assert_eq!(read(&ring, 4), (vec![4.0], Some([9.0, 9.0])));
    }

    #[test]
    fn a_reader_on_another_thread_misses_nothing() {
        let ring = Ring::new(64, 1);
        let n = 20_000;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut i = 0;
                while i < n {
                    let k = ring.room().min(n - i).min(17);
                    let samples: Vec<f32> = (i..i + k).map(|v| v as f32).collect();
                    ring.write(&samples, &vec![0.0; k]);
                    i += k;
                    std::thread::yield_now();
                }
            });
            let mut next = 0;
            while next < n {
                ring.read(23, |_, _, sample| {
                    assert_eq!(sample, next as f32);
                    next += 1;
                });
                std::thread::yield_now();
            }
        });
    }
}
