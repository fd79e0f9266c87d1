//! The drawer: where a spectral convergence comes from.

use super::PhaseView;
use crate::tabs::parts::{caption, group};
use crate::theme::style;
use crate::widgets::count::grouped;
use crate::widgets::icon::Icon;
use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, Ui};

pub(super) fn show(view: &mut PhaseView, ui: &mut Ui) {
    let mut close = false;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        let button = Icon::Close.button(ui, "Close the equation", "Back to the whole stage.");
        close = button.clicked();
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            let title = RichText::new("Where this number comes from");
            ui.label(title.text_style(style::subheading()));
        });
    });
    if close {
        view.is_explaining = false;
        return;
    }
    let Some(trial) = view.shown() else { return };
    let (evidence, settings) = (&trial.evidence, &view.chosen.settings);
    ScrollArea::vertical()
        .id_salt("a convergence")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            caption(ui, "convergence = √Σ(|c| − S)² / √ΣS², over all cells: S is the picture's magnitude, |c| what the sound has there.");
            let cells = grouped((evidence.n_frames * evidence.n_bins) as f64);
            let (frames, bins) = (evidence.n_frames, evidence.n_bins);
            line(ui, &format!("{frames} frames × {bins} bins = {cells} cells"));
            line(ui, &format!("Σ(|c| − S)² = {:.4}", evidence.error));
            line(ui, &format!("ΣS²         = {:.4}", evidence.whole));
            let (a, b) = (evidence.error.sqrt(), evidence.whole.sqrt());
            line(ui, &format!("{a:.5} / {b:.5}"));
            let again = evidence.convergence();
            line(ui, &format!("= {again:.7}"));
            let off = format!("{:.0e}", (again - trial.convergence).abs()).replace("e-", "e−");
            caption(
                ui,
                format!(
                    "Computed again from the samples, summed in 64 bits. On the stage {:.7}, difference {off}.",
                    trial.convergence
                ),
            );
            group(ui, "The cells that are furthest off");
            caption(ui, "Bin k of frame t: what the picture says, and what the sound has there.");
            line(ui, &format!("{:>4} {:>5} {:>8} {:>9} {:>9}", "t", "k", "Hz", "S", "|c|"));
            let rate = f64::from(trial.sound.sample_rate_hz());
            for off in &evidence.furthest {
                let hz = off.bin as f64 * rate / settings.n_fft as f64;
                let (t, k, s, c) = (off.frame, off.bin, off.given, off.found);
                line(ui, &format!("{t:>4} {k:>5} {hz:>8.0} {s:>9.3} {c:>9.3}"));
            }
            group(ui, "A step");
            caption(ui, "sound = inverse transform of S · phase; c = its transform. The next phase is that of c − α·c_before, α = m / (1 + m).");
            let alpha = settings.momentum / (1.0 + settings.momentum);
            line(ui, &format!("m = {:.2}, α = {alpha:.4}", settings.momentum));
        });
}

fn line(ui: &mut Ui, words: &str) {
    let text = RichText::new(words).text_style(style::small_mono());
    ui.add(Label::new(text).extend());
}
