//! Opening the window: which renderer, what to do when it fails, and what to say when there is no
//! display at all.

use super::files::SystemChooser;
use super::{App, Inspect, Start};
use crate::labs::compute::Compute;
use crate::refusal::{Refusal, Result};
use crate::settings::{self, Renderer};
use crate::tabs::Tab;
use crate::theme::Theme;
use eframe::NativeOptions;
use eframe::egui::{ColorImage, Context, Ui, ViewportBuilder, ViewportCommand};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const ICON: &[u8] = include_bytes!("../../assets/icon.png");

/// Frames that must pass with nothing to do before the window counts as settled.
const SETTLED_FRAMES: u32 = 5;

/// What the command line asked the window for.
pub struct Launch {
    /// Files to open.
    pub files: Vec<PathBuf>,
    /// What to draw with, instead of what the settings say.
    pub renderer: Option<Renderer>,
    /// What to wear, instead of what the settings say.
    pub theme: Option<Theme>,
    /// Where to save a picture of the settled window; it closes then.
    pub screenshot: Option<PathBuf>,
    /// Print how long the first frame took, counted from `started`.
    pub first_frame_time: bool,
    /// Print how long each frame took.
    pub frame_times: bool,
    /// When the program started.
    pub started: Instant,
    /// The device and threads for the models.
    pub compute: Compute,
    /// Where model files are looked for, best first.
    pub model_folders: Vec<PathBuf>,
    /// Looks at a file's headers.
    pub inspect: Inspect,
    /// Makes the chapters; called again when a second renderer is tried.
    pub chapters: fn() -> Vec<Box<dyn Tab>>,
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// When there is no display, or neither renderer works on it.
pub fn launch(launch: &Launch) -> Result<()> {
    let settings_path = settings::usual_path();
    let (mut settings, damaged) = settings_path
        .as_deref()
        .map_or_else(Default::default, settings::load);
    settings.theme = launch.theme.unwrap_or(settings.theme);
    let wanted = launch.renderer.unwrap_or(settings.renderer);
    let mut failures = Vec::new();
    for renderer in order(wanted) {
        let start = Start {
            settings: settings.clone(),
            settings_path: settings_path
                .clone()
                .filter(|_| launch.screenshot.is_none()),
            files: launch.files.clone(),
            compute: launch.compute,
            model_folders: launch.model_folders.clone(),
            inspect: Arc::clone(&launch.inspect),
            chooser: Arc::new(SystemChooser),
            refusals: damaged.clone().into_iter().collect(),
        };
        match open_window(launch, start, renderer) {
            Ok(()) => return Ok(()),
            Err(why) => failures.push((renderer_name(renderer), why)),
        }
    }
    Err(no_window(&failures))
}

/// One try with one renderer.
fn open_window(
    launch: &Launch,
    start: Start,
    renderer: eframe::Renderer,
) -> std::result::Result<(), String> {
    let mut viewport = ViewportBuilder::default()
        .with_title("Glassbox")
        .with_app_id("glassbox")
        .with_inner_size([1280.0, 720.0])
        .with_min_inner_size([640.0, 400.0]);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(ICON) {
        viewport = viewport.with_icon(icon);
    }
    let options = NativeOptions {
        viewport,
        renderer,
        ..NativeOptions::default()
    };
    let picture = launch.screenshot.clone();
    let clock = launch.first_frame_time.then_some(launch.started);
    let frame_times = launch.frame_times;
    let chapters = launch.chapters;
    let run = std::panic::AssertUnwindSafe(|| {
        eframe::run_native(
            "glassbox",
            options,
            Box::new(move |cx| {
                Ok(Box::new(Opened {
                    app: App::new(&cx.egui_ctx, chapters(), start),
                    clock,
                    frame_clock: frame_times.then(FrameClock::default),
                    picture,
                    quiet_frames: 0,
                }))
            }),
        )
    });
    match std::panic::catch_unwind(run) {
        Ok(ended) => ended.map_err(|error| error.to_string()),
        Err(panic) => Err(crate::jobs::panic_message(panic.as_ref())),
    }
}

/// The app, and what the command line wants of its first frames.
struct Opened {
    app: App,
    clock: Option<Instant>,
    frame_clock: Option<FrameClock>,
    picture: Option<PathBuf>,
    quiet_frames: u32,
}

impl eframe::App for Opened {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        // The second call comes once the first frame is on the screen.
        if ctx.cumulative_frame_nr() > 0
            && let Some(started) = self.clock.take()
        {
            eprintln!("first frame after {} ms", started.elapsed().as_millis());
        }
        let began = Instant::now();
        self.app.logic(ctx, frame);
        if let Some(clock) = &mut self.frame_clock {
            clock.report(frame.info().cpu_usage);
            clock.ours = began.elapsed();
        }
    }

    fn ui(&mut self, ui: &mut Ui, frame: &mut eframe::Frame) {
        let began = Instant::now();
        self.app.ui(ui, frame);
        if let Some(clock) = &mut self.frame_clock {
            clock.ours += began.elapsed();
        }
        if self.clock.is_some() {
            ui.ctx().request_repaint();
        }
        if self.picture.is_some() {
            self.take_picture(ui.ctx());
        }
    }

