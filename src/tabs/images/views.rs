//! The views of the chapter: each has a stage and a bench of its own and shares the [`Desk`].

use super::diffusion::Model;
use crate::tabs::parts::{Choice, choose_view};
pub(super) use crate::tabs::view::View;
use crate::theme;
use eframe::egui::{Button, Color32, ComboBox, TextStyle, Ui};
use serde::{Deserialize, Serialize};

/// The ways of making pictures that the chapter shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Two networks that fight.
    Gan,
    /// One network that takes noise away.
    Diffusion,
    /// A picture as a few numbers.
    Autoencoder,
}

impl Family {
    const ALL: [Self; 3] = [Self::Gan, Self::Diffusion, Self::Autoencoder];

    fn label(self) -> &'static str {
        match self {
            Self::Gan => "GAN",
            Self::Diffusion => "Diffusion",
            Self::Autoencoder => "Autoencoder",
        }
    }

    fn tooltip(self) -> &'static str {
        match self {
            Self::Gan => {
                "Generative adversarial networks: one network makes pictures, another one tells them from real ones."
            }
            Self::Diffusion => {
                "A network that sees the picture under noise. From nothing but noise it makes a picture, step by step."
            }
            Self::Autoencoder => {
                "A network that squeezes a picture into a few numbers and unfolds it again."
            }
        }
    }

    /// Its views, in the order they are shown.
    fn views(self) -> impl Iterator<Item = ViewName> {
        let all = ViewName::ALL.into_iter();
        all.filter(move |name| name.family() == self)
    }
}

/// What a person can look at here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ViewName {
    /// Two networks fight over points on a plane.
    #[default]
    Plane,
    /// Two networks learn to make pictures.
    Pictures,
    /// What the generator that ships draws.
    Faces,
    /// A picture under noise, and the noise taken off once.
    Noise,
    /// From noise to a picture, step by step.
    Steps,
    /// From a picture to another one.
    FromPicture,
    /// A network of diffusion learns, live.
    Learning,
    /// Diffusion of points on a plane.
    Points,
    /// A new word from a few pictures.
    Yours,
    /// A picture as a few numbers.
    Squeezing,
}

impl ViewName {
    /// The views, in the order they are shown.
    pub(super) const ALL: [Self; 10] = [
        Self::Plane,
        Self::Pictures,
        Self::Faces,
        Self::Noise,
        Self::Steps,
        Self::FromPicture,
        Self::Learning,
        Self::Points,
        Self::Yours,
        Self::Squeezing,
    ];

    /// What it belongs to.
    pub(super) fn family(self) -> Family {
        match self {
            Self::Plane | Self::Pictures | Self::Faces => Family::Gan,
            Self::Noise
            | Self::Steps
            | Self::FromPicture
            | Self::Learning
            | Self::Points
            | Self::Yours => Family::Diffusion,
            Self::Squeezing => Family::Autoencoder,
        }
    }

    /// What its button says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Plane => "On the plane",
            Self::Pictures => "On pictures",
            Self::Faces => "Faces that do not exist",
            Self::Noise => "Noise",
            Self::Steps => "Step by step",
            Self::FromPicture => "From a picture",
            Self::Learning => "Training",
            Self::Points => "Points",
            Self::Yours => "Make it yours",
            Self::Squeezing => "Squeezing",
        }
    }

    /// What there is to see.
    fn tooltip(self) -> &'static str {
        match self {
            Self::Plane => {
                "Two small networks fight over points: one makes them, the other tells them from real ones (GAN)."
            }
            Self::Pictures => {
                "The same fight over pictures: watch faces, digits or pictures of your own come out of noise."
            }
            Self::Faces => {
                "The generator that ships: new faces, walks between them, arithmetic, and whether they are copies."
            }
            Self::Noise => {
                "Put noise on a picture, as much as you like, and have the network take it off in one go."
            }
            Self::Steps => {
                "From noise to a picture that your words describe: every step, and what the network saw in it."
            }
            Self::FromPicture => {
                "Begin with a picture instead of noise: change it a little or a lot, or paint a part of it anew."
            }
            Self::Learning => {
                "Such a network learns in front of you: from faces, digits or pictures of your own."
            }
            Self::Points => {
                "The same process on points of a plane, where all of it can be seen: arrows that lead noise to data."
            }
            Self::Yours => {
                "Teach the network a word of your own from five to twenty pictures, and watch what it forgets."
            }
            Self::Squeezing => {
                "A picture becomes 2 to 64 numbers and a picture again: what is kept, what is lost."
            }
        }
    }
}

