//! The stages of an episode: a text is made of its source, and what is heard is made of the text.

use super::{GeneratorError, Work, lines::Lines, web};
use article::{Article, Artifact, Mail, Refusal, Source as From, captions, page, text_md};
use queue_core::domain::source::{Episode, Source};
use serde_json::json;
use worker::Url;

/// The text, as one stage hands it to the next.
const TEXT: &str = "text.md";

/// A source and its bytes, ready to be read.
pub(super) struct Raw {
    source: Source,
    content_type: Option<String>,
    bytes: Vec<u8>,
}

impl Raw {
    /// Gets it: from the web, or from the bucket.
    pub(super) async fn get(
        work: &Work<'_>,
        local: bool,
        lines: &Lines,
    ) -> Result<Self, GeneratorError> {
        let payload = serde_json::from_str(work.payload);
        let Episode { source } = payload.map_err(|error| GeneratorError::Permanent {
            code: "payload_unreadable",
            message: format!("the stored episode cannot be read: {error}"),
        })?;
        if let Source::Url { url } = source {
            let web::Page {
                url,
                content_type,
                bytes,
            } = web::fetch(&url, local, (lines, work.user_id)).await?;
            let source = Source::Url { url };
            return Ok(Self {
                source,
                content_type,
                bytes,
            });
        }
        let content_type = match &source {
            Source::Url { .. } | Source::Paste { .. } | Source::Email { .. } => None,
            Source::Extension { .. } => Some("text/html; charset=utf-8".to_owned()),
            Source::File { content_type, .. } => content_type.clone(),
        };
        let bytes = work.source().await?;
        Ok(Self {
            source,
            content_type,
            bytes,
        })
    }

    /// About how much work reading it is.
    pub(super) fn work(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX)
    }

    /// Makes the text of it, of at most so many characters (0: any number).
    pub(super) fn text(self, max_chars: u32) -> Result<Vec<Artifact>, GeneratorError> {
        let article = self.article().map_err(|refusal| {
            let code = if refusal == Refusal::TooManyLines {
                "text_too_long"
            } else {
                "no_text"
            };
            GeneratorError::Permanent {
                code,
                message: refusal.to_string(),
            }
        })?;
        let chars = article.chars();
        if max_chars > 0 && chars > usize::try_from(max_chars).unwrap_or(usize::MAX) {
            return Err(GeneratorError::Permanent {
                code: "text_too_long",
                message: format!(
                    "This text has {chars} characters; your plan allows {max_chars}. Send a part of it."
                ),
            });
        }
        Ok(vec![text_md(&article), chapters(&article)])
    }

    fn article(self) -> Result<Article, Refusal> {
        let content_type = self.content_type.as_deref();
        match self.source {
            Source::Url { url } => {
                let path = Url::parse(&url).map(|url| url.path().to_owned());
                let article = Article::from_file(&self.bytes, content_type, path.ok().as_deref())?;
                renamed(&article, None, url)
            }
            Source::Extension { url, title, .. } => {
                let article = Article::from_html(&self.bytes, content_type, None)?;
                renamed(&article, title.as_deref(), url)
            }
            Source::Paste { title, .. } => {
                let text = String::from_utf8_lossy(&self.bytes);
                Article::from_text(&text, title.as_deref(), None)
            }
            Source::File { name, .. } => Article::from_file(&self.bytes, content_type, Some(&name)),
            Source::Email { .. } => Mail::read(&self.bytes)?.article(),
        }
    }
}

/// The same article from that address, with that title if there is one.
fn renamed(article: &Article, title: Option<&str>, url: String) -> Result<Article, Refusal> {
    let title = title.unwrap_or_else(|| article.title());
    let source = Some(From::Address(url));
    Article::new(title, article.author(), source, article.blocks().to_vec())
}

/// `chapters.json`: what is known of the text, and its parts in order.
fn chapters(article: &Article) -> Artifact {
    let chapter = |chapter: article::Chapter<'_>| {
        let texts = chapter.blocks.iter().map(article::Block::spoken);
        let chars: usize = texts.map(|text| text.chars().count()).sum();
        json!({"title": chapter.title, "blocks": chapter.blocks.len(), "chars": chars})
    };
    let chapters: Vec<_> = article.chapters().into_iter().map(chapter).collect();
    let facts = json!({
        "title": article.title(),
        "author": article.author(),
        "source": article.source().map(ToString::to_string),
        "words": article.words(),
        "minutes": article.minutes(),
        "chapters": chapters,
    });
    Artifact {
        name: "chapters.json".into(),
        content_type: "application/json",
        bytes: facts.to_string().into_bytes(),
    }
}

/// The text that an earlier stage made, if one did.
pub(super) async fn made(work: &Work<'_>) -> Result<Option<String>, GeneratorError> {
    let text = work.made(TEXT).await?;
    Ok(text.map(|text| String::from_utf8_lossy(&text).into_owned()))
}

/// Makes what is heard of a text, and what it is listened to with.
pub(super) fn audio(text: &str) -> Result<Vec<Artifact>, GeneratorError> {
    let article = Article::from_markdown(text, None);
    let article = article.map_err(|refusal| GeneratorError::Permanent {
        code: "text_unreadable",
        message: format!("the stored text cannot be read: {refusal}"),
    })?;
    Ok(vec![captions(&article), page(&article)])
}
