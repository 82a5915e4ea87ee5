//! In place of what the cargo feature `sources` brings: refusals that say so.

use crate::{Article, Automatic, Refusal, Source};

impl Article {
    /// The article in a web page; here a refusal.
    ///
    /// # Errors
    /// Always: this was built without the feature `sources`.
    pub fn from_html(
        _bytes: &[u8],
        _content_type: Option<&str>,
        _source: Option<Source>,
    ) -> Result<Self, Refusal> {
        Err(Refusal::NotBuilt("web pages"))
    }
}

/// A mail; without the feature `sources` there is none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mail {
    /// As with the feature.
    pub message_id: Option<String>,
    /// As with the feature.
    pub subject: String,
    /// As with the feature.
    pub from_name: Option<String>,
    /// As with the feature.
    pub from_address: Option<String>,
    /// As with the feature.
    pub recipients: Vec<String>,
    /// As with the feature.
    pub automatic: Option<Automatic>,
}

impl Mail {
    /// Reads a raw mail; here a refusal.
    ///
    /// # Errors
    /// Always: this was built without the feature `sources`.
    pub fn read(_raw: &[u8]) -> Result<Self, Refusal> {
        Err(Refusal::NotBuilt("mail"))
    }

    /// The article that it brings; here a refusal.
    ///
    /// # Errors
    /// Always: this was built without the feature `sources`.
    pub fn article(&self) -> Result<Article, Refusal> {
        Err(Refusal::NotBuilt("mail"))
    }
}

/// No blocks of HTML within Markdown.
pub(crate) fn blocks_of(_html: &str) -> Vec<crate::Block> {
    Vec::new()
}
