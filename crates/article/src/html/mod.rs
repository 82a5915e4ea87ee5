//! Articles of web pages: which part of a page is the text.
//!
//! In this order: the characters are read, the page is made small and well nested ([`nesting`]), readability finds the
//! part that is the article, and that becomes blocks ([`blocks`]). Where there is no article, [`stubs`] says why.

mod blocks;
mod frame;
mod lexer;
mod metadata;
mod nesting;
mod silence;
mod stubs;
mod veil;

pub(crate) use blocks::{Piece, pieces};

use crate::{Article, Block, Refusal, Source, article::words, charset::decode, kind::binary_kind};
use dom_smoothie::{Config, Readability};
use metadata::Metadata;
use nesting::Page;
use veil::unveiled;

/// Bytes of a page that are read; a page of 5 MiB has that much.
const BYTES_MAX: usize = 5 * 1024 * 1024;
/// An article that is shorter is compared with the whole page, which may have it in parts that readability left out.
const WORDS_SHORT: usize = 150;

impl Article {
    /// The article in a web page, with the `content-type` it came with and its address, as far as they are known.
    ///
    /// # Errors
    /// When the page has no article; the refusal says what it has instead.
    pub fn from_html(
        bytes: &[u8],
        content_type: Option<&str>,
        source: Option<Source>,
    ) -> Result<Self, Refusal> {
        if let Some(kind) = binary_kind(bytes) {
            return Err(Refusal::NotText(kind));
        }
        let html = decode(&bytes[..bytes.len().min(BYTES_MAX)], content_type);
        let page = Page::read(&html);
        let metadata = Metadata::read(&page);
        let all = clean(pieces(&page.html));
        let (title, author, kept) = readable(&page, &all);
        let title = metadata.title.filter(|_| title.is_empty()).unwrap_or(title);
        let author = metadata
            .author
            .or(author)
            .map(|author| frame::name(&author).to_owned());
        if let Some(refusal) = stubs::refusal(&page, &title, &all, words(&kept)) {
            return Err(refusal);
        }
        let blocks = frame::with_headings(&all, kept);
        let (title, blocks) = frame::titled(&title, &all, blocks);
        let blocks = frame::bare(author.as_deref(), blocks);
        Self::new(&title, author.as_deref(), source, blocks)
    }
}

/// The blocks of a piece of HTML, all of them.
pub(crate) fn blocks_of(html: &str) -> Vec<Block> {
    clean(mail_pieces(html))
}

/// The blocks of HTML that a mail has, each with whether it is what the mail answers.
pub(crate) fn mail_pieces(html: &str) -> Vec<Piece> {
    pieces(&Page::read(html).html)
}

fn clean(pieces: Vec<Piece>) -> Vec<Block> {
    let blocks = pieces.into_iter().map(|piece| piece.block.clean());
    blocks.filter(|block| !block.is_empty()).collect()
}

/// What readability finds: title, author and blocks. Where it finds nothing, all blocks of the page.
fn readable(page: &Page<'_>, all: &[Block]) -> (String, Option<String>, Vec<Block>) {
    let config = Config {
        disable_json_ld: true,
        ..Config::default()
    };
    let found = Readability::new(page.html.as_str(), None, Some(config));
    match found.and_then(|mut found| found.parse()) {
        Ok(found) => {
            let author = found.byline.as_deref().map(unveiled);
            (
                unveiled(&found.title),
                author,
                clean(pieces(&found.content)),
            )
        }
        Err(_) => (String::new(), None, all.to_vec()),
    }
}
