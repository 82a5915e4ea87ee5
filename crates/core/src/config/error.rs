//! What is wrong with a configuration: all of it at once.

use std::fmt;

/// One thing wrong with the configuration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The variable.
    pub variable: String,
    /// Its value, and which values are allowed.
    pub detail: String,
}

/// Everything wrong with the configuration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ConfigError(pub Vec<Fault>);

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Fault { variable, detail }) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(formatter, "{separator}{variable}: {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    /// The errors of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}
