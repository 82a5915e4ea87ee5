//! Captions of an article, as the storyboard makes those of a story: each block is told like a scene.

use crate::{Article, Block};
use storyboard::{
    Artifact, Captions, Render,
    story::{Scene, Script, Story, VideoConfig},
};

/// `captions.vtt`, with times estimated from 150 words per minute.
#[must_use]
pub fn captions(article: &Article) -> Artifact {
    let spoken = article.blocks().iter().map(Block::spoken);
    let texts = std::iter::once(article.title()).chain(spoken.filter(|text| !text.is_empty()));
    let scene = |text: &str| Scene {
        narration: text.to_owned(),
        image_prompt: None,
        duration_seconds: None,
        extra: serde_json::Map::new(),
    };
    let script = Script {
        title: article.title().to_owned(),
        scenes: texts.map(scene).collect(),
        extra: serde_json::Map::new(),
    };
    let story = Story {
        script,
        video_config: VideoConfig {
            width: 0,
            height: 0,
            fps: None,
            style: None,
            voice: None,
            extra: serde_json::Map::new(),
        },
        extra: serde_json::Map::new(),
    };
    Captions::whole(&story).remove(0)
}
