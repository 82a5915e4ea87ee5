//! Kinds of job: each is a list of stages, in one table.

use super::named::named;
use serde::{Deserialize, Serialize};

named! {
    /// One step of a job; one ticket and one call of the generator.
    pub enum Stage {
        /// Makes the frames.
        Image = "image",
        /// Makes the spoken part.
        Audio = "audio",
        /// Combines frames and sound.
        Video = "video",
    }
}

/// Every kind: its name and its stages. A new kind is one line here.
const KINDS: [(&str, &[Stage]); 2] = [
    ("story", &[Stage::Image, Stage::Audio, Stage::Video]),
    ("still", &[Stage::Image]),
];

/// What a job makes; determines its stages.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Kind(usize);

impl Kind {
    /// A story with pictures, sound and a player; what `POST /create-story` submits by default.
    pub const STORY: Self = Self(0);

    /// Every kind with its name.
    #[must_use]
    pub fn all() -> [(&'static str, Self); KINDS.len()] {
        std::array::from_fn(|index| (KINDS[index].0, Self(index)))
    }

    /// The name in messages, logs and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS[self.0].0
    }

    /// The stages in the order in which they run; never empty.
    #[must_use]
    pub fn stages(self) -> &'static [Stage] {
        KINDS[self.0].1
    }
}

impl TryFrom<String> for Kind {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        KINDS
            .iter()
            .position(|(known, _)| *known == name)
            .map(Self)
            .ok_or_else(|| format!("unknown kind of job {name:?}"))
    }
}

impl From<Kind> for String {
    fn from(kind: Kind) -> Self {
        kind.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_stages_and_is_found_by_its_name() {
        for (index, (name, stages)) in KINDS.iter().enumerate() {
            assert!(!stages.is_empty(), "{name}");
            assert_eq!(Kind::try_from((*name).to_owned()), Ok(Kind(index)));
        }
        assert_eq!(Kind::STORY.name(), "story");
    }
}
