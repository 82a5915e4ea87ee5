//! Reads variables one by one, and collects what is wrong with each.

use super::error::{ConfigError, Fault};
use serde_json::Value;
use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

/// Looks up variables, and collects errors instead of stopping at the first.
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

    /// The value of a variable, if it is set.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
    }

    /// Records an error.
    pub(super) fn fault(&mut self, variable: &str, detail: impl Into<String>) {
        self.faults.push(Fault {
            variable: variable.to_owned(),
            detail: detail.into(),
        });
    }

    /// `value` if it is a whole number within `bounds`; otherwise an error that shows the value, and `default` so that
    /// reading can continue.
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

    /// The entries of a JSON table; none if the variable is not set.
    pub(super) fn table(&mut self, name: &str, of: &str) -> BTreeMap<String, Value> {
        let text = self.text(name).unwrap_or_else(|| "{}".to_owned());
        serde_json::from_str(&text).unwrap_or_else(|error| {
            self.fault(name, format!("is not a table of {of}: {error}"));
            BTreeMap::new()
        })
    }

    /// The values listed under that name, separated by commas or white space; an error never shows a value.
    pub(super) fn listed<T>(
        &mut self,
        name: &str,
        noun: &str,
        most: usize,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        let Some(text) = self.text(name) else {
            return Vec::new();
        };
        let parts: Vec<&str> = text
            .split(|character: char| character == ',' || character.is_whitespace())
            .filter(|part| !part.is_empty())
            .collect();
        if parts.is_empty() {
            let detail = format!("is set, but empty; set a {noun} or remove it");
            self.fault(name, detail);
        }
        if parts.len() > most {
            let found = parts.len();
            self.fault(
                name,
                format!("has {found} {noun}s, must have at most {most}"),
            );
            return Vec::new();
        }
        let mut values = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            match read(part) {
                Ok(value) => values.push(value),
                Err(detail) => self.fault(&format!("{name}[{index}]"), detail),
            }
        }
        values
    }

    /// The configuration, if there were no errors.
    pub(super) fn finish<T>(self, config: T) -> Result<T, ConfigError> {
        if self.faults.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(self.faults))
        }
    }
}
