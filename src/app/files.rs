//! Files on their way into the window: asked for, looked at on a thread, handed to a tab.
//!
//! The window never touches the disk: a file's card is made by a job, and a folder that hangs hangs
//! the job. Whoever asks for a file is behind [`Chooser`], so that tests can answer.

use super::App;
use crate::files::card::Card;
use crate::jobs::{Emit, Job, Wake};
use crate::refusal::{Refusal, Result};
use crate::tabs::Notice;
use eframe::egui::DroppedFile;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Looks at a file's headers and says what it is.
pub type Inspect = Arc<dyn Fn(&Path) -> Result<Card> + Send + Sync>;

/// Asks the person for a file, and waits for the answer.
pub trait Chooser: Send + Sync {
    /// `None` when the person cancelled, and also where the system has no dialog to show.
    fn choose(&self) -> Option<PathBuf>;
}

/// The system's own dialog.
pub(super) struct SystemChooser;

impl Chooser for SystemChooser {
    fn choose(&self) -> Option<PathBuf> {
        rfd::FileDialog::new().set_title("Open a file").pick_file()
    }
}

/// What came back from a thread.
pub(super) enum Arrival {
    /// The person's choice of a file.
    Chosen(Option<PathBuf>),
    /// A file was looked at, for opening.
    Looked(PathBuf, Result<Card>),
    /// A dropped file that was only bytes now lies on the disk.
    Stored(Result<PathBuf>),
}

/// The files on their way.
pub(super) struct Files {
    inspect: Inspect,
    chooser: Arc<dyn Chooser>,
    wake: Wake,
    choosing: Option<Job<Arrival>>,
    looking: Vec<Job<Arrival>>,
    early: Vec<Arrival>,
    dropped_bytes: Option<Arc<tempfile::TempDir>>,
}

impl Files {
    pub(super) fn new(inspect: Inspect, chooser: Arc<dyn Chooser>, wake: Wake) -> Self {
        Self {
            inspect,
            chooser,
            wake,
            choosing: None,
            looking: Vec::new(),
            early: Vec::new(),
            dropped_bytes: None,
        }
    }

