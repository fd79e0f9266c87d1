//! The tree as a person uses it: branches, undo, surprise, and what is kept in memory.

use super::*;

fn choice(id: u32) -> Choice {
    Choice {
        id,
        bytes: format!(" w{id}").into_bytes(),
        special: false,
        p_raw: 0.25,
        p_sampled: 0.5,
        nucleus_size: 3,
        chosen_by: ChosenBy::Model,
        n_dropped: 0,
        settings: Arc::new(Settings {
            sampling: Sampling::default(),
            seed: 0,
        }),
    }
}

fn written(ids: &[u32]) -> TextTree {
    let mut tree = TextTree::default();
    tree.begin_change();
    tree.start("Once", &[7, 8], "toy");
    for &id in ids {
        tree.push(choice(id), None).unwrap();
    }
    tree
}

fn ids_shown(tree: &TextTree) -> Vec<u32> {
    let path = tree.current_path().into_iter();
    path.map(|n| tree.node(n).choice.id).collect()
}

#[test]
fn another_candidate_makes_a_branch_and_keeps_the_old_text() {
    let mut tree = written(&[1, 2, 3]);
    let second = tree.current_path()[1];
    let old_leaf = tree.leaf().unwrap();
    tree.begin_change();
    tree.step_before(second);
    let branch = tree.push(choice(9), None).unwrap();
    assert_eq!(ids_shown(&tree), [1, 9]);
    assert_eq!(tree.alternatives(branch), [second]);
    assert_eq!(tree.leaves(0), [old_leaf, branch]);
    assert_eq!(tree.text_bytes(old_leaf), b" w1 w2 w3");
    assert_eq!(
        tree.departs_at(old_leaf, &tree.current_path()),
        Some(second)
    );
}

#[test]
fn the_same_token_again_walks_along_the_old_branch() {
    let mut tree = written(&[1, 2]);
    tree.begin_change();
    tree.start("Once", &[7, 8], "toy");
    tree.push(choice(1), None).unwrap();
    tree.push(choice(2), None).unwrap();
    assert_eq!(tree.nodes().count(), 2);
    assert_eq!(tree.prompts().len(), 1);
}

#[test]
fn undo_moves_back_and_redo_forward_and_neither_loses_a_token() {
    let mut tree = written(&[1, 2, 3]);
    let second = tree.current_path()[1];
    tree.begin_change();
    tree.step_before(second);
    tree.push(choice(9), None).unwrap();
    tree.undo();
    assert_eq!(ids_shown(&tree), [1, 2, 3]);
    tree.redo();
    assert_eq!(ids_shown(&tree), [1, 9]);
    tree.undo();
    tree.undo();
    assert_eq!(tree.cursor(), None);
    assert!(!tree.can_undo());
    assert_eq!(tree.nodes().count(), 4);
}

#[test]
fn a_change_after_an_undo_closes_the_way_forward() {
    let mut tree = written(&[1, 2]);
    tree.undo();
    tree.begin_change();
    tree.start("Twice", &[5], "toy");
    assert!(!tree.can_redo());
    assert_eq!(tree.prompts().len(), 2);
}

#[test]
fn scores_past_the_budget_are_dropped_oldest_first_and_can_be_put_back() {
    let scores: Arc<[f32]> = vec![0.0; 8].into();
    let mut tree = TextTree::new(2 * 8 * size_of::<f32>());
    tree.start("Once", &[7], "toy");
    let nodes: Vec<NodeId> = (0..3)
        .map(|id| tree.push(choice(id), Some(Arc::clone(&scores))).unwrap())
        .collect();
    assert!(tree.logits(nodes[0]).is_none());
    assert!(tree.logits(nodes[2]).is_some());
    tree.keep_logits(nodes[0], scores);
    assert!(tree.logits(nodes[0]).is_some());
    assert!(tree.logits(nodes[1]).is_none());
    assert_eq!(tree.logits_bytes(), 64);
}

#[test]
fn the_context_of_a_token_is_what_the_model_saw_when_it_chose_it() {
    let mut tree = written(&[1, 2]);
    let third = tree
        .push(
            Choice {
                n_dropped: 3,
                ..choice(3)
            },
            None,
        )
        .unwrap();
    assert_eq!(tree.context_of(tree.current_path()[1]), [7, 8, 1]);
    assert_eq!(tree.context_of(third), [2]);
}

#[test]
fn control_tokens_are_in_the_tree_but_not_in_the_text() {
    let mut tree = written(&[1]);
    let end = Choice {
        special: true,
        ..choice(2)
    };
    let leaf = tree.push(end, None).unwrap();
    assert_eq!(tree.path(leaf).len(), 2);
    assert_eq!(tree.text_bytes(leaf), b" w1");
}

#[test]
fn surprise_is_two_bits_for_a_quarter_chance() {
    // Shannon 1948: an event of probability 1/4 carries two bits.
    assert_eq!(choice(1).surprise_bits(), 2.0);
}
