//! The missing half: the same spectrogram heard with the true phase, with none, with any, and with the
//! phase that Griffin-Lim finds step by step.

use super::spectrogram::{self, SpectrogramPicture};
use super::{Padding, Shape, Sound, Stft, Window, on_pool};
use crate::dsp::griffin_lim::{GriffinLim, Start, USUAL_MOMENTUM};
use crate::refusal::{Refusal, Result};
use std::ops::{ControlFlow, Range};

#[cfg(test)]
mod tests;

/// The longest stretch that is tried.
pub const MOST_SECS: f64 = 12.0;
/// The size of a trial's picture.
const PICTURE: [usize; 2] = [320, 200];

/// What is tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Samples of a transform and of its window.
    pub n_fft: usize,
    /// Samples from one frame to the next.
    pub hop_length: usize,
    /// The window.
    pub window: Window,
    /// How far each step goes on in the direction of the last: 0 is the algorithm of 1984.
    pub momentum: f32,
    /// The random phase that is begun with.
    pub seed: u64,
    /// The steps after which the sound is kept, rising.
    pub marks: Vec<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            n_fft: 2048,
            hop_length: 512,
            window: Window::Hann,
            momentum: USUAL_MOMENTUM,
            seed: 0,
            marks: vec![1, 8, 32, 100],
        }
    }
}

impl Settings {
    fn shape(&self) -> Shape {
        Shape {
            n_fft: self.n_fft,
            win_length: self.n_fft,
            hop_length: self.hop_length,
            window: self.window,
            padding: Padding::Zero,
        }
    }
}

/// Where a trial's phase comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The sound itself: nothing was lost.
    True,
    /// 0 everywhere.
    Zero,
    /// Any.
    Random,
    /// Griffin-Lim, after so many steps from the random one.
    After(usize),
}

impl Phase {
    /// Its name.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::True => "True phase".to_owned(),
            Self::Zero => "Zero phase".to_owned(),
            Self::Random => "Random phase".to_owned(),
            Self::After(1) => "After 1 step".to_owned(),
            Self::After(n) => format!("After {n} steps"),
        }
    }

    /// Its name where there is little room.
    #[must_use]
    pub fn short_name(self) -> String {
        match self {
            Self::True => "True".to_owned(),
            Self::Zero => "Zero".to_owned(),
            Self::Random => "Random".to_owned(),
            Self::After(1) => "1 step".to_owned(),
            Self::After(n) => format!("{n} steps"),
        }
    }

    /// What one hears, and why.
    #[must_use]
    pub const fn teaches(self) -> &'static str {
        match self {
            Self::True => {
                "The stretch as it was: magnitudes and phase, taken apart and put together."
            }
            Self::Zero => {
                "Every wave at its crest in the middle of every frame: a buzz at the rate of the frames."
            }
            Self::Random => {
                "Every wave begins anywhere: neighbouring frames cancel one another, and what was sharp is smeared."
            }
            Self::After(_) => {
                "The phase that the sound of the step before has, with the magnitudes of the picture put back."
            }
        }
    }
}

/// One way to fill in the phase.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Which.
    pub phase: Phase,
    /// How it sounds.
    pub sound: Sound,
    /// `‖ |c| − S ‖ / ‖S‖`: how far its own spectrogram is from the one it was made for.
    pub convergence: f64,
    /// Where that number comes from.
    pub evidence: Evidence,
    /// That spectrogram.
    pub picture: SpectrogramPicture,
}

/// The spectral convergence computed once more, from the samples of a trial, in f64.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// `Σ (|c| − S)²` over all cells.
    pub error: f64,
    /// `Σ S²`.
    pub whole: f64,
    /// Frames.
    pub n_frames: usize,
    /// Frequencies of a frame.
    pub n_bins: usize,
    /// The cells that are furthest off, the furthest first.
    pub furthest: Vec<Off>,
}

