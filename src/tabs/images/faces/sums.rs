//! Arithmetic with faces: A − B + C, each a face of the tray or the mean of many faces that the judge
//! says have something in common (Radford et al. 2016, figure 7).

use super::known::{Reading, find, mean_name, named};
use super::studio::Place;
use super::tray::{Slot, Tray};
use super::walk::{column, slot};
use super::{FacesView, Picture};
use crate::labs::gan::faces::arithmetic;
use crate::tabs::parts::{caption, wrapped};
use crate::theme::{self, size};
use crate::widgets::image_grid::percent;
use eframe::egui::{
    self, Align, Button, ComboBox, Layout, RichText, Role, Sense, Slider, Ui, Vec2, WidgetInfo,
    vec2,
};

/// What can be tried: its name, the attribute, the value of A and that of B.
const EXAMPLES: [(&str, &str, &str, &str); 5] = [
    ("Put glasses on", "eyewear", "glasses", "none"),
    ("Red hair", "hair_color", "red", "black"),
    ("A smile", "mood", "smiling", "sad"),
    ("A beard", "beard", "yes", "no"),
    ("A tan", "skin", "tan", "pale"),
];

/// How often A − B is added at first: between means of many faces the difference is small, since all but
/// what they share is averaged away.
const TIMES_BETWEEN_MEANS: f32 = 3.0;
/// And at most.
const MOST_TIMES: f32 = 6.0;

/// What stands at A, B or C.
#[derive(Debug, Clone, Default, PartialEq)]
struct Term {
    slot: Slot,
    /// The mean of all faces with this value of this attribute, by their places.
    mean: Option<(usize, usize)>,
}

/// The state of the arithmetic.
#[derive(Debug, Default)]
pub(super) struct Sums {
    terms: [Term; 3],
    /// How often A − B is added to C; once, unless said otherwise.
    times: Option<f32>,
    /// The place that the next face of the tray takes.
    active: usize,
    pub(super) sum: Picture,
    pub(super) terms_picture: Picture,
    pub(super) readings: Option<(u64, Vec<Reading>)>,
    /// Whether this page was ever shown: until then no survey is made.
    visited: bool,
}

impl Sums {
    /// Three faces of the tray.
    pub(super) fn begin(&mut self, tray: &Tray) {
        self.terms = [0, 1, 2].map(|i| Term {
            slot: tray.slot(i),
            mean: None,
        });
        self.active = 2;
    }
}

impl Sums {
    /// How often A − B is added to C.
    fn times(&self) -> f32 {
        let of_means = self.terms[..2].iter().all(|term| term.mean.is_some());
        let usual = if of_means { TIMES_BETWEEN_MEANS } else { 1.0 };
        self.times.unwrap_or(usual)
    }
}

impl FacesView {
    /// A face of the tray takes the marked place.
    pub(super) fn put_into_sums(&mut self, slot: Slot) {
        let active = self.sums.active;
        self.sums.terms[active] = Term { slot, mean: None };
        if active < 2 {
            self.sums.times = None;
        }
        self.draw_sums();
    }

    /// Wishes for the terms and for the answer, once all of them are known.
    pub(super) fn draw_sums(&mut self) {
        if let Some(z) = self.z_of_sum() {
            // The mean of many z is short, and the generator knows no short ones: it is drawn at the
            // length of a face.
            let zs = self.sums.terms.iter().map(|term| match term.mean {
                Some(_) => arithmetic(&[], &[], &[&term.slot.z]),
                None => term.slot.z.clone(),
            });
            let zs = zs.collect();
            self.sums.terms_picture.wished = self.wish(Place::Terms, zs);
            self.sums.sum.wished = self.wish(Place::Sum, vec![z]);
        }
    }

    fn z_of_sum(&self) -> Option<Vec<f32>> {
        let [a, b, c] = self.sums.terms.each_ref().map(|term| &term.slot.z);
        let known = ![a, b, c].iter().any(|z| z.is_empty());
        let times = self.sums.times();
        let often = |z: &Vec<f32>| -> Vec<f32> { z.iter().map(|x| x * times).collect() };
        known.then(|| arithmetic(&[&often(a)], &[&often(b)], &[c]))
    }

    /// The answer, to be kept.
    pub(super) fn face_of_sum(&self) -> Option<Slot> {
        let [a, b, c] = self
            .sums
            .terms
            .each_ref()
            .map(|term| term.slot.name.as_str());
        Some(Slot {
            name: format!("{a} − {b} + {c}"),
            z: self.z_of_sum()?,
        })
    }