/// What the views share.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// The view that another one asks to be shown.
    pub(super) wanted: Option<ViewName>,
    /// The network of the views of diffusion.
    pub(super) model: Model,
    /// The view of each family that was shown last.
    remembered: [Option<ViewName>; Family::ALL.len()],
}

/// Room for the sign of a menu.
const MENU_ICON: f32 = 20.0;

/// The families, and the views of the shown one as a row of words, the shown one underlined. Returns
/// the view that was chosen.
pub(super) fn choose(ui: &mut Ui, shown: ViewName, desk: &mut Desk) -> Option<ViewName> {
    let room = ui.available_width();
    let [families, family, views] = widths(ui, shown);
    let mut chosen = None;
    // Beside each other; else with the families in a menu; else the views below the families.
    let is_menu = families + views > room && family + views <= room;
    let is_below = families + views > room && !is_menu;
    ui.horizontal(|ui| {
        chosen = if is_menu {
            family_menu(ui, shown, desk)
        } else {
            choose_family(ui, shown, desk)
        };
        if !is_below {
            ui.add_space(theme::size::GRID * 2.0);
            chosen = chosen.or(choose_of_family(ui, shown));
        }
    });
    if is_below {
        chosen = chosen.or(choose_of_family(ui, shown));
    }
    let now = chosen.unwrap_or(shown);
    desk.remembered[now.family() as usize] = Some(now);
    chosen
}

/// What the families need, the shown one alone as a menu, and the views of the shown one.
fn widths(ui: &Ui, shown: ViewName) -> [f32; 3] {
    let width = |words: &str, style: TextStyle| {
        let font = style.resolve(ui.style());
        let galley = ui
            .painter()
            .layout_no_wrap(words.to_owned(), font, Color32::PLACEHOLDER);
        galley.size().x
    };
    let padding = 2.0 * ui.spacing().button_padding.x + theme::size::HALF;
    let of = |family: Family| width(family.label(), TextStyle::Button) + padding;
    let families: f32 = Family::ALL.into_iter().map(of).sum();
    let menu = of(shown.family()) + MENU_ICON;
    // Each of the views may be the shown one, which is written strongly.
    let views = shown.family().views();
    let views =
        views.map(|view| width(view.label(), theme::style::strong()) + 2.0 * theme::size::GRID);
    [families, menu, views.sum::<f32>() + 2.0 * theme::size::GRID]
}

/// The families as a menu.
fn family_menu(ui: &mut Ui, shown: ViewName, desk: &Desk) -> Option<ViewName> {
    let family = shown.family();
    let mut chosen = None;
    let menu = ComboBox::from_id_salt("family")
        .width(0.0)
        .selected_text(family.label())
        .show_ui(ui, |ui| {
            for (i, other) in Family::ALL.into_iter().enumerate() {
                let label = ui.selectable_label(other == family, other.label());
                if label.on_hover_text(other.tooltip()).clicked() && other != family {
                    chosen = desk.remembered[i].or_else(|| other.views().next());
                }
            }
        });
    menu.response
        .on_hover_text("Other kinds of networks that make pictures.");
    chosen
}

fn choose_family(ui: &mut Ui, shown: ViewName, desk: &Desk) -> Option<ViewName> {
    let family = shown.family();
    ui.spacing_mut().item_spacing.x = theme::size::HALF;
    let mut chosen = None;
    for (i, other) in Family::ALL.into_iter().enumerate() {
        let button = Button::selectable(other == family, other.label());
        let button = ui.add(button.frame_when_inactive(true));
        if button.on_hover_text(other.tooltip()).clicked() && other != family {
            chosen = desk.remembered[i].or_else(|| other.views().next());
        }
    }
    chosen
}

fn choose_of_family(ui: &mut Ui, shown: ViewName) -> Option<ViewName> {
    let names: Vec<ViewName> = shown.family().views().collect();
    let views = names.iter().map(|&name| Choice {
        label: name.label(),
        tooltip: name.tooltip(),
        is_shown: name == shown,
    });
    let views: Vec<Choice<'_>> = views.collect();
    choose_view(ui, &views).map(|i| names[i])
}
