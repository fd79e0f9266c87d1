//! The views of the chapter: each has a stage and a bench of its own and shares the [`Desk`].

use super::explaining::Explaining;
use super::model_slot::ModelSlot;
use super::second_model::SecondModel;
use super::tables::Fetched;
use super::text_at_hand::{Piece, TextAtHand};
use super::tracing::{Traced, Tracing};
use crate::files::card::Card;
use crate::labs::inside::surgery::Part;
use crate::labs::inside::{At, Place, Trace};
use crate::refusal::Result;
use crate::tabs::parts::{Choice, choose_view};
pub(super) use crate::tabs::view::View;
use crate::tabs::{Progress, TabContext};
use eframe::egui::Ui;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a person can look at here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ViewName {
    /// The model writes on.
    #[default]
    Write,
    /// The whole pass, stage by stage.
    Walk,
    /// Who looks at whom.
    Attention,
    /// What every block would say.
    Lens,
    /// Parts switched off.
    Surgery,
    /// How unexpected every token of a text is.
    Surprise,
    /// Two models at the same stage.
    TwoModels,
    /// What keys and values are kept, and what that saves.
    Cache,
    /// Counts of what follows what.
    Ngrams,
    /// Greedy, drawn or beam search, on one tree.
    Choosing,
}

impl ViewName {
    /// The views, in the order they are shown.
    pub(super) const ALL: [Self; 10] = [
        Self::Write,
        Self::Walk,
        Self::Attention,
        Self::Lens,
        Self::Surgery,
        Self::Surprise,
        Self::TwoModels,
        Self::Cache,
        Self::Ngrams,
        Self::Choosing,
    ];

    /// What its button says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Write => "Write",
            Self::Walk => "Walk",
            Self::Attention => "Attention",
            Self::Lens => "Lens",
            Self::Surgery => "Surgery",
            Self::Surprise => "Surprise",
            Self::TwoModels => "Two models",
            Self::Cache => "KV cache",
            Self::Ngrams => "N-grams",
            Self::Choosing => "Choosing",
        }
    }

    /// What there is to see.
    fn tooltip(self) -> &'static str {
        match self {
            Self::Write => "The model continues your text, and shows what else it weighed.",
            Self::Walk => {
                "From your text to the next token, stage by stage, with every number of the pass."
            }
            Self::Attention => {
                "Who looks at whom: every head at a glance, and one of them worked out."
            }
            Self::Lens => {
                "What every block would say next, and which parts push a token up or down."
            }
            Self::Surgery => {
                "Switch parts of the model off, or patch them from another text, and see what it says."
            }
            Self::Surprise => {
                "Any text coloured by how unexpected each token was, to two models at once (perplexity)."
            }
            Self::TwoModels => {
                "Two models at the same stage: learned positions or turned ones, two norms, two activations, shared keys, two answers."
            }
            Self::Cache => {
                "What a model keeps of a text, how much memory that takes, and the time it saves, measured."
            }
            Self::Choosing => {
                "Greedy, drawn or beam search on one tree, with the sums of log-probabilities."
            }
            Self::Ngrams => {
                "Before transformers: count what follows what, predict, and write from the counts."
            }
        }
    }

    /// Whether it shows numbers of the pass over the text at hand, which can be explained.
    pub(super) fn is_inside(self) -> bool {
        match self {
            Self::Write | Self::Surprise | Self::Ngrams | Self::Choosing => false,
            Self::Walk
            | Self::Attention
            | Self::Lens
            | Self::Surgery
            | Self::TwoModels
            | Self::Cache => true,
        }
    }

    /// Its name in the settings.
    pub(super) fn key(self) -> String {
        let key = serde_json::to_value(self).unwrap_or_default();
        key.as_str().unwrap_or_default().to_owned()
    }
}

/// A part of the model that one view hands to another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Handed {
    /// To be looked at: block and head.
    Look(usize, usize),
    /// To be switched off.
    Cut(Part),
}

