//! The two files of a training: the model for use, and the checkpoint.
//!
//! Each is written beside its place and then moved there, so that a power cut leaves the old one.

use crate::labs::writing::{Names, make_place, write_whole};
use crate::refusal::{Refusal, Result};
use std::path::{Path, PathBuf};

/// The files of one training, named after `-o PATH`.
#[derive(Debug, Clone)]
pub struct Files {
    model: PathBuf,
    checkpoint: PathBuf,
}

impl Files {
    /// Named after `out`, with or without its `.safetensors`, where a `what` ("model") goes.
    ///
    /// # Errors
    /// A path that ends in no name, or in that of a folder.
    pub fn beside(out: &Path, what: &str) -> Result<Self> {
        let names = Names::after(out, what)?;
        Ok(Self {
            model: names.with(".safetensors"),
            checkpoint: names.with(".checkpoint"),
        })
    }

    /// The same where something is to be written at all, and its folder made: hours of work must find
    /// a place.
    ///
    /// # Errors
    /// As [`Files::beside`], and a folder that cannot be made or written to.
    pub fn prepared(out: Option<&Path>, what: &str) -> Result<Option<Self>> {
        let Some(out) = out else { return Ok(None) };
        let files = Self::beside(out, what)?;
        make_place(&files.model)?;
        Ok(Some(files))
    }

    /// Both, in the order written.
    #[must_use]
    pub fn all(&self) -> Vec<PathBuf> {
        vec![self.model.clone(), self.checkpoint.clone()]
    }

    /// Writes both.
    ///
    /// # Errors
    /// A disk that takes nothing more; files of before are left as they were.
    pub fn save(&self, model: &[u8], checkpoint: &[u8]) -> Result<()> {
        let told = |refusal: Refusal| Refusal {
            meaning: LOST.to_owned(),
            ..refusal
        };
        write_whole(&self.model, model).map_err(told)?;
        write_whole(&self.checkpoint, checkpoint).map_err(told)
    }
}

/// What a file that could not be written means.
const LOST: &str = "What was saved before is still there; what was learned since is not on the disk yet. Training goes on, and saves again later.";
