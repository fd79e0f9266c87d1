//! One pass over a text, and every table of it.

mod deriving;

use super::keeping::{self, Keep, Plan};
use super::sites::{At, Place, SiteName, refused};
use crate::labs::text::LoadedText;
use crate::models::{DecoderConfig, LogitsFor};
use crate::nn::hooks::Site;
use crate::refusal::Result;
use candle_core::Tensor;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The most bytes of one table; beyond it rows are asked for.
const MOST_TABLE_BYTES: usize = 256 << 20;

/// Numbers in rows and columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// How many rows and columns.
    pub shape: [usize; 2],
    /// Row-major.
    pub values: Arc<[f32]>,
}

impl Table {
    fn new(values: Vec<f32>, n_columns: usize) -> Self {
        Self {
            shape: [values.len() / n_columns.max(1), n_columns],
            values: values.into(),
        }
    }

    /// Row `i`; empty beyond the last.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f32] {
        let width = self.shape[1];
        self.values.get(i * width..(i + 1) * width).unwrap_or(&[])
    }

    /// The number in this row and column.
    #[must_use]
    pub fn get(&self, row: usize, column: usize) -> Option<f32> {
        self.row(row).get(column).copied()
    }
}

/// One pass of a model over a text: what was kept of it, and the means to derive the rest.
pub struct Trace {
    loaded: Arc<LoadedText>,
    ids: Arc<[u32]>,
    kept: BTreeMap<Site, Tensor>,
    n_bytes: usize,
    n_tensors: usize,
    /// The last block that was run again.
    derived: Mutex<Option<Derived>>,
    n_derived: AtomicUsize,
}

/// A block that was run again, with all of its sites.
struct Derived {
    block: usize,
    kept: Arc<BTreeMap<Site, Tensor>>,
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("loaded", &self.loaded)
            .field("ids", &self.ids)
            .field("n_bytes", &self.n_bytes)
            .finish_non_exhaustive()
    }
}

impl Trace {
    /// Reads `ids` from their beginning and keeps of the pass what `budget_bytes` allow. `emit` hears
    /// how far it is, from 0 to 1, after every block, and may stop it; then there is no trace.
    ///
    /// # Errors
    /// When there are no ids, more than the model can see at once, or one it does not know.
    pub fn of(
        loaded: &Arc<LoadedText>,
        ids: &[u32],
        budget_bytes: usize,
        emit: &mut dyn FnMut(f32) -> ControlFlow<()>,
    ) -> Result<Option<Self>> {
        check(loaded, ids)?;
        let config = &loaded.config;
        let plan = Plan::within(budget_bytes, config, ids.len());
        let mut hooks = Keep::new(plan, emit);
        let logits = loaded.look_inside(ids, LogitsFor::Last, &mut hooks);
        if hooks.stopped {
            return Ok(None);
        }
        let mut kept = hooks.kept;
        kept.insert(Site::Logits, logits?);
        let sites = SiteName::ALL.into_iter().filter(|site| site.is_in(config));
        let n_tensors = sites.fold(0, |n, site| {
            n + if site.is_in_block() {
                config.n_layers
            } else {
                1
            }
        });
        Ok(Some(Self {
            loaded: Arc::clone(loaded),
            ids: ids.into(),
            n_bytes: keeping::n_bytes(&kept),
            kept,
            n_tensors,
            derived: Mutex::default(),
            n_derived: AtomicUsize::new(0),
        }))
    }

    /// The model that was looked into.
    #[must_use]
    pub fn loaded(&self) -> &Arc<LoadedText> {
        &self.loaded
    }

    /// What it is made of.
    #[must_use]
    pub fn config(&self) -> &DecoderConfig {
        &self.loaded.config
    }

    /// The text it read.
    #[must_use]
    pub fn ids(&self) -> &Arc<[u32]> {
        &self.ids
    }

    /// How many tokens it read.
    #[must_use]
    pub fn n_positions(&self) -> usize {
        self.ids.len()
    }

    /// The sites this model has, in the order of the pass.
    pub fn sites(&self) -> impl Iterator<Item = SiteName> {
        let config = self.config();
        SiteName::ALL.into_iter().filter(|site| site.is_in(config))
    }

