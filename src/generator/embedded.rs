//! The embedded generators: the storyboard renderer, at a pace, and one that only waits.

use super::{Generator, GeneratorError};
use queue_core::{config::GeneratorChoice, domain::Stage};
use storyboard::{Artifact, story::Story};
use worker::Delay;

/// The generator that the configuration chose.
pub(crate) struct Embedded(pub(crate) GeneratorChoice);

impl Generator for Embedded {
    async fn run(&self, stage: Stage, story: &Story) -> Result<Vec<Artifact>, GeneratorError> {
        let pace = match self.0 {
            GeneratorChoice::Storyboard { pace } => pace,
            GeneratorChoice::Wait { span } => {
                Delay::from(span).await;
                return Ok(Vec::new());
            }
        };
        let mut frames = Vec::new();
        for scene in 0..story.script.scenes.len() {
            if !pace.is_zero() {
                Delay::from(pace).await;
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
