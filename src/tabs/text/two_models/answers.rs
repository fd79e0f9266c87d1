//! The same prompt to both: as a text to go on with, and, to a model that was taught to chat, as a chat.

use crate::jobs::Job;
use crate::labs::text::{Event, LoadedText, Message, Request, generate, read_chat, read_raw};
use crate::refusal::Result;
use crate::tabs::parts::caption;
use crate::tabs::{Notice, Progress, TabContext};
use crate::theme;
use eframe::egui::{Frame, Margin, RichText, ScrollArea, Stroke, Ui};
use std::ops::ControlFlow;
use std::sync::Arc;

/// The most tokens of an answer.
const N_TOKENS: usize = 48;

/// The start of the random draws: the same for every answer.
const SEED: u64 = 1;

/// What the job says.
#[derive(Debug)]
enum Said {
    /// More of an answer: whose, and whether as a chat.
    More([usize; 2], Vec<u8>),
    /// An answer has ended, and how.
    Ended([usize; 2], String),
    Refused(crate::refusal::Refusal),
}

/// One answer.
#[derive(Debug, Default)]
struct Answer {
    bytes: Vec<u8>,
    ended: Option<String>,
}

/// The answers of both models.
#[derive(Debug, Default)]
pub(super) struct Answers {
    prompt: String,
    /// Of each model: as a text, as a chat.
    of: [[Answer; 2]; 2],
    job: Option<Job<Said>>,
}

impl Answers {
    /// Asks both models.
    pub(super) fn begin(
        &mut self,
        models: [Arc<LoadedText>; 2],
        prompt: &str,
        cx: &mut TabContext<'_>,
    ) {
        prompt.clone_into(&mut self.prompt);
        self.of = <[[Answer; 2]; 2]>::default();
        let (compute, prompt) = (cx.compute, prompt.to_owned());
        let job = Job::spawn("two models answer", cx.wake.clone(), move |emit| {
            compute.set_threads();
            for (i, loaded) in models.iter().enumerate() {
                for as_chat in [false, true] {
                    if as_chat && !loaded.has_chat_template() {
                        continue;
                    }
                    let at = [i, usize::from(as_chat)];
                    let mut tell = |bytes| emit(Said::More(at, bytes));
                    let said = match answer(loaded, &prompt, as_chat, &mut tell) {
                        Ok(ended) => Said::Ended(at, ended),
                        Err(refusal) => Said::Refused(refusal),
                    };
                    if emit(said).is_break() {
                        return;
                    }
                }
            }
        });
        match job {
            Ok(job) => self.job = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Whether one is being written.
    pub(super) fn is_running(&self) -> bool {
        self.job.is_some()
    }

    /// Ends them; what was written stays.
    pub(super) fn stop(&mut self) {
        self.job = None;
    }

    /// Takes what the job sent.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.job else { return };
        let said = job.poll();
        let is_over = !job.is_running();
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        for said in said {
            match said {
                Said::More([i, chat], bytes) => self.of[i][chat].bytes.extend(bytes),
                Said::Ended([i, chat], why) => self.of[i][chat].ended = Some(why),
                Said::Refused(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if is_over {
            self.job = None;
        }
    }

    /// That it works.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.job.as_ref()?;
        Some(Progress {
            label: "Both models answer".into(),
            fraction: None,
        })
    }

    /// One model's answers.
    pub(super) fn show(&self, ui: &mut Ui, i: usize, loaded: &LoadedText) {
        if self.prompt.is_empty() {
            caption(ui, "Press Answer: both models get the text on the right.");
            return;
        }
        let id = ("answers of a model", i);
        ScrollArea::vertical()
            .id_salt(id)
            .auto_shrink(false)
            .show(ui, |ui| {
                let [text, chat] = &self.of[i];
                self.block(ui, "As a text to go on with", text);
                if loaded.has_chat_template() {
                    self.block(ui, "As a chat, through its template", chat);
                } else {
                    caption(
                        ui,
                        "It was never taught to chat: its file has no chat template.",
                    );
                }
            });
    }

    fn block(&self, ui: &mut Ui, heading: &str, answer: &Answer) {
        let colors = theme::palette(ui.ctx());
        ui.add_space(theme::size::GRID);
        ui.label(RichText::new(heading).text_style(theme::style::strong()));
        Frame::new()
            .stroke(Stroke::new(1.0, colors.line))
            .inner_margin(Margin::same(8))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.label(RichText::new(&self.prompt).color(colors.text_weak));
                let words = String::from_utf8_lossy(&answer.bytes);
                ui.label(words.trim_start_matches('\n'));
                if let Some(ended) = &answer.ended {
                    caption(ui, ended);
                }
            });
    }
}

/// One answer; why it ended.
fn answer(
    loaded: &LoadedText,
    prompt: &str,
    as_chat: bool,
    tell: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
) -> Result<String> {
    let seen = if as_chat {
        let message = Message {
            role: "user".into(),
            content: prompt.to_owned(),
        };
        read_chat(loaded, &[message])?
    } else {
        read_raw(loaded, prompt)?
    };
    let mut request = Request::new(seen.ids, N_TOKENS);
    request.seed = SEED;
    let finished = generate(loaded, &request, &mut |event| match event {
        Event::Token(token) if !token.special => tell(token.bytes),
        _ => tell(Vec::new()),
    })?;
    Ok(finished.stop.sentence())
}