    /// Bytes of what is kept.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        self.n_bytes
    }

    /// How many tensors of the pass are kept, of how many.
    #[must_use]
    pub fn n_kept(&self) -> (usize, usize) {
        (self.kept.len(), self.n_tensors)
    }

    /// How many blocks were run again for what was not kept.
    #[must_use]
    pub fn n_derived(&self) -> usize {
        self.n_derived.load(Ordering::Relaxed)
    }

    /// Rows and columns of a table.
    ///
    /// # Errors
    /// When the model has no such site, block or head.
    pub fn shape(&self, at: At) -> Result<[usize; 2]> {
        at.shape(self.config(), self.n_positions())
    }

    /// A whole table.
    ///
    /// # Errors
    /// When the model has no such site, block or head, or the table is too large to be held at once.
    pub fn values(&self, at: At) -> Result<Table> {
        let [n_rows, _] = self.shape(at)?;
        self.rows(at, 0..n_rows)
    }

    /// Some rows of a table, the first of them as row 0.
    ///
    /// # Errors
    /// As [`Trace::values`], and when there are no such rows.
    pub fn rows(&self, at: At, rows: Range<usize>) -> Result<Table> {
        let [n_rows, n_columns] = self.shape(at)?;
        if rows.start >= rows.end || rows.end > n_rows {
            return Err(refused(
                format!("There is no position {}", rows.end.saturating_sub(1)),
                format!(
                    "The text has {n_rows} tokens, 0 to {}.",
                    n_rows.saturating_sub(1)
                ),
                "Choose one of them.",
            ));
        }
        let n_bytes = rows.len().saturating_mul(n_columns * size_of::<f32>());
        if n_bytes > MOST_TABLE_BYTES {
            return Err(refused(
                format!(
                    "`{}` of the whole text is too large to hold at once",
                    at.site
                ),
                format!(
                    "{} rows of {n_columns} numbers are {} MB.",
                    rows.len(),
                    n_bytes >> 20
                ),
                "Ask for one position.",
            ));
        }
        let values = self.computed(at, rows)?;
        Ok(Table::new(values, n_columns))
    }

    /// One number.
    ///
    /// # Errors
    /// As [`Trace::rows`], and when the row has no such column.
    pub fn value(&self, place: Place) -> Result<f32> {
        let row = self.rows(place.at, place.row..place.row + 1)?;
        row.get(0, place.column).ok_or_else(|| {
            let n = row.shape[1];
            refused(
                format!("`{}` has no column {}", place.at.site, place.column),
                format!("Its rows have {n} numbers, 0 to {}.", n.saturating_sub(1)),
                "Choose one of them.",
            )
        })
    }

    /// Whether a table is there without running a block again.
    #[must_use]
    pub fn is_quick(&self, at: At) -> bool {
        let Some(site) = at.site.site(at.block) else {
            return true;
        };
        let needed = match site {
            Site::Embed | Site::PosEmbed | Site::FinalNorm | Site::Logits => return true,
            Site::Scores(block) | Site::Pattern(block) => Site::Q(block),
            Site::Ln1(block) => Site::ResidPre(block),
            Site::Ln2(block) => Site::ResidMid(block),
            Site::ResidPost(block) if block + 1 < self.config().n_layers => {
                Site::ResidPre(block + 1)
            }
            other => other,
        };
        let derived = self.derived.lock().unwrap_or_else(PoisonError::into_inner);
        let derived = derived
            .as_ref()
            .is_some_and(|d| d.kept.contains_key(&needed));
        derived || self.kept.contains_key(&needed)
    }
}

/// Refuses texts no pass can be made over.
fn check(loaded: &LoadedText, ids: &[u32]) -> Result<()> {
    if ids.is_empty() {
        return Err(refused(
            "There is no text to look into",
            "The text has no tokens, and a pass needs at least one.",
            "Write a word.",
        ));
    }
    if ids.len() > loaded.n_ctx {
        return Err(refused(
            "The text is too long for this model",
            format!(
                "It has {} tokens; “{}” sees {} at once.",
                ids.len(),
                loaded.name,
                loaded.n_ctx
            ),
            "Shorten the text, or choose a model with a longer context.",
        ));
    }
    let vocab_size = loaded.config.vocab_size;
    match ids.iter().find(|&&id| id as usize >= vocab_size) {
        None => Ok(()),
        Some(id) => Err(refused(
            format!("“{}” has no token {id}", loaded.name),
            format!(
                "Its vocabulary has {vocab_size} tokens, 0 to {}.",
                vocab_size.saturating_sub(1)
            ),
            "Change the id.",
        )),
    }
}
