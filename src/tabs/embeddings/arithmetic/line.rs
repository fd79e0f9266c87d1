//! The expression: one line, its words in the colours of their arrows, mistakes underlined where they
//! are, and words offered while one is typed.

use super::Arithmetic;
use super::plane::term_color;
use crate::theme::{self, Palette};
use eframe::egui::text::{CCursor, CCursorRange, LayoutJob};
use eframe::egui::{
    self, Area, Color32, EventFilter, FontFamily, FontId, Frame, Id, Key, Modifiers, Order, Pos2,
    RichText, Role, Sense, Stroke, TextEdit, TextFormat, Ui, WidgetInfo, pos2, vec2,
};
use std::ops::Range;

/// How a part of the line is written.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mark {
    underline: Color32,
    wrong: bool,
}

pub(super) fn show(view: &mut Arithmetic, ui: &mut Ui) {
    let id = Id::unique("expression of words");
    let has_focus = ui.memory(|memory| memory.has_focus(id));
    let offers = !view.completion.offers().is_empty() && has_focus;
    let picked = if offers { keys(view, ui) } else { None };
    if let Some(i) = picked {
        accept(view, ui, id, i);
    }
    let marks = marks(view, theme::palette(ui.ctx()));
    let font = FontId::new(theme::size::SUBHEADING, FontFamily::Monospace);
    let ink = theme::palette(ui.ctx()).text;
    let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, _width: f32| {
        let job = coloured(text.as_str(), &marks, &font, ink);
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    let mut text = view.question.expression.clone();
    let output = TextEdit::singleline(&mut text)
        .id(id)
        .hint_text("king - man + woman")
        .desired_width(f32::INFINITY)
        .margin(egui::Margin::symmetric(12, 9))
        .char_limit(4000)
        .event_filter(EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            tab: offers,
            escape: offers,
        })
        .layouter(&mut layouter)
        .show(ui);
    let response = output.response.response.clone();
    ui.ctx()
        .accesskit_node_builder(id, |node| node.set_label("Expression"));
    let changed = text != view.question.expression;
    if changed {
        let question = super::Question {
            expression: text.clone(),
            ..view.question.clone()
        };
        view.held = None;
        view.ask(question, "typing");
    }
    if response.lost_focus() {
        view.history.close_step();
        if !view.completion.is_pointed_at {
            view.completion.close();
        }
    }
    if let Some(range) = output.cursor_range
        && (changed || response.has_focus())
    {
        view.completion.typed(&text, range.primary.index.0, changed);
    }
    let start = view.completion.start().unwrap_or(0);
    let before = text.get(..start).unwrap_or("").chars().count();
    let caret = output.galley.pos_from_cursor(CCursor::new(before));
    let under = pos2(
        output.galley_pos.x + caret.left() - 8.0,
        response.rect.bottom() + 2.0,
    );
    let shown = response.has_focus() || view.completion.is_pointed_at;
    if shown && let Some(i) = offer(view, ui, under) {
        accept(view, ui, id, i);
    }
    explain_mistake(view, ui);
}

/// The keys that belong to the offers while there are some. Returns the one that was taken.
fn keys(view: &mut Arithmetic, ui: &Ui) -> Option<usize> {
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowDown) {
        view.completion.step(1);
    }
    if pressed(Key::ArrowUp) {
        view.completion.step(-1);
    }
    if pressed(Key::Escape) {
        view.completion.close();
        return None;
    }
    if pressed(Key::Tab) {
        return Some(view.completion.chosen.unwrap_or(0));
    }
    match view.completion.chosen {
        Some(chosen) if pressed(Key::Enter) => Some(chosen),
        _ => None,
    }
}

/// Writes offer `i` into the line and puts the cursor behind it.
fn accept(view: &mut Arithmetic, ui: &Ui, id: Id, i: usize) {
    let Some((text, cursor)) = view.completion.accept(i, &view.question.expression) else {
        return;
    };
    let question = super::Question {
        expression: text,
        ..view.question.clone()
    };
    view.ask(question, "typing");
    let mut state = TextEdit::load_state(ui.ctx(), id).unwrap_or_default();
    let at = CCursorRange::one(CCursor::new(cursor));
    state.cursor.set_char_range(Some(at));
    TextEdit::store_state(ui.ctx(), id, state);
    ui.memory_mut(|memory| memory.request_focus(id));
    ui.ctx().request_repaint();
}

/// The offered words, below the one being typed. Returns the one that was pressed.
fn offer(view: &mut Arithmetic, ui: &Ui, at: Pos2) -> Option<usize> {
    let words = view.completion.offers().to_vec();
    if words.is_empty() {
        view.completion.is_pointed_at = false;
        return None;
    }
    let chosen = view.completion.chosen;
    let mut picked = None;
    let area = Area::new(Id::unique("offered words"))
        .order(Order::Foreground)
        .fixed_pos(at)
        .constrain_to(ui.ctx().content_rect())
        .show(ui.ctx(), |ui| {
            Frame::popup(ui.style()).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for (i, word) in words.iter().enumerate() {
                    if offered(ui, word, chosen == Some(i)) {
                        picked = Some(i);
                    }
                }
                ui.add_space(theme::size::HALF);
                let color = theme::palette(ui.ctx()).text_weak;
                ui.label(
                    RichText::new("Tab takes the first; arrows choose")
                        .small()
                        .color(color),
                );
            });
        });
    view.completion.is_pointed_at = area.response.contains_pointer();
    picked
}

