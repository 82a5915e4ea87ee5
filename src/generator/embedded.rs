//! The embedded generators: the storyboard renderer, at a pace, and one that only waits.

use super::{
    Generator, GeneratorError,
    turns::{Turn, Waiting},
};
use queue_core::{
    config::GeneratorChoice,
    domain::{Stage, UserId},
};
use std::time::Duration;
use storyboard::{Artifact, Captions, Frames, Player, Render, story::Story};
use worker::Delay;

/// The generator that the configuration chose.
pub(crate) struct Embedded<'a> {
    pub(crate) choice: GeneratorChoice,
    /// Where it waits for its turns to compute.
    pub(crate) waiting: &'a Waiting,
    /// Whose turns they are.
    pub(crate) user_id: &'a UserId,
    /// This user's share of them, beside others'.
    pub(crate) weight: u32,
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
            Stage::Image => self.render::<Frames>(pace, story).await,
            Stage::Audio => self.render::<Captions>(pace, story).await,
            Stage::Video => self.render::<Player>(pace, story).await,
            Stage::Process | Stage::Sweep => {
                return Err(GeneratorError::Permanent {
                    code: "stage_unknown",
                    message: format!("this generator has no stage {stage}"),
                });
            }
        })
    }
}

impl Embedded<'_> {
    /// Renders in turns of this user.
    async fn render<R: Render>(&self, pace: Duration, story: &Story) -> Vec<Artifact> {
        let mut rendered = R::default();
        let mut turn = None;
        for scene in 0..story.script.scenes.len() {
            if !pace.is_zero() {
                turn = None;
                Delay::from(pace).await;
            }
            let mut mine = self.go_on(turn).await;
            turn = mine.goes_on(rendered.step(story, scene)).then_some(mine);
        }
        let _last = self.go_on(turn).await;
        rendered.finish(story)
    }

    /// The same turn, or the next one.
    async fn go_on<'b>(&'b self, turn: Option<Turn<'b>>) -> Turn<'b> {
        match turn {
            Some(turn) => turn,
            None => self.waiting.turn(self.user_id, self.weight).await,
        }
    }
}