    /// The means that were asked for, now that the faces they are of are there.
    pub(super) fn take_means(&mut self) {
        let (Some(found), Some(lab)) = (&self.found, &self.lab) else {
            return;
        };
        for term in &mut self.sums.terms {
            let Some((attribute, value)) = term.mean else {
                continue;
            };
            let name = mean_name(lab.questions(), attribute, value);
            term.slot = match found.survey.mean(attribute, value) {
                Some((z, n)) => Slot {
                    name: format!("{name}, mean of {n}"),
                    z,
                },
                None => Slot {
                    name: format!("{name}, none found"),
                    z: Vec::new(),
                },
            };
        }
        self.draw_sums();
    }

    /// A and B become the means of two values.
    fn take_example(&mut self, [a, b]: [(usize, usize); 2]) {
        for (term, mean) in self.sums.terms.iter_mut().zip([a, b]) {
            term.mean = Some(mean);
            term.slot = Slot::default();
        }
        self.sums.active = 2;
        self.sums.times = None;
        if self.found.is_some() {
            self.take_means();
        } else {
            self.make_survey();
        }
    }

    /// Wishes for the survey, once.
    pub(super) fn make_survey(&mut self) {
        if let Some(studio) = self.studio.as_ref().filter(|_| self.surveying.is_none()) {
            self.surveying = Some(0.0);
            studio.survey();
        }
    }
}

pub(super) fn show(view: &mut FacesView, ui: &mut Ui) {
    let Some(lab) = view.lab.clone() else { return };
    if !view.sums.visited {
        view.sums.visited = true;
        let (_, attribute, a, b) = EXAMPLES[0];
        let found = [a, b].map(|value| find(lab.questions(), attribute, value));
        if let [Some(a), Some(b)] = found {
            view.take_example([a, b]);
        }
    }
    view.sums.terms_picture.update(ui.ctx(), true);
    view.sums.sum.update(ui.ctx(), true);
    wrapped(ui, |ui| {
        ui.label("Try:");
        for (label, attribute, a, b) in EXAMPLES {
            let found = [a, b].map(|value| find(lab.questions(), attribute, value));
            let [Some(a), Some(b)] = found else { continue };
            let hint = "A and B become the means of many faces, C stays: what A and B differ in is added to C.";
            let terms = &view.sums.terms;
            let chosen = terms[0].mean == Some(a) && terms[1].mean == Some(b);
            let button = Button::selectable(chosen, label).frame_when_inactive(true);
            if ui.add(button).on_hover_text(hint).clicked() {
                view.take_example([a, b]);
            }
        }
    });
    if let Some(part) = view.surveying {
        ui.horizontal(|ui| {
            caption(ui, "Looking at many faces, to find those that have it…");
            let bar = ui.add(egui::ProgressBar::new(part).desired_height(6.0));
            ui.ctx()
                .accesskit_node_builder(bar.id, |node| node.set_label("Progress of the survey"));
        });
    }
    ui.add_space(size::GRID);
    let area = ui.available_size();
    let sign = 28.0;
    // Three terms and the answer, 1.6 times as wide, with a sign and its air between.
    let small = ((area.x - 3.0 * (sign + 2.0 * size::GRID) - size::GRID) / 4.6)
        .min(area.y * 0.42)
        .max(56.0);
    let large = (small * 1.6).min(area.y - 130.0).max(small);
    let row = vec2(
        small * 3.0 + large + 3.0 * (sign + 2.0 * size::GRID),
        large + 96.0,
    );
    ui.vertical_centered(|ui| {
        ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Min), |ui| {
            ui.spacing_mut().item_spacing.x = size::GRID;
            for (i, before) in ["", "−", "+"].into_iter().enumerate() {
                operator(ui, before, sign, small);
                term(view, ui, i, small);
            }
            operator(ui, "=", sign, small);
            answer(view, ui, large);
        });
        ui.add_space(size::GRID);
        times(view, ui);
    });
}

