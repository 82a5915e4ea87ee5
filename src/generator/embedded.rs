//! The embedded generators: the storyboard renderer, at a pace, and one that only waits.

use super::{
    Generator, GeneratorError, Work, episode,
    lines::Lines,
    outage,
    turns::{Turn, Waiting},
};
use queue_core::{
    api::submit::faults_of_story,
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
    /// Where fetches of pages wait for each other.
    pub(crate) lines: &'a Lines,
    /// Whether pages on this machine may be fetched, for tests.
    pub(crate) local_urls: bool,
    /// Whether a test may have it be out.
    pub(crate) outages: bool,
}

impl Generator for Embedded<'_> {
    async fn run(&self, work: &Work<'_>) -> Result<Vec<Artifact>, GeneratorError> {
        if self.outages {
            outage::is_there(work).await?;
        }
        let pace = match self.choice {
            GeneratorChoice::Storyboard { pace } => pace,
            GeneratorChoice::Wait { span } => {
                Delay::from(span).await;
                return Ok(Vec::new());
            }
        };
        match work.stage {
            Stage::Process => {
                let raw = episode::Raw::get(work, self.local_urls, self.lines).await?;
                let (size, max_chars) = (raw.work(), work.max_chars);
                self.in_turn(size, || raw.text(max_chars)).await
            }
            Stage::Audio => match episode::made(work).await? {
                Some(text) => {
                    let size = u64::try_from(text.len()).unwrap_or(u64::MAX);
                    self.in_turn(size, || episode::audio(&text)).await
                }
                None => Ok(self.render::<Captions>(pace, &story(work)?).await),
            },
            Stage::Image => Ok(self.render::<Frames>(pace, &story(work)?).await),
            Stage::Video => Ok(self.render::<Player>(pace, &story(work)?).await),
            Stage::Sweep => Err(GeneratorError::Permanent {
                code: "stage_unknown",
                message: format!("this generator has no stage {}", work.stage),
            }),
        }
    }
}

/// The story that a payload is, within the bounds of `POST /create-story`: nothing checked it if it came by another route.
fn story(work: &Work<'_>) -> Result<Story, GeneratorError> {
    let payload = work.payload;
    let unreadable = |why: String| GeneratorError::Permanent {
        code: "payload_unreadable",
        message: format!("the payload is not a story: {why}"),
    };
    let faults = faults_of_story(payload);
    if let Some(fault) = faults.first() {
        let at = fault.pointer.as_deref().unwrap_or_default();
        let more = match faults.len() {
            1 => String::new(),
            count => format!(" And {} more.", count - 1),
        };
        return Err(unreadable(format!("{at}: {}{more}", fault.detail)));
    }
    Story::from_json(payload).map_err(|error| unreadable(error.to_string()))
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

    /// Does all of something in one turn of this user.
    async fn in_turn<T>(&self, work: u64, act: impl FnOnce() -> T) -> T {
        let mut turn = self.go_on(None).await;
        turn.goes_on(work);
        act()
    }

    /// The same turn, or the next one.
    async fn go_on<'b>(&'b self, turn: Option<Turn<'b>>) -> Turn<'b> {
        match turn {
            Some(turn) => turn,
            None => self.waiting.turn(self.user_id, self.weight).await,
        }
    }
}
