//! Chapters: by heading, and by length where there are none.

use crate::{Article, Block, article::words};

/// Without a heading, a longer part is cut.
const WORDS_MAX: usize = 1_200;
/// What such a part is cut into: four minutes of listening.
const WORDS_AIM: usize = 600;
/// More headings than this are not chapters; the next higher level is.
const CHAPTERS_MAX: usize = 60;

/// A part of an article that a listener can go to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chapter<'a> {
    /// Its heading, or the article's title at the beginning; with a number where a long part was cut.
    pub title: String,
    /// What it says, without its heading.
    pub blocks: &'a [Block],
}

impl Article {
    /// The whole article, in chapters; never empty.
    #[must_use]
    pub fn chapters(&self) -> Vec<Chapter<'_>> {
        let level = chapter_level(self.blocks());
        let mut chapters = Vec::new();
        let (mut title, mut start) = (self.title(), 0);
        for (at, block) in self.blocks().iter().enumerate() {
            let Block::Heading { level: own, text } = block else {
                continue;
            };
            if *own > level {
                continue;
            }
            cut(&mut chapters, title, &self.blocks()[start..at]);
            (title, start) = (text, at + 1);
        }
        cut(&mut chapters, title, &self.blocks()[start..]);
        chapters
    }
}

/// The lowest level whose headings, with those above, are few enough to be chapters.
fn chapter_level(blocks: &[Block]) -> u8 {
    let mut counts = [0_usize; 7];
    for block in blocks {
        if let Block::Heading { level, .. } = block {
            counts[usize::from(*level).min(6)] += 1;
        }
    }
    let highest = (1..=6_u8).find(|level| counts[usize::from(*level)] > 0);
    let Some(highest) = highest else { return 0 };
    // One heading above all others is a title; the level below it makes the chapters.
    let next = (highest + 1..=6).find(|level| counts[usize::from(*level)] > 0);
    let lowest = next
        .filter(|_| counts[usize::from(highest)] == 1)
        .unwrap_or(highest);
    let upto = |level: u8| counts[..=usize::from(level)].iter().sum::<usize>();
    if upto(lowest) <= CHAPTERS_MAX {
        lowest
    } else if upto(highest) <= CHAPTERS_MAX {
        highest
    } else {
        0
    }
}

/// Adds a part, cut at paragraphs where it is long. A heading without text is a chapter of its own only if nothing follows.
fn cut<'a>(chapters: &mut Vec<Chapter<'a>>, title: &str, blocks: &'a [Block]) {
    let total = words(blocks);
    if blocks.is_empty() {
        return;
    }
    let parts = if total > WORDS_MAX {
        total.div_ceil(WORDS_AIM)
    } else {
        1
    };
    let (mut start, mut spoken, mut part) = (0, 0, 1);
    for (at, block) in blocks.iter().enumerate() {
        spoken += words(std::slice::from_ref(block));
        let is_last = at + 1 == blocks.len();
        if is_last || (part < parts && spoken * parts >= total * part) {
            let title = if parts == 1 {
                title.to_owned()
            } else {
                format!("{title} ({part})")
            };
            chapters.push(Chapter {
                title,
                blocks: &blocks[start..=at],
            });
            (start, part) = (at + 1, part + 1);
        }
    }
}
