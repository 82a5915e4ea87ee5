//! Rendering scene by scene: who renders can let others go first in between.

use super::Artifact;
use crate::story::Story;

/// What reading a byte of a scene's words costs, at most: as much as writing so many bytes. Measured with ordinary and with
/// hostile stories, once, by hand (native release build, 2026-11-27): a unit of work takes 16 ns or less.
const READING: usize = 20;

/// What a stage makes of a story, scene by scene in their order.
pub trait Render: Default {
    /// Renders a scene, and returns how many bytes it wrote.
    fn scene(&mut self, story: &Story, scene: usize) -> usize;

    /// What came of it, after the last scene.
    fn finish(self, story: &Story) -> Vec<Artifact>;

    /// Renders the scene, and returns how much work that was, in the time that a byte takes to be written.
    fn step(&mut self, story: &Story, scene: usize) -> u64 {
        let read = story.script.scenes.get(scene).map_or(0, |scene| {
            scene.narration.len() + scene.image_prompt.as_ref().map_or(0, String::len)
        });
        let work = read * READING + self.scene(story, scene);
        work as u64
    }

    /// Everything at once.
    #[must_use]
    fn whole(story: &Story) -> Vec<Artifact> {
        let mut rendered = Self::default();
        for scene in 0..story.script.scenes.len() {
            rendered.step(story, scene);
        }
        rendered.finish(story)
    }
}