/// A cell whose magnitude is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Off {
    /// Its frame.
    pub frame: usize,
    /// Its frequency, as a bin.
    pub bin: usize,
    /// |c|: what the sound has there.
    pub found: f32,
    /// S: what the picture has.
    pub given: f32,
}

impl Evidence {
    /// Cells that are told.
    const N_FURTHEST: usize = 12;

    fn of(stft: &Stft, samples: &[f32], magnitudes: &[f32]) -> Self {
        let (n_bins, n_frames) = (stft.shape().n_bins(), stft.shape().n_frames(samples.len()));
        let found = stft.magnitudes(samples, 0..n_frames, &on_pool);
        let (mut error, mut whole) = (0.0, 0.0);
        let mut furthest: Vec<Off> = Vec::new();
        for (i, (&found, &given)) in found.iter().zip(magnitudes).enumerate() {
            let off = f64::from(found) - f64::from(given);
            error += off * off;
            whole += f64::from(given) * f64::from(given);
            let by = |off: &Off| (off.found - off.given).abs();
            let least = furthest.last().map_or(0.0, by);
            if furthest.len() < Self::N_FURTHEST || off.abs() > f64::from(least) {
                let (frame, bin) = (i / n_bins, i % n_bins);
                let off = Off {
                    frame,
                    bin,
                    found,
                    given,
                };
                let at = furthest.partition_point(|other| by(other) >= by(&off));
                furthest.insert(at, off);
                furthest.truncate(Self::N_FURTHEST);
            }
        }
        Self {
            error,
            whole,
            n_frames,
            n_bins,
            furthest,
        }
    }

    /// `√error / √whole`.
    #[must_use]
    pub fn convergence(&self) -> f64 {
        if self.whole > 0.0 {
            self.error.sqrt() / self.whole.sqrt()
        } else {
            0.0
        }
    }
}

/// What happens on the way.
#[derive(Debug, Clone)]
pub enum Event {
    /// A trial can be seen and heard.
    Trial(Box<Trial>),
    /// The spectral convergence after so many steps.
    Convergence {
        /// Steps made.
        n_steps: usize,
        /// The convergence.
        value: f64,
    },
}

