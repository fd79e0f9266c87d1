//! Where bytes come from: a regular file read by position, or bytes already in memory.
//!
//! Models are not memory-mapped: they repack their weights at load time anyway, and so each read
//! states its length, is checked against the file, and can be refused. Only word vectors that are too
//! large to copy are mapped, with care: `mapped.rs`.

use super::shown;
use crate::refusal::{Refusal, Result};
use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Bytes with a name, readable at any position.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    name: String,
    len: u64,
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    File {
        file: File,
        modified: Option<SystemTime>,
    },
    Memory(Cow<'static, [u8]>),
}

impl Source {
    /// Opens a regular file. A folder, a pipe, a device or a broken link is refused without waiting.
    ///
    /// # Errors
    /// The four parts say what the path is instead, or why it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let name = shown::file_name(path);
        // Looked at before opening, because opening a pipe would wait for its other end.
        let look = std::fs::metadata(path).map_err(|e| cannot_open(path, &name, &e))?;
        if !look.is_file() {
            return Err(not_a_file(&name, &look));
        }
        let file = open_without_waiting(path).map_err(|e| cannot_open(path, &name, &e))?;
        let metadata = file.metadata().map_err(|e| cannot_open(path, &name, &e))?;
        if !metadata.is_file() {
            return Err(not_a_file(&name, &metadata));
        }
        Ok(Self {
            path: path.to_owned(),
            name,
            len: metadata.len(),
            inner: Inner::File {
                file,
                modified: metadata.modified().ok(),
            },
        })
    }

    /// Bytes in memory, such as a model built into the program.
    pub fn from_bytes(name: &str, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        let bytes = bytes.into();
        Self {
            path: PathBuf::from(name),
            name: shown::shown(name),
            len: bytes.len() as u64,
            inner: Inner::Memory(bytes),
        }
    }

    /// Its path; for bytes in memory, its name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its file name, safe to show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its length in bytes when it was opened.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether it is a file on disk, not bytes in memory.
    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(self.inner, Inner::File { .. })
    }

    /// The `n_bytes` from `offset`; borrowed where they are in memory already.
    ///
    /// # Errors
    /// The file is shorter than that, was changed since it was opened, or cannot be read.
    pub fn read(&self, offset: u64, n_bytes: u64) -> Result<Cow<'_, [u8]>> {
        let end = offset.checked_add(n_bytes).filter(|&end| end <= self.len);
        let Some(end) = end else {
            return Err(self.incomplete(format!(
                "{} were expected from byte {offset}; the file has {}.",
                shown::size(n_bytes),
                shown::size(self.len)
            )));
        };
        match &self.inner {
            Inner::Memory(bytes) => Ok(Cow::Borrowed(&bytes[offset as usize..end as usize])),
            Inner::File { .. } => {
                let mut buffer = vec![0; n_bytes as usize];
                self.read_into(offset, &mut buffer)?;
                Ok(Cow::Owned(buffer))
            }
        }
    }

    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_into(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        match &self.inner {
            Inner::Memory(_) => {
                buffer.copy_from_slice(&self.read(offset, buffer.len() as u64)?);
                Ok(())
            }
            Inner::File { file, .. } => {
                read_exact_at(file, buffer, offset).map_err(|e| self.changed(&e.to_string()))?;
                self.check()
            }
        }
    }

    /// Whether the file is as it was when it was opened, by its length and the time it was last
    /// written to. Always, for bytes in memory.
    ///
    /// # Errors
    /// It was changed, or cannot be asked any more.
    pub fn check(&self) -> Result<()> {
        let Inner::File { file, modified } = &self.inner else {
            return Ok(());
        };
        let now = file.metadata().map_err(|e| self.changed(&e.to_string()))?;
        if now.len() != self.len || now.modified().ok() != *modified {
            return Err(self.changed(&format!(
                "it had {}, and now has {}, or was written to",
                shown::size(self.len),
                shown::size(now.len())
            )));
        }
        Ok(())
    }

    /// The open file itself, where it is one.
    pub(super) fn file(&self) -> Option<&File> {
        match &self.inner {
            Inner::File { file, .. } => Some(file),
            Inner::Memory(_) => None,
        }
    }

    /// The refusal for a file that ends too early.
    #[must_use]
    pub fn incomplete(&self, evidence: impl Into<String>) -> Refusal {
        Refusal::unchanged(
            format!("`{}` is incomplete.", self.name),
            in_one_line(evidence),
            "Download or copy it again, or choose another file.",
        )
    }

    /// The refusal for a file whose contents do not hold together as `format`.
    #[must_use]
    pub fn damaged(&self, format: &str, evidence: impl Into<String>) -> Refusal {
        Refusal::unchanged(
            format!("`{}` is not a sound {format} file.", self.name),
            in_one_line(evidence),
            "It is damaged, or made by a faulty program: download it again, or choose another file.",
        )
    }

    /// The refusal for a file that is sound, but not something Glassbox can use.
    #[must_use]
    pub fn unsupported(&self, evidence: impl Into<String>, next: impl Into<String>) -> Refusal {
        Refusal::unchanged(
            format!("`{}` cannot be used here.", self.name),
            in_one_line(evidence),
            next,
        )
    }

    fn changed(&self, how: &str) -> Refusal {
        Refusal::unchanged(
            format!("`{}` changed while it was being read.", self.name),
            format!("Since it was opened: {how}."),
            "Wait until nothing writes to it any more (a download, a copy), then open it again.",
        )
    }
}

/// What a parser says of a file may quote it: nothing in it may deceive the eye.
fn in_one_line(evidence: impl Into<String>) -> String {
    shown::shortened(&evidence.into(), 600)
}

fn open_without_waiting(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags(libc::O_NONBLOCK); // a pipe put in the file's place must not stop us
    }
    options.open(path)
}

#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
pub(super) fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let n = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = &mut buffer[n..];
        offset += n as u64;
    }
    Ok(())
}

fn cannot_open(path: &Path, name: &str, error: &io::Error) -> Refusal {
    let is_link = std::fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink());
    let (what, evidence) = match error.kind() {
        io::ErrorKind::NotFound if is_link => (
            format!("`{name}` is a link to something that is not there."),
            "The file it points to does not exist.".to_owned(),
        ),
        io::ErrorKind::NotFound => (
            format!("`{name}` is not there."),
            format!(
                "Nothing has the path {}.",
                shown::shortened(&path.to_string_lossy(), 240)
            ),
        ),
        io::ErrorKind::PermissionDenied => (
            format!("`{name}` may not be read."),
            "Its permissions do not let this program open it.".to_owned(),
        ),
        _ => (
            format!("`{name}` cannot be opened."),
            format!("The operating system says: {error}."),
        ),
    };
    Refusal::unchanged(what, evidence, "Check the path, or choose another file.")
}

fn not_a_file(name: &str, metadata: &std::fs::Metadata) -> Refusal {
    if metadata.is_dir() {
        return Refusal::unchanged(
            format!("`{name}` is a folder."),
            "A model is read from a file, and this is a folder of files.",
            "Open the model file inside it: one that ends in .gguf, .safetensors or .json.",
        );
    }
    Refusal::unchanged(
        format!("`{name}` is not a regular file."),
        "It is a pipe, a socket or a device, whose contents have no end or no beginning.",
        "Save what it gives to a file, and open that.",
    )
}
