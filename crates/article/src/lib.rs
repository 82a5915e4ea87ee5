//! The text of an episode: what somebody sends becomes an [`Article`], and an article becomes files.
//!
//! Everything here is pure: bytes in, bytes or a [`Refusal`] out, whatever the bytes are.
//! Reading order: what an article is ([`Article`], [`Block`], [`Chapter`]); what it is made of (`html`, `mail`,
//! `markdown`, `plain`, and `file`, which chooses among them); what is made of it ([`text_md`], [`captions`],
//! [`page`]); and which addresses may be fetched at all ([`address`]).

pub mod address;
mod article;
mod automatic;
mod captions;
mod chapters;
#[cfg(feature = "sources")]
mod charset;
mod file;
#[cfg(feature = "sources")]
mod html;
mod kind;
#[cfg(feature = "sources")]
mod mail;
mod markdown;
mod page;
mod plain;
mod refusal;
mod text_md;
#[cfg(not(feature = "sources"))]
mod without;

pub use article::{Article, Block, Source, WORDS_PER_MINUTE};
pub use automatic::{Automatic, LOOP_MARK};
pub use captions::captions;
pub use chapters::Chapter;
#[cfg(feature = "sources")]
pub use mail::Mail;
pub use page::page;
pub use refusal::{Refusal, WORDS_MIN};
pub use storyboard::Artifact;
pub use text_md::text_md;
#[cfg(not(feature = "sources"))]
pub use without::Mail;

#[cfg(not(feature = "sources"))]
use without as html;
