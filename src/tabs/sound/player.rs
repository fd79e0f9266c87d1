//! What plays, for every view of the chapter: one speaker, one sound at a time.
//!
//! A view describes what it could play as a [`Track`] and shows a button for it:
//!
//! ```ignore
//! desk.player.button(ui, &Track { id: Id::unique("after 8"), name: "After 8 iterations".into(), source });
//! if let Some(place) = desk.player.place(track.id) { … }
//! ```

use crate::jobs::speaker::{Phase, SPEEDS, Source, Speaker, Start, Status};
use crate::tabs::parts::{caption, slider};
use crate::tabs::{Notice, TabContext};
use crate::widgets::icon::Icon;
use eframe::egui::{self, ComboBox, Id, Response, Slider, Ui};
use serde_json::{Value, json};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Something that can be played.
#[derive(Clone)]
pub(super) struct Track {
    /// Another id is another sound; the same id with other samples is that sound, changed.
    pub(super) id: Id,
    /// What a person calls it.
    pub(super) name: String,
    /// Its samples.
    pub(super) source: Arc<dyn Source>,
}

impl fmt::Debug for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Track");
        out.field("name", &self.name);
        out.finish_non_exhaustive()
    }
}

/// What a person set, for whatever plays.
#[derive(Debug, Clone, PartialEq)]
struct Set {
    speed: f64,
    /// 0..=1.
    volume: f64,
    /// The output's id.
    output: Option<String>,
}

impl Default for Set {
    fn default() -> Self {
        Self {
            speed: 1.0,
            volume: 1.0,
            output: None,
        }
    }
}

/// The speaker, as the views use it.
#[derive(Debug, Default)]
pub(super) struct Player {
    speaker: Option<Speaker>,
    /// Why there is no speaker: the system gave no thread.
    failed: bool,
    /// Whether somebody looks at the chapter: before, no output is looked for.
    is_wanted: bool,
    track: Option<Track>,
    looped: Option<Range<usize>>,
    set: Set,
    /// What the speaker said last.
    status: Status,
}

