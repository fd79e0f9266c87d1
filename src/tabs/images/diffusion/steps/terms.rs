//! A step of a sampler for one number of the picture: its formula with the real terms, in double
//! precision. A test holds each of them against the sampler itself.

use crate::labs::diffusion::{Level, Sampler};
use std::fmt::Write as _;

/// What the formula is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Terms {
    pub(super) from: Level,
    pub(super) to: Level,
    /// What lies there.
    pub(super) x_t: f64,
    /// The clean picture that the network sees in it, guided and within limits.
    pub(super) x0: f64,
    /// The new noise of this step, standard normal.
    pub(super) noise: f64,
    /// What the network sees at the end of Heun's first guess.
    pub(super) x0_there: f64,
}

/// A formula in lines, and what comes out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Formula {
    /// In letters.
    pub(super) letters: Vec<&'static str>,
    /// In numbers.
    pub(super) numbers: Vec<String>,
    pub(super) result: f64,
}

/// A number as it stands in a formula.
pub(super) fn n(x: f64) -> String {
    let digits = if x.abs() >= 100.0 { 1 } else { 4 };
    format!("{:.digits$}", x + 0.0).replace('-', "−")
}

/// A number that something is multiplied with: negative ones in brackets.
pub(super) fn by(x: f64) -> String {
    if x < 0.0 { format!("({})", n(x)) } else { n(x) }
}

impl Terms {
    /// ε̂ = (xₜ − √ᾱ x̂₀) / √(1 − ᾱ).
    pub(super) fn implied_noise(&self) -> Formula {
        let (signal, noise) = (self.from.signal(), self.from.noise());
        let result = (self.x_t - signal * self.x0) / noise;
        Formula {
            letters: vec!["ε̂ = (xₜ − √ᾱ x̂₀) / √(1 − ᾱ)"],
            numbers: vec![
                format!(
                    "= ({} − {} · {}) / {}",
                    n(self.x_t),
                    n(signal),
                    by(self.x0),
                    n(noise)
                ),
                format!("= {}", n(result)),
            ],
            result,
        }
    }

    /// The number at level `to`.
    pub(super) fn step(&self, sampler: Sampler) -> Formula {
        match sampler {
            Sampler::Ddpm => self.ddpm(),
            Sampler::Ddim { .. } => self.ddim(sampler.added_noise(&self.from, &self.to)),
            Sampler::Euler => self.euler(),
            Sampler::EulerAncestral => self.ancestral(sampler.added_noise(&self.from, &self.to)),
            Sampler::Heun if self.to.is_clean() => self.euler(),
            Sampler::Heun => self.heun(),
        }
    }

    fn ddpm(&self) -> Formula {
        let (from, to) = (self.from.alpha_cumprod, self.to.alpha_cumprod);
        let alpha = from / to;
        let of_x0 = to.sqrt() * (1.0 - alpha) / (1.0 - from);
        let of_x_t = alpha.sqrt() * (1.0 - to) / (1.0 - from);
        let of_noise = Sampler::Ddpm.added_noise(&self.from, &self.to);
        let result = of_x0 * self.x0 + of_x_t * self.x_t + of_noise * self.noise;
        Formula {
            letters: vec![
                "α = ᾱ / ᾱ′,  β = 1 − α",
                "x′ = √ᾱ′ β/(1−ᾱ) x̂₀ + √α (1−ᾱ′)/(1−ᾱ) xₜ + √β̃ ε",
                "β̃ = β (1−ᾱ′)/(1−ᾱ)",
            ],
            numbers: vec![
                format!(
                    "= {} · {} + {} · {} + {} · {}",
                    n(of_x0),
                    by(self.x0),
                    n(of_x_t),
                    by(self.x_t),
                    n(of_noise),
                    by(self.noise)
                ),
                format!("= {}", n(result)),
            ],
            result,
        }
    }

    fn ddim(&self, sigma: f64) -> Formula {
        let direction = (1.0 - self.to.alpha_cumprod - sigma * sigma)
            .max(0.0)
            .sqrt();
        let implied = self.implied_noise().result;
        let signal = self.to.signal();
        let result = signal * self.x0 + direction * implied + sigma * self.noise;
        let mut numbers = format!(
            "= {} · {} + {} · {}",
            n(signal),
            by(self.x0),
            n(direction),
            by(implied)
        );
        let letters = if sigma > 0.0 {
            let _ = write!(numbers, " + {} · {}", n(sigma), by(self.noise));
            "x′ = √ᾱ′ x̂₀ + √(1 − ᾱ′ − s²) ε̂ + s ε"
        } else {
            "x′ = √ᾱ′ x̂₀ + √(1 − ᾱ′) ε̂"
        };
        Formula {
            letters: vec![letters],
            numbers: vec![numbers, format!("= {}", n(result))],
            result,
        }
    }

    /// xₜ beside a picture of full strength, and the slope there.
    fn slope(&self) -> (f64, f64) {
        let x = self.x_t / self.from.signal();
        (x, (x - self.x0) / self.from.sigma())
    }

