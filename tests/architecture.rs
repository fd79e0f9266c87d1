//! The arrows of ARCHITECTURE.md, the size of files, and who may make threads: broken here first.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may name whom among the modules of `src/`. A module may always name itself.
const ARROWS: &[(&str, &[&str])] = &[
    ("refusal", &[]),
    ("rng", &[]),
    ("files", &["refusal", "rng"]),
    ("algo", &["refusal", "rng"]),
    ("dsp", &["refusal", "rng"]),
    ("nn", &["refusal", "rng"]),
    ("models", &["nn", "files", "refusal", "rng"]),
    ("device", &["nn", "refusal"]),
    (
        "labs",
        &[
            "models", "nn", "algo", "dsp", "files", "device", "rng", "refusal",
        ],
    ),
    ("jobs", &["refusal"]),
    ("theme", &[]),
    ("widgets", &["theme"]),
    ("command", &[]),
    ("settings", &["refusal", "theme"]),
    (
        "tabs",
        &[
            "labs",
            "jobs",
            "widgets",
            "theme",
            "command",
            "settings",
            "refusal",
            "files::card",
        ],
    ),
    ("cli", &["labs", "files", "refusal", "device", "jobs"]),
    (
        "app",
        &[
            "tabs", "command", "settings", "theme", "files", "jobs", "labs", "device", "refusal",
            "widgets",
        ],
    ),
];

/// Which modules may name which crate. `main` may name all: it ties the ends together.
const CRATES: &[(&str, &[&str])] = &[
    ("egui", &["app", "command", "theme", "widgets", "tabs"]),
    ("eframe", &["app", "command", "theme", "widgets", "tabs"]),
    ("egui_plot", &["widgets", "tabs"]),
    ("candle_core", &["files", "nn", "models", "labs", "device"]),
    ("candle_nn", &["nn", "models", "labs"]),
    ("cpal", &["jobs"]),
    ("rfd", &["app", "tabs"]),
];

/// Beyond this a file is split by meaning.
const MAX_LINES: usize = 400;

struct Source {
    path: PathBuf,
    /// The first folder or file name under `src/`.
    module: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let inside = path.strip_prefix(&root).unwrap();
                let first = inside.components().next().unwrap().as_os_str();
                let module = first.to_string_lossy().trim_end_matches(".rs").to_string();
                let text = fs::read_to_string(&path).unwrap();
                found.push(Source { path, module, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The code of a file without comments and without its unit tests, which may look anywhere.
fn code(text: &str) -> String {
    let production = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines = production
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""));
    lines.collect::<Vec<_>>().join("\n")
}

/// Every path after `crate::` in the code ("`files::card::Card`"); a braced list is opened.
fn named(code: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            paths.extend(list_items(list));
        } else {
            let in_path = |c: &char| c.is_alphanumeric() || matches!(c, '_' | ':');
            paths.insert(rest.chars().take_while(in_path).collect());
        }
    }
    paths
}

/// The top-level items of a braced `use` list whose opening brace is already passed.
fn list_items(list: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0;
    for c in list.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if let Some(item) = items.last_mut() {
            item.push(c);
        }
    }
    items.iter().map(|item| item.trim().to_string()).collect()
}

fn refuse(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn no_module_names_one_that_the_design_keeps_from_it() {
    let mut broken = Vec::new();
    for source in sources() {
        if matches!(source.module.as_str(), "main" | "lib") {
            continue;
        }
        let Some((own, allowed)) = ARROWS.iter().find(|(from, _)| *from == source.module) else {
            broken.push(format!("{} is not in the table of arrows", source.module));
            continue;
        };
        let within = |path: &str, to: &str| path == to || path.starts_with(&format!("{to}::"));
        for path in named(&code(&source.text)) {
            let fine =
                path.is_empty() || within(&path, own) || allowed.iter().any(|to| within(&path, to));
            if !fine {
                broken.push(format!("{} names crate::{path}", source.path.display()));
            }
        }
    }
    refuse(&broken);
}

#[test]
fn the_screen_and_the_tensors_stay_in_their_layers() {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|s| s.module != "main") {
        let code = code(&source.text);
        for (name, allowed) in CRATES {
            if code.contains(&format!("{name}::")) && !allowed.contains(&source.module.as_str()) {
                broken.push(format!("{} names {name}", source.path.display()));
            }
        }
    }
    refuse(&broken);
}

#[test]
fn only_jobs_and_the_compute_pool_make_threads_and_nobody_opens_a_connection() {
    let mut broken = Vec::new();
    for source in sources() {
        let code = code(&source.text);
        let may = source.module == "jobs" || source.path.ends_with("nn/pool.rs");
        if !may && (code.contains("thread::Builder") || code.contains("thread::spawn")) {
            broken.push(format!("{} makes a thread", source.path.display()));
        }
        if code.contains("std::net") || code.contains("TcpStream") {
            broken.push(format!("{} opens a connection", source.path.display()));
        }
    }
    refuse(&broken);
}

#[test]
fn no_source_file_is_too_long_and_each_says_what_it_is() {
    let mut broken = Vec::new();
    for source in sources() {
        let lines = source.text.lines().count();
        if lines > MAX_LINES {
            broken.push(format!("{} has {lines} lines", source.path.display()));
        }
        if !source.text.starts_with("//!") {
            broken.push(format!("{} does not begin with //!", source.path.display()));
        }
    }
    refuse(&broken);
}

#[test]
fn every_module_stands_in_architecture_md_with_its_arrows() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let page = fs::read_to_string(page).unwrap();
    let mut broken = Vec::new();
    for (from, allowed) in ARROWS {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{from}` |")));
        let Some(last) = row.and_then(|row| row.trim_end_matches([' ', '|']).rsplit('|').next())
        else {
            broken.push(format!("{from} has no row"));
            continue;
        };
        let written: BTreeSet<&str> = last.split('`').skip(1).step_by(2).collect();
        let meant: BTreeSet<&str> = allowed.iter().copied().collect();
        if written != meant {
            broken.push(format!(
                "{from}: the page says {written:?}, the test {meant:?}"
            ));
        }
    }
    refuse(&broken);
}
