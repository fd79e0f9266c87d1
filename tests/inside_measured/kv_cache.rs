//! The key/value cache: its size against the formula, what is in it against one pass over the whole text,
//! and the same tokens with it and without it.

use super::{fixture, open};
use glassbox::labs::inside::kv_cache::{Event, Size, Step, keep, race};
use glassbox::labs::text::{EMBEDDED, LoadedText, Request, Sampling, Source, generate, read_raw};
use std::ops::ControlFlow;

fn steps(loaded: &LoadedText, ids: &[u32], n_tokens: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let whole = race(loaded, ids, n_tokens, &mut |event| {
        if let Event::Step(step) = event {
            steps.push(step);
        }
        ControlFlow::Continue(())
    });
    assert!(whole.unwrap());
    steps
}

#[test]
fn the_size_of_a_cache_is_what_the_papers_shapes_give() {
    // GPT-2 124M keeps 2 · 12 · 12 · 64 numbers of a token; Llama-3-8B 2 · 32 · 8 · 128.
    let gpt2 = Size {
        n_layers: 12,
        n_heads: 12,
        n_kv_heads: 12,
        d_head: 64,
        number_bytes: 4,
    };
    assert_eq!(gpt2.bytes(1), 73_728);
    assert_eq!(gpt2.bytes_ungrouped(1024), gpt2.bytes(1024));
    let llama3 = Size {
        n_layers: 32,
        n_heads: 32,
        n_kv_heads: 8,
        d_head: 128,
        number_bytes: 2,
    };
    assert_eq!(llama3.bytes(8192), 1 << 30);
    assert_eq!(llama3.bytes_ungrouped(8192), 4 << 30);
}

#[test]
fn what_is_kept_has_a_row_for_every_token_and_its_first_rows_do_not_change_with_the_text() {
    let loaded = open(&Source::Named(EMBEDDED.into()));
    let ids = read_raw(&loaded, "Once upon a time there was a little cat")
        .unwrap()
        .ids;
    let mut go_on = |_| ControlFlow::Continue(());
    let kept = keep(&loaded, &ids, &mut go_on).unwrap().unwrap();
    let fewer = keep(&loaded, &ids[..4], &mut go_on).unwrap().unwrap();
    let Size {
        n_layers,
        n_kv_heads,
        d_head,
        ..
    } = kept.size();
    let mut n_bytes = 0;
    for block in 0..n_layers {
        for head in 0..n_kv_heads {
            for (all, few) in [
                (kept.keys(block, head), fewer.keys(block, head)),
                (kept.values(block, head), fewer.values(block, head)),
            ] {
                let (all, few) = (all.unwrap(), few.unwrap());
                assert_eq!(all.len(), ids.len() * d_head);
                n_bytes += all.len() * 4;
                let gaps = few.iter().zip(&all).map(|(a, b)| (a - b).abs());
                assert!(gaps.fold(0.0, f32::max) < 1e-4);
            }
        }
    }
    assert_eq!(n_bytes, kept.size().bytes(kept.n_tokens()));
    assert!(kept.keys(n_layers, 0).is_err());
    assert!(kept.values(0, n_kv_heads).is_err());
}

#[test]
fn the_same_tokens_are_written_with_the_cache_and_without_it() {
    let path = |name| Source::Path(fixture(name));
    for (source, n) in [
        (Source::Named(EMBEDDED.into()), 20),
        (path("gpt2_untied.safetensors"), 20),
    ] {
        let loaded = open(&source);
        let ids = [5, 9, 2];
        let steps = steps(&loaded, &ids, n);
        assert_eq!(steps.len(), n);
        let mut request = Request::new(ids.to_vec(), n);
        request.sampling = Sampling::greedy();
        let mut written = Vec::new();
        generate(&loaded, &request, &mut |event| {
            if let glassbox::labs::text::Event::Token(token) = event {
                written.push(token.id);
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        for (i, step) in steps.iter().enumerate() {
            assert_eq!(step.n_before, 3 + i);
            assert_eq!(step.n_read_with, if i == 0 { 3 } else { 1 });
            assert_eq!(step.id, step.id_without);
            assert!(step.difference < 1e-3, "{}", step.difference);
            assert!(written.get(i).is_none_or(|&id| id == step.id));
        }
        assert!(!written.is_empty());
    }
}

#[test]
fn a_race_ends_with_the_context_and_when_asked_and_refuses_no_text() {
    let loaded = open(&Source::Path(fixture("gpt2_f16.safetensors")));
    assert_eq!(loaded.n_ctx, 17);
    // The last token is chosen behind a full context; nothing can follow it.
    assert_eq!(steps(&loaded, &[1, 2, 3], 100).len(), 15);
    let mut n_steps = 0;
    let whole = race(&loaded, &[1, 2, 3], 100, &mut |_| {
        n_steps += 1;
        if n_steps == 4 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!((whole.unwrap(), n_steps), (false, 4));
    for ids in [&[][..], &[33], &[1; 18]] {
        assert!(race(&loaded, ids, 1, &mut |_| ControlFlow::Continue(())).is_err());
    }
    assert!(keep(&loaded, &[], &mut |_| ControlFlow::Continue(())).is_err());
    let longer = keep(&loaded, &[1; 18], &mut |_| ControlFlow::Continue(()))
        .unwrap()
        .unwrap();
    assert_eq!(longer.n_tokens(), 17);
}