    fn slope_lines(&self) -> Vec<String> {
        let (x, slope) = self.slope();
        let signal = n(self.from.signal());
        vec![
            format!("x = {} / {signal} = {}", n(self.x_t), n(x)),
            format!(
                "d = ({} − {}) / {} = {}",
                n(x),
                by(self.x0),
                n(self.from.sigma()),
                n(slope)
            ),
        ]
    }

    fn euler(&self) -> Formula {
        let (x, slope) = self.slope();
        let (here, there) = (self.from.sigma(), self.to.sigma());
        let result = self.to.signal() * (x + (there - here) * slope);
        let mut numbers = self.slope_lines();
        numbers.push(format!(
            "x′ = {} · ({} + {} · {})",
            n(self.to.signal()),
            n(x),
            by(there - here),
            by(slope)
        ));
        numbers.push(format!("= {}", n(result)));
        Formula {
            letters: vec![
                "x = xₜ / √ᾱ,  d = (x − x̂₀) / σ",
                "x′ = √ᾱ′ (x + (σ′ − σ) d)",
            ],
            numbers,
            result,
        }
    }

    fn ancestral(&self, added: f64) -> Formula {
        let (x, slope) = self.slope();
        let here = self.from.sigma();
        let up = added / self.to.signal();
        let down = (self.to.sigma().powi(2) - up * up).max(0.0).sqrt();
        let result = self.to.signal() * (x + (down - here) * slope + up * self.noise);
        let mut numbers = self.slope_lines();
        numbers.push(format!("σ↓ = {},  σ↑ = {}", n(down), n(up)));
        numbers.push(format!(
            "x′ = {} · ({} + {} · {} + {} · {})",
            n(self.to.signal()),
            n(x),
            by(down - here),
            by(slope),
            n(up),
            by(self.noise)
        ));
        numbers.push(format!("= {}", n(result)));
        Formula {
            letters: vec![
                "x = xₜ / √ᾱ,  d = (x − x̂₀) / σ,  σ↓² + σ↑² = σ′²",
                "x′ = √ᾱ′ (x + (σ↓ − σ) d + σ↑ ε)",
            ],
            numbers,
            result,
        }
    }

    fn heun(&self) -> Formula {
        let (x, slope) = self.slope();
        let (here, there) = (self.from.sigma(), self.to.sigma());
        let guess = x + (there - here) * slope;
        let slope_there = (guess - self.x0_there) / there;
        let mean = 0.5 * (slope + slope_there);
        let result = self.to.signal() * (x + (there - here) * mean);
        let mut numbers = self.slope_lines();
        numbers.push(format!(
            "g = {} + {} · {} = {}",
            n(x),
            by(there - here),
            by(slope),
            n(guess)
        ));
        numbers.push(format!(
            "d′ = ({} − {}) / {} = {}",
            n(guess),
            by(self.x0_there),
            n(there),
            n(slope_there)
        ));
        numbers.push(format!(
            "x′ = {} · ({} + {} · {})",
            n(self.to.signal()),
            n(x),
            by(there - here),
            by(mean)
        ));
        numbers.push(format!("= {}", n(result)));
        Formula {
            letters: vec![
                "x = xₜ / √ᾱ,  d = (x − x̂₀) / σ,  g = x + (σ′ − σ) d",
                "d′ = (g − x̂₀′) / σ′, x̂₀′ seen in g",
                "x′ = √ᾱ′ (x + (σ′ − σ) (d + d′) / 2)",
            ],
            numbers,
            result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::diffusion::Schedule;

    #[test]
    fn every_formula_gives_what_its_sampler_gives() {
        let levels = Schedule::Cosine.levels();
        let samplers = Sampler::ALL.into_iter().chain([Sampler::Ddim { eta: 0.7 }]);
        for sampler in samplers {
            for (from, to) in [
                (levels.at(980.0), levels.at(700.0)),
                (levels.at(300.5), levels.at(120.0)),
                (levels.at(39.0), Level::CLEAN),
            ] {
                let terms = Terms {
                    from,
                    to,
                    x_t: 0.8,
                    x0: -0.4,
                    noise: 1.3,
                    x0_there: -0.1,
                };
                let mut there = |_: &[f32], _: &Level| Ok::<_, ()>(vec![-0.1_f32]);
                let after = sampler.step([&from, &to], &[0.8], &[-0.4], &[1.3], &mut there);
                let after = f64::from(after.unwrap()[0]);
                let formula = terms.step(sampler);
                assert!(
                    (formula.result - after).abs() < 1e-6,
                    "{sampler:?} {from:?}: {formula:?}"
                );
                let last = formula.numbers.last().unwrap();
                assert_eq!(*last, format!("= {}", n(after)), "{sampler:?}");
            }
        }
    }

    #[test]
    fn the_implied_noise_is_that_of_the_level() {
        let from = Schedule::Cosine.levels().at(500.0);
        let terms = Terms {
            from,
            to: Level::CLEAN,
            x_t: 0.3,
            x0: 0.9,
            noise: 0.0,
            x0_there: 0.0,
        };
        let expected = from.noise_in(&[0.3], &[0.9])[0];
        assert!((terms.implied_noise().result - f64::from(expected)).abs() < 1e-6);
    }
}