    /// Shows the dialog, unless one is open already.
    pub(super) fn choose(&mut self) -> Result<()> {
        if self.choosing.is_none() {
            let chooser = Arc::clone(&self.chooser);
            let ask = move |emit: Emit<'_, Arrival>| {
                let _ = emit(Arrival::Chosen(chooser.choose()));
            };
            self.choosing = Some(Job::spawn("file dialog", Arc::clone(&self.wake), ask)?);
        }
        Ok(())
    }

    /// Looks at a file in order to open it.
    pub(super) fn open(&mut self, path: PathBuf) {
        let inspect = Arc::clone(&self.inspect);
        let (name, shown) = (format!("open {}", path.display()), path.clone());
        let look = move |emit: Emit<'_, Arrival>| {
            let card = inspect(&path);
            let _ = emit(Arrival::Looked(path, card));
        };
        match Job::spawn(short(&name), Arc::clone(&self.wake), look) {
            Ok(job) => self.looking.push(job),
            Err(refusal) => self.early.push(Arrival::Looked(shown, Err(refusal))),
        }
    }

    /// Opens a dropped file; one that has no place on the disk is given one first.
    pub(super) fn open_dropped(&mut self, file: &dyn DroppedFile) {
        if file.path().is_absolute() {
            return self.open(file.path().to_owned());
        }
        let name = PathBuf::from(file.path().file_name().unwrap_or("dropped file".as_ref()));
        let stored = self
            .bytes_folder()
            .and_then(|folder| self.store(name, folder, file.bytes()));
        if let Err(refusal) = stored {
            self.early.push(Arrival::Stored(Err(refusal)));
        }
    }

    /// Writes a dropped file's bytes to `folder` on a thread.
    fn store(
        &mut self,
        name: PathBuf,
        folder: Arc<tempfile::TempDir>,
        bytes: std::result::Result<Vec<u8>, String>,
    ) -> Result<()> {
        let bytes = bytes.map_err(|why| not_taken(&name, &why))?;
        let write = move |emit: Emit<'_, Arrival>| {
            let place = folder.path().join(&name);
            let written = std::fs::write(&place, bytes).map(|()| place);
            let stored = written.map_err(|error| not_taken(&name, &error.to_string()));
            let _ = emit(Arrival::Stored(stored));
        };
        let job = Job::spawn("dropped file", Arc::clone(&self.wake), write)?;
        self.looking.push(job);
        Ok(())
    }

    /// Starts looking at a file without opening it, for the drop overlay.
    pub(super) fn look(&self, path: &Path) -> Option<Job<Result<Card>>> {
        let (inspect, path) = (Arc::clone(&self.inspect), path.to_owned());
        let look = move |emit: Emit<'_, Result<Card>>| {
            let _ = emit(inspect(&path));
        };
        Job::spawn("look", Arc::clone(&self.wake), look).ok()
    }

    /// What has come back since the last call.
    pub(super) fn poll(&mut self) -> Vec<Arrival> {
        let mut arrived = std::mem::take(&mut self.early);
        for job in self.looking.iter_mut().chain(self.choosing.as_mut()) {
            arrived.extend(job.poll());
            if let Some(refusal) = job.take_failure() {
                arrived.push(Arrival::Stored(Err(refusal)));
            }
        }
        self.looking.retain(Job::is_running);
        self.choosing = self.choosing.take().filter(Job::is_running);
        arrived
    }

    pub(super) fn is_choosing(&self) -> bool {
        self.choosing.is_some()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.choosing.is_none() && self.looking.is_empty() && self.early.is_empty()
    }

    /// A folder that lives as long as the window, for files that were dropped as bytes.
    fn bytes_folder(&mut self) -> Result<Arc<tempfile::TempDir>> {
        if let Some(folder) = &self.dropped_bytes {
            return Ok(Arc::clone(folder));
        }
        let folder = tempfile::tempdir().map_err(|error| {
            Refusal::unchanged(
                "The dropped file could not be kept",
                format!("No temporary folder could be made: {error}."),
                "Save it to a folder and open it from there.",
            )
        })?;
        Ok(Arc::clone(self.dropped_bytes.insert(Arc::new(folder))))
    }
}

fn not_taken(name: &Path, why: &str) -> Refusal {
    Refusal::unchanged(
        format!("“{}” could not be taken", name.display()),
        format!("{}.", why.trim_end_matches('.')),
        "Save it to a folder and open it from there.",
    )
}

/// Thread names are short, and never cut inside a letter.
fn short(name: &str) -> &str {
    let end = name.char_indices().nth(15).map_or(name.len(), |(at, _)| at);
    &name[..end]
}

/// The file's own name, for people.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

impl App {
    /// Takes what came back from a thread.
    pub(super) fn answer_arrival(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Chosen(None) => self.dialogs.ask_for_path(true),
            Arrival::Chosen(Some(path)) | Arrival::Stored(Ok(path)) => self.files.open(path),
            Arrival::Stored(Err(refusal)) | Arrival::Looked(_, Err(refusal)) => {
                self.notices.push(Notice::Refused(refusal));
            }
            Arrival::Looked(path, Ok(card)) => match self.taker(&card) {
                Some(index) => self.open_in(index, path),
                None => self.dialogs.show_card(card),
            },
        }
    }

    /// The chapter that takes such a file: the open one if it does, else the first that does.
    pub(super) fn taker(&self, card: &Card) -> Option<usize> {
        let takes = |index: &usize| {
            let tab = self.tabs.get(*index);
            tab.is_some_and(|tab| tab.accepts(card).is_some())
        };
        std::iter::once(self.shown)
            .chain(0..self.tabs.len())
            .find(takes)
    }

    /// Hands a file to a tab, shows that tab, and remembers the file.
    pub(super) fn open_in(&mut self, index: usize, path: PathBuf) {
        self.settings.remember(path.clone());
        self.shown = index;
        self.notices
            .push(Notice::Done(format!("Opening {}", file_name(&path))));
        self.with_tabs(|tabs, cx| {
            if let Some(tab) = tabs.get_mut(index) {
                tab.open(path, cx);
            }
        });
    }
}