/// Tries every phase on the seconds `secs` of `sound`. `Break` ends it with the trials made so far.
///
/// # Errors
/// A stretch that is empty or too long; settings that give no spectrogram.
pub fn run(
    sound: &Sound,
    secs: Range<f64>,
    settings: &Settings,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Result<()> {
    let samples = stretch(sound, secs, MOST_SECS)?;
    let n_samples = samples.len();
    let stft = Stft::new(settings.shape())?;
    let spectrum = stft.forward_on(&samples, &on_pool);
    let trials = Trials {
        sound,
        settings,
        magnitudes: spectrum.magnitudes(),
        stft,
        n_samples,
    };
    let _stopped = trials.run(&spectrum.values, emit)?;
    Ok(())
}

/// The longest sound whose phase is found at a stretch.
pub const MOST_SECS_FOUND: f64 = 300.0;

/// The sound whose magnitudes are those of `sound` and whose phase Griffin-Lim found in `n_steps` from a
/// random one, and its spectral convergence before each step and after the last. `emit` is told the steps
/// made; `Break` ends it with the sound found so far.
///
/// # Errors
/// A sound that is empty or too long; settings that give no spectrogram.
pub fn find(
    sound: &Sound,
    settings: &Settings,
    n_steps: usize,
    emit: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<(Sound, Vec<f64>)> {
    let samples = stretch(sound, 0.0..f64::INFINITY, MOST_SECS_FOUND)?;
    let stft = Stft::new(settings.shape())?;
    let n_frames = stft.shape().n_frames(samples.len());
    let magnitudes = stft.magnitudes(&samples, 0..n_frames, &on_pool);
    let start = Start::Random(settings.seed);
    let n = samples.len();
    let mut search = GriffinLim::new(&stft, magnitudes, n, start, settings.momentum, &on_pool);
    let mut convergences = Vec::new();
    while convergences.len() < n_steps && emit(convergences.len()).is_continue() {
        convergences.push(search.step(&on_pool));
    }
    convergences.push(search.convergence(&on_pool));
    let found = Sound::from_samples(
        sound.name(),
        sound.sample_rate_hz(),
        1,
        search.samples().to_vec(),
    );
    Ok((found, convergences))
}

/// The samples of a stretch that is neither empty nor too long.
fn stretch(sound: &Sound, secs: Range<f64>, most_secs: f64) -> Result<Vec<f32>> {
    let rate = f64::from(sound.sample_rate_hz());
    let at = |secs: f64| (secs.max(0.0) * rate).round() as usize;
    let range = at(secs.start)..at(secs.end).min(sound.len());
    let secs = range.len() as f64 / rate;
    if range.is_empty() || secs > most_secs + 0.01 {
        return Err(Refusal::unchanged(
            "This stretch cannot be tried.",
            format!("It lasts {secs:.2} s."),
            format!("Select something up to {most_secs} s long."),
        ));
    }
    sound.mono(range)
}

struct Trials<'a> {
    sound: &'a Sound,
    settings: &'a Settings,
    stft: Stft,
    magnitudes: Vec<f32>,
    n_samples: usize,
}

impl Trials<'_> {
    fn run(
        &self,
        truth: &[super::Complex32],
        emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>> {
        for (phase, start) in [(Phase::True, Start::Of(truth)), (Phase::Zero, Start::Zero)] {
            let mut search = self.begin(start);
            let convergence = search.convergence(&on_pool);
            if emit(self.trial(phase, &search, convergence)?).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        let mut search = self.begin(Start::Random(self.settings.seed));
        let last = self.settings.marks.iter().copied().max().unwrap_or(0);
        for n_steps in 0..=last {
            // What a step finds on its way is the convergence of the sound before it, so the sound is
            // kept first: its samples are there, its convergence a moment later.
            let samples = search.samples().to_vec();
            let value = if n_steps == last {
                search.convergence(&on_pool)
            } else {
                search.step(&on_pool)
            };
            let mut flow = emit(Event::Convergence { n_steps, value });
            let phase = match n_steps {
                0 => Some(Phase::Random),
                n if self.settings.marks.contains(&n) => Some(Phase::After(n)),
                _ => None,
            };
            if flow.is_continue()
                && let Some(phase) = phase
            {
                flow = emit(self.trial_of(phase, samples, value)?);
            }
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn begin(&self, start: Start) -> GriffinLim {
        GriffinLim::new(
            &self.stft,
            self.magnitudes.clone(),
            self.n_samples,
            start,
            self.settings.momentum,
            &on_pool,
        )
    }

    fn trial(&self, phase: Phase, search: &GriffinLim, convergence: f64) -> Result<Event> {
        self.trial_of(phase, search.samples().to_vec(), convergence)
    }

    fn trial_of(&self, phase: Phase, samples: Vec<f32>, convergence: f64) -> Result<Event> {
        let evidence = Evidence::of(&self.stft, &samples, &self.magnitudes);
        let name = format!("{}, {}", self.sound.name(), phase.name().to_lowercase());
        let sound = Sound::from_samples(&name, self.sound.sample_rate_hz(), 1, samples);
        let settings = spectrogram::Settings {
            n_fft: self.settings.n_fft,
            win_length: self.settings.n_fft,
            hop_length: self.settings.hop_length,
            window: self.settings.window,
            ..spectrogram::Settings::default()
        };
        let [n_columns, n_rows] = PICTURE;
        let picture =
            spectrogram::picture(&sound, 0.0..sound.secs(), &settings, n_columns, n_rows)?;
        Ok(Event::Trial(Box::new(Trial {
            phase,
            sound,
            convergence,
            evidence,
            picture,
        })))
    }
}