/// How often the difference is added, and what is done with the sum.
fn times(view: &mut FacesView, ui: &mut Ui) {
    let mut times = view.sums.times();
    let size = vec2(ui.available_width().min(420.0), size::CONTROL);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        let hint = "How often A − B is added to C. The means of many faces differ by little else than what they are named for, and by little: three times is about one face's worth.";
        let label = ui.label("A − B, times").on_hover_text(hint);
        theme::dress_sliders(ui);
        let slider = Slider::new(&mut times, 0.0..=MOST_TIMES).max_decimals(1);
        let slider = ui.add(slider).labelled_by(label.id).on_hover_text(hint);
        if slider.changed() {
            view.sums.times = Some(times);
            view.draw_sums();
        }
    });
    caption(
        ui,
        format!(
            "C + {times:.1} · (A − B), added number by number, brought to the length that z usually have, and drawn; so are the means A and B, which are short."
        ),
    );
}

fn operator(ui: &mut Ui, sign: &str, width: f32, height: f32) {
    if sign.is_empty() {
        return;
    }
    ui.allocate_ui_with_layout(
        vec2(width, height),
        Layout::centered_and_justified(egui::Direction::TopDown),
        |ui| ui.label(RichText::new(sign).text_style(theme::style::display())),
    );
}

/// One of A, B and C.
fn term(view: &mut FacesView, ui: &mut Ui, i: usize, side: f32) {
    let letter = ["A", "B", "C"][i];
    let is_active = view.sums.active == i;
    let is_known = !view.sums.terms[i].slot.z.is_empty();
    column(ui, side, |ui| {
        let name = view.sums.terms[i].slot.name.clone();
        let words = format!("{letter}: {}", if name.is_empty() { "…" } else { &name });
        let nothing = Picture::default();
        let picture = if is_known {
            &view.sums.terms_picture
        } else {
            &nothing
        };
        if slot(ui, picture, i, side, is_active, &words) {
            view.sums.active = i;
        }
        caption(ui, words);
        if i < 2 {
            choose_mean(view, ui, i, side, letter);
        }
    });
}

/// The means that A and B can be of.
fn choose_mean(view: &mut FacesView, ui: &mut Ui, i: usize, side: f32, letter: &str) {
    let Some(lab) = view.lab.clone() else { return };
    let chosen = view.sums.terms[i].mean;
    let text = match chosen {
        Some((attribute, value)) => mean_name(lab.questions(), attribute, value),
        None => "mean of…".into(),
    };
    let mut wanted = None;
    let salt = format!("the mean at {letter}");
    let combo = ComboBox::from_id_salt(&salt)
        .width((side - 8.0).min(140.0))
        .selected_text(RichText::new(text).small())
        .show_ui(ui, |ui| {
            for (a, question) in lab.questions().iter().enumerate() {
                for value in 0..question.answers.len() {
                    let name = mean_name(lab.questions(), a, value);
                    if ui
                        .selectable_label(chosen == Some((a, value)), name)
                        .clicked()
                    {
                        wanted = Some((a, value));
                    }
                }
            }
        });
    let label = format!("{letter} is the mean of");
    ui.ctx()
        .accesskit_node_builder(combo.response.id, |node| node.set_label(label));
    if let Some(mean) = wanted {
        view.sums.terms[i].mean = Some(mean);
        view.sums.terms[i].slot = Slot::default();
        if view.found.is_some() {
            view.take_means();
        } else {
            view.make_survey();
        }
    }
}

/// The face that comes out, and what the judge sees in it.
fn answer(view: &FacesView, ui: &mut Ui, side: f32) {
    column(ui, side, |ui| {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "The face that comes out"));
        let is_known = view.z_of_sum().is_some();
        if is_known {
            view.sums.sum.sheet.paint(ui.painter(), rect, 0);
        } else {
            let fill = theme::palette(ui.ctx()).hover;
            ui.painter().rect_filled(rect, 2.0, fill);
        }
        let readings = view.sums.readings.as_ref().filter(|_| is_known);
        let Some((number, readings)) = readings else {
            return;
        };
        if *number != view.sums.sum.wished {
            ui.disable();
        }
        // What the sum is about comes first; then what else is there.
        let about = view.sums.terms[0].mean.map(|(attribute, _)| attribute);
        let first = about.and_then(|i| readings.get(i));
        if let Some(reading) = first {
            let (word, p) = reading.best();
            let words = format!(
                "The judge: {} ({})",
                named(&reading.question, word),
                percent(p)
            );
            ui.label(RichText::new(words).text_style(theme::style::strong()));
        }
        let rest = readings
            .iter()
            .enumerate()
            .filter(|(i, _)| Some(*i) != about);
        let words: Vec<String> = rest
            .map(|(_, reading)| named(&reading.question, reading.best().0))
            .collect();
        caption(ui, words.join(", "));
    });
}
