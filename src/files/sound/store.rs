//! Where the samples of a sound lie: in memory, or in a file without a name.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::ops::Range;

/// Interleaved samples.
#[derive(Debug)]
pub(super) enum Store {
    /// All of them.
    Memory(Vec<f32>),
    /// As 32-bit floats of this machine, from the beginning of the file.
    File(File),
}

impl Store {
    /// A new file without a name, in the folder for temporary files.
    pub(super) fn on_disk() -> io::Result<Self> {
        tempfile::tempfile().map(Self::File)
    }

    /// The samples of a range that has been written.
    pub(super) fn read(&self, range: Range<usize>) -> io::Result<Vec<f32>> {
        match self {
            Self::Memory(samples) => {
                let inside = samples.get(range);
                inside
                    .map(<[f32]>::to_vec)
                    .ok_or_else(|| ErrorKind::UnexpectedEof.into())
            }
            Self::File(file) => {
                let mut samples = vec![0.0; range.len()];
                let bytes = bytemuck::cast_slice_mut(&mut samples);
                crate::files::source::read_exact_at(file, bytes, 4 * range.start as u64)?;
                Ok(samples)
            }
        }
    }

    /// Writes samples behind the first `at`. In memory there is nothing to write to.
    pub(super) fn write(&self, at: usize, samples: &[f32]) -> io::Result<()> {
        match self {
            Self::Memory(_) => Err(ErrorKind::Unsupported.into()),
            Self::File(file) => write_all_at(file, bytemuck::cast_slice(samples), 4 * at as u64),
        }
    }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let n = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        if n == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        bytes = &bytes[n..];
        offset += n as u64;
    }
    Ok(())
}
