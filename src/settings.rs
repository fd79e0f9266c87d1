//! What survives a restart: one JSON file in the platform's folder for settings.
//!
//! It is written whole to a new file that then takes the old one's place; the old one stays beside
//! it as `.bak`. A file that cannot be read is kept aside and said so, never overwritten in silence;
//! a folder that cannot be written is said once and is never fatal.

use crate::refusal::{Refusal, Result};
use crate::theme::Theme;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Names another settings file, for tests and for a USB stick.
pub const PATH_VARIABLE: &str = "GLASSBOX_SETTINGS";

/// How many files are remembered.
const MAX_RECENT: usize = 12;

/// No settings are larger; a larger file is something else.
const MAX_BYTES: u64 = 4 << 20;

/// Everything dragged as large as this or as small as the other is still usable.
pub const ZOOM_RANGE: std::ops::RangeInclusive<f32> = 0.6..=2.5;

/// What draws the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Renderer {
    /// wgpu where there is a graphics card, glow otherwise.
    #[default]
    Auto,
    /// OpenGL.
    Glow,
    /// Vulkan, Metal or DirectX.
    Wgpu,
}

/// What a person set and what the window remembers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light, dark or projector.
    pub theme: Theme,
    /// How much larger than usual, 1.0 at first.
    pub zoom: f32,
    /// Whether things may move.
    pub motion: bool,
    /// What draws the window.
    pub renderer: Renderer,
    /// Whether the controls on the right are shown.
    pub bench: bool,
    /// The open chapter's name.
    pub chapter: String,
    /// Files opened last, the latest first.
    pub recent: Vec<PathBuf>,
    /// What each tab keeps, by its name.
    pub tabs: BTreeMap<String, serde_json::Value>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::Light,
            zoom: 1.0,
            motion: true,
            renderer: Renderer::Auto,
            bench: true,
            chapter: String::new(),
            recent: Vec::new(),
            tabs: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Puts `path` first among the recent files.
    pub fn remember(&mut self, path: PathBuf) {
        self.recent.retain(|known| *known != path);
        self.recent.insert(0, path);
        self.recent.truncate(MAX_RECENT);
    }

    /// Brings what a hand may have edited back into range.
    fn made_sane(mut self) -> Self {
        let zoom = if self.zoom.is_finite() {
            self.zoom
        } else {
            1.0
        };
        self.zoom = zoom.clamp(*ZOOM_RANGE.start(), *ZOOM_RANGE.end());
        self.recent.truncate(MAX_RECENT);
        self
    }
}

/// Where the settings of this person on this machine are kept; `None` where there is no such place.
#[must_use]
pub fn usual_path() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os(PATH_VARIABLE).filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    let folders = directories::ProjectDirs::from("", "", "glassbox")?;
    Some(folders.config_dir().join("settings.json"))
}

/// Reads the settings. A damaged file is kept aside under another name, the copy before it is tried,
/// and the refusal says so; the settings are usable in any case.
#[must_use]
pub fn load(path: &Path) -> (Settings, Option<Refusal>) {
    match read(path) {
        Ok(settings) => (settings.unwrap_or_default(), None),
        Err(why) => {
            let (earlier, from) = match read(&backup_path(path)) {
                Ok(Some(settings)) => (settings, "The settings of the time before are used."),
                _ => (Settings::default(), "The usual settings are used."),
            };
            let kept = keep_aside(path);
            (earlier, Some(damaged(path, &why, from, kept)))
        }
    }
}

/// Writes the settings so that a crash at any moment leaves a whole file.
///
/// # Errors
/// When the folder or the disk does not take them.
pub fn save(settings: &Settings, path: &Path) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer_pretty(&mut file, settings)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        if path.is_file() {
            fs::copy(path, backup_path(path))?;
        }
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| {
        Refusal::new(
            "Your settings could not be saved",
            format!("{}: {error}.", path.display()),
            "Glassbox works on; it forgets theme, zoom and recent files when it is closed.",
            format!("Make room there, or name another file in {PATH_VARIABLE}."),
        )
    })
}

/// `None` when there is no such file yet; a phrase when it cannot be understood.
fn read(path: &Path) -> std::result::Result<Option<Settings>, String> {
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    if !about.is_file() {
        return Err("it is not a regular file".into());
    }
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text))
        .map_err(|error| error.to_string())?;
    let settings: Settings = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok(Some(settings.made_sane()))
}

fn backup_path(path: &Path) -> PathBuf {
    path.with_extension("json.bak")
}

/// Renames a damaged file to the first free `settings.corrupt-N.json`.
fn keep_aside(path: &Path) -> Option<PathBuf> {
    (1..1000)
        .map(|n| path.with_extension(format!("corrupt-{n}.json")))
        .find(|free| !free.exists())
        .filter(|free| fs::rename(path, free).is_ok())
}

fn damaged(path: &Path, why: &str, from: &str, kept: Option<PathBuf>) -> Refusal {
    let kept = kept.map_or_else(
        || "It was left where it is".to_owned(),
        |to| format!("It is kept as {}", to.display()),
    );
    Refusal::new(
        "The settings file could not be read",
        format!("{}: {}.", path.display(), why.trim_end_matches('.')),
        format!("{from} {kept}."),
        "Nothing needs to be done; to get the old settings back, mend that file and rename it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_is_what_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/settings.json");
        let mut settings = Settings {
            theme: Theme::Projector,
            zoom: 1.25,
            ..Settings::default()
        };
        settings.remember("/a b/ü.gguf".into());
        save(&settings, &path).unwrap();
        assert_eq!(load(&path), (settings, None));
    }

    #[test]
    fn a_damaged_file_is_kept_aside_and_the_one_before_it_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        let dark = Settings {
            theme: Theme::Dark,
            ..Settings::default()
        };
        save(&dark, &path).unwrap();
        save(&dark, &path).unwrap();
        for n in 1..=2 {
            fs::write(&path, b"{\"theme\": \xff").unwrap();
            let (settings, refusal) = load(&path);
            assert_eq!(settings, dark);
            assert!(
                refusal
                    .unwrap()
                    .meaning
                    .contains(&format!("corrupt-{n}.json"))
            );
            assert!(
                folder
                    .path()
                    .join(format!("settings.corrupt-{n}.json"))
                    .exists()
            );
        }
    }

    #[test]
    fn no_file_yet_is_no_fault() {
        let folder = tempfile::tempdir().unwrap();
        let found = load(&folder.path().join("settings.json"));
        assert_eq!(found, (Settings::default(), None));
    }

    #[test]
    fn a_place_that_takes_no_file_is_said_and_is_not_fatal() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        fs::write(&file, "x").unwrap();
        let path = file.join("settings.json");
        assert!(save(&Settings::default(), &path).is_err());
        let (settings, refusal) = load(folder.path());
        assert_eq!(settings, Settings::default());
        assert!(refusal.is_some());
    }

    #[test]
    fn numbers_out_of_range_and_unknown_keys_are_survived() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        fs::write(&path, r#"{"zoom": 1e30, "from the future": 7}"#).unwrap();
        let (settings, refusal) = load(&path);
        assert_eq!(settings.zoom, *ZOOM_RANGE.end());
        assert_eq!(refusal, None);
    }

    #[test]
    fn a_file_opened_again_moves_to_the_front() {
        let mut settings = Settings::default();
        for name in ["a", "b", "a"] {
            settings.remember(name.into());
        }
        assert_eq!(settings.recent, [PathBuf::from("a"), PathBuf::from("b")]);
    }
}
