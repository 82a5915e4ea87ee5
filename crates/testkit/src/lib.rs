//! What tests, simulator and benchmarks share: [`Sqlite`], which runs the product's own statements natively, [`golden`]
//! files, and whether work grows faster than its input ([`growth`]).

pub mod golden;
pub mod growth;
mod sqlite;

pub use sqlite::Sqlite;

use queue_core::config::Config;

/// The configuration where nothing is set.
///
/// # Panics
/// Never: the defaults are valid.
#[must_use]
pub fn defaults() -> Config {
    Config::from_vars(&|_| None).expect("the defaults are valid")
}
