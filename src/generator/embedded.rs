//! The embedded generators: the storyboard renderer, at a pace, and one that only waits.

use super::{Generator, GeneratorError, turns::Turns};
use queue_core::{config::GeneratorChoice, domain::Stage};
use std::time::Duration;
use storyboard::{Artifact, story::Story};
use worker::Delay;

/// The generator that the configuration chose.
pub(crate) struct Embedded<'a> {
    pub(crate) choice: GeneratorChoice,
    /// Where it waits for its turn to compute.
    pub(crate) turns: &'a Turns,
}

impl Generator for Embedded<'_> {
    async fn run(&self, stage: Stage, story: &Story) -> Result<Vec<Artifact>, GeneratorError> {
        let pace = match self.choice {
            GeneratorChoice::Storyboard { pace } => pace,
            GeneratorChoice::Wait { span } => {
                Delay::from(span).await;
                return Ok(Vec::new());
            }
        };
        Ok(match stage {
            Stage::Image => self.scenes(pace, story, storyboard::frame).await,
            Stage::Audio => {
                for _ in &story.script.scenes {
                    rest(pace).await;
                }
                vec![self.turns.take(|| storyboard::captions(story)).await]
            }
            Stage::Video => {
                let templates = self.scenes(pace, story, storyboard::template).await;
                let player = || storyboard::page(story, &templates.concat());
                vec![self.turns.take(player).await]
            }
        })
    }
}

impl Embedded<'_> {
    /// Does the work of each scene, each in a turn of its own.
    async fn scenes<T>(
        &self,
        pace: Duration,
        story: &Story,
        work: impl Fn(&Story, usize) -> T,
    ) -> Vec<T> {
        let mut done = Vec::new();
        for scene in 0..story.script.scenes.len() {
            rest(pace).await;
            done.push(self.turns.take(|| work(story, scene)).await);
        }
        done
    }
}

async fn rest(pace: Duration) {
    if !pace.is_zero() {
        Delay::from(pace).await;
    }
}
