//! A chapter for tests: it fills every part of the frame and remembers what it was asked.

use eframe::egui::{RichText, Slider, TextEdit, Ui};
use glassbox::command::Command;
use glassbox::files::card::Card;
use glassbox::tabs::{Notice, Progress, StatusItem, Tab, TabContext};
use glassbox::theme::{self, style};
use glassbox::widgets::icon::Icon;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

/// What the window asked of the chapter, in order.
pub type Log = Rc<RefCell<Vec<String>>>;

pub struct Demo {
    pub name: &'static str,
    pub log: Log,
    pub text: String,
    pub temperature: f32,
}

impl Demo {
    pub fn new(name: &'static str, log: &Log) -> Self {
        Self {
            name,
            log: Rc::clone(log),
            text: "My dog's name is Ben.".into(),
            temperature: 0.8,
        }
    }

    fn note(&self, what: impl Into<String>) {
        self.log.borrow_mut().push(what.into());
    }
}

impl Tab for Demo {
    fn name(&self) -> &'static str {
        self.name
    }

    fn icon(&self) -> Icon {
        if self.name == "Text" {
            Icon::Text
        } else {
            Icon::Bars
        }
    }

    fn poll(&mut self, _cx: &mut TabContext<'_>) {}

    fn title(&self) -> String {
        "What comes next, one token at a time".into()
    }

    fn stage(&mut self, ui: &mut Ui, _cx: &mut TabContext<'_>) {
        let colors = theme::palette(ui.ctx());
        let prompt = ui.label(RichText::new("Prompt").text_style(style::strong()));
        ui.add(TextEdit::multiline(&mut self.text).desired_width(f32::INFINITY))
            .labelled_by(prompt.id);
        ui.label(RichText::new("What the model reads").text_style(style::subheading()));
        ui.horizontal_wrapped(|ui| {
            for (i, word) in "My dog ' s name is Ben . He ' s".split(' ').enumerate() {
                let text = RichText::new(word).monospace();
                ui.label(text.background_color(colors.token_fill(i)));
            }
        });
        ui.label(RichText::new("0.83").text_style(style::display()));
    }

    fn bench(&mut self, ui: &mut Ui, cx: &mut TabContext<'_>) {
        ui.label(RichText::new("Try").text_style(style::subheading()));
        if ui.button("A refusal").clicked() {
            cx.notices.push(Notice::Refused(super::a_refusal()));
        }
        let temperature = ui.label("Temperature");
        ui.add(Slider::new(&mut self.temperature, 0.0..=2.0))
            .labelled_by(temperature.id);
        let mut checked = true;
        ui.checkbox(&mut checked, "Show special tokens");
        let run = theme::primary_button(ui.ctx(), "Generate");
        if ui.add(run).clicked() {
            self.note("clicked Generate");
        }
    }

    fn has_timeline(&self) -> bool {
        true
    }

    fn timeline(&mut self, ui: &mut Ui, _cx: &mut TabContext<'_>) {
        ui.label("Steps");
    }

    fn status(&self) -> Vec<StatusItem> {
        vec![StatusItem {
            label: "Seed".into(),
            value: "0".into(),
            tooltip: "Where everything random starts.".into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        None
    }

    fn can(&self, command: Command) -> bool {
        matches!(command, Command::Run | Command::Undo)
    }

    fn command(&mut self, command: Command, _cx: &mut TabContext<'_>) {
        self.note(format!("{command:?}"));
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        let usable = card.usable_as.iter().any(|tab| tab == self.name);
        usable.then(|| "load it as the text model".into())
    }

    fn open(&mut self, path: PathBuf, _cx: &mut TabContext<'_>) {
        self.note(format!("open {}", path.display()));
    }

    fn save(&self) -> serde_json::Value {
        serde_json::json!({ "text": self.text })
    }

    fn restore(&mut self, saved: &serde_json::Value) {
        if let Some(text) = saved["text"].as_str() {
            self.text = text.into();
        }
    }
}
