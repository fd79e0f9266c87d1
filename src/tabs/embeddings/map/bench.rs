//! The bench of the map: what is laid out and how, colours, search, and what is chosen.

use super::MapView;
use super::setup::{Layout, N_WORDS, PAIRS, Pair, Setup};
use crate::labs::embeddings::Space;
use crate::tabs::TabContext;
use crate::tabs::embeddings::views::Desk;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::run_button::run_button;
use eframe::egui::{self, RichText, ScrollArea, Slider, TextEdit, Ui};

/// Words of a lasso that are listed.
const N_LISTED: usize = 300;

pub(super) fn show(view: &mut MapView, ui: &mut Ui, desk: &Desk, cx: &mut TabContext<'_>) {
    run(view, ui, desk, cx);
    let Some(space) = desk.sets.space().cloned() else {
        return;
    };
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            chosen(view, &space, ui);
            selected(view, &space, ui);
            group(ui, "Layout");
            layout(view, &space, ui);
            group(ui, "Find");
            find(view, ui);
            group(ui, "Colour (a direction)");
            color(&mut view.setup, &space, ui);
            group(ui, "Words");
            words(view, &space, ui);
            group(ui, "View");
            looking(view, ui);
            ui.add_space(size::GROUP);
        });
}

fn run(view: &mut MapView, ui: &mut Ui, desk: &Desk, cx: &mut TabContext<'_>) {
    let at_work = view.making.is_some();
    let n = view.setup.n_words;
    let n = desk
        .sets
        .space()
        .map_or(n, |space| n.min(space.vectors().len()));
    let start = format!("Lay out {} words", grouped(n));
    let hints = [
        "Lay the words out anew with what is chosen below.",
        "Stop where the points are now.",
    ];
    let enabled = at_work || desk.sets.space().is_some();
    let button = run_button(ui, at_work, enabled, [start.as_str(), "Stop"], hints);
    if button.clicked() && at_work {
        view.stop();
    } else if button.clicked() {
        view.start(desk, cx);
    }
}

fn layout(view: &mut MapView, space: &Space, ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        ui.spacing_mut().button_padding.x = 8.0;
        for layout in Layout::ALL {
            if choice(
                ui,
                view.setup.layout == layout,
                layout.label(),
                layout.hint(),
            ) {
                view.setup.layout = layout;
            }
        }
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        for (solid, label, hint) in [
            (
                false,
                "2-D",
                "A flat map: drag to move, roll the wheel to zoom.",
            ),
            (true, "3-D", "In space: drag to turn it."),
        ] {
            if choice(ui, view.setup.solid == solid, label, hint) {
                view.setup.solid = solid;
            }
        }
    });
    let setup = &mut view.setup;
    match setup.layout {
        Layout::Pca => {}
        Layout::Tsne => {
            slider(
                ui,
                "perplexity",
                "About how many neighbours each word keeps: small shows pairs, large shows regions.",
                Slider::new(&mut setup.perplexity, 2.0..=100.0)
                    .logarithmic(true)
                    .max_decimals(0),
            );
            waits(view, ui);
        }
        Layout::Umap => {
            slider(
                ui,
                "neighbours",
                "How many neighbours each word is tied to: small shows detail, large the whole.",
                Slider::new(&mut setup.n_neighbors, 2..=100).logarithmic(true),
            );
            slider(
                ui,
                "least distance",
                "How close together points may lie, against a spread of 1.",
                Slider::new(&mut setup.min_dist, 0.0..=0.99).max_decimals(2),
            );
            waits(view, ui);
        }
        Layout::Own => own_axes(view, space, ui),
    }
}

/// What is said while the map on the screen is not the one that was chosen.
fn waits(view: &MapView, ui: &mut Ui) {
    let is_there = view
        .made
        .as_ref()
        .is_some_and(|made| super::same_map(&made.setup, &view.setup));
    if !is_there && view.making.is_none() {
        caption(
            ui,
            "Press “Lay out” above: the points move until they rest.",
        );
    }
}

fn own_axes(view: &mut MapView, space: &Space, ui: &mut Ui) {
    let names = ["Across", "Upward", "In depth"];
    let n_dims = view.setup.n_dims();
    for (axis, name) in view.setup.axes.iter_mut().zip(names).take(n_dims) {
        pair(ui, space, name, axis);
    }
    if let Some(angle) = view.made.as_ref().and_then(|made| made.angle) {
        caption(
            ui,
            format!(
                "The two axes stand at {angle:.0}° to each other in the whole space; the map draws them at 90°."
            ),
        );
    }
}

/// Two fields: from one word to another.
fn pair(ui: &mut Ui, space: &Space, name: &str, pair: &mut Pair) {
    let colors = theme::palette(ui.ctx());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        for (word, end, between) in [(&mut pair.from, "from", true), (&mut pair.to, "to", false)] {
            let field = TextEdit::singleline(word).desired_width(108.0);
            let field = ui
                .add(field)
                .on_hover_text("A word of the set; the axis goes from the first to the second.");
            ui.ctx().accesskit_node_builder(field.id, |node| {
                node.set_label(format!("{name}, {end}"));
            });
            if between {
                ui.label("to");
            }
        }
    });
    for word in [&pair.from, &pair.to] {
        if space.find(word.trim()).is_none() {
            let near = space.similar_spelling(word.trim(), 3).join(", ");
            let offer = if near.is_empty() {
                String::new()
            } else {
                format!(" Perhaps: {near}?")
            };
            let words = format!("“{word}” is not in this set.{offer}");
            ui.label(RichText::new(words).small().color(colors.warning));
        }
    }
}

