//! From a sound to the frames that a device wants: its rate, its channels, at the speed and in the loop
//! that were chosen. Runs on the speaker's thread.
//!
//! Where the device plays the sound's own rate and the speed is 1 the samples go through untouched. Else
//! rubato resamples: a windowed sinc, cut off below the lower of the two Nyquist frequencies.

use super::source::Source;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Indexing, Resampler, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};
use std::ops::Range;
use std::sync::Arc;

/// Frames that the resampler takes at a time: short, so that a change is soon heard.
const CHUNK_FRAMES: usize = 256;

/// The width of the resampler's filter.
const FILTER_FRAMES: usize = 128;

/// How something is played.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Manner {
    /// 1 is as it was recorded; at 2 it takes half as long and sounds an octave higher.
    pub(super) speed: f64,
    /// Frames of the sound that are played again and again.
    pub(super) looped: Option<Range<usize>>,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            speed: 1.0,
            looped: None,
        }
    }
}

/// A sound on its way to a device.
pub(super) struct Feed {
    source: Arc<dyn Source>,
    manner: Manner,
    n_out: usize,
    /// The next frame of the sound that is read.
    next: usize,
    /// The place in the sound of the next frame that goes out.
    place: f64,
    /// Frames of the sound for every frame that goes out.
    step: f64,
    resampling: Option<Resampling>,
    raw: Vec<f32>,
    is_over: bool,
}

struct Resampling {
    resampler: Async<f32>,
    input: Vec<f32>,
    output: Vec<f32>,
    /// What of the output has gone out, and where it ends, in frames.
    ready: Range<usize>,
    /// Frames at the start that only fill the filter.
    n_delayed: usize,
}

impl Feed {
    /// Plays `source` from frame `from` on a device of so many channels at such a rate.
    pub(super) fn new(
        source: Arc<dyn Source>,
        manner: Manner,
        from: f64,
        device_rate_hz: u32,
        n_out: usize,
    ) -> Self {
        let step = f64::from(source.sample_rate_hz()) * manner.speed / f64::from(device_rate_hz);
        let next = from.max(0.0) as usize;
        let resampling = if step == 1.0 {
            None
        } else {
            Resampling::new(1.0 / step, n_out)
        };
        let ahead = resampling.as_ref().map_or(0.0, |it| it.ahead(step));
        Self {
            source,
            manner,
            n_out,
            next,
            place: next as f64 + ahead,
            step,
            resampling,
            raw: Vec::new(),
            is_over: false,
        }
    }

    /// Whether all of it has gone out.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Puts up to `n_frames` into `samples` and their places into `places`, both emptied before.
    /// Fewer come only at the end, or where a sound that is still growing has no more yet.
    pub(super) fn fill(&mut self, n_frames: usize, samples: &mut Vec<f32>, places: &mut Vec<f64>) {
        samples.clear();
        places.clear();
        let Some(mut resampling) = self.resampling.take() else {
            samples.resize(n_frames * self.n_out, 0.0);
            let n = self.read(samples);
            samples.truncate(n * self.n_out);
            for _ in 0..n {
                self.step_on(places);
            }
            self.is_over = n < n_frames && !self.source.is_growing();
            return;
        };
        while places.len() < n_frames && !self.is_over {
            if resampling.ready.is_empty() && !self.resample(&mut resampling) {
                break;
            }
            let n = resampling.ready.len().min(n_frames - places.len());
            let from = resampling.ready.start;
            for i in from..from + n {
                if self.is_past_the_end() {
                    self.is_over = true;
                    break;
                }
                samples.extend_from_slice(&resampling.output[i * self.n_out..][..self.n_out]);
                self.step_on(places);
            }
            resampling.ready.start += n;
        }
        self.resampling = Some(resampling);
    }

    /// Notes the place of a frame that goes out.
    fn step_on(&mut self, places: &mut Vec<f64>) {
        places.push(self.place);
        self.place += self.step;
        if let Some(looped) = &self.manner.looped
            && self.place >= looped.end as f64
        {
            self.place -= looped.len() as f64;
        }
    }

    /// Whether the next frame to go out would lie behind the last of the sound.
    fn is_past_the_end(&self) -> bool {
        self.manner.looped.is_none()
            && !self.source.is_growing()
            && self.place >= self.source.n_frames() as f64
    }

    /// Makes the next frames of the output; false where the sound has no more yet.
    fn resample(&mut self, resampling: &mut Resampling) -> bool {
        let wanted = resampling.resampler.input_frames_next();
        resampling.input.resize(wanted * self.n_out, 0.0);
        if self.source.is_growing() && self.next + wanted > self.source.n_frames() {
            return false;
        }
        let mut input = std::mem::take(&mut resampling.input);
        let n = self.read(&mut input);
        input[n * self.n_out..].fill(0.0);
        resampling.input = input;
        resampling.turn(wanted, self.n_out)
    }

