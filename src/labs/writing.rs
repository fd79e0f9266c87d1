//! Writing a file: all of it, or what was there before stays.
//!
//! The content goes to a temporary file beside the target, is brought to the disk, and takes the
//! target's name in one move. A power cut, a full disk or a fault in the middle leaves the old file.
//!
//! ```
//! use glassbox::labs::writing::{make_place, write_whole, write_whole_with};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("run/model.safetensors");
//! make_place(&path)?; // before hours of work: is there a place for what they will give?
//! write_whole(&path, b"what fits in memory")?;
//! write_whole_with(&path, |file| {
//!     (0..3_u8).try_for_each(|i| file.write_all(&[i; 1 << 10])) // what comes in pieces
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What was lost by a failure only the caller knows: replace the refusal's `meaning` where there is
//! more to say than "nothing was written". The bytes of a model: [`safetensors::pack`].

pub mod safetensors;

use crate::refusal::{Refusal, Result};
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Writes a file that holds exactly `content`.
///
/// # Errors
/// A folder that is not there or may not be written to, a disk that is full. The old file stays.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<()> {
    write_whole_with(path, |file| file.write_all(content))
}

/// Writes a file that holds exactly what `write` gives; the pieces may be small.
///
/// # Errors
/// What `write` fails with, and what [`write_whole`] refuses. The old file stays.
pub fn write_whole_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    attempt(path, write).map_err(|error| refuse(path, &error))
}

/// Makes the folder of `path`, and a file in it that is gone at once.
///
/// # Errors
/// A folder that cannot be made or written to.
pub fn make_place(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder).map_err(|error| {
        let evidence = format!("The folder “{}” cannot be made: {error}.", folder.display());
        not_saved(path, evidence, "Choose another place, or another name.")
    })?;
    beside(path).map(drop).map_err(|error| refuse(path, &error))
}

/// The names of the files of one training, which begin alike.
#[derive(Debug, Clone)]
pub struct Names {
    stem: PathBuf,
}

impl Names {
    /// Names after `out`, with or without its `.safetensors`, where a `what` ("model") goes.
    ///
    /// # Errors
    /// A path that ends in no name, or in that of a folder.
    pub fn after(out: &Path, what: &str) -> Result<Self> {
        if out.file_name().is_none() || out.is_dir() {
            return Err(Refusal::unchanged(
                format!("“{}” is a folder, not a place for a {what}", out.display()),
                format!("The files of the {what} are named after the path."),
                format!("Add a name: FOLDER/my-{what}."),
            ));
        }
        let stem = match out.extension() {
            Some(extension) if extension == "safetensors" => out.with_extension(""),
            _ => out.to_path_buf(),
        };
        Ok(Self { stem })
    }

    /// The file with this ending, its dot included.
    #[must_use]
    pub fn with(&self, ending: &str) -> PathBuf {
        let mut path = self.stem.clone().into_os_string();
        path.push(ending);
        path.into()
    }
}

fn attempt(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(there) if there.is_dir() => return Err(ErrorKind::IsADirectory.into()),
        // A device or a pipe (`-o /dev/stdout`) is written to; a file must not take its place.
        Ok(there) if !there.is_file() => {
            let mut file = BufWriter::new(File::options().write(true).open(path)?);
            write(&mut file)?;
            return file.flush();
        }
        _ => {}
    }
    let mut file = BufWriter::new(beside(path)?);
    write(&mut file)?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// A temporary file in the folder of `path`.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    // A temporary file is its owner's alone; what is saved is for whoever the system's umask lets.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn refuse(path: &Path, error: &io::Error) -> Refusal {
    let folder = folder_of(path).display();
    let (evidence, next) = match error.kind() {
        _ if path.file_name().is_none() => (
            "The path names no file.".to_owned(),
            "Write a file's name at its end.",
        ),
        ErrorKind::IsADirectory => (
            "A folder has that name.".to_owned(),
            "Add a file's name, or choose another one.",
        ),
        _ if !folder_of(path).is_dir() => (
            format!("There is no folder “{folder}”."),
            "Choose a folder that is there, or make this one first.",
        ),
        ErrorKind::PermissionDenied => (
            format!("The system does not let you write to “{folder}”."),
            "Choose a folder of your own.",
        ),
        ErrorKind::ReadOnlyFilesystem => (
            format!("“{folder}” can only be read."),
            "Choose another place.",
        ),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => (
            format!("There is no room for it: {error}."),
            "Make room on the disk, or choose another one.",
        ),
        _ => (
            format!("The system says: {error}."),
            "Choose another place, or another name.",
        ),
    };
    not_saved(path, evidence, next)
}

fn not_saved(path: &Path, evidence: String, next: &str) -> Refusal {
    Refusal::new(
        format!("“{}” could not be saved", path.display()),
        evidence,
        "Nothing was written; a file that was there before is as it was.",
        next,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text ☕.md");
        write_whole(&path, b"a longer one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_write_that_fails_in_the_middle_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        write_whole(&path, b"old").unwrap();
        let refusal = write_whole_with(&path, |file| {
            file.write_all(&vec![7; 1 << 20])?;
            Err(ErrorKind::StorageFull.into())
        });
        let refusal = refusal.unwrap_err();
        assert!(refusal.evidence.contains("no room"), "{refusal}");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn each_obstacle_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent/text.md");
        let refusal = write_whole(&absent, b"x").unwrap_err();
        assert!(refusal.evidence.contains("There is no folder"), "{refusal}");
        make_place(&absent).unwrap();
        write_whole(&absent, b"x").unwrap();
        let refusal = write_whole(folder.path(), b"x").unwrap_err();
        assert!(refusal.evidence.contains("A folder has"), "{refusal}");
        let refusal = write_whole(Path::new(""), b"x").unwrap_err();
        assert!(refusal.evidence.contains("names no file"), "{refusal}");
        let below_a_file = absent.join("more.md");
        let refusal = make_place(&below_a_file).unwrap_err();
        assert!(refusal.evidence.contains("cannot be made"), "{refusal}");
    }

    #[test]
    fn the_files_of_a_training_are_named_after_its_path() {
        for out in ["run/a.b", "run/a.b.safetensors"] {
            let names = Names::after(Path::new(out), "model").unwrap();
            assert_eq!(names.with(".safetensors"), Path::new("run/a.b.safetensors"));
            assert_eq!(names.with(".checkpoint"), Path::new("run/a.b.checkpoint"));
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(Names::after(folder.path(), "model").is_err());
        assert!(Names::after(Path::new(".."), "model").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_saved_may_be_read_by_whoever_may_read_a_file_made_plainly() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            let about = fs::metadata(folder.path().join(name)).unwrap();
            about.permissions().mode() & 0o777
        };
        fs::write(folder.path().join("plain"), "x").unwrap();
        write_whole(&folder.path().join("ours"), b"x").unwrap();
        assert_eq!(mode("ours"), mode("plain"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told_and_a_device_stays_a_device() {
        use std::os::unix::fs::FileTypeExt;
        let full = Path::new("/dev/full");
        let refusal = write_whole(full, b"x").unwrap_err();
        assert!(refusal.evidence.contains("no room"), "{refusal}");
        assert!(fs::metadata(full).unwrap().file_type().is_char_device());
    }
}
