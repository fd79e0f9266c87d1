//! The real program in a real window, as a person starts it: under Xvfb, driven by xdotool. It says
//! "skipped" where these are missing, and leaves a picture of the screen in the build's `tmp` folder.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on should say where, and one that was skipped why"
)]

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// Slower than this is broken, on any machine: the window up, the model loaded, or tokens written.
const PATIENCE: Duration = Duration::from_mins(2);

const PROMPT: &str = "My dog's name is Ben. He's a big dog with large paws. Ben likes to play";

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A virtual screen whose pixels lie in a file, and the program on it.
struct Screen {
    display: String,
    framebuffer: PathBuf,
    glassbox: Running,
    _xvfb: Running,
}

impl Screen {
    fn open(folder: &Path) -> Self {
        let mut xvfb = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x720x24"])
            .args(["-nolisten", "tcp", "-fbdir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        let stdout = xvfb.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut number).unwrap();
        let display = format!(":{}", number.trim());
        let glassbox = Command::new(env!("CARGO_BIN_EXE_glassbox"))
            .args(["--theme", "light"])
            .env("DISPLAY", &display)
            .env_remove("WAYLAND_DISPLAY")
            .env("XDG_RUNTIME_DIR", folder)
            .env("GLASSBOX_SETTINGS", folder.join("settings.json"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            display,
            framebuffer: folder.join("Xvfb_screen0"),
            glassbox: Running(glassbox),
            _xvfb: Running(xvfb),
        }
    }

    fn xdotool(&self, args: &[&str]) -> Output {
        let mut command = Command::new("xdotool");
        command.args(args).env("DISPLAY", &self.display);
        command.output().unwrap()
    }

    /// The screen as red, green and blue bytes. The file is in X's window dump format: a header of
    /// big-endian numbers, a table of colours, then four bytes per pixel, blue first.
    fn pixels(&self) -> Vec<[u8; 3]> {
        let dump = std::fs::read(&self.framebuffer).unwrap();
        let word = |i: usize| {
            let bytes = dump[4 * i..4 * i + 4].try_into().unwrap();
            u32::from_be_bytes(bytes) as usize
        };
        let (header_size, width, height, n_colours) = (word(0), word(4), word(5), word(19));
        assert_eq!((width, height, word(11)), (1280, 720, 32));
        let pixels = dump[header_size + 12 * n_colours..].chunks_exact(4);
        pixels
            .take(width * height)
            .map(|p| [p[2], p[1], p[0]])
            .collect()
    }

    /// Looks at the screen, after `poke`, until `seen` is true of it.
    fn wait_until(&self, what: &str, poke: impl Fn(), seen: impl Fn(&[[u8; 3]]) -> bool) {
        let since = Instant::now();
        loop {
            poke();
            if seen(&self.pixels()) {
                return;
            }
            assert!(since.elapsed() < PATIENCE, "waited in vain for {what}");
            std::thread::yield_now();
        }
    }

    /// How the program ended.
    fn wait_for_the_end(&mut self) -> ExitStatus {
        let since = Instant::now();
        loop {
            if let Some(status) = self.glassbox.0.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < PATIENCE, "the program does not end");
            std::thread::yield_now();
        }
    }
}

/// How many different colours there are: a blank window has a handful, text and chips have many.
fn n_colours(pixels: &[[u8; 3]]) -> usize {
    pixels.iter().collect::<HashSet<_>>().len()
}

/// Pixels of text in the field where the prompt is written.
fn n_dark_in_the_prompt(pixels: &[[u8; 3]]) -> usize {
    let rows = pixels.chunks_exact(1280).skip(152).take(76);
    let field = rows.flat_map(|row| &row[116..560]);
    field.filter(|p| p.iter().all(|&c| c < 100)).count()
}

/// Pixels between yellow and red, as the chips of improbable tokens have them and nothing else does.
fn n_warm(pixels: &[[u8; 3]]) -> usize {
    let warm =
        |p: &&[u8; 3]| p[0] > 225 && (120..235).contains(&p[1]) && p[2] < 185 && p[0] > p[2] + 60;
    pixels.iter().filter(warm).count()
}

/// What this test needs and is not here.
fn missing() -> Option<&'static str> {
    let has = |tool| Command::new(tool).arg("-version").output().is_ok();
    match () {
        () if !has("Xvfb") => Some("Xvfb is not installed"),
        () if !has("xdotool") => Some("xdotool is not installed"),
        () => None,
    }
}

#[test]
fn a_person_types_a_prompt_presses_generate_sees_tokens_and_quits() {
    if let Some(why) = missing() {
        println!("skipped: {why}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut screen = Screen::open(folder.path());
    screen.wait_until("the window", || (), |pixels| n_colours(pixels) > 40);
    let find = ["search", "--sync", "--onlyvisible", "--name", "^Glassbox$"];
    let window = String::from_utf8(screen.xdotool(&find).stdout).unwrap();
    screen.xdotool(&["windowfocus", "--sync", window.trim()]);
    screen.xdotool(&["mousemove", "300", "184"]);
    let click = || {
        screen.xdotool(&["click", "1"]);
    };
    let blank = n_dark_in_the_prompt(&screen.pixels());
    screen.wait_until("the prompt to take the keys", click, |pixels| {
        // The cursor is a blue line at the field's beginning.
        let around = &pixels[1280 * 163 + 120..1280 * 163 + 130];
        around.iter().any(|&[r, _, b]| b > 150 && r < 100)
    });
    screen.xdotool(&["type", "--delay", "5", PROMPT]);
    screen.wait_until(
        "the prompt",
        || (),
        |pixels| n_dark_in_the_prompt(pixels) > blank + 400,
    );

    // The model may still be loading, when Generate does nothing: it is pressed until it does.
    let before = n_warm(&screen.pixels());
    let press_generate = || {
        screen.xdotool(&["key", "--clearmodifiers", "ctrl+Return"]);
    };
    screen.wait_until("a token", press_generate, |pixels| {
        n_warm(pixels) > before + 1500
    });
    let pixels = screen.pixels();
    assert!(n_colours(&pixels) > 100);
    let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smoke.png");
    let picture_format = image::ColorType::Rgb8;
    image::save_buffer(&picture, pixels.as_flattened(), 1280, 720, picture_format).unwrap();

    screen.xdotool(&["key", "--clearmodifiers", "ctrl+q"]);
    let status = screen.wait_for_the_end();
    assert!(status.success(), "the program ended with {status}");
}
