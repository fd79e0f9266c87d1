//! A score shown adding up: a bar for every part of the model, each beginning where the one before it
//! ended, and the sum below them.

use crate::labs::inside::contributions::{Contributions, Source};
use crate::labs::inside::{At, SiteName};
use crate::labs::text::LoadedText;
use crate::tabs::parts::{caption, choice};
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::token_text::visible;
use eframe::egui::{
    Align2, Rect, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};
use serde::{Deserialize, Serialize};

/// The height of a bar's row.
const ROW: f32 = 20.0;
/// Bars of the largest at least; the others are one.
const N_LARGEST: usize = 6;

/// How the parts are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Order {
    /// The largest first, the rest in one.
    #[default]
    Largest,
    /// As the pass goes, each block's heads together.
    Pass,
}

/// One bar.
struct Bar {
    name: String,
    value: f64,
    source: Option<Source>,
}

/// The choice of an order.
pub(super) fn orders(ui: &mut Ui, order: &mut Order) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::size::HALF;
        for (one, label, hint) in [
            (
                Order::Largest,
                "Largest first",
                "Every head and MLP by itself, the largest first, the small ones added up.",
            ),
            (
                Order::Pass,
                "As the pass goes",
                "From the embedding up, block by block, the heads of a block added up.",
            ),
        ] {
            if choice(ui, *order == one, label, hint) {
                *order = one;
            }
        }
    });
}

/// Draws it. Returns the part that was clicked.
pub(super) fn show(
    parts: &Contributions,
    order: Order,
    position: usize,
    ui: &mut Ui,
    desk: &mut Desk,
    loaded: &LoadedText,
) -> Option<Source> {
    let word = |id: u32| visible(&loaded.token_bytes(id));
    let what = match parts.against {
        Some(other) => format!(
            "By {:+.4} it is ahead of “{}”: who pushes it there",
            parts.logit,
            word(other)
        ),
        None => format!("Its score {:.4}: who pushes it there", parts.logit),
    };
    ui.label(RichText::new(what).text_style(theme::style::strong()));
    let gap = parts.sum - parts.logit;
    let divisor = parts.divisor;
    caption(
        ui,
        format!(
            "All parts add up to {:.4}, {:.0e} from the model’s own number. The final norm divides by {divisor:.3} as it did in this pass, for all parts alike: this is what each pushes directly, not what the model would say without it.",
            parts.sum,
            gap.abs()
        ),
    );
    // As many as fit above the others and the sum.
    let n_fit = (ui.available_height() / ROW) as usize;
    let bars = bars(parts, order, n_fit.saturating_sub(3).max(N_LARGEST));
    let mut clicked = None;
    ScrollArea::vertical()
        .id_salt("parts of the score")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let scale = Scale::of(&bars);
            let mut from = 0.0;
            for bar in &bars {
                if row(ui, bar, from, &scale) {
                    click(bar, position, desk, loaded);
                    clicked = bar.source;
                }
                from += bar.value;
            }
            let total = Bar {
                name: "in all".into(),
                value: from,
                source: None,
            };
            row(ui, &total, 0.0, &scale);
        });
    clicked
}

/// The parts as bars, in this order.
fn bars(parts: &Contributions, order: Order, n_largest: usize) -> Vec<Bar> {
    let single = |&(source, value): &(Source, f64)| Bar {
        name: source.name(),
        value,
        source: Some(source),
    };
    match order {
        Order::Largest => {
            let mut sorted = parts.parts.clone();
            sorted.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            let (first, rest) = sorted.split_at(sorted.len().min(n_largest));
            let mut bars: Vec<Bar> = first.iter().map(single).collect();
            if !rest.is_empty() {
                bars.push(Bar {
                    name: format!("{} smaller ones", rest.len()),
                    value: rest.iter().map(|(_, value)| value).sum(),
                    source: None,
                });
            }
            bars
        }
        Order::Pass => {
            let mut bars: Vec<Bar> = Vec::new();
            let mut heads_of = None;
            for part in &parts.parts {
                let Source::Head { block, .. } = part.0 else {
                    heads_of = None;
                    bars.push(single(part));
                    continue;
                };
                match bars.last_mut() {
                    Some(bar) if heads_of == Some(block) => bar.value += part.1,
                    _ => bars.push(Bar {
                        name: format!("heads of block {block}"),
                        value: part.1,
                        source: None,
                    }),
                }
                heads_of = Some(block);
            }
            bars
        }
    }
}

