//! How different pictures are from each other: what is lost when a generator collapses.

use super::Source;
use crate::files::atlas::Pictures;
use crate::labs::judge::{Coverage, Judge, coverage};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Pictures that the spread is measured on.
const N_MEASURED: usize = 512;

/// How much of what there is a generator draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Variety {
    /// The [`spread`] of the made pictures, where that of the real ones is 1.
    pub spread: f32,
    /// How many of the made pictures a judge takes for each kind, for each question that it answers;
    /// empty where no judge knows such pictures.
    pub kinds: Vec<Coverage>,
}

/// Looks at what a generator makes, beside the real pictures of its training.
#[derive(Debug)]
pub struct Watch {
    judge: Option<Arc<Judge>>,
    spread: f32,
}

impl Watch {
    /// For a training on these pictures: faces and digits have a judge.
    #[must_use]
    pub fn new(source: &Source, reals: &Pictures) -> Self {
        let judge = match source {
            Source::Faces | Source::FacesFolder(_) => Judge::faces(),
            Source::Digits => Judge::digits(),
            Source::Folder(_) => return Self::without_judge(reals),
        };
        let knows = |judge: &Arc<Judge>| reals.side >= judge.side();
        Self {
            judge: judge.ok().filter(knows),
            ..Self::without_judge(reals)
        }
    }

    fn without_judge(reals: &Pictures) -> Self {
        Self {
            judge: None,
            spread: spread(reals),
        }
    }

    /// How much of what there is these made pictures show; `None` where the real ones are all alike.
    #[must_use]
    pub fn look(&self, made: &Pictures) -> Option<Variety> {
        let kinds = self.judge.as_ref().and_then(|judge| {
            let go_on = &mut || ControlFlow::Continue(());
            let looked = judge.look(made, go_on).ok()??;
            Some(coverage(judge.questions(), &looked.readings))
        });
        (self.spread > 0.0).then(|| Variety {
            spread: spread(made) / self.spread,
            kinds: kinds.unwrap_or_default(),
        })
    }
}

/// How different pictures are from each other: the standard deviation of a pixel over the pictures,
/// as the root of its mean square over all pixels, in levels of 0–255.
#[must_use]
fn spread(pictures: &Pictures) -> f32 {
    let n = pictures.len().min(N_MEASURED);
    let Some(first) = pictures.get(0).filter(|_| n > 1) else {
        return 0.0;
    };
    let mut sums = vec![[0_u64; 2]; first.len()];
    for picture in (0..n).filter_map(|i| pictures.get(i)) {
        for ([sum, squares], &level) in sums.iter_mut().zip(picture) {
            *sum += u64::from(level);
            *squares += u64::from(level) * u64::from(level);
        }
    }
    let n = n as f64;
    let variances = sums.iter().map(|&[sum, squares]| {
        let mean = sum as f64 / n;
        (squares as f64 / n - mean * mean).max(0.0)
    });
    (variances.sum::<f64>() / first.len() as f64).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_judge_counts_the_digits_and_finds_one_where_all_are_the_same() {
        let digits = crate::files::digits::bundled().unwrap();
        let watch = Watch::new(&Source::Digits, &digits);
        let n = 16 * 16;
        let of = |indices: &[usize]| Pictures {
            pixels: indices
                .iter()
                .flat_map(|i| digits.pixels[i * n..(i + 1) * n].to_vec())
                .collect(),
            ..digits.clone()
        };
        let many = watch.look(&of(&(0..64).collect::<Vec<_>>())).unwrap();
        let seen = |variety: &Variety| 10 - variety.kinds[0].missing().count();
        assert_eq!(seen(&many), 10);
        let one = watch.look(&of(&[5; 64])).unwrap();
        assert_eq!((seen(&one), one.spread), (1, 0.0));
        let mine = Watch::new(&Source::Folder("mine".into()), &digits);
        assert!(mine.look(&digits).unwrap().kinds.is_empty());
    }

    fn pictures(pixels: &[u8]) -> Pictures {
        Pictures {
            side: 1,
            n_channels: 2,
            pixels: pixels.to_vec(),
        }
    }

    #[test]
    fn pictures_that_are_alike_have_no_spread() {
        assert_eq!(spread(&pictures(&[7, 200, 7, 200, 7, 200])), 0.0);
        // One channel is 0 or 20: its standard deviation is 10, that of the other 0.
        let spread = spread(&pictures(&[0, 9, 20, 9]));
        assert!((spread - (100.0_f32 / 2.0).sqrt()).abs() < 1e-4, "{spread}");
    }
}
