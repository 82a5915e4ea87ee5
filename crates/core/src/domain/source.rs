//! What an episode is made of: the payload of its job. The text itself lies in the bucket.

use serde::{Deserialize, Serialize};

/// Longest source, in bytes: 5 MiB.
pub const SOURCE_MAX_BYTES: usize = 5 * 1024 * 1024;

/// Where the text of an episode comes from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    tag = "type"
)]
pub enum Source {
    /// A page that is fetched when the job runs.
    Url {
        /// Its address.
        url: String,
    },
    /// A text that somebody pasted.
    Paste {
        /// Its title, if it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Its length.
        bytes: usize,
    },
    /// A page as a browser shows it.
    Extension {
        /// Its address.
        url: String,
        /// A title in place of the page's own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Its length.
        bytes: usize,
    },
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its media type, if it was said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content_type: Option<String>,
        /// Its length.
        bytes: usize,
    },
    /// A mail, headers and all.
    Email {
        /// Its length.
        bytes: usize,
    },
}

/// The payload of an episode.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Episode {
    /// Its source.
    pub source: Source,
}
