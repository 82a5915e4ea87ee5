//! Reads variables one by one and remembers what was wrong with each.

use super::{ConfigError, Fault};
use std::{ops::RangeInclusive, time::Duration};

/// Looks variables up, and collects faults instead of stopping at the first.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            lookup,
            faults: Vec::new(),
        }
    }

    /// The text of a variable, if it is set.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    /// Remembers a fault.
    pub(super) fn fault(&mut self, variable: &str, detail: String) {
        self.faults.push(Fault {
            variable: variable.to_owned(),
            detail,
        });
    }

    /// `value` if it is a whole number within `bounds`; otherwise a fault that shows what there is instead,
    /// and `default` so that reading goes on.
    pub(super) fn within(
        &mut self,
        name: &str,
        value: Option<i64>,
        shown: &str,
        bounds: RangeInclusive<u32>,
        default: u32,
    ) -> u32 {
        match value.map(u32::try_from) {
            Some(Ok(value)) if bounds.contains(&value) => value,
            _ => {
                let (low, high) = (bounds.start(), bounds.end());
                self.fault(
                    name,
                    format!("is {shown}, must be a whole number from {low} to {high}"),
                );
                default
            }
        }
    }

    /// A whole number within `bounds`.
    pub(super) fn count(&mut self, name: &str, default: u32, bounds: RangeInclusive<u32>) -> u32 {
        let Some(text) = self.text(name) else {
            return default;
        };
        let value: Option<i64> = text.parse().ok();
        let shown = value.map_or_else(|| format!("{text:?}"), |value| value.to_string());
        self.within(name, value, &shown, bounds, default)
    }

    /// A whole number of seconds within `bounds`.
    pub(super) fn seconds(
        &mut self,
        name: &str,
        default: u32,
        bounds: RangeInclusive<u32>,
    ) -> Duration {
        Duration::from_secs(u64::from(self.count(name, default, bounds)))
    }

    /// One of the named choices; the first is the default.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> T {
        let default = choices[0].1;
        let Some(text) = self.text(name) else {
            return default;
        };
        if let Some((_, choice)) = choices.iter().find(|(known, _)| *known == text) {
            return *choice;
        }
        let known: Vec<_> = choices.iter().map(|(known, _)| *known).collect();
        self.fault(
            name,
            format!("is {text:?}, must be one of: {}", known.join(", ")),
        );
        default
    }

    /// The configuration if nothing was wrong.
    pub(super) fn finish<T>(self, config: T) -> Result<T, ConfigError> {
        if self.faults.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(self.faults))
        }
    }
}
