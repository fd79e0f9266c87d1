//! The status line: what computes, how much memory is used, what the chapter has to say, and how
//! often anything was asked of a network.

use super::App;
use crate::device;
use crate::jobs::{Emit, Job, Wake};
use crate::labs::compute::Compute;
use crate::tabs::StatusItem;
use crate::theme::{self, size, style};
use eframe::egui::{Layout, ProgressBar, RichText, Sense, Ui, UiBuilder};
use std::sync::Arc;

/// What the line says of the machine.
pub(super) struct Status {
    device: StatusItem,
    threads: usize,
    choosing: Option<Job<StatusItem>>,
    memory_bytes: usize,
    memory_looked: Option<std::time::Instant>,
}

impl Status {
    /// Starts choosing the device on a thread: proving one may take a driver a second.
    pub(super) fn new(compute: Compute, wake: &Wake) -> Self {
        let choose = move |emit: Emit<'_, StatusItem>| {
            let item = match device::choose(compute.device) {
                Ok(chosen) => item("Device", chosen.name, &chosen.why),
                Err(refusal) => item("Device", "refused", &refusal.to_string()),
            };
            let _ = emit(item);
        };
        Self {
            device: item("Device", "…", "Looking for a device that works."),
            threads: compute.threads,
            choosing: Job::spawn("device", Arc::clone(wake), choose).ok(),
            memory_bytes: 0,
            memory_looked: None,
        }
    }

    /// Takes the device once it is chosen; looks at the memory four times a second at most.
    pub(super) fn poll(&mut self) {
        if let Some(job) = &mut self.choosing {
            if let Some(item) = job.poll().pop() {
                self.device = item;
            }
            if !job.is_running() {
                self.choosing = None;
            }
        }
        if self
            .memory_looked
            .is_none_or(|then| then.elapsed().as_millis() >= 250)
        {
            self.memory_looked = Some(std::time::Instant::now());
            self.memory_bytes = held_bytes();
        }
    }

    /// Whether the device is known.
    pub(super) fn is_idle(&self) -> bool {
        self.choosing.is_none()
    }

    fn items(&self) -> Vec<StatusItem> {
        let plural = if self.threads == 1 {
            "thread"
        } else {
            "threads"
        };
        vec![
            self.device.clone(),
            item(
                "Threads",
                &format!("{} {plural}", self.threads),
                "How many processor cores the model may use; start with --threads N to change it.",
            ),
            item(
                "Memory",
                &format!("{} MB", self.memory_bytes / 1_000_000),
                "What Glassbox holds in memory now, the model included.",
            ),
        ]
    }
}

/// What the process holds in memory.
fn held_bytes() -> usize {
    // Linux keeps the sum; adding the pages up again takes a frame's time where a model is mapped.
    #[cfg(target_os = "linux")]
    if let Some(kilobytes) = std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| resident_kilobytes(&status))
    {
        return kilobytes * 1024;
    }
    memory_stats::memory_stats().map_or(0, |used| used.physical_mem)
}

/// `VmRSS` of `/proc/self/status` (man 5 proc).
#[cfg(target_os = "linux")]
fn resident_kilobytes(status: &str) -> Option<usize> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn item(label: &str, value: &str, tooltip: &str) -> StatusItem {
    StatusItem {
        label: label.into(),
        value: value.into(),
        tooltip: tooltip.into(),
    }
}

impl App {
    /// Draws the line: the machine and the chapter on the left, the network on the right.
    pub(super) fn show_status(&self, ui: &mut Ui) {
        let colors = theme::palette(ui.ctx());
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = size::MARGIN as f32;
            let network = item(
                "Network requests",
                "0",
                "Everything runs on this machine; Glassbox asks a network only when you press a button that says so.",
            );
            ui.with_layout(Layout::right_to_left(eframe::egui::Align::Center), |ui| {
                show_item(ui, &network, true);
                let rest = ui.available_rect_before_wrap();
                let left = Layout::left_to_right(eframe::egui::Align::Center);
                ui.scope_builder(UiBuilder::new().max_rect(rest).layout(left), |ui| {
                    ui.set_clip_rect(rest.intersect(ui.clip_rect()));
                    for (i, item) in self.status.items().iter().enumerate() {
                        show_item(ui, item, i > 2);
                    }
                    let Some(tab) = self.tabs.get(self.shown) else {
                        return;
                    };
                    if let Some(progress) = tab.progress() {
                        let bar = ProgressBar::new(progress.fraction.unwrap_or(0.0))
                            .desired_width(120.0)
                            .desired_height(6.0)
                            .fill(colors.accent);
                        ui.label(RichText::new(&progress.label).small());
                        ui.add(bar);
                    }
                    for item in tab.status() {
                        show_item(ui, &item, true);
                    }
                });
            });
        });
    }
}

/// One fact, whole or not at all; its meaning shows under the pointer.
fn show_item(ui: &mut Ui, item: &StatusItem, with_label: bool) {
    let colors = theme::palette(ui.ctx());
    let font = |style: eframe::egui::TextStyle| style.resolve(ui.style());
    let (small, mono) = (
        font(eframe::egui::TextStyle::Small),
        font(style::small_mono()),
    );
    let mut job = eframe::egui::text::LayoutJob::default();
    let format = |font, color| eframe::egui::TextFormat::simple(font, color);
    if with_label {
        job.append(&item.label, 0.0, format(small, colors.text_weak));
    }
    let gap = if with_label { 6.0 } else { 0.0 };
    job.append(&item.value, gap, format(mono, colors.text));
    let width = ui
        .ctx()
        .fonts_mut(|fonts| fonts.layout_job(job.clone()).size().x);
    if width > ui.available_width() {
        return;
    }
    ui.add(eframe::egui::Label::new(job).sense(Sense::hover()).extend())
        .on_hover_text(format!("{}: {}", item.label, item.tooltip));
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_memory_held_counts_what_was_just_written() {
        let big = std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(held_bytes() > big.len());
    }

    #[test]
    fn the_systems_own_words_are_understood() {
        let status = "VmHWM:\t    1600 kB\nVmRSS:\t    1584 kB\nRssAnon:\t     104 kB\n";
        assert_eq!(resident_kilobytes(status), Some(1584));
        assert_eq!(resident_kilobytes("VmRSS:\tmuch\n"), None);
    }
}
