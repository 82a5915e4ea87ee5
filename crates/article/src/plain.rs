//! Plain text: paragraphs are separated by blank lines, or are lines where there are none.

use crate::{Article, Block, LINES_MAX, Refusal, Source};

const SENTENCE_ENDS: [char; 5] = ['.', '!', '?', ':', '。'];
/// A line that is longer was not broken by hand.
const HAND_BROKEN: usize = 100;

impl Article {
    /// The article in a plain text. Without a title, a short first line that is not a sentence is the title.
    ///
    /// # Errors
    /// When there are too few words, or too many lines.
    pub fn from_text(
        text: &str,
        title: Option<&str>,
        source: Option<Source>,
    ) -> Result<Self, Refusal> {
        check_lines(text)?;
        let mut blocks = paragraphs(text);
        let has_title =
            blocks.len() > 1 && blocks.first().is_some_and(|block| is_title(block.spoken()));
        let title = match title {
            Some(title) => title.to_owned(),
            None if has_title => blocks.remove(0).spoken().to_owned(),
            None => String::new(),
        };
        Self::new(&title, None, source, blocks)
    }
}

/// Bounds what somebody sent; HTML and mail have bounds of their own.
pub(crate) fn check_lines(text: &str) -> Result<(), Refusal> {
    if text.lines().nth(LINES_MAX).is_some() {
        return Err(Refusal::TooManyLines);
    }
    Ok(())
}

fn is_title(text: &str) -> bool {
    text.chars().count() <= HAND_BROKEN
        && !text.ends_with(SENTENCE_ENDS)
        && !text.ends_with([',', ';', '」'])
}

/// The paragraphs of a plain text.
pub(crate) fn paragraphs(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let has_blank = lines.iter().any(|line| line.is_empty());
    let is_broken = lines.iter().all(|line| line.chars().count() <= HAND_BROKEN);
    // Lines that were broken by hand belong together until a blank one, or, where there is none, until a sentence ends;
    // long lines are paragraphs themselves.
    let mut groups: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in lines {
        match groups.last_mut().filter(|_| is_open) {
            _ if line.is_empty() => {}
            Some(group) => group.extend([" ", line]),
            None => groups.push(line.to_owned()),
        }
        let goes_on = has_blank || !line.ends_with(SENTENCE_ENDS);
        is_open = is_broken && goes_on && !line.is_empty();
    }
    groups.into_iter().map(Block::Paragraph).collect()
}