/// From where to where the bars reach.
struct Scale {
    least: f64,
    most: f64,
}

impl Scale {
    fn of(bars: &[Bar]) -> Self {
        let (mut least, mut most, mut at) = (0.0f64, 0.0f64, 0.0f64);
        for bar in bars {
            at += bar.value;
            least = least.min(at);
            most = most.max(at);
        }
        Self { least, most }
    }
}

fn row(ui: &mut Ui, bar: &Bar, from: f64, scale: &Scale) -> bool {
    let size = vec2(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let words = format!("{}: {:+.4}", bar.name, bar.value);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    if !ui.is_rect_visible(rect) {
        return false;
    }
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    if response.hovered() {
        painter.rect_filled(rect, 3.0, colors.hover);
    }
    let font = theme::style::small_mono().resolve(ui.style());
    let names = 168.0f32.min(rect.width() * 0.34);
    let numbers = 76.0;
    painter.text(
        pos2(rect.left() + 6.0, rect.center().y),
        Align2::LEFT_CENTER,
        &bar.name,
        font.clone(),
        colors.text,
    );
    let plot = Rect::from_min_max(
        pos2(rect.left() + names, rect.top()),
        pos2(rect.right() - numbers, rect.bottom()),
    );
    let span = (scale.most - scale.least).max(1e-9);
    let x = |value: f64| plot.left() + ((value - scale.least) / span) as f32 * plot.width();
    painter.vline(x(0.0), plot.y_range(), Stroke::new(1.0, colors.line));
    let to = from + bar.value;
    let (left, right) = (x(from.min(to)), x(from.max(to)));
    let bar_rect = Rect::from_min_max(
        pos2(left, plot.top() + 3.0),
        pos2(right.max(left + 1.0), plot.bottom() - 3.0),
    );
    let fill = colors.signed(if bar.value < 0.0 { -0.85 } else { 0.85 });
    painter.rect_filled(bar_rect, 1.5, fill);
    // To where the next one begins.
    let stroke = Stroke::new(1.0, colors.outline);
    painter.vline(x(to), plot.bottom() - 3.0..=rect.bottom(), stroke);
    painter.text(
        pos2(rect.right() - 8.0, rect.center().y),
        Align2::RIGHT_CENTER,
        format!("{:+.3}", bar.value),
        font,
        colors.text,
    );
    let hint = match bar.source {
        Some(_) => format!("{words}\nClick to see what it wrote into the stream."),
        None => words,
    };
    response.on_hover_text(hint).clicked()
}

/// Opens the equation of the first number that this part wrote.
fn click(bar: &Bar, position: usize, desk: &mut Desk, loaded: &LoadedText) {
    let Some(source) = bar.source else {
        return;
    };
    let at = match source {
        Source::Embedding => At::outside(SiteName::Embed),
        Source::Position => At::outside(SiteName::PosEmbed),
        Source::Head { block, head } => At::head(SiteName::Z, block, head),
        Source::AttentionBias(block) => At::block(SiteName::AttnOut, block),
        Source::Mlp(block) | Source::MlpBias(block) => At::block(SiteName::MlpOut, block),
        Source::NormBias | Source::Rounding => At::outside(SiteName::FinalNorm),
    };
    if position < loaded.n_ctx {
        desk.explain_cell(at.place(position, 0));
    }
}