fn find(view: &mut MapView, ui: &mut Ui) {
    let field = TextEdit::singleline(&mut view.search)
        .desired_width(f32::INFINITY)
        .hint_text("a word, or how it begins");
    let field = ui
        .add(field)
        .on_hover_text("Marks the word on the map, and all that begin with it.");
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label("Find a word"));
    if field.changed() {
        view.search_stale = true;
    }
    if view.search.trim().is_empty() {
        return;
    }
    match view.found.as_slice() {
        [] => _ = caption(ui, "No word on the map begins so."),
        [_] => _ = caption(ui, "1 word is marked."),
        more => {
            caption(ui, format!("{} words are marked.", grouped(more.len())));
        }
    }
    if field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter)) {
        view.chosen = view.found.first().map(|&i| i as usize);
    }
}

fn color(setup: &mut Setup, space: &Space, ui: &mut Ui) {
    ui.checkbox(&mut setup.colored, "Colour by a direction")
        .on_hover_text("Blue at the first word, red at the second, pale half way between.");
    if !setup.colored {
        return;
    }
    wrapped(ui, |ui| {
        for [from, to] in PAIRS {
            let own = Pair::new(from, to);
            let text = RichText::new(format!("{from}–{to}")).small();
            let button = egui::Button::selectable(setup.color == own, text);
            let button = ui.add(button.frame_when_inactive(true));
            if button
                .on_hover_text(format!("From {from} to {to}."))
                .clicked()
            {
                setup.color = own;
            }
        }
    });
    pair(ui, space, "Colour", &mut setup.color);
}

fn words(view: &mut MapView, space: &Space, ui: &mut Ui) {
    let most = space.vectors().len().min(*N_WORDS.end());
    let setup = &mut view.setup;
    let mut n = setup.n_words.min(most);
    let slow = matches!(setup.layout, Layout::Tsne | Layout::Umap);
    let range = Slider::new(&mut n, *N_WORDS.start()..=most).logarithmic(true);
    slider(
        ui,
        "words, the commonest first",
        "How many words stand on the map.",
        range,
    );
    if n != setup.n_words.min(most) {
        setup.n_words = n;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        ui.spacing_mut().button_padding.x = 9.0;
        for n in [1000, 5000, 20_000, 50_000] {
            let chosen = setup.n_words == n;
            let hint = "So many of the commonest words.";
            if choice(ui, chosen, &grouped(n), hint) {
                setup.n_words = n;
            }
        }
    });
    if slow && setup.n_words > 20_000 {
        caption(ui, "So many take minutes; you can stop at any time.");
    }
}

fn looking(view: &mut MapView, ui: &mut Ui) {
    ui.horizontal(|ui| {
        let hint = "Draw around words to list them. With Shift held, a drag always does.";
        if choice(ui, view.scatter.lasso, "Lasso", hint) {
            view.scatter.lasso = !view.scatter.lasso;
        }
        let all = ui
            .button("Show all")
            .on_hover_text("Every point again. A double click does the same.");
        if all.clicked() {
            view.scatter.fit();
        }
    });
    caption(
        ui,
        "Drag moves or turns, the wheel zooms, a click chooses. Keys: arrows, + and −, Home; Page Down goes from word to word.",
    );
}

/// The word that was clicked and its neighbours.
fn chosen(view: &mut MapView, space: &Space, ui: &mut Ui) {
    let Some(place) = view.chosen.and_then(|point| view.place(point)) else {
        return;
    };
    let colors = theme::palette(ui.ctx());
    group(ui, &format!("Nearest to {}", space.vectors().word(place)));
    let Some(near) = view.near(place).map(<[_]>::to_vec) else {
        caption(ui, "Looking around it…");
        return;
    };
    caption(ui, "By the cosine in the whole space, not on the map.");
    let mut wanted = None;
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.spacing_mut().item_spacing = egui::vec2(size::GRID, 2.0);
        for near in &near {
            ui.horizontal(|ui| {
                let number = RichText::new(format!("{:.3}", near.cosine))
                    .text_style(theme::style::small_mono())
                    .color(colors.text_weak);
                ui.label(number);
                let link = ui.link(&near.word).on_hover_text("Go on to this word.");
                if link.clicked() {
                    wanted = Some(near.index);
                }
            });
        }
    });
    if let Some(made) = &view.made
        && let Some(wanted) = wanted
    {
        view.chosen = made.words.binary_search(&(wanted as u32)).ok();
    }
}

/// The words inside the lasso.
fn selected(view: &mut MapView, space: &Space, ui: &mut Ui) {
    if view.selected.is_empty() {
        return;
    }
    let n = view.selected.len();
    let title = format!("{} words in the lasso", grouped(n));
    group(ui, &title);
    let places = view.selected.iter().filter_map(|&i| view.place(i as usize));
    let words: Vec<&str> = places.map(|i| space.vectors().word(i)).collect();
    let mut listed = words
        .iter()
        .take(N_LISTED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if n > N_LISTED {
        listed += ", …";
    }
    ScrollArea::vertical()
        .id_salt("lasso")
        .max_height(132.0)
        .show(ui, |ui| ui.label(listed));
    let mut clear = false;
    ui.horizontal(|ui| {
        let copy = ui
            .button("Copy words")
            .on_hover_text("All of them, one a line.");
        if copy.clicked() {
            ui.ctx().copy_text(words.join("\n"));
        }
        clear = ui
            .button("Clear lasso")
            .on_hover_text("Nothing is held any more.")
            .clicked();
    });
    if clear {
        view.selected.clear();
    }
}
