//! The embedded renderer: a story becomes illustrated frames, captions, and a page that plays them.
//!
//! Everything here is pure: the same story gives the same bytes, on every machine and in every run.
//! Reading order: what a scene's words mean ([`composition`]), how it shall look ([`style`],
//! [`palette`]), what is drawn ([`sky`], [`land`], [`shore`], [`places`], [`room`], [`props`], [`finish`]), how words
//! find their place ([`text`], [`layout`], [`lettering`]), and the three results ([`mod@frame`], [`mod@captions`], [`mod@player`]).
//!
//! Two rules keep it total. Nothing is measured in pixels: the shorter side of a frame has always the
//! same number of units, and what is repeated along the longer side has a largest count. And no trigonometry
//! is used: its last digits differ between platforms, those of `+ - * /` do not.

mod captions;
mod color;
mod composition;
mod finish;
mod flora;
mod frame;
mod land;
mod layout;
mod lettering;
mod number;
mod palette;
mod places;
mod player;
mod props;
mod room;
mod seed;
mod shore;
mod site;
mod sky;
pub mod story;
mod style;
mod svg;
mod terrain;
mod text;

pub use captions::captions;
pub use frame::frame;
pub use player::player;

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
