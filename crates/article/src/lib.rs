//! The text of an episode: what somebody sends becomes an [`Article`], and an article becomes files.
//!
//! Everything here is pure: bytes in, bytes or a [`Refusal`] out, whatever the bytes are.
//! Reading order: what an article is ([`Article`], [`Block`], [`Chapter`]); what it is made of (`html`, `mail`,
//! `markdown`, `plain`, and `file`, which chooses among them); what is made of it ([`text_md`], [`captions`],
//! [`page`]); and which addresses may be fetched at all ([`address`]).

//!
//! Measured once, by hand, on a busy machine with two AMD EPYC cores, 2026-11-27. Wasm of a `cdylib` that calls only this,
//! with the release profile of the root, less an empty one; bytes raw, gzip -9, brotli: `dom_smoothie` 973,797, 360,388,
//! 290,893; `mail-parser` with `full_encoding` 371,090, 204,717, 160,767, of which `encoding_rs` 177,016, 132,773, 102,567;
//! `pulldown-cmark` 199,804, 81,726, 67,311.
//! The feature `sources` adds 1,292,867, 534,431, 408,809 to this crate. Native time of a page of the corpus 0.6 to 1.7 ms, of a mail 0.2 to 0.4 ms
//! (`cargo run --release -p article --example extract -- FILE ...`), and of the hardest 5 MiB of tags that were tried
//! 1.5 s of CPU.

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
pub use refusal::{LINES_MAX, Refusal, WORDS_MIN};
pub use storyboard::Artifact;
pub use text_md::text_md;
#[cfg(not(feature = "sources"))]
pub use without::Mail;

#[cfg(not(feature = "sources"))]
use without as html;
