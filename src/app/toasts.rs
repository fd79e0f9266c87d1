//! Short messages in the corner of the window. Each leaves by itself after a while; a click sends it
//! away. One timer per message wakes the window: while they stand there, nothing is repainted.

use crate::theme::{self, size};
use crate::widgets::icon::Icon;
use eframe::egui::{Align2, Area, Context, CornerRadius, Frame, Id, Margin, Order, Stroke, Vec2};
use std::time::Duration;

/// Long enough to read a sentence twice.
const SHOWN_SECS: f64 = 5.0;

/// No more than this many at once; the oldest goes first.
const MAX_SHOWN: usize = 4;

/// The messages that stand in the corner now.
#[derive(Default)]
pub(super) struct Toasts {
    shown: Vec<Toast>,
}

struct Toast {
    text: String,
    until: f64,
}

impl Toasts {
    /// Adds a message. The same words again only stay longer.
    pub(super) fn add(&mut self, ctx: &Context, text: String) {
        let until = ctx.input(|input| input.time) + SHOWN_SECS;
        self.shown.retain(|toast| toast.text != text);
        self.shown.push(Toast { text, until });
        if self.shown.len() > MAX_SHOWN {
            self.shown.remove(0);
        }
        ctx.request_repaint_after(Duration::from_secs_f64(SHOWN_SECS + 0.05));
    }

    /// Draws them above everything, in the lower right corner of the stage.
    pub(super) fn show(&mut self, ctx: &Context) {
        let now = ctx.input(|input| input.time);
        self.shown.retain(|toast| toast.until > now);
        if self.shown.is_empty() {
            return;
        }
        let colors = theme::palette(ctx);
        let above_status = Vec2::new(-size::GROUP, -(size::STATUS + size::GROUP));
        Area::new(Id::unique("toasts"))
            .order(Order::Tooltip)
            .anchor(Align2::RIGHT_BOTTOM, above_status)
            .show(ctx, |ui| {
                let mut dismissed = None;
                for (i, toast) in self.shown.iter().enumerate() {
                    Frame::new()
                        .fill(colors.stage)
                        .stroke(Stroke::new(1.0, colors.line))
                        .corner_radius(CornerRadius::same(size::CARD_RADIUS))
                        .shadow(ui.visuals().popup_shadow)
                        .inner_margin(Margin::symmetric(16, 8))
                        .show(ui, |ui| {
                            ui.horizontal(|ui| {
                                let (mark, _) = ui.allocate_exact_size(
                                    Vec2::splat(20.0),
                                    eframe::egui::Sense::hover(),
                                );
                                Icon::Done.paint(ui.painter(), mark, 16.0, colors.good);
                                ui.label(&toast.text);
                                let close =
                                    Icon::Close.button(ui, "Dismiss", "Send this message away.");
                                if close.clicked() {
                                    dismissed = Some(i);
                                }
                            });
                        });
                }
                if let Some(i) = dismissed {
                    self.shown.remove(i);
                }
            });
    }
}
