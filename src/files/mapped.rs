//! A file too large to copy, as memory: the operating system reads its pages when they are touched,
//! and forgets them when it needs the room.
//!
//! A mapped file belongs to the disk still. Another program may write to it, and then the bytes here
//! change; it may be cut short, and then touching what was cut would end this program (SIGBUS), but
//! for [`guard`]. Whoever computes from one asks [`Mapped::check`] before the result is shown, and
//! keeps nothing whose soundness depends on the bytes staying as they are: no `&str`, no index.

use super::source::Source;
use crate::refusal::{Refusal, Result};
use memmap2::Mmap;

mod guard;

/// The bytes of a file, mapped.
#[derive(Debug)]
pub struct Mapped {
    // Dropped first, before the map: afterwards its addresses may be somebody else's.
    _guarded: guard::Guarded,
    map: Mmap,
    source: Source,
}

impl Mapped {
    /// Maps all of `source`, which is a file.
    ///
    /// # Errors
    /// The operating system refuses, or too many files are mapped already.
    pub fn new(source: Source) -> Result<Self> {
        let refused = |evidence: String| {
            Refusal::unchanged(
                format!("`{}` cannot be mapped into memory.", source.name()),
                evidence,
                "Close other large files, or copy it to a disk of this computer.",
            )
        };
        let Some(file) = source.file() else {
            return Err(refused("It is in memory already.".to_owned()));
        };
        #[expect(
            unsafe_code,
            reason = "mapping is how a file of many gigabytes is searched at once"
        )]
        // SAFETY: the bytes are read as numbers only, of which every pattern is one, so that another
        // program's writing changes results and nothing else; that it may cut the file is `guard`'s.
        let map = unsafe { Mmap::map(file) };
        let map = map.map_err(|e| refused(format!("The operating system says: {e}.")))?;
        if map.len() as u64 != source.len() {
            return Err(refused(
                "Its length changed while it was opened.".to_owned(),
            ));
        }
        let guarded = guard::watch(map.as_ptr() as usize, map.len())
            .ok_or_else(|| refused(format!("{} files are mapped already.", guard::MOST)))?;
        Ok(Self {
            _guarded: guarded,
            map,
            source,
        })
    }

    /// The bytes; all zero where the file was cut under us.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Its file.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Whether the file is as it was when it was opened.
    ///
    /// # Errors
    /// It was cut short or written to.
    pub fn check(&self) -> Result<()> {
        self.source.check()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)] // elsewhere a mapped file cannot be cut
    fn a_mapped_file_that_is_cut_short_reads_as_zeros_and_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set.bin");
        std::fs::write(&path, vec![7; 1 << 20]).unwrap();
        let mapped = Mapped::new(Source::open(&path).unwrap()).unwrap();
        assert!(mapped.check().is_ok());
        assert!(mapped.bytes().iter().all(|&b| b == 7));
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_len(4096).unwrap();
        let last = mapped.bytes()[(1 << 20) - 1];
        assert_eq!(last, 0);
        let refusal = mapped.check().unwrap_err();
        assert!(refusal.what.contains("changed"), "{refusal}");
    }
}
