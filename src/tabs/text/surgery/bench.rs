//! The controls of surgery: what a click does, where in the text, and what was done so far.

use super::{Kind, SurgeryView};
use crate::labs::inside::surgery::{Operation, Part, Way};
use crate::labs::text::{LARGE, LoadedText};
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::tabs::text::text_at_hand::Piece;
use crate::tabs::text::views::Desk;
use crate::tabs::text::{model_panel, text_panel};
use crate::theme;
use eframe::egui::{ComboBox, DragValue, ScrollArea, Slider, TextEdit, Ui};

/// The most positions that are listed one by one.
const MOST_LISTED: usize = 256;

/// An operation in words.
pub(super) fn in_words(operation: &Operation) -> String {
    let name = operation.part.name();
    let what = match (operation.part, operation.way) {
        (Part::Sight, _) => {
            let at = operation.position.unwrap_or_default();
            return format!("position {at} hidden");
        }
        (_, Way::Off) => format!("{name} off"),
        (_, Way::Scale(factor)) => format!("{name} × {factor:.2}"),
        (_, Way::Patch) => format!("{name} from the other text"),
    };
    match operation.position {
        Some(at) => format!("{what}, at position {at}"),
        None => what,
    }
}

pub(super) fn show(view: &mut SurgeryView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if let Some(loaded) = desk.model.current().cloned() {
                presets(view, ui, desk, &loaded);
            }
            text_panel::show(ui, desk);
            if let Some(loaded) = desk.model.current().cloned() {
                done(view, ui);
                click(view, ui, desk);
                neuron(view, ui, &loaded);
                needed(view, ui);
            }
            group(ui, "Model");
            model_panel::show(ui, desk, cx);
            ui.add_space(theme::size::GROUP);
        });
}

/// Operations worth seeing, found by measuring on the model that comes with Glassbox.
const OF_LARGE: [(&str, &str, &str, Cut); 4] = [
    (
        "Swap the country",
        "Give the model, in the middle of its depth and at “France” alone, what it knew at “Germany”: watch the capital follow.",
        CAPITAL,
        Cut::Swap,
    ),
    (
        "The head that fetches",
        "Head 4 of block 23 looks from “is” back at “France”. Without it the model hardly knows the capital.",
        CAPITAL,
        Cut::Head,
    ),
    (
        "The last MLP",
        "Without the MLP of the last block the model says “capital” instead of one.",
        CAPITAL,
        Cut::Mlp,
    ),
    (
        "Hide a word",
        "No later token may look at “France”: what is left is a guess.",
        CAPITAL,
        Cut::Hide,
    ),
];

/// The text they are about, whose fourth token is the country, and the other one.
const CAPITAL: &str = "The capital of France is";
const OTHER_CAPITAL: &str = "The capital of Germany is";
const COUNTRY: usize = 3;

/// What a preset does.
#[derive(Clone, Copy)]
enum Cut {
    Swap,
    Head,
    Mlp,
    Hide,
}

impl Cut {
    fn operation(self) -> Operation {
        let (part, position, way) = match self {
            Self::Swap => (Part::Stream(15), Some(COUNTRY), Way::Patch),
            Self::Head => (Part::Head { block: 23, head: 4 }, None, Way::Off),
            Self::Mlp => (Part::Mlp(29), None, Way::Off),
            Self::Hide => (Part::Sight, Some(COUNTRY), Way::Off),
        };
        Operation {
            part,
            position,
            way,
        }
    }
}

fn presets(view: &mut SurgeryView, ui: &mut Ui, desk: &mut Desk, loaded: &LoadedText) {
    if loaded.name != LARGE {
        return;
    }
    group(ui, "Operations to try");
    wrapped(ui, |ui| {
        for (name, hint, text, cut) in OF_LARGE {
            if ui.button(name).on_hover_text(hint).clicked() {
                desk.text.take(text);
                view.other = OTHER_CAPITAL.into();
                view.other_ids = None;
                let operation = cut.operation();
                view.position = operation.position;
                view.kind = match operation.way {
                    Way::Off => Kind::Off,
                    Way::Scale(_) => Kind::Scale,
                    Way::Patch => Kind::Patch,
                };
                view.operations = vec![operation];
            }
        }
    });
}

/// What was done so far.
fn done(view: &mut SurgeryView, ui: &mut Ui) {
    group(ui, "Done so far");
    if view.operations.is_empty() {
        caption(ui, "Nothing: the model is whole.");
        return;
    }
    let mut undone = None;
    wrapped(ui, |ui| {
        for (i, operation) in view.operations.iter().enumerate() {
            let words = format!("{}  ×", in_words(operation));
            if ui.button(words).on_hover_text("Undo this.").clicked() {
                undone = Some(i);
            }
        }
    });
    if let Some(i) = undone {
        view.operations.remove(i);
    }
    if view.operations.len() > 1
        && ui
            .button("Undo all")
            .on_hover_text("Make the model whole again.")
            .clicked()
    {
        view.operations.clear();
    }
}

