//! The embedded renderer: a story becomes illustrated frames, captions, and a page that plays them.
//!
//! Everything here is pure: the same story gives the same bytes, on every machine and in every run.
//! Reading order: what a scene's words mean ([`vocabulary`], [`composition`]), how it shall look ([`style`],
//! [`palette`]), what is drawn ([`sky`], [`places`], [`props`], [`weather`], [`surface`]), how words find their
//! place ([`text`], [`sentences`], [`lines`], [`layout`], [`lettering`]), and the three results ([`mod@frame`], [`mod@captions`],
//! [`mod@player`]), each made scene by scene ([`Render`]).
//!
//! Two rules keep it total. No picture is measured in pixels: the shorter side of a frame always has the
//! same number of units, and what is repeated along the longer side has a largest count. And no trigonometry
//! is used: its last digits differ between platforms, those of `+ - * /` do not.

mod captions;
mod characters;
mod color;
mod composition;
mod definitions;
mod escape;
mod frame;
mod layout;
mod lettering;
mod lines;
mod number;
pub mod page;
mod painter;
mod palette;
mod path;
mod places;
mod player;
mod props;
mod render;
mod scenery;
mod seed;
mod sentences;
mod sky;
pub mod story;
mod style;
mod sun;
mod surface;
mod terrain;
mod text;
mod view;
mod vocabulary;
mod weather;

pub use captions::Captions;
pub use escape::escape;
pub use frame::{Frames, frame};
pub use player::Player;
pub use render::Render;
pub use text::spoken_words;

/// One finished file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Artifact {
    /// Its path among the files of a story.
    pub name: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}
