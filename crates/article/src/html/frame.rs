//! What stands around the text of a page: its title, the name of its author, headings that were lost, small print.

use crate::{
    Block,
    article::{one_line, words},
};

/// How far before and after a paragraph its neighbour is looked for.
const NEAR: usize = 300;
/// Blocks at the beginning where the title and the author stand.
const BEGINNING: usize = 6;
/// Blocks at the end where small print stands, and words of it.
const END: usize = 3;
const END_WORDS: usize = 25;
/// What stands between a title and the name of its site.
const SEPARATORS: [&str; 6] = [" - ", " | ", " – ", " — ", " · ", " :: "];
const SMALL_PRINT: [&str; 7] = [
    "all rights reserved",
    "©",
    "copyright",
    "best viewed",
    "this page has been visited",
    "powered by",
    "last change",
];
const ADVERTISEMENTS: [&str; 7] = [
    "advertisement",
    "advertisements",
    "sponsored",
    "anzeige",
    "werbung",
    "publicité",
    "publicidad",
];

/// The kept blocks with the headings that stand directly before one of them in the page.
pub(super) fn with_headings(page: &[Block], kept: Vec<Block>) -> Vec<Block> {
    let mut all = Vec::with_capacity(kept.len());
    // Behind the block of the page that was found last.
    let mut behind = 0;
    for block in kept {
        let near = page.iter().enumerate().skip(behind).take(NEAR);
        let found = near
            .into_iter()
            .find(|(_, other)| **other == block)
            .map(|(at, _)| at);
        if let Some(at) = found {
            let is_heading = |block: &&Block| matches!(block, Block::Heading { .. });
            let lost = page[behind..at].iter().rev().take_while(is_heading).count();
            if behind > 0 {
                all.extend_from_slice(&page[at - lost..at]);
            }
            behind = at + 1;
        }
        all.push(block);
    }
    all
}

/// The title without the name of its site, if the page shows it that way, and the blocks without what is before it.
pub(super) fn titled(title: &str, page: &[Block], mut blocks: Vec<Block>) -> (String, Vec<Block>) {
    let title = one_line(title);
    let parts = SEPARATORS
        .iter()
        .flat_map(|between| title.match_indices(between));
    let shorter: Vec<&str> = parts.map(|(at, _)| &title[..at]).collect();
    let is_shown = |text: &str| text == title || shorter.contains(&text);
    let at = blocks
        .iter()
        .take(BEGINNING)
        .position(|block| is_shown(block.spoken()));
    let heading = page
        .iter()
        .find(|block| matches!(block, Block::Heading { .. }) && is_shown(block.spoken()));
    let shown = at
        .map(|at| &blocks[at])
        .or(heading)
        .map(|block| block.spoken().to_owned());
    blocks.drain(..at.map_or(0, |at| at + 1));
    (shown.unwrap_or(title), blocks)
}

/// The name in a line that says who wrote something.
pub(super) fn name(author: &str) -> &str {
    let words = ["by ", "von ", "par ", "por ", "di ", "door ", "av "];
    let start = words
        .iter()
        .map(|word| word.len())
        .zip(words)
        .find(|(length, word)| {
            author
                .get(..*length)
                .is_some_and(|start| start.eq_ignore_ascii_case(word))
        });
    author[start.map_or(0, |(length, _)| length)..].trim()
}

/// The blocks without the line that names the author, advertisements and small print.
pub(super) fn bare(author: Option<&str>, mut blocks: Vec<Block>) -> Vec<Block> {
    let mut at = 0;
    blocks.retain(|block| {
        at += 1;
        let text = block.spoken().to_lowercase();
        let is_byline = at <= BEGINNING
            && author.is_some_and(|author| {
                let author = author.to_lowercase();
                text.contains(&author) && text.chars().count() <= author.chars().count() + 8
            });
        !is_byline && !ADVERTISEMENTS.contains(&text.as_str())
    });
    let is_small = |block: &&Block| {
        let text = block.spoken().to_lowercase();
        words(std::slice::from_ref(*block)) <= END_WORDS
            && SMALL_PRINT.iter().any(|words| text.contains(words))
    };
    let small = blocks.iter().rev().take(END).take_while(is_small).count();
    blocks.truncate(blocks.len() - small);
    blocks
}
