//! Every action once: its label, tooltip and shortcut. The menu, the keys, the palette and the
//! buttons all read it here.

use eframe::egui::{Key, KeyboardShortcut, Modifiers};

/// Something a person can ask for from anywhere in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Choose a file to open.
    Open,
    /// Type or paste a path.
    OpenPath,
    /// Start this chapter's experiment.
    Run,
    /// Stop what runs.
    Stop,
    /// Undo the last change of the text tree.
    Undo,
    /// Take an undo back.
    Redo,
    /// Save what the tab made as JSON.
    ExportJson,
    /// Save what the tab made as Markdown.
    ExportMarkdown,
    /// Larger everything.
    ZoomIn,
    /// Smaller everything.
    ZoomOut,
    /// The size everything has at first.
    ZoomReset,
    /// Light, dark, projector, in turn.
    NextTheme,
    /// Fold the controls on the right away, or bring them back.
    ToggleBench,
    /// Find a command by typing.
    Palette,
    /// Close the window.
    Quit,
}

impl Command {
    /// Every command, in the order menus show them.
    pub const ALL: [Self; 15] = [
        Self::Open,
        Self::OpenPath,
        Self::Run,
        Self::Stop,
        Self::Undo,
        Self::Redo,
        Self::ExportJson,
        Self::ExportMarkdown,
        Self::ZoomIn,
        Self::ZoomOut,
        Self::ZoomReset,
        Self::NextTheme,
        Self::ToggleBench,
        Self::Palette,
        Self::Quit,
    ];

    /// What the menu, the palette and the button say.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Open…",
            Self::OpenPath => "Open a path…",
            Self::Run => "Generate",
            Self::Stop => "Stop",
            Self::Undo => "Undo",
            Self::Redo => "Redo",
            Self::ExportJson => "Export as JSON…",
            Self::ExportMarkdown => "Export as Markdown…",
            Self::ZoomIn => "Zoom in",
            Self::ZoomOut => "Zoom out",
            Self::ZoomReset => "Reset zoom",
            Self::NextTheme => "Change theme",
            Self::ToggleBench => "Show or hide controls",
            Self::Palette => "Find a command…",
            Self::Quit => "Quit",
        }
    }

    /// One sentence that teaches.
    #[must_use]
    pub fn tooltip(self) -> &'static str {
        match self {
            Self::Open => "Choose a weight file; you can also drop it anywhere on the window.",
            Self::OpenPath => "Type or paste where a file is, instead of choosing it.",
            Self::Run => "Let the model continue the text, one token at a time.",
            Self::Stop => "Stop now; what was made so far is kept.",
            Self::Undo => "Take the last change of the text back; nothing is lost.",
            Self::Redo => "Do again what was undone.",
            Self::ExportJson => "Save the text tree with every probability, for other programs.",
            Self::ExportMarkdown => "Save the text and its branches, for people.",
            Self::ZoomIn => "Make everything larger.",
            Self::ZoomOut => "Make everything smaller.",
            Self::ZoomReset => "Back to the normal size.",
            Self::NextTheme => "Light for daylight, dark for evenings, projector for the back row.",
            Self::ToggleBench => "Give the stage the whole window, or bring the controls back.",
            Self::Palette => "Type a few letters of what you want to do.",
            Self::Quit => "Close the window; your settings are saved.",
        }
    }

    /// The keys that give this command.
    #[must_use]
    pub fn shortcut(self) -> Option<KeyboardShortcut> {
        let ctrl = |key| Some(KeyboardShortcut::new(Modifiers::COMMAND, key));
        let ctrl_shift = |key| {
            Some(KeyboardShortcut::new(
                Modifiers::COMMAND | Modifiers::SHIFT,
                key,
            ))
        };
        match self {
            Self::Open => ctrl(Key::O),
            Self::OpenPath => ctrl_shift(Key::O),
            Self::Run => ctrl(Key::Enter),
            Self::Stop => Some(KeyboardShortcut::new(Modifiers::NONE, Key::Escape)),
            Self::Undo => ctrl(Key::Z),
            Self::Redo => ctrl_shift(Key::Z),
            Self::ExportJson => ctrl(Key::S),
            Self::ExportMarkdown => ctrl_shift(Key::S),
            Self::ZoomIn => ctrl(Key::Plus),
            Self::ZoomOut => ctrl(Key::Minus),
            Self::ZoomReset => ctrl(Key::Num0),
            Self::NextTheme => ctrl(Key::T),
            Self::ToggleBench => ctrl(Key::B),
            Self::Palette => ctrl(Key::K),
            Self::Quit => ctrl(Key::Q),
        }
    }
}
