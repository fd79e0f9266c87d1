//! The tools, and the hand that holds one.

use crate::labs::sound::painting::{Dab, Stroke};
use serde::{Deserialize, Serialize};

/// What is in the hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tool {
    #[default]
    Brush,
    Eraser,
    Noise,
    Notch,
    Melody,
    Select,
}

impl Tool {
    /// The tools, what their buttons say, and the sentence that teaches.
    pub(super) const ALL: [(Self, &'static str, &'static str); 6] = [
        (
            Self::Brush,
            "Brush",
            "Paint tones: every bin under the brush becomes at least so loud. Phases that are there are kept.",
        ),
        (
            Self::Eraser,
            "Eraser",
            "Take away what lies under it: a cough, a whistle, one note of a chord.",
        ),
        (
            Self::Noise,
            "Noise",
            "Add noise of only these frequencies: wind below, hiss above.",
        ),
        (
            Self::Notch,
            "Notch",
            "Click on a frequency: it is silent from beginning to end, or in the selected time.",
        ),
        (
            Self::Melody,
            "Melody",
            "Draw a line: one tone follows it, and where the line rises so does the tone.",
        ),
        (
            Self::Select,
            "Select",
            "Drag a rectangle: what lies in it can be moved in time or erased.",
        ),
    ];
}

/// What a person set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Tools {
    pub(super) tool: Tool,
    /// Half the brush, in milliseconds.
    pub(super) millis: f64,
    /// Half the brush, in octaves; a notch too.
    pub(super) octaves: f64,
    /// How loud, in dB of full scale.
    pub(super) db: f64,
    /// Whether a stroke is heard as soon as it is painted.
    pub(super) is_heard: bool,
    /// Seconds that a selection is moved by.
    pub(super) by_secs: f64,
    /// How many times as long all of it becomes.
    pub(super) stretch: f64,
    /// How many semitones higher.
    pub(super) semitones: f64,
}

impl Default for Tools {
    fn default() -> Self {
        Self {
            tool: Tool::Brush,
            millis: 60.0,
            octaves: 0.15,
            db: -24.0,
            is_heard: true,
            by_secs: 0.5,
            stretch: 1.5,
            semitones: 4.0,
        }
    }
}

/// What each number may be.
pub(super) mod ranges {
    use std::ops::RangeInclusive as Range;

    pub(in super::super) const MILLIS: Range<f64> = 10.0..=1000.0;
    pub(in super::super) const OCTAVES: Range<f64> = 0.02..=2.0;
    pub(in super::super) const DB: Range<f64> = -60.0..=0.0;
    pub(in super::super) const BY_SECS: Range<f64> = -60.0..=60.0;
    pub(in super::super) const STRETCH: Range<f64> = 0.25..=4.0;
    pub(in super::super) const SEMITONES: Range<f64> = -24.0..=24.0;
}

impl Tools {
    /// As they may be: a file of settings could say anything.
    pub(super) fn checked(self) -> Self {
        let is_known = ranges::MILLIS.contains(&self.millis)
            && ranges::OCTAVES.contains(&self.octaves)
            && ranges::DB.contains(&self.db)
            && ranges::BY_SECS.contains(&self.by_secs)
            && ranges::STRETCH.contains(&self.stretch)
            && ranges::SEMITONES.contains(&self.semitones);
        if is_known { self } else { Self::default() }
    }

    /// Half the brush: seconds and octaves.
    pub(super) fn radius(&self) -> [f64; 2] {
        [self.millis / 1000.0, self.octaves]
    }
}

/// A hand at work.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Hand {
    /// Where it went so far.
    pub(super) path: Vec<Dab>,
    /// A rectangle that was selected: times and frequencies, each the lower first.
    pub(super) rectangle: Option<([f64; 2], [f64; 2])>,
}

impl Hand {
    /// It is lifted: what it did with the tool in it, if that is anything.
    pub(super) fn lift(&mut self, tools: &Tools, total_secs: f64) -> Option<Stroke> {
        let path = std::mem::take(&mut self.path);
        let (first, last) = (*path.first()?, *path.last()?);
        let (radius, db) = (tools.radius(), tools.db);
        match tools.tool {
            Tool::Brush => Some(Stroke::Brush { path, radius, db }),
            Tool::Eraser => Some(Stroke::Erase { path, radius }),
            Tool::Noise => Some(Stroke::Noise { path, radius, db }),
            Tool::Notch => Some(Stroke::Notch {
                secs: self.rectangle.map_or([0.0, total_secs], |(secs, _)| secs),
                hz: last.hz,
                octaves: tools.octaves,
            }),
            Tool::Melody => (first.secs != last.secs).then_some(Stroke::Melody { path, db }),
            Tool::Select => {
                let sorted = |a: f64, b: f64| [a.min(b), a.max(b)];
                let rectangle = (sorted(first.secs, last.secs), sorted(first.hz, last.hz));
                let ([from, to], [low, high]) = rectangle;
                self.rectangle = (to > from && high > low).then_some(rectangle);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dab(secs: f64, hz: f64) -> Dab {
        Dab { secs, hz }
    }

    #[test]
    fn a_lifted_hand_has_done_what_its_tool_does() {
        let mut tools = Tools::default();
        let mut hand = Hand::default();
        assert_eq!(hand.lift(&tools, 3.0), None);
        tools.tool = Tool::Select;
        hand.path = vec![dab(2.0, 100.0), dab(1.0, 400.0)];
        assert_eq!(hand.lift(&tools, 3.0), None);
        assert_eq!(hand.rectangle, Some(([1.0, 2.0], [100.0, 400.0])));
        tools.tool = Tool::Notch;
        hand.path = vec![dab(0.5, 300.0)];
        let notch = Stroke::Notch {
            secs: [1.0, 2.0],
            hz: 300.0,
            octaves: tools.octaves,
        };
        assert_eq!(hand.lift(&tools, 3.0), Some(notch));
        tools.tool = Tool::Melody;
        hand.path = vec![dab(0.5, 300.0)];
        assert_eq!(hand.lift(&tools, 3.0), None, "a point is no melody");
        assert!(hand.path.is_empty());
    }
}