/// What a click on a part does.
fn click(view: &mut SurgeryView, ui: &mut Ui, desk: &Desk) {
    group(ui, "A click");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::size::HALF;
        for (kind, label, hint) in [
            (
                Kind::Off,
                "Off",
                "The part says nothing: the same as setting its weights to zero (ablation).",
            ),
            (
                Kind::Scale,
                "Scale",
                "The part says a multiple of what it would: half, twice, or the opposite.",
            ),
            (
                Kind::Patch,
                "Patch",
                "The part says what it said about another text (activation patching): what it carries goes along.",
            ),
        ] {
            if choice(ui, view.kind == kind, label, hint) {
                view.kind = kind;
            }
        }
    });
    match view.kind {
        Kind::Off => {}
        Kind::Scale => {
            let before = view.factor;
            slider(
                ui,
                "times",
                "0 is off, 1 is as it was, −1 the opposite.",
                Slider::new(&mut view.factor, -2.0..=4.0),
            );
            if before != view.factor {
                view.rescale();
            }
        }
        Kind::Patch => other(view, ui, desk),
    }
    where_(view, ui, desk);
}

/// The text that is patched from.
fn other(view: &mut SurgeryView, ui: &mut Ui, desk: &Desk) {
    let label = ui.label("from this text").on_hover_text(
        "Positions are counted from the end, so two texts of one length match token by token.",
    );
    let edit = TextEdit::multiline(&mut view.other)
        .desired_rows(2)
        .desired_width(f32::INFINITY);
    if ui.add(edit).labelled_by(label.id).changed() {
        view.other_ids = None;
    }
    if let Some(ids) = &view.other_ids {
        let (n, ours) = (ids.len(), desk.pieces().len());
        let words = if n == ours {
            format!("{n} tokens, as many as the text: they match one by one.")
        } else {
            format!("{n} tokens, the text has {ours}: they are matched from the end.")
        };
        caption(ui, words);
    }
}

/// At which position.
fn where_(view: &mut SurgeryView, ui: &mut Ui, desk: &Desk) {
    let pieces = desk.pieces();
    let name = |at: usize| {
        let piece = pieces.get(at).map_or_else(String::new, Piece::shown);
        format!("{at} {piece}")
    };
    let shown = view
        .position
        .map_or_else(|| "all positions".to_owned(), name);
    ui.add_space(theme::size::HALF);
    ui.horizontal(|ui| {
        let label = ui.label("at");
        let first = pieces.len().saturating_sub(MOST_LISTED);
        ComboBox::from_id_salt("where")
            .selected_text(shown)
            .width(200.0)
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut view.position, None, "all positions");
                for at in first..pieces.len() {
                    ui.selectable_value(&mut view.position, Some(at), name(at));
                }
            })
            .response
            .labelled_by(label.id)
            .on_hover_text("Operate at every position, or at one token’s alone.");
    });
    if let Some(at) = view.position {
        let hidden = Operation {
            part: Part::Sight,
            position: Some(at),
            way: Way::Off,
        };
        let mut is_hidden = view.operations.contains(&hidden);
        let hint = "No later position’s attention sees this one, in any block.";
        if ui
            .checkbox(
                &mut is_hidden,
                format!("hide “{}” from later tokens", name(at)),
            )
            .on_hover_text(hint)
            .changed()
        {
            view.operations.retain(|operation| *operation != hidden);
            if is_hidden {
                view.operations.push(hidden);
            }
        }
    }
}

/// One neuron by its number.
fn neuron(view: &mut SurgeryView, ui: &mut Ui, loaded: &LoadedText) {
    group(ui, "One neuron");
    let config = &loaded.config;
    let last = |n: usize| n.saturating_sub(1);
    view.neuron[0] = view.neuron[0].min(last(config.n_layers));
    view.neuron[1] = view.neuron[1].min(last(config.d_mlp));
    ui.horizontal(|ui| {
        let [block, neuron] = &mut view.neuron;
        let label = ui.label("block");
        ui.add(DragValue::new(block).range(0..=last(config.n_layers)))
            .labelled_by(label.id)
            .on_hover_text("Which block’s MLP.");
        let label = ui.label("neuron");
        ui.add(DragValue::new(neuron).range(0..=last(config.d_mlp)))
            .labelled_by(label.id)
            .on_hover_text("Which of the MLP’s numbers after its activation.");
        let [block, neuron] = view.neuron;
        let part = Part::Neuron { block, neuron };
        let label = if view.done_to(part).is_some() {
            "Undo"
        } else {
            "Operate"
        };
        let hint = "Do to this neuron what a click does to a part.";
        if ui.button(label).on_hover_text(hint).clicked() {
            view.toggle(part);
        }
    });
}

/// Every part switched off in turn.
fn needed(view: &mut SurgeryView, ui: &mut Ui) {
    group(ui, "Which parts are needed");
    if !view.sweeps {
        let hint = "One forward pass without each head and each MLP; the parts are then coloured by what the best token loses.";
        if ui
            .button("Switch each off in turn")
            .on_hover_text(hint)
            .clicked()
        {
            view.sweeps = true;
        }
        return;
    }
    if let Some(progress) = view.swept.progress() {
        let share = progress.fraction.unwrap_or_default() * 100.0;
        caption(ui, format!("Switching each off in turn: {share:.0} %"));
        if ui.button("Stop").on_hover_text("End it here.").clicked() {
            view.swept.stop();
            view.sweeps = false;
        }
        return;
    }
    let hint = "Show the parts without colours again.";
    if ui.button("Hide the colours").on_hover_text(hint).clicked() {
        view.sweeps = false;
    }
}
