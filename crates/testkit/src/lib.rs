//! What tests, simulator and benchmarks share: [`Sqlite`], which runs the product's own statements natively, and
//! [`golden`] files.

pub mod golden;
mod sqlite;

pub use sqlite::Sqlite;
