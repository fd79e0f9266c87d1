//! A language model continues a text: the lab itself, and `glassbox generate` over it.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

mod command_line;
mod lab;
#[path = "../tiny/mod.rs"]
mod tiny;
