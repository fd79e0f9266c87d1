//! The text tree taken away in a file.

use super::WriteView;
use crate::labs::text_export::{to_json, to_markdown};
use crate::labs::writing::write_whole;
use crate::tabs::saving::Document;
use std::sync::Arc;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Markdown,
}

/// The tree as it is now, with every branch.
pub(super) fn document(tab: &WriteView, form: Form) -> Document {
    let [name, ending] = match form {
        Form::Json => ["JSON", "json"],
        Form::Markdown => ["Markdown", "md"],
    };
    let tree = tab.tree.clone();
    let loaded = tab.model.clone();
    let content = move || match form {
        Form::Markdown => to_markdown(&tree),
        Form::Json => {
            let text = |model: &str, id: u32| {
                let loaded = loaded.as_ref().filter(|loaded| loaded.name == model)?;
                let bytes = loaded.token_bytes(id);
                Some(String::from_utf8_lossy(&bytes).into_owned())
            };
            format!("{:#}\n", to_json(&tree, text))
        }
    };
    Document {
        heading: format!("Export the text tree as {name}"),
        file_name: format!("glassbox-text.{ending}"),
        kind: Some([name, ending]),
        write: Arc::new(move |path| write_whole(path, content().as_bytes())),
    }
}
