//! The microphone, while it is open, and what becomes of a recording.

use super::super::player::time;
use super::super::views::Desk;
use crate::jobs::microphone::{MOST_SECS, Microphone};
use crate::labs::sound::Sound;
use crate::labs::sound::opening::of_sound;
use crate::tabs::parts::caption;
use crate::tabs::{Notice, Progress, TabContext};
use crate::widgets::meter::Meter;
use eframe::egui::{Button, Ui};
use std::sync::Arc;

/// Records when asked to.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    microphone: Option<Microphone>,
    n_recordings: usize,
}

impl Recorder {
    pub(super) fn is_recording(&self) -> bool {
        self.microphone.is_some()
    }

    pub(super) fn stop(&mut self) {
        if let Some(microphone) = &self.microphone {
            microphone.stop();
        }
    }

    /// Takes the recording when it has ended.
    pub(super) fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let Some(microphone) = &mut self.microphone else {
            return;
        };
        let Some(ended) = microphone.poll() else {
            return;
        };
        self.microphone = None;
        match ended {
            Ok(recording) => {
                self.n_recordings += 1;
                let name = format!("Recording {}", self.n_recordings);
                let rate = recording.sample_rate_hz;
                match of_sound(Sound::from_samples(&name, rate, 1, recording.samples)) {
                    Ok(opened) => desk.take(opened),
                    Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
                }
                if let Some(trouble) = recording.trouble {
                    let told = format!("The recording ended by itself: {trouble}");
                    cx.notices.push(Notice::Done(told));
                }
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        let microphone = self.microphone.as_ref()?;
        Some(Progress {
            label: format!("Recording, {}", time(microphone.secs())),
            fraction: None,
        })
    }

    /// The button that records and stops, and how loud it is.
    pub(super) fn show(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let Some(microphone) = &self.microphone else {
            let record = ui.button("Record").on_hover_text(
                "Open the microphone now and record until you press Stop. What was on the stage makes room for it.",
            );
            if record.clicked() {
                desk.player.pause();
                match Microphone::start(Arc::clone(&cx.wake)) {
                    Ok(microphone) => self.microphone = Some(microphone),
                    Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
                }
            }
            return;
        };
        let stop = ui
            .add(Button::new("Stop recording"))
            .on_hover_text("Close the microphone and look at what was recorded.");
        if stop.clicked() {
            microphone.stop();
        }
        let level = microphone.level();
        let db = 20.0 * level.max(1e-5).log10();
        let secs = microphone.secs();
        let words = format!(
            "{} of at most {}, {db:.0} dB of full scale",
            time(secs),
            time(MOST_SECS)
        )
        .replace('-', "−");
        Meter {
            name: "Level",
            // Sixty decibels over the width.
            value: f64::from((db + 60.0).max(0.0)),
            planned: 0.0,
            full: 60.0,
            words: &words,
        }
        .show(ui);
        if level > 0.99 {
            caption(ui, "Too loud: the microphone is at its limit.");
        }
    }
}
