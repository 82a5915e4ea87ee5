//! The embedded default: the storyboard renderer, at a pace.

use super::{Artifact, Generator, GeneratorError, storyboard};
use crate::{
    config::GeneratorChoice,
    domain::{Stage, Story},
};
use std::time::Duration;
use worker::Delay;

/// Renders storyboards.
pub(crate) struct Storyboard {
    /// How long each scene takes.
    pace: Duration,
}

impl Storyboard {
    /// The generator of that choice.
    pub(crate) const fn new(choice: GeneratorChoice) -> Self {
        let GeneratorChoice::Storyboard { pace } = choice;
        Self { pace }
    }
}

impl Generator for Storyboard {
    async fn run(&self, stage: Stage, story: &Story) -> Result<Vec<Artifact>, GeneratorError> {
        let mut frames = Vec::new();
        for scene in 0..story.script.scenes.len() {
            if !self.pace.is_zero() {
                Delay::from(self.pace).await;
            }
            if stage == Stage::Image {
                frames.push(storyboard::frame(story, scene));
            }
        }
        Ok(match stage {
            Stage::Image => frames,
            Stage::Audio => vec![storyboard::captions(story)],
            Stage::Video => vec![storyboard::player(story)],
        })
    }
}