    /// Reads frames in the loop, mixed for the device. Returns how many there were.
    fn read(&mut self, out: &mut [f32]) -> usize {
        let n_in = self.source.n_channels();
        let wanted = out.len() / self.n_out;
        let mut done = 0;
        while done < wanted {
            let end = match &self.manner.looped {
                Some(looped) if self.next < looped.end => looped.end,
                _ => usize::MAX,
            };
            let n = (wanted - done).min(end - self.next);
            self.raw.resize(n * n_in, 0.0);
            let n = self.source.read(self.next, &mut self.raw);
            let to = &mut out[done * self.n_out..(done + n) * self.n_out];
            mix(&self.raw[..n * n_in], n_in, to, self.n_out);
            self.next += n;
            done += n;
            match &self.manner.looped {
                Some(looped) if self.next >= looped.end && !looped.is_empty() => {
                    self.next = looped.start;
                }
                _ if n == 0 => break,
                _ => {}
            }
        }
        done
    }
}

impl Resampling {
    fn new(ratio: f64, n_channels: usize) -> Option<Self> {
        let parameters =
            SincInterpolationParameters::new(FILTER_FRAMES, WindowFunction::BlackmanHarris2)
                .interpolation(SincInterpolationType::Cubic)
                .oversampling_factor(128);
        let resampler = Async::new_sinc(
            ratio,
            1.0,
            &parameters,
            CHUNK_FRAMES,
            n_channels,
            FixedAsync::Input,
        );
        // It refuses only ratios that are none, and those were kept out.
        let resampler = resampler.ok()?;
        let n_delayed = resampler.output_delay();
        Some(Self {
            resampler,
            input: Vec::new(),
            output: Vec::new(),
            ready: 0..0,
            n_delayed,
        })
    }

    /// How far into the sound the first frame lies that goes out, in frames of the sound: less than one
    /// step. The resampler begins one step after the middle of its empty filter.
    fn ahead(&self, step: f64) -> f64 {
        (self.n_delayed + 1) as f64 * step - FILTER_FRAMES as f64 * 0.5
    }

    /// Turns `n_frames` of the input into output.
    fn turn(&mut self, n_frames: usize, n_channels: usize) -> bool {
        let n_most = self.resampler.output_frames_max();
        self.output.resize(n_most * n_channels, 0.0);
        let input = InterleavedSlice::new(&self.input, n_channels, n_frames);
        let output = InterleavedSlice::new_mut(&mut self.output, n_channels, n_most);
        let (Ok(input), Ok(mut output)) = (input, output) else {
            return false;
        };
        let indexing = Indexing::new();
        let made = self
            .resampler
            .process_into_buffer(&input, &mut output, Some(&indexing));
        let Ok((_, n)) = made else { return false };
        let skipped = self.n_delayed.min(n);
        self.n_delayed -= skipped;
        self.ready = skipped..n;
        true
    }
}

/// Frames of `n_in` channels as frames of `n_out`: mono to both sides, surround folded into left and
/// right as ITU-R BS.775 does (centre and surround at −3 dB, no low-frequency channel), scaled so that it
/// never clips.
fn mix(from: &[f32], n_in: usize, to: &mut [f32], n_out: usize) {
    if n_in == n_out {
        to.copy_from_slice(from);
        return;
    }
    for (frame, out) in from.chunks_exact(n_in).zip(to.chunks_exact_mut(n_out)) {
        let [left, right] = sides(frame);
        out.fill(0.0);
        match out {
            [one] => {
                *one = if n_in == 1 {
                    left
                } else {
                    (left + right) * 0.5
                }
            }
            [l, r, ..] => (*l, *r) = (left, right),
            [] => {}
        }
    }
}

/// Left and right of a frame. The order of a WAV file: left, right, centre, low frequencies, then
/// surround left and right, back left and right.
fn sides(frame: &[f32]) -> [f32; 2] {
    const DOWN_3_DB: f32 = std::f32::consts::FRAC_1_SQRT_2;
    match *frame {
        [] => [0.0; 2],
        [one] => [one; 2],
        [l, r] => [l, r],
        [l, r, c] => [l, r].map(|side| (side + DOWN_3_DB * c) / (1.0 + DOWN_3_DB)),
        [l, r, bl, br] => [[l, bl], [r, br]].map(|[a, b]| (a + DOWN_3_DB * b) / (1.0 + DOWN_3_DB)),
        [l, r, c, bl, br] => fold([l, r], c, &[bl, br]),
        [l, r, c, _, ref around @ ..] => fold([l, r], c, around),
    }
}

/// Left and right with the centre and with pairs from around.
fn fold(front: [f32; 2], centre: f32, around: &[f32]) -> [f32; 2] {
    const DOWN_3_DB: f32 = std::f32::consts::FRAC_1_SQRT_2;
    let pairs = around.chunks_exact(2);
    let scale = 1.0 / (1.0 + DOWN_3_DB * (1 + pairs.len()) as f32);
    let mut sides = front.map(|side| side + DOWN_3_DB * centre);
    for pair in pairs {
        sides[0] += DOWN_3_DB * pair[0];
        sides[1] += DOWN_3_DB * pair[1];
    }
    sides.map(|side| side * scale)
}
