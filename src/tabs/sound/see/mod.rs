//! See and hear: a sound as a wave and as a spectrogram, which share cursor, zoom, selection and loop
//! with what is heard.
//!
//! The [`stage`] shows what can be seen; the [`bench`] changes
//! how they are made; [`explain`] tells where a cell comes from, sample by sample; [`recording`] is the
//! microphone.

mod bench;
mod explain;
mod opening;
mod recording;
mod stage;

use super::in_use::InUse;
use super::looking::Looking;
use super::settings::Chosen;
use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::speaker::Phase;
use crate::tabs::saving::Saving;
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::theme::ColorMap;
use crate::widgets::count::grouped;
use crate::widgets::spectrogram::SpectrogramState;
use crate::widgets::time_span::TimeSpan;
use eframe::egui::Ui;
use explain::Explaining;
use opening::Opening;
use recording::Recorder;
use serde_json::{Value, json};
use std::ops::Range;
use std::path::PathBuf;

/// How far below full scale the darkest colour may be.
const RANGES_DB: std::ops::RangeInclusive<f64> = 20.0..=140.0;

/// The state of this view.
#[derive(Debug)]
pub(in crate::tabs::sound) struct SeeView {
    chosen: Chosen,
    /// How far below full scale the darkest colour is.
    range_db: f64,
    colors: ColorMap,
    /// The sound that the span is of.
    sound: u64,
    span: TimeSpan,
    looping: bool,
    looking: Looking,
    texture: SpectrogramState,
    explaining: Explaining,
    opening: Opening,
    recorder: Recorder,
    saving: Saving,
}

impl Default for SeeView {
    fn default() -> Self {
        Self {
            chosen: Chosen::default(),
            range_db: 90.0,
            colors: ColorMap::default(),
            sound: 0,
            span: TimeSpan::all(0.0),
            looping: false,
            looking: Looking::default(),
            texture: SpectrogramState::default(),
            explaining: Explaining::default(),
            opening: Opening::default(),
            recorder: Recorder::default(),
            saving: Saving::default(),
        }
    }
}

impl SeeView {
    pub(in crate::tabs::sound) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// Another sound is looked at from its beginning.
    fn meet(&mut self, sound: &InUse) {
        let total = sound.sound.secs();
        if self.sound != sound.number {
            self.sound = sound.number;
            self.span = TimeSpan::all(total);
            self.explaining.close();
        } else if self.span.total != total {
            // It is still being read, or turned out to be of another length.
            let was_whole = self.span.is_whole();
            self.span.total = total;
            if was_whole {
                self.span.show_all();
            }
        }
    }

    /// Where the sound in use is heard, in seconds.
    fn playing(desk: &Desk) -> Option<f64> {
        let sound = desk.sound.as_ref()?;
        let place = desk.player.place(sound.id())?;
        Some(place / sound.rate_hz())
    }

    /// The frames that are played again and again.
    fn looped(&self, sound: &InUse) -> Option<Range<usize>> {
        let [from, to] = self.span.selection.unwrap_or([0.0, self.span.total]);
        let frame = |secs: f64| (secs * sound.rate_hz()).round() as usize;
        self.looping.then(|| frame(from)..frame(to))
    }

    /// Plays from the cursor, or pauses.
    fn press_play(&mut self, desk: &mut Desk) {
        let Some(sound) = desk.sound.clone() else {
            return;
        };
        let phase = desk.player.phase(sound.id());
        if matches!(phase, Some(Phase::Playing | Phase::Waiting)) {
            self.pause(desk);
            return;
        }
        let mut from = self.span.cursor;
        if let Some([start, end]) = self.span.selection
            && !(start..end).contains(&from)
        {
            from = start;
        }
        if from >= self.span.total - 0.001 {
            from = 0.0;
        }
        let looped = self.looped(&sound);
        let frame = from * sound.rate_hz();
        desk.player.play(sound.track(), frame, looped);
    }

    /// Pauses; the cursor stays where it was heard last.
    fn pause(&mut self, desk: &mut Desk) {
        self.span.cursor = Self::playing(desk).unwrap_or(self.span.cursor);
        desk.player.pause();
    }

    /// Goes to a time, playing or not.
    fn go_to(&mut self, secs: f64, desk: &mut Desk) {
        self.span.cursor = secs;
        if let Some(sound) = &desk.sound {
            desk.player.seek(sound.id(), secs * sound.rate_hz());
        }
    }

    /// Plays in the loop that is chosen now.
    fn renew_loop(&self, desk: &mut Desk) {
        if let Some(sound) = desk.sound.clone() {
            desk.player.set_loop(sound.id(), self.looped(&sound));
        }
    }
}

impl View<Desk> for SeeView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.opening.poll(desk, cx);
        self.recorder.poll(desk, cx);
        self.looking.poll(cx);
        self.saving.poll(cx);
        if let Some(sound) = desk.sound.clone() {
            self.meet(&sound);
            self.looking
                .ask(&sound, &self.chosen, self.span.visible, cx);
        }
    }

    fn title(&self, desk: &Desk) -> String {
        match &desk.sound {
            Some(sound) => sound.sound.name().to_owned(),
            None => "A sound as a picture".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.saving.show(ui, cx);
        self.opening.begin(desk, cx);
        stage::show(self, ui, desk);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn has_explain(&self) -> bool {
        self.explaining.is_open()
    }

    fn explain(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        explain::show(self, ui, desk);
    }

    fn status(&self, desk: &Desk) -> Vec<StatusItem> {
        let Some(sound) = &desk.sound else {
            return Vec::new();
        };
        vec![StatusItem {
            label: "sound".into(),
            value: format!("{} Hz", grouped(sound.rate_hz())),
            tooltip: format!(
                "{} samples a second in each of {} channels; {} of them in each.",
                grouped(sound.rate_hz()),
                sound.sound.n_channels(),
                grouped(sound.sound.len() as f64)
            ),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        self.recorder.progress().or_else(|| self.opening.progress())
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::PLAY)
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Run => desk.sound.is_some() && desk.player.obstacle().is_none(),
            Command::Stop => Self::playing(desk).is_some() || self.recorder.is_recording(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Run => self.press_play(desk),
            Command::Stop => {
                self.recorder.stop();
                self.pause(desk);
            }
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        (card.kind == "sound").then(|| "see and hear it".into())
    }

    fn open(&mut self, path: PathBuf, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.opening.open(path, cx);
    }

    fn save(&self) -> Value {
        json!({
            "chosen": self.chosen,
            "range_db": self.range_db,
            "colors": self.colors,
            "looping": self.looping,
        })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(chosen) = serde_json::from_value::<Chosen>(saved["chosen"].clone()) {
            self.chosen = chosen.checked();
        }
        if let Ok(colors) = serde_json::from_value(saved["colors"].clone()) {
            self.colors = colors;
        }
        let range = saved["range_db"]
            .as_f64()
            .filter(|it| RANGES_DB.contains(it));
        self.range_db = range.unwrap_or(self.range_db);
        self.looping = saved["looping"].as_bool().unwrap_or(false);
    }
}
