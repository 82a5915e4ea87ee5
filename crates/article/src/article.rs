//! An article: what will be read, whatever it came from.

use crate::{Refusal, WORDS_MIN, address::is_web_address};
use storyboard::spoken_words;

/// Silent reading of non-fiction in English, the mean of 190 studies: Brysbaert, "How many words do we read per minute?",
/// Journal of Memory and Language 109 (2019). Listening takes longer: captions count 150 words per minute.
pub const WORDS_PER_MINUTE: usize = 238;

/// The longest title that is made of the first words of a text, in characters.
const TITLE_CHARS: usize = 60;

/// Where an article came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// The address of a page.
    Address(String),
    /// The address that sent a mail.
    Mail(String),
    /// The name of a file, without folders.
    File(String),
}

impl Source {
    /// The source that its written form names.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let text = one_line(text);
        if is_web_address(&text) {
            Self::Address(text)
        } else if let Some(sender) = text.strip_prefix("mailto:") {
            Self::Mail(sender.to_owned())
        } else {
            Self::file(&text)
        }
    }

    /// A file of that name, whatever folder it is said to be in.
    #[must_use]
    pub fn file(name: &str) -> Self {
        let name = name.rsplit(['/', '\\', ':']).next().unwrap_or_default();
        Self::File(one_line(name))
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(text) | Self::File(text) => f.write_str(text),
            Self::Mail(sender) => write!(f, "mailto:{sender}"),
        }
    }
}

/// A part of an article. Lists, quotes and rows of tables are paragraphs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Block {
    /// What the following is about.
    Heading {
        /// 1 to 6, 1 being the highest.
        level: u8,
        /// One line.
        text: String,
    },
    /// Sentences, as one line.
    Paragraph(String),
    /// Program text: shown, but not spoken.
    Code(String),
}

impl Block {
    /// What is read aloud.
    #[must_use]
    pub fn spoken(&self) -> &str {
        match self {
            Self::Heading { text, .. } | Self::Paragraph(text) => text,
            Self::Code(_) => "",
        }
    }

    pub(crate) fn clean(self) -> Self {
        match self {
            Self::Heading { level, text } => Self::Heading {
                level: level.clamp(1, 6),
                text: one_line(&text),
            },
            Self::Paragraph(text) => Self::Paragraph(one_line(&text)),
            Self::Code(text) => Self::Code(many_lines(&text)),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Heading { text, .. } | Self::Paragraph(text) | Self::Code(text) => {
                text.trim().is_empty()
            }
        }
    }
}

/// A text with at least [`WORDS_MIN`] words, and a title. No line of it has control characters or needless space.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Article {
    title: String,
    author: Option<String>,
    source: Option<Source>,
    blocks: Vec<Block>,
}

impl Article {
    /// An article of these parts, cleaned. Without a title, the first heading or the first words are the title.
    ///
    /// # Errors
    /// When there are too few words.
    pub fn new(
        title: &str,
        author: Option<&str>,
        source: Option<Source>,
        blocks: Vec<Block>,
    ) -> Result<Self, Refusal> {
        let mut blocks: Vec<Block> = blocks.into_iter().map(Block::clean).collect();
        blocks.retain(|block| !block.is_empty());
        let title = Some(one_line(title))
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| title_of(&blocks));
        // What is the title need not be read twice.
        let twice = blocks.iter().take_while(|block| block.spoken() == title);
        blocks.drain(..twice.count());
        // A heading at the end has lost what it was about.
        let is_heading = |block: &&Block| matches!(block, Block::Heading { .. });
        let alone = blocks.iter().rev().take_while(is_heading).count();
        blocks.truncate(blocks.len() - alone);
        let author = author.map(one_line).filter(|author| !author.is_empty());
        let article = Self {
            title,
            author,
            source,
            blocks,
        };
        match article.words() {
            0 => Err(Refusal::NoText),
            words if words < WORDS_MIN => Err(Refusal::TooFewWords { words }),
            _ => Ok(article),
        }
    }

    /// The title, never empty.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Who wrote it, if that is known.
    #[must_use]
    pub fn author(&self) -> Option<&str> {
        self.author.as_deref()
    }

    /// Where it came from, if that is known.
    #[must_use]
    pub fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// Its parts, in order.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Words that are read aloud; two ideographs count as one.
    #[must_use]
    pub fn words(&self) -> usize {
        words(&self.blocks)
    }

    /// Characters that are read aloud, those of the title too.
    #[must_use]
    pub fn chars(&self) -> usize {
        let blocks = self.blocks.iter().map(Block::spoken);
        let texts = blocks.chain([self.title()]);
        texts.map(|text| text.chars().count()).sum()
    }

    /// How long reading it takes, in minutes: at least one, [`WORDS_PER_MINUTE`].
    #[must_use]
    pub fn minutes(&self) -> usize {
        self.words().div_ceil(WORDS_PER_MINUTE)
    }
}

/// Words of these blocks that are read aloud.
pub(crate) fn words(blocks: &[Block]) -> usize {
    let words: f64 = blocks
        .iter()
        .map(|block| spoken_words(block.spoken()))
        .sum();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of words in memory"
    )]
    let whole = words as usize;
    whole
}

fn title_of(blocks: &[Block]) -> String {
    let heading = blocks.iter().find_map(|block| match block {
        Block::Heading { text, .. } => Some(text.clone()),
        Block::Paragraph(_) | Block::Code(_) => None,
    });
    let first = || {
        let text = blocks
            .iter()
            .map(Block::spoken)
            .find(|text| !text.is_empty())?;
        let cut = text.char_indices().nth(TITLE_CHARS);
        Some(match cut {
            None => text.to_owned(),
            Some((end, _)) => {
                let start = &text[..end];
                let whole = start.rsplit_once(' ').map_or(start, |(words, _)| words);
                format!("{whole} …")
            }
        })
    };
    heading.or_else(first).unwrap_or_default()
}

/// Neither seen nor spoken: control characters, marks of direction and width, soft hyphens.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{ffff}')
}

/// The text as one line, with single spaces.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|char: char| char.is_whitespace() || char == '\u{2028}') {
        let before = line.len();
        if before > 0 {
            line.push(' ');
        }
        let space = line.len();
        line.extend(word.chars().filter(|char| !is_hidden(*char)));
        if line.len() == space {
            line.truncate(before);
        }
    }
    line
}

/// The text line by line, without space at their ends.
fn many_lines(text: &str) -> String {
    let line = |line: &str| {
        let line = line.replace('\t', "    ");
        let shown: String = line.chars().filter(|char| !is_hidden(*char)).collect();
        shown.trim_end().to_owned()
    };
    let lines: Vec<String> = text.lines().map(line).collect();
    let is_blank = |line: &&String| line.is_empty();
    let start = lines.iter().take_while(is_blank).count();
    let end = lines.len() - lines.iter().rev().take_while(is_blank).count();
    lines.get(start..end).unwrap_or_default().join("\n")
}
