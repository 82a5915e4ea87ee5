//! What tests, simulator and benchmarks share: [`Sqlite`], which runs the product's own statements natively, [`golden`]
//! files, and whether work grows faster than its input ([`growth`]).

pub mod golden;
pub mod growth;
mod sqlite;

pub use sqlite::Sqlite;

use queue_core::{config::Config, domain::Stage};

/// The stages of a story.
pub const STORY: [Stage; 3] = [Stage::Image, Stage::Audio, Stage::Video];

/// `KINDS` where a story has one stage.
pub const ONE_STAGE: &str = r#"{"story":{"stages":["image"]}}"#;

/// The configuration where nothing is set.
///
/// # Panics
/// Never: the defaults are valid.
#[must_use]
pub fn defaults() -> Config {
    Config::from_vars(&|_| None).expect("the defaults are valid")
}
