//! Markdown: anybody's, and our own `text.md`.

use crate::{Article, Block, Refusal, Source, text_md::facts};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

impl Article {
    /// The article in a Markdown text. What the front of the text says of itself holds where the caller says nothing.
    ///
    /// # Errors
    /// When there are too few words.
    pub fn from_markdown(text: &str, source: Option<Source>) -> Result<Self, Refusal> {
        let text = text.trim_start_matches('\u{feff}');
        let (facts, body) = facts(text);
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_TASKLISTS;
        let mut reader = Reader::default();
        for event in Parser::new_ext(body, options) {
            reader.read(event);
        }
        reader.flush();
        let source = source.or(facts.source);
        Self::new(&facts.title, facts.author.as_deref(), source, reader.blocks)
    }
}

/// What is being read between the events of the parser.
#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    /// The words of the paragraph, heading or code that is open.
    text: String,
    /// The number of the next item, of each list that is open.
    lists: Vec<Option<u64>>,
    /// Images and footnotes that are open: their text is left out.
    silent: usize,
}

impl Reader {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Code(text) | Event::Html(text) => self.say(&text),
            Event::SoftBreak | Event::HardBreak => self.say(" "),
            Event::Rule => self.flush(),
            Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn say(&mut self, text: &str) {
        if self.silent == 0 {
            self.text.push_str(text);
        }
    }

    /// What was said becomes a paragraph.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() {
            self.blocks.push(Block::Paragraph(text));
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others only change how words look"
    )]
    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Image { .. } | Tag::FootnoteDefinition(_) => self.silent += 1,
            Tag::Item => {
                self.flush();
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.text = format!("{number}. ");
                    *number += 1;
                }
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(*first);
            }
            Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Table(_) => {
                self.flush();
            }
            _ => {}
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others only change how words look"
    )]
    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Image => self.silent -= 1,
            TagEnd::FootnoteDefinition => {
                self.silent -= 1;
                self.text.clear();
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Heading(level) => {
                let text = std::mem::take(&mut self.text);
                let level = level as u8;
                self.blocks.push(Block::Heading { level, text });
            }
            TagEnd::CodeBlock => {
                let code = std::mem::take(&mut self.text);
                self.blocks.push(Block::Code(code));
            }
            TagEnd::HtmlBlock => {
                let html = std::mem::take(&mut self.text);
                self.blocks.extend(crate::html::blocks_of(&html));
            }
            TagEnd::TableCell => self.say("; "),
            TagEnd::TableHead | TagEnd::TableRow => {
                self.text = self.text.trim_end_matches([';', ' ']).to_owned();
                self.flush();
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::BlockQuote(_) | TagEnd::Table => {
                self.flush();
            }
            _ => {}
        }
    }
}
