//! What is measured inside a running language model: the surprise of a text, and what keeping keys and
//! values costs and saves.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests are not inside a #[test], and a test says what it skips"
)]

mod compare;
mod kv_cache;
mod surprise;

use glassbox::labs::compute::Compute;
use glassbox::labs::text::{LoadedText, Source, load};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn open(source: &Source) -> Arc<LoadedText> {
    let mut go_on = |_| ControlFlow::Continue(());
    load(source, &[], Compute::default(), &mut go_on).unwrap()
}

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    folder.join(name)
}
