//! How long a frame with a cloud of points takes: the widget's own work and the tessellation without a
//! window, and, with a display, whole frames of a real window while the cloud turns.
//!
//! ```text
//! cargo bench --bench scatter                 # both, where there is a display
//! cargo bench --bench scatter -- 200000       # so many points
//! ```

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints what it measured and ends where it cannot"
)]

use eframe::egui::{self, Context, RawInput, Rect, Ui, pos2, vec2};
use glassbox::rng::Rng;
use glassbox::theme::{self, Theme};
use glassbox::widgets::scatter::{Emphasis, Scatter, ScatterState, Shade, ShadeScale};
use std::time::Instant;

/// Frames that are measured.
const N_FRAMES: usize = 120;

struct Cloud {
    positions: Vec<[f32; 3]>,
    words: Vec<String>,
    values: Vec<f32>,
    solid: bool,
    state: ScatterState,
}

impl Cloud {
    fn new(n: usize) -> Self {
        let mut rng = Rng::new(1, "bench");
        let position = |_| std::array::from_fn(|_| rng.normal() as f32);
        let positions: Vec<[f32; 3]> = (0..n).map(position).collect();
        Self {
            values: positions.iter().map(|at| at[0]).collect(),
            positions,
            words: (0..n).map(|i| format!("word{i}")).collect(),
            solid: false,
            state: ScatterState::default(),
        }
    }

    fn show(&mut self, ui: &mut Ui) {
        let shade = Shade {
            values: &self.values,
            scale: ShadeScale::Signed { most: 2.0 },
            title: "direction",
            ends: ["man", "woman"],
        };
        Scatter {
            name: "Cloud",
            positions: &self.positions,
            word: &|i| &self.words[i],
            hover: &|_, _| {},
            solid: self.solid,
            stretched: false,
            axes: ["x", "y", "z"],
            ticks: true,
            shade: Some(shade),
            emphasis: Emphasis::default(),
            version: 1,
        }
        .show(ui, &mut self.state);
    }

    /// Turns or moves it as a dragging hand does.
    fn advance(&mut self, frame: usize) {
        self.state.camera.yaw = frame as f32 * 0.03;
        self.state.camera.pan[0] = (frame as f32 * 0.05).sin() * 0.2;
    }
}

fn report(what: &str, mut millis: Vec<f64>) {
    millis.sort_by(f64::total_cmp);
    let at = |share: f64| millis[((millis.len() - 1) as f64 * share) as usize];
    println!(
        "{what:52} fastest tenth {:6.2} ms   median {:6.2} ms   95 % below {:6.2} ms",
        at(0.1),
        at(0.5),
        at(0.95)
    );
}

/// The widget's own work and the tessellation, for a stage of this size.
fn without_a_window(n: usize, solid: bool, moving: bool, size: egui::Vec2) {
    let ctx = Context::default();
    theme::fonts::install(&ctx);
    theme::apply(&ctx, Theme::Light, false);
    let mut cloud = Cloud::new(n);
    cloud.solid = solid;
    let mut millis = Vec::new();
    for frame in 0..N_FRAMES {
        if moving {
            cloud.advance(frame);
        }
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), size)),
            ..RawInput::default()
        };
        let started = Instant::now();
        let output = ctx.run_ui(input, |ui| cloud.show(ui));
        let shapes = ctx.tessellate(output.shapes, output.pixels_per_point);
        std::hint::black_box(shapes);
        if frame > 5 {
            millis.push(started.elapsed().as_secs_f64() * 1e3);
        }
    }
    let kind = if solid { "3-D" } else { "2-D" };
    let motion = if moving { "moving" } else { "still" };
    let [width, height] = [size.x, size.y];
    report(
        &format!("ui + tessellation, {kind} {motion}, {width} × {height}"),
        millis,
    );
}

/// Whole frames of a window, from one call of `ui` to the next.
struct Window {
    cloud: Cloud,
    frame: usize,
    started: Instant,
    millis: Vec<f64>,
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        let took = self.started.elapsed().as_secs_f64() * 1e3;
        self.started = Instant::now();
        if self.frame > 10 {
            self.millis.push(took);
        }
        self.frame += 1;
        if self.frame.is_multiple_of(N_FRAMES) {
            let kind = if self.cloud.solid { "3-D" } else { "2-D" };
            let size = ui.available_size();
            let what = format!("glow window, {kind} moving, {} × {}", size.x, size.y);
            report(&what, std::mem::take(&mut self.millis));
            if self.cloud.solid {
                ui.ctx().send_viewport_cmd(egui::ViewportCommand::Close);
            }
            self.cloud.solid = true;
            self.frame = 0;
        }
        let frame = self.frame;
        self.cloud.advance(frame);
        self.cloud.show(ui);
        ui.ctx().request_repaint();
    }
}

fn main() {
    let n = std::env::args().find_map(|word| word.parse().ok());
    let n = n.unwrap_or(50_000);
    println!("{n} points");
    for size in [vec2(820.0, 560.0), vec2(1460.0, 920.0)] {
        for (solid, moving) in [(false, false), (false, true), (true, true)] {
            without_a_window(n, solid, moving, size);
        }
    }
    if std::env::var_os("DISPLAY").is_none() {
        println!("no display: no window was measured");
        return;
    }
    for size in [[820.0, 560.0], [1460.0, 920.0]] {
        let options = eframe::NativeOptions {
            viewport: egui::ViewportBuilder::default().with_inner_size(size),
            renderer: eframe::Renderer::Glow,
            run_and_return: true,
            ..eframe::NativeOptions::default()
        };
        let opened = eframe::run_native(
            "scatter",
            options,
            Box::new(move |cx| {
                theme::fonts::install(&cx.egui_ctx);
                theme::apply(&cx.egui_ctx, Theme::Light, false);
                Ok(Box::new(Window {
                    cloud: Cloud::new(n),
                    frame: 0,
                    started: Instant::now(),
                    millis: Vec::new(),
                }))
            }),
        );
        opened.unwrap();
    }
}
