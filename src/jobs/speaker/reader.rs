//! The callback's side of the speaker: what a device calls when it wants the next frames.

use super::device::Shared;
use crate::jobs::ring::Ring;
use cpal::{FromSample, SizedSample};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The callback's side of the ring.
#[derive(Debug)]
pub(super) struct Reader {
    ring: Arc<Ring>,
    shared: Arc<Shared>,
    /// How loud the last frame was.
    volume: f32,
}

impl Reader {
    pub(super) fn new(ring: &Arc<Ring>, shared: &Arc<Shared>) -> Self {
        Self {
            ring: Arc::clone(ring),
            shared: Arc::clone(shared),
            volume: f32::from_bits(shared.volume.load(Ordering::Relaxed)),
        }
    }

    /// Fills what the device plays next. Called by the device on a thread that must never wait: nothing
    /// here locks or allocates.
    pub(super) fn fill<T: SizedSample + FromSample<f32>>(&mut self, out: &mut [T]) {
        let n_channels = self.ring.n_channels();
        let is_running = self.shared.is_running.load(Ordering::Acquire);
        let wanted = if is_running {
            out.len() / n_channels
        } else {
            0
        };
        let volume = f32::from_bits(self.shared.volume.load(Ordering::Relaxed));
        let from = self.volume;
        // A change of volume is spread over the frames: a jump would click.
        let by = (volume - from) / wanted.max(1) as f32;
        let (n, places) = self.ring.read(wanted, |i, channel, sample| {
            let gain = if by == 0.0 {
                volume
            } else {
                from + by * (i + 1) as f32
            };
            let sample = if sample.is_nan() { 0.0 } else { sample * gain };
            out[i * n_channels + channel] = T::from_sample(sample.clamp(-1.0, 1.0));
        });
        out[n * n_channels..].fill(T::EQUILIBRIUM);
        if n > 0 {
            self.volume = volume;
        }
        if n < wanted && !self.shared.is_last.load(Ordering::Relaxed) {
            self.shared.n_gaps.fetch_add(1, Ordering::Relaxed);
        }
        if let Some([first, last]) = places {
            self.shared.place.store(first.to_bits(), Ordering::Release);
            let step = f64::from_bits(self.shared.step.load(Ordering::Relaxed));
            let went = (last + step).to_bits();
            self.shared.went.store(went, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(samples: &[f32]) -> Reader {
        let ring = Arc::new(Ring::new(64, 2));
        let places: Vec<f64> = (0..samples.len() / 2).map(|i| i as f64).collect();
        ring.write(samples, &places);
        let shared = Arc::new(Shared::default());
        shared.is_running.store(true, Ordering::Release);
        Reader::new(&ring, &shared)
    }

    #[test]
    fn at_full_volume_the_device_gets_the_very_samples() {
        let samples = [0.1, -0.2, 0.3, -0.4, f32::NAN, 3.0];
        let mut reader = reader(&samples);
        let mut out = [9.0_f32; 8];
        reader.fill(&mut out);
        // What is no number is silence, and nothing is louder than full scale.
        assert_eq!(out, [0.1, -0.2, 0.3, -0.4, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(reader.shared.n_gaps.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_device_of_sixteen_bits_gets_them_scaled() {
        let mut reader = reader(&[0.5, -0.5, 1.0, -1.0]);
        let mut out = [7_i16; 4];
        reader.fill(&mut out);
        assert_eq!(out, [16_384, -16_384, 32_767, -32_768]);
    }

    #[test]
    fn while_it_is_paused_there_is_silence_and_nothing_is_lost() {
        let mut reader = reader(&[0.5, 0.25]);
        reader.shared.is_running.store(false, Ordering::Release);
        let mut out = [9.0_f32; 4];
        reader.fill(&mut out);
        assert_eq!(out, [0.0; 4]);
        reader.shared.is_running.store(true, Ordering::Release);
        reader.fill(&mut out);
        assert_eq!(out, [0.5, 0.25, 0.0, 0.0]);
    }

    #[test]
    fn a_change_of_volume_is_no_jump() {
        let mut reader = reader(&[1.0; 16]);
        reader
            .shared
            .volume
            .store(0.5_f32.to_bits(), Ordering::Relaxed);
        let mut out = [0.0_f32; 16];
        reader.fill(&mut out);
        let left: Vec<f32> = out.iter().step_by(2).copied().collect();
        assert!(
            left.windows(2)
                .all(|pair| pair[0] - pair[1] < 0.07 && pair[0] > pair[1])
        );
        assert!((left[7] - 0.5).abs() < 1e-6);
    }
}