    fn on_exit(&mut self, gl: Option<&eframe::glow::Context>) {
        self.app.on_exit(gl);
    }
}

/// The time that frames take.
#[derive(Debug, Default)]
struct FrameClock {
    /// What our own code took of the frame so far.
    ours: Duration,
}

impl FrameClock {
    /// Tells of the frame before this one: what our own code took, and all of it with turning shapes
    /// into triangles and drawing these, but without waiting for the screen.
    fn report(&self, whole: Option<f32>) {
        if let Some(whole) = whole {
            let ours = self.ours.as_secs_f32() * 1e3;
            eprintln!("frame: {ours:.2} ms ours, {:.2} ms in all", whole * 1e3);
        }
    }
}

impl Opened {
    /// Once nothing moves any more, saves a picture and closes the window.
    fn take_picture(&mut self, ctx: &Context) {
        ctx.request_repaint();
        self.quiet_frames = if self.app.is_settled() {
            self.quiet_frames + 1
        } else {
            0
        };
        if self.quiet_frames < SETTLED_FRAMES {
            return;
        }
        let Some(path) = self.picture.take() else {
            return;
        };
        let window = ctx.clone();
        ctx.request_screenshot(move |image| {
            if let Err(error) = save_png(&image, &path) {
                eprintln!(
                    "The picture could not be saved as {}: {error}.",
                    path.display()
                );
            }
            window.send_viewport_cmd(ViewportCommand::Close);
            window.request_repaint();
        });
    }
}

fn save_png(picture: &ColorImage, path: &Path) -> image::ImageResult<()> {
    let [width, height] = picture.size.map(|side| side as u32);
    let bytes = picture.as_raw();
    image::save_buffer_with_format(
        path,
        bytes,
        width,
        height,
        image::ExtendedColorType::Rgba8,
        image::ImageFormat::Png,
    )
}

/// What to try first and what when that fails.
fn order(wanted: Renderer) -> [eframe::Renderer; 2] {
    use eframe::Renderer::{Glow, Wgpu};
    let wgpu_first = match wanted {
        Renderer::Auto => has_graphics_card(),
        Renderer::Glow => false,
        Renderer::Wgpu => true,
    };
    if wgpu_first {
        [Wgpu, Glow]
    } else {
        [Glow, Wgpu]
    }
}

fn renderer_name(renderer: eframe::Renderer) -> &'static str {
    match renderer {
        eframe::Renderer::Glow => "glow (OpenGL)",
        eframe::Renderer::Wgpu => "wgpu (Vulkan, Metal or DirectX)",
    }
}

/// Whether a real graphics card is likely. Asking the drivers takes longer than the first frame may,
/// so on Linux the kernel is asked which driver each card has; elsewhere the system brings one.
fn has_graphics_card() -> bool {
    const REAL: [&str; 8] = [
        "amdgpu", "i915", "xe", "nvidia", "nouveau", "radeon", "msm", "panfrost",
    ];
    if !cfg!(target_os = "linux") {
        return true;
    }
    let Ok(cards) = std::fs::read_dir("/sys/class/drm") else {
        return false;
    };
    cards.flatten().any(|card| {
        let driver = std::fs::read_link(card.path().join("device/driver"));
        driver.is_ok_and(|driver| {
            let name = driver.file_name().unwrap_or_default();
            REAL.iter().any(|real| name == *real)
        })
    })
}

/// What is said when no window can be had.
fn no_window(failures: &[(&str, String)]) -> Refusal {
    let tried: Vec<_> = failures
        .iter()
        .map(|(name, why)| format!("{name}: {}", why.trim_end_matches('.')))
        .collect();
    let evidence = format!("{}.", tried.join("; "));
    let meaning = "The command line works without a window, with the same models.";
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        return Refusal::new(
            "There is no display to open a window on",
            "Neither DISPLAY nor WAYLAND_DISPLAY is set.",
            meaning,
            "Run “glassbox help” for the verbs, for example: glassbox generate --prompt 'Once upon a time'",
        );
    }
    Refusal::new(
        "The window could not be opened",
        evidence,
        meaning,
        "Install a driver (on Debian: apt-get install libgl1 libegl1 libgl1-mesa-dri mesa-vulkan-drivers), \
         or use a verb: glassbox help",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_renderer_is_the_others_fallback() {
        for wanted in [Renderer::Auto, Renderer::Glow, Renderer::Wgpu] {
            let [first, second] = order(wanted);
            assert_ne!(first, second);
        }
        assert_eq!(order(Renderer::Wgpu)[0], eframe::Renderer::Wgpu);
    }

    #[test]
    fn the_icon_is_a_square_picture_of_256() {
        let icon = eframe::icon_data::from_png_bytes(ICON).unwrap();
        assert_eq!((icon.width, icon.height), (256, 256));
    }
}