/// What the views share.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// The view that another one asks to be shown.
    pub(super) wanted: Option<ViewName>,
    /// The model in use.
    pub(super) model: ModelSlot,
    /// Another model beside it, for the views that compare two.
    pub(super) second: SecondModel,
    /// The text that the views which look inside look at.
    pub(super) text: TextAtHand,
    /// The pass over that text.
    pub(super) tracing: Tracing,
    /// The number whose equation is open.
    pub(super) explain: Explaining,
    /// What one view hands to another, until that takes it.
    pub(super) handed: Option<Handed>,
}

impl Desk {
    /// Moves what jobs sent into the state, before the views do the same.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        self.model.begin(cx);
        if self.model.poll(cx) {
            // Its places may not exist in another model.
            self.explain.close();
        }
        self.second.poll(self.model.current(), cx);
        let Some(loaded) = self.model.current() else {
            return;
        };
        self.text.poll(loaded, cx);
        let is_read = !self.text.is_reading() && self.text.refused().is_none();
        let ids = is_read.then(|| self.text.ids());
        self.tracing.poll(loaded, ids, cx);
        self.explain.poll(self.tracing.traced(), cx);
    }

    /// Wants the pass over the text at hand: a view that needs it says so in every frame it is shown.
    pub(super) fn want_trace(&mut self) {
        self.tracing.want();
    }

    /// The newest pass with its tokens. While another is on its way, it is over the text of a moment ago.
    pub(super) fn traced(&self) -> Option<&Traced> {
        self.tracing.traced()
    }

    /// The newest pass.
    pub(super) fn trace(&self) -> Option<&Arc<Trace>> {
        self.traced().map(|traced| &traced.trace)
    }

    /// The tokens of the newest pass.
    pub(super) fn pieces(&self) -> Arc<[Piece]> {
        let traced = self.traced();
        traced.map_or_else(|| [].into(), |traced| Arc::clone(&traced.pieces))
    }

    /// A table of the newest pass, if it was fetched; else it is soon. Of one that is too large the last
    /// rows.
    pub(super) fn table(&mut self, at: At) -> Option<Result<Arc<Fetched>>> {
        self.tracing.tables.get(at)
    }

    /// Opens the equation of a number of the newest pass.
    pub(super) fn explain_cell(&mut self, place: Place) {
        self.explain.open(place);
    }

    /// Shows a head large, in the view of attention.
    pub(super) fn look_at_head(&mut self, block: usize, head: usize) {
        self.handed = Some(Handed::Look(block, head));
        self.wanted = Some(ViewName::Attention);
    }

    /// Switches a part off, in the view of surgery.
    pub(super) fn cut(&mut self, part: Part) {
        self.handed = Some(Handed::Cut(part));
        self.wanted = Some(ViewName::Surgery);
    }

    /// Which model stands beside the chapter's, on a bench.
    pub(super) fn show_second(&mut self, ui: &mut Ui, cx: &mut TabContext<'_>) {
        let first = self.model.current().map(|loaded| loaded.name.as_str());
        self.second.show(ui, first, cx);
    }

    /// Work in progress that no single view began.
    pub(super) fn progress(&self) -> Option<Progress> {
        let tracing = || self.tracing.progress();
        let second = || self.second.progress();
        self.model.progress().or_else(second).or_else(tracing)
    }
}

/// Whether a file is a language model.
pub(super) fn is_text_model(card: &Card) -> bool {
    let mut usable = card.usable_as.iter();
    card.kind != "vocabulary" && usable.any(|tab| tab.eq_ignore_ascii_case("text"))
}

/// The views as a row of words, the shown one underlined. Returns the view that was chosen.
pub(super) fn choose(ui: &mut Ui, shown: ViewName) -> Option<ViewName> {
    let views = ViewName::ALL.map(|name| Choice {
        label: name.label(),
        tooltip: name.tooltip(),
        is_shown: name == shown,
    });
    choose_view(ui, &views).map(|i| ViewName::ALL[i])
}
