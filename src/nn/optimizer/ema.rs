//! The average of a training's weights (Polyak & Juditsky 1992), an exponential one: what is drawn with.

use super::moments::Each2;
use crate::nn::layers::Parameters;
use candle_core::{Result, Tensor, bail};

/// The weights' average, by name, in the order of the parameters.
#[derive(Debug)]
pub struct Ema {
    averages: Vec<(String, Tensor)>,
    n_steps: usize,
}

impl Ema {
    /// Starts at the weights as they are.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn new(parameters: &Parameters) -> Result<Self> {
        // A copy of a variable remembers where it came from, unless it is detached.
        let copies = parameters
            .iter()
            .map(|(name, var)| Ok((name.to_owned(), var.as_detached_tensor().copy()?.detach())));
        Ok(Self {
            averages: copies.collect::<Result<_>>()?,
            n_steps: 0,
        })
    }

    /// `average += (1 − kept) · (weight − average)`, where `kept` grows with the steps up to `most`:
    /// `(1 + n)/(10 + n)`, so the average is at first of about the last tenth of the steps.
    ///
    /// # Errors
    /// When the parameters are others than at the beginning.
    pub fn step(&mut self, parameters: &Parameters, most: f64) -> Result<()> {
        if parameters.iter().len() != self.averages.len() {
            bail!(
                "an average of {} tensors, {} parameters",
                self.averages.len(),
                parameters.iter().len()
            );
        }
        self.n_steps += 1;
        let n = self.n_steps as f64;
        let share = 1.0 - ((1.0 + n) / (10.0 + n)).min(most);
        let part = share as f32;
        let towards = Each2(move |average, weight| average + part * (weight - average));
        for ((_, average), (_, var)) in self.averages.iter_mut().zip(parameters.iter()) {
            let weight = var.as_detached_tensor();
            if weight.device().is_cpu() {
                average.inplace_op2(&weight, &towards)?;
            } else {
                *average = ((&*average * (1.0 - share))? + (weight * share)?)?;
            }
        }
        Ok(())
    }

    /// The averages. They change with the next step: who keeps one takes a copy.
    #[must_use]
    pub fn tensors(&self) -> &[(String, Tensor)] {
        &self.averages
    }

    /// The average of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        let found = self.averages.iter().find(|(n, _)| n == name);
        found.map(|(_, average)| average)
    }

    /// Steps taken so far.
    #[must_use]
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }

    /// Takes up where a checkpoint stopped: `find` gives the average of a name and shape.
    ///
    /// # Errors
    /// When `find` does.
    pub fn restore(
        &mut self,
        n_steps: usize,
        mut find: impl FnMut(&str, &[usize]) -> Result<Tensor>,
    ) -> Result<()> {
        for (name, average) in &mut self.averages {
            let found = find(name, average.dims())?;
            if found.dims() != average.dims() {
                bail!("{name} is {:?}, not {:?}", found.dims(), average.dims());
            }
            *average = found.copy()?.detach();
        }
        self.n_steps = n_steps;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn the_average_forgets_as_tensorflows_does_and_goes_on_where_it_stopped() {
        let zero = Tensor::zeros(3, candle_core::DType::F32, &Device::Cpu).unwrap();
        let mut parameters = Parameters::default();
        parameters.add("w", &zero).unwrap();
        let var = parameters.get("w").unwrap().clone();
        let mut ema = Ema::new(&parameters).unwrap();
        var.set(&zero.ones_like().unwrap()).unwrap();
        // tf.train.ExponentialMovingAverage: the decay of step n is min(most, (1 + n)/(10 + n)).
        let mut left = 1.0;
        for n in 1..=4 {
            let kept = f64::min(0.3, f64::from(1 + n) / f64::from(10 + n));
            left *= kept;
            ema.step(&parameters, 0.3).unwrap();
            let average = ema.get("w").unwrap().to_vec1::<f32>().unwrap();
            assert!(
                average
                    .iter()
                    .all(|a| (f64::from(*a) - (1.0 - left)).abs() < 1e-6)
            );
        }
        let kept = ema.get("w").unwrap().copy().unwrap();
        let mut again = Ema::new(&parameters).unwrap();
        again
            .restore(ema.n_steps(), |_, _| Ok(kept.clone()))
            .unwrap();
        for ema in [&mut ema, &mut again] {
            ema.step(&parameters, 0.999).unwrap();
        }
        let numbers = |ema: &Ema| ema.get("w").unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(numbers(&ema), numbers(&again));
    }
}
