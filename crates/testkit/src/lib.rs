//! What tests, simulator and benchmarks share: [`Sqlite`], which runs the product's own statements natively, and
//! [`golden`] files.

pub mod golden;
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