fn offered(ui: &mut Ui, word: &str, chosen: bool) -> bool {
    let colors = theme::palette(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(220.0, 26.0), Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::Button, true, chosen, format!("Write {word}")));
    if chosen || response.hovered() {
        let fill = if chosen {
            colors.accent_soft
        } else {
            colors.hover
        };
        ui.painter().rect_filled(rect, 4.0, fill);
    }
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let left = pos2(rect.left() + 8.0, rect.center().y);
    ui.painter()
        .text(left, egui::Align2::LEFT_CENTER, word, font, colors.text);
    response.clicked() || response.is_pointer_button_down_on()
}

/// Which bytes of the line are marked how.
fn marks(view: &Arithmetic, colors: &Palette) -> Vec<(Range<usize>, Mark)> {
    if let Some(mistake) = view.mistake() {
        let mark = Mark {
            underline: colors.error,
            wrong: true,
        };
        return vec![(mistake.at.clone(), mark)];
    }
    let Some(answer) = view.answer().filter(|_| view.is_current()) else {
        return Vec::new();
    };
    let mut marks = Vec::new();
    for (i, term) in answer.terms.iter().enumerate() {
        let mark = Mark {
            underline: term_color(colors, i),
            wrong: false,
        };
        marks.extend(term.at.iter().map(|at| (at.clone(), mark)));
    }
    for unknown in &answer.unknown {
        let mark = Mark {
            underline: colors.error,
            wrong: true,
        };
        marks.extend(unknown.at.iter().map(|at| (at.clone(), mark)));
    }
    marks.sort_by_key(|(at, _)| at.start);
    marks
}

/// The line with its marks.
fn coloured(text: &str, marks: &[(Range<usize>, Mark)], font: &FontId, ink: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    job.break_on_newline = false;
    let mut done = 0;
    for (at, mark) in marks {
        let fits = at.start >= done && text.get(at.clone()).is_some();
        if !fits {
            continue;
        }
        job.append(
            &text[done..at.start],
            0.0,
            TextFormat::simple(font.clone(), ink),
        );
        let color = if mark.wrong { mark.underline } else { ink };
        let mut format = TextFormat::simple(font.clone(), color);
        format.underline = Stroke::new(if mark.wrong { 2.0 } else { 3.0 }, mark.underline);
        job.append(&text[at.clone()], 0.0, format);
        done = at.end;
    }
    job.append(&text[done..], 0.0, TextFormat::simple(font.clone(), ink));
    job
}

/// What is wrong, and words that are spelled like an unknown one.
fn explain_mistake(view: &mut Arithmetic, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let mistake = view.mistake().cloned();
    let is_typing = !view.completion.offers().is_empty();
    if let Some(mistake) = &mistake {
        let expression = &view.question.expression;
        let before = expression.get(..mistake.at.start).unwrap_or("");
        let place = before.chars().count() + 1;
        let words = if expression.trim().is_empty() {
            "Write words with + and −, or press one of the examples.".to_owned()
        } else {
            format!("{} (at character {place})", mistake.what)
        };
        ui.label(RichText::new(words).color(colors.error));
    }
    let unknown = if is_typing {
        Vec::new()
    } else {
        view.unknown().to_vec()
    };
    for unknown in &unknown {
        let mut wanted = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::size::HALF;
            ui.spacing_mut().button_padding = vec2(8.0, 2.0);
            ui.spacing_mut().interact_size.y = 26.0;
            let words = format!("“{}” is not in this set.", unknown.word);
            if mistake.is_none() {
                let words = words + " It was left out.";
                ui.label(RichText::new(words).color(colors.error));
            } else {
                ui.label(words);
            }
            if !unknown.suggestions.is_empty() {
                ui.label("Did you mean");
            }
            for word in &unknown.suggestions {
                let hint = format!("Write {word} in its place.");
                let button = ui.button(word);
                button.widget_info(|| {
                    WidgetInfo::labeled(Role::Button, true, format!("Replace it by {word}"))
                });
                if button.on_hover_text(hint).clicked() {
                    wanted = Some(word.clone());
                }
            }
        });
        if let Some(word) = wanted {
            view.replace(&unknown.at, &word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_fit_the_line_no_more_are_left_out() {
        let mark = Mark {
            underline: Color32::BLACK,
            wrong: true,
        };
        let font = FontId::monospace(18.0);
        let marks = [(0..4, mark), (2..6, mark), (7..99, mark), (7..10, mark)];
        let job = coloured("king - man", &marks, &font, Color32::BLACK);
        assert_eq!(job.text, "king - man");
        let underlined = job
            .sections
            .iter()
            .filter(|s| s.format.underline.width > 0.0);
        assert_eq!(underlined.count(), 2);
    }
}
