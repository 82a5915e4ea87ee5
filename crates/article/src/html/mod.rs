//! Articles of web pages: which part of a page is the text.
//!
//! In this order: the characters are read, the page is made small and well nested ([`nesting`]), readability finds the
//! part that is the article, and that becomes blocks ([`blocks`]). Where there is no article, [`stubs`] says why.

mod blocks;
mod lexer;
mod metadata;
mod nesting;
mod stubs;

pub(crate) use blocks::{Piece, pieces};

use crate::{Article, Block, Refusal, Source, article::words, charset::decode, kind::binary_kind};
use dom_smoothie::{Config, Readability};
use metadata::Metadata;
use nesting::Page;

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
        let (title, author, blocks) = readable(&page);
        let title = metadata.title.filter(|_| title.is_empty()).unwrap_or(title);
        let author = metadata.author.or(author);
        if let Some(refusal) = stubs::refusal(&page, &title, words(&blocks)) {
            return Err(refusal);
        }
        Self::new(&title, author.as_deref(), source, blocks)
    }
}

/// The blocks of a piece of HTML, all of them.
pub(crate) fn blocks_of(html: &str) -> Vec<Block> {
    whole(&Page::read(html))
        .into_iter()
        .map(|piece| piece.block)
        .collect()
}

/// The blocks of HTML that a mail has, each with whether it is what the mail answers.
pub(crate) fn mail_pieces(html: &str) -> Vec<Piece> {
    whole(&Page::read(html))
}

fn whole(page: &Page<'_>) -> Vec<Piece> {
    pieces(&page.html)
}

/// What readability finds: title, author and blocks.
fn readable(page: &Page<'_>) -> (String, Option<String>, Vec<Block>) {
    let config = Config {
        disable_json_ld: true,
        keep_classes: true,
        ..Config::default()
    };
    let found = Readability::new(page.html.as_str(), None, Some(config))
        .and_then(|mut found| found.parse());
    let Ok(found) = found else {
        let all = whole(page).into_iter().map(|piece| piece.block).collect();
        return (String::new(), None, all);
    };
    let blocks: Vec<Block> = pieces(&found.content)
        .into_iter()
        .map(|piece| piece.block)
        .collect();
    (found.title, found.byline, blocks)
}
