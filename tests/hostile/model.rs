//! A model at work: weights that are not numbers, prompts nobody would write, and a file that changes.

use super::{refusal, refused_for, tiny};
use glassbox::files::weights::WeightFile;
use glassbox::labs::compute::Compute;
use glassbox::labs::text::{
    Event, LoadedText, Overflow, Request, Source, StopReason, generate, load, read_raw,
};
use glassbox::refusal::Result;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

fn loaded(path: &Path) -> Result<Arc<LoadedText>> {
    let source = Source::Path(path.to_owned());
    load(&source, &[], Compute::default(), &mut |_| {
        ControlFlow::Continue(())
    })
}

/// The ids written for `request`, how often the oldest were dropped, and why it ended.
fn write(model: &LoadedText, request: &Request) -> Result<(Vec<u32>, usize, StopReason)> {
    let mut ids = Vec::new();
    let mut n_dropped = 0;
    let finished = generate(model, request, &mut |event| {
        match event {
            Event::Token(token) => ids.push(token.id),
            Event::Dropped { n_dropped: n } => n_dropped = n,
            Event::Reading { .. } => {}
        }
        ControlFlow::Continue(())
    })?;
    Ok((ids, n_dropped, finished.stop))
}

/// The tiny model's file with `values` written over the start of its first tensor.
fn with_weights(values: &[f32]) -> Vec<u8> {
    let mut bytes = tiny::bytes();
    let file = WeightFile::from_bytes("tiny.gguf", bytes.clone()).unwrap();
    let at = file.tensors[0].offset as usize;
    for (i, value) in values.iter().enumerate() {
        bytes[at + 4 * i..][..4].copy_from_slice(&value.to_le_bytes());
    }
    bytes
}

#[test]
fn weights_that_are_not_numbers_load_and_are_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nan.gguf");
    for wrong in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        // All of the embedding of token 0, and of no other.
        std::fs::write(&path, with_weights(&[wrong; 64])).unwrap();
        let file = WeightFile::open(&path).unwrap();
        let read = file.f32s(&file.tensors[0]).unwrap();
        assert!(!read[0].is_finite() && read[64..].iter().all(|x| x.is_finite()));
        let model = loaded(&path).unwrap();
        let warning = model
            .provenance
            .iter()
            .find(|line| line.starts_with("Warning"));
        assert!(
            warning
                .unwrap()
                .contains("64 of its weights are no numbers")
        );
        // Reading that token makes every score meaningless; nothing is drawn from them.
        refused_for("not numbers", || {
            write(&model, &Request::new(vec![5, 0], 3))
        });
        // The model is still there for a text without it.
        let mut request = Request::new(vec![5, 6], 3);
        request.sampling.temperature = 0.0;
        let _ = write(&model, &request);
    }
}

#[test]
fn prompts_nobody_would_write_are_answered_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let model = loaded(&tiny::write(folder.path())).unwrap();
    let megabyte = read_raw(&model, &"word ".repeat(200_000)).unwrap();
    assert_eq!(megabyte.ids.len(), 1_000_000);
    refused_for("context", || {
        write(&model, &Request::new(megabyte.ids.clone(), 3))
    });
    let drop_oldest = Request {
        overflow: Overflow::DropOldest,
        ..Request::new(megabyte.ids, 3)
    };
    let (ids, n_dropped, _) = write(&model, &drop_oldest).unwrap();
    assert!(!ids.is_empty() && n_dropped > 999_000);

    let controls: String = (0..32_u8).map(char::from).collect();
    let seen = read_raw(&model, &controls).unwrap();
    assert_eq!(seen.ids.len(), 32);
    assert!(write(&model, &Request::new(seen.ids, 3)).is_ok());

    refused_for("0", || write(&model, &Request::new(vec![5], 0)));
    refusal(|| write(&model, &Request::new(vec![], 3)));
    refused_for("259", || write(&model, &Request::new(vec![259], 3)));
    refused_for("4294967295", || {
        write(&model, &Request::new(vec![u32::MAX], 3))
    });
    // An empty prompt becomes the token that starts a text, and says so.
    let empty = read_raw(&model, "").unwrap();
    assert_eq!((empty.ids.len(), empty.notes.len()), (1, 1));
}

#[test]
fn a_full_context_stops_or_drops_the_oldest_as_was_asked_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let model = loaded(&tiny::write(folder.path())).unwrap();
    // Tokens that end a text would end it before the context is full: some seed has none.
    let outcome = |overflow| {
        (0..50).find_map(|seed| {
            let mut request = Request::new(vec![65; tiny::N_CTX - 4], 20);
            request.overflow = overflow;
            request.seed = seed;
            let outcome = write(&model, &request).unwrap();
            (outcome.2 != StopReason::EndOfText).then_some(outcome)
        })
    };
    let (ids, n_dropped, stop) = outcome(Overflow::Stop).unwrap();
    assert_eq!((n_dropped, stop), (0, StopReason::ContextFull));
    assert!(ids.len() <= 5);
    let (ids, n_dropped, stop) = outcome(Overflow::DropOldest).unwrap();
    assert_eq!((ids.len(), stop), (20, StopReason::Limit));
    assert!(n_dropped > 0);
}

#[test]
fn a_file_cut_short_or_written_over_while_open_is_refused_and_what_was_loaded_still_answers() {
    let folder = tempfile::tempdir().unwrap();
    let path = tiny::write(folder.path());
    let model = loaded(&path).unwrap();
    let before = write(&model, &Request::new(vec![5, 6], 3)).unwrap();

    let open = WeightFile::open(&path).unwrap();
    let length = std::fs::metadata(&path).unwrap().len();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(length - 1000).unwrap();
    let last = open.tensors.last().unwrap();
    refused_for("changed while", || open.f32s(last));
    refused_for("incomplete", || WeightFile::open(&path));
    refused_for("incomplete", || loaded(&path));

    // The same length again, with other contents and a later time.
    let path = tiny::write(folder.path());
    let open = WeightFile::open(&path).unwrap();
    std::fs::write(&path, with_weights(&[9.0; 64])).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_mins(1);
    file.set_modified(later).unwrap();
    refused_for("changed while", || open.f32s(&open.tensors[0]));

    assert_eq!(write(&model, &Request::new(vec![5, 6], 3)).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn a_file_deleted_or_replaced_while_open_is_read_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = tiny::write(folder.path());
    let open = WeightFile::open(&path).unwrap();
    let before = open.f32s(&open.tensors[0]).unwrap();
    let other = folder.path().join("other.gguf");
    std::fs::write(&other, with_weights(&[9.0; 64])).unwrap();
    std::fs::rename(&other, &path).unwrap();
    assert_eq!(open.f32s(&open.tensors[0]).unwrap(), before);
    std::fs::remove_file(&path).unwrap();
    assert_eq!(open.f32s(&open.tensors[0]).unwrap(), before);
    refused_for("not there", || WeightFile::open(&path));
}