impl Player {
    /// Looks for an output, from now on: somebody may want to hear something.
    pub(super) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// Hears from the speaker.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        if self.is_wanted && self.speaker.is_none() && !self.failed {
            match Speaker::new(Arc::clone(&cx.wake)) {
                Ok(speaker) => {
                    speaker.set_speed(self.set.speed);
                    speaker.set_volume(loudness(self.set.volume));
                    if self.set.output.is_some() {
                        speaker.choose(self.set.output.clone());
                    }
                    self.speaker = Some(speaker);
                }
                Err(refusal) => {
                    self.failed = true;
                    cx.notices.push(Notice::Refused(refusal));
                }
            }
        }
        if let Some(speaker) = &self.speaker {
            self.status = speaker.status();
        }
    }

    /// Why nothing can be heard, if that is so: for the button that would play.
    pub(super) fn obstacle(&self) -> Option<String> {
        if self.failed {
            return Some("Nothing can be played: the system refused a thread.".into());
        }
        if !self.status.has_looked {
            return Some("Looking for a sound output…".into());
        }
        let trouble = self.status.trouble.as_ref()?;
        Some(format!(
            "Nothing can be heard: {}. Everything else works; plug in loudspeakers or headphones and it goes on.",
            trouble.trim_end_matches('.')
        ))
    }

    /// What the speaker does with this sound; nothing where it plays another one.
    pub(super) fn phase(&self, id: Id) -> Option<Phase> {
        let is_this = self.track.as_ref().is_some_and(|track| track.id == id);
        is_this.then_some(self.status.phase)
    }

    /// Whether this sound is heard now.
    pub(super) fn is_playing(&self, id: Id) -> bool {
        self.phase(id) == Some(Phase::Playing)
    }

    /// Where this sound is heard, in its frames; nothing where another one is.
    pub(super) fn place(&self, id: Id) -> Option<f64> {
        let phase = self.phase(id)?;
        let speaker = self.speaker.as_ref()?;
        (phase != Phase::Idle).then(|| speaker.place())
    }

    /// Plays a sound from a frame on, in a loop where one is given.
    pub(super) fn play(&mut self, track: Track, from: f64, looped: Option<Range<usize>>) {
        if let Some(speaker) = &self.speaker {
            let source = Arc::clone(&track.source);
            speaker.play(
                source,
                Start {
                    from,
                    looped: looped.clone(),
                },
            );
            self.status.phase = Phase::Playing;
        }
        self.looped = looped;
        self.track = Some(track);
    }

    /// Gives the sound that plays other samples, which are heard at once in the same place. Nothing
    /// happens where another sound plays.
    pub(super) fn replace(&mut self, track: Track) {
        if self.track.as_ref().is_some_and(|it| it.id == track.id) {
            if let Some(speaker) = &self.speaker {
                speaker.replace(Arc::clone(&track.source));
            }
            self.track = Some(track);
        }
    }

    /// Pauses what plays.
    pub(super) fn pause(&mut self) {
        if let Some(speaker) = &self.speaker
            && matches!(self.status.phase, Phase::Playing | Phase::Waiting)
        {
            speaker.pause();
            self.status.phase = Phase::Paused;
        }
    }

    /// Plays a sound, or pauses it, or goes on with it.
    pub(super) fn toggle(&mut self, track: Track) {
        match self.phase(track.id) {
            Some(Phase::Playing | Phase::Waiting) => self.pause(),
            Some(Phase::Paused) => {
                if let Some(speaker) = &self.speaker {
                    speaker.resume();
                    self.status.phase = Phase::Playing;
                }
            }
            Some(Phase::Ended | Phase::Idle) | None => {
                let looped = self.looped.clone();
                let same = self.track.as_ref().is_some_and(|it| it.id == track.id);
                let looped = looped.filter(|_| same);
                let from = looped.as_ref().map_or(0.0, |it| it.start as f64);
                self.play(track, from, looped);
            }
        }
    }

    /// Goes to a frame of the sound, where it is the one that is heard.
    pub(super) fn seek(&mut self, id: Id, frame: f64) {
        if let (Some(_), Some(speaker)) = (self.phase(id), &self.speaker) {
            speaker.seek(frame);
        }
    }

    /// Plays these frames of the sound again and again, or none, where it is the one that is heard.
    pub(super) fn set_loop(&mut self, id: Id, looped: Option<Range<usize>>) {
        if self.phase(id).is_some() && self.looped != looped {
            self.looped.clone_from(&looped);
            if let Some(speaker) = &self.speaker {
                speaker.set_loop(looped);
            }
        }
    }

    /// A small button that plays and pauses; greyed, with the reason, where nothing can be heard.
    pub(super) fn button(&mut self, ui: &mut Ui, track: &Track) -> Response {
        let is_playing = self.is_playing(track.id);
        let obstacle = self.obstacle();
        let (icon, verb) = if is_playing {
            (Icon::Pause, "Pause")
        } else {
            (Icon::Run, "Play")
        };
        let name = format!("{verb}: {}", track.name);
        let hint = obstacle.as_deref().unwrap_or("Hear it.");
        let response = ui
            .add_enabled_ui(obstacle.is_none(), |ui| icon.button(ui, &name, hint))
            .inner;
        let response = response.on_disabled_hover_text(hint);
        if response.clicked() {
            self.toggle(track.clone());
        }
        if is_playing {
            // The cursor moves.
            ui.ctx().request_repaint_after(Duration::from_millis(16));
        }
        response
    }

    /// Speed, volume and output, on a bench.
    pub(super) fn controls(&mut self, ui: &mut Ui) {
        let mut set = self.set.clone();
        let speed = Slider::new(&mut set.speed, SPEEDS)
            .logarithmic(true)
            .fixed_decimals(2)
            .suffix(" ×");
        slider(
            ui,
            "Speed",
            "How fast it is played. Pitch follows: at 2 × everything sounds an octave higher.",
            speed,
        );
        let volume = Slider::new(&mut set.volume, 0.0..=1.0)
            .custom_formatter(|share, _| format!("{:.0} %", share * 100.0))
            .custom_parser(|text| {
                Some(text.trim_end_matches('%').trim().parse::<f64>().ok()? / 100.0)
            });
        slider(
            ui,
            "Volume",
            "How loud: the samples are multiplied with the square of this; at 100 % they go out as they are.",
            volume,
        );
        self.choose_output(ui, &mut set);
        self.apply(set);
        if let Some(obstacle) = self.obstacle() {
            caption(ui, obstacle);
        } else if let Some(output) = &self.status.output {
            let way = if self.status.phase == Phase::Idle {
                format!(
                    "{} Hz, {} channels",
                    output.sample_rate_hz, output.n_channels
                )
            } else if self.status.is_resampled {
                format!("brought to {} Hz for it", output.sample_rate_hz)
            } else {
                format!("{} Hz, sample for sample", output.sample_rate_hz)
            };
            caption(ui, format!("{}: {way}.", output.name));
        }
    }

    fn choose_output(&mut self, ui: &mut Ui, set: &mut Set) {
        const USUAL: &str = "The system's own choice";
        let hint = "Which loudspeakers or headphones play.";
        let label = ui.label("Output").on_hover_text(hint);
        let known = |id: &String| {
            let choice = self.status.choices.iter().find(|it| it.id == *id);
            choice.map_or_else(|| id.clone(), |it| it.name.clone())
        };
        let shown = set.output.as_ref().map_or_else(|| USUAL.into(), known);
        let combo = ComboBox::from_id_salt("sound output")
            .selected_text(shown)
            .width(ui.available_width())
            .truncate();
        let response = combo.show_ui(ui, |ui| {
            ui.selectable_value(&mut set.output, None, USUAL);
            for choice in &self.status.choices {
                let id = Some(choice.id.clone());
                ui.selectable_value(&mut set.output, id, &choice.name);
            }
        });
        let opened = response.response.labelled_by(label.id).on_hover_text(hint);
        if opened.clicked()
            && let Some(speaker) = &self.speaker
        {
            // What is plugged in now may not have been before.
            speaker.look();
        }
    }

    fn apply(&mut self, set: Set) {
        if let Some(speaker) = &self.speaker {
            if set.speed != self.set.speed {
                speaker.set_speed(set.speed);
            }
            if set.volume != self.set.volume {
                speaker.set_volume(loudness(set.volume));
            }
            if set.output != self.set.output {
                speaker.choose(set.output.clone());
            }
        }
        self.set = set;
    }

    /// What survives a restart.
    pub(super) fn save(&self) -> Value {
        json!({ "speed": self.set.speed, "volume": self.set.volume, "output": self.set.output })
    }

    /// Takes back what [`Self::save`] gave.
    pub(super) fn restore(&mut self, saved: &Value) {
        let number = |key: &str, range: &std::ops::RangeInclusive<f64>, usual: f64| {
            let number = saved[key].as_f64();
            number.filter(|it| range.contains(it)).unwrap_or(usual)
        };
        self.set = Set {
            speed: number("speed", &SPEEDS, 1.0),
            volume: number("volume", &(0.0..=1.0), 1.0),
            output: saved["output"].as_str().map(str::to_owned),
        };
    }
}

/// The factor of the samples: ears hear ratios, so that the lower half of a slider has more to do.
fn loudness(volume: f64) -> f32 {
    (volume * volume) as f32
}

/// Minutes, seconds and hundredths.
pub(super) fn time(secs: f64) -> String {
    let secs = secs.max(0.0);
    let minutes = (secs / 60.0).floor();
    if minutes < 1.0 {
        format!("{secs:.2} s")
    } else {
        format!("{minutes:.0}:{:05.2}", secs - minutes * 60.0)
    }
}

/// So that a frame is drawn soon again while something moves.
pub(super) fn keep_moving(ctx: &egui::Context) {
    ctx.request_repaint_after(Duration::from_millis(16));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_clocks_say_them() {
        assert_eq!(time(0.5), "0.50 s");
        assert_eq!(time(59.994), "59.99 s");
        assert_eq!(time(60.0), "1:00.00");
        assert_eq!(time(3723.456), "62:03.46");
    }
}
