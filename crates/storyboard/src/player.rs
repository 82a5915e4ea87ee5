//! The player: one HTML file with everything in it, which shows the frames and captions in time.

use super::Artifact;
use super::captions::{Span, span};
use super::escape::escape;
use super::frame::{Words, markup};
use super::layout::Canvas;
use super::page::Template;
use crate::{render::Render, story::Story};
use serde_json::{Value, json};

const TEMPLATE: Template = Template {
    page: include_str!("player.html"),
    style: include_str!("player.css"),
    script: include_str!("player.js"),
};

/// The page that plays a story.
#[derive(Debug, Default)]
pub struct Player {
    /// A frame for each scene. The browser parses a template, but draws only the one that it is asked for.
    templates: String,
    /// What the script knows of each scene: JSON, with commas in between.
    spans: String,
    /// When the next scene begins.
    now: u64,
}

impl Render for Player {
    fn scene(&mut self, story: &Story, scene: usize) -> usize {
        let before = self.templates.len() + self.spans.len();
        let frame = markup(story, scene, Words::Outside);
        self.templates
            .extend(["<template>", &frame, "</template>\n"]);
        let span = span(story, scene, self.now);
        self.now = span.end;
        let comma = if self.spans.is_empty() { "" } else { "," };
        self.spans.extend([comma, &data_of(&span)]);
        self.templates.len() + self.spans.len() - before
    }

    fn finish(self, story: &Story) -> Vec<Artifact> {
        vec![page(story, &self)]
    }
}

fn page(
    story: &Story,
    Player {
        templates, spans, ..
    }: &Player,
) -> Artifact {
    let title = escape(story.script.title.trim());
    let title = if title.is_empty() {
        "Untitled story"
    } else {
        title.as_str()
    };
    let page = TEMPLATE.fill(|name, page| match name {
        "title" => page.push_str(title),
        "frames" => page.push_str(templates),
        _ => page.push_str(&data(story, spans)),
    });
    Artifact {
        name: "player.html".into(),
        content_type: "text/html; charset=utf-8",
        bytes: page.into_bytes(),
    }
}

/// What the script needs to know, as JSON that cannot end its element.
fn data(story: &Story, spans: &str) -> String {
    let (width, height) = Canvas::of(&story.video_config).pixels;
    format!(r#"{{"height":{height},"scenes":[{spans}],"width":{width}}}"#)
}

fn data_of(span: &Span) -> String {
    let cues = span
        .cues
        .iter()
        .map(|cue| json!({"end": cue.end, "text": cue.lines.join("\n")}));
    let cues: Vec<Value> = cues.collect();
    json!({"start": span.start, "end": span.end, "cues": cues})
        .to_string()
        .replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::Player;
    use crate::{Artifact, render::Render, story::Story};

    const HOSTILE: &str = r"]]></svg></template><script>alert(1)</script>{{script}}<!--<script>";

    #[test]
    fn no_text_becomes_markup() {
        let story = story(HOSTILE, HOSTILE, 3);
        let page = String::from_utf8(player(&story).bytes).unwrap();

        assert_eq!(page.matches("<script").count(), 3);
        assert_eq!(page.matches("</script").count(), 3);
        assert_eq!(page.matches("<template>").count(), 3);
        assert_eq!(page.matches("</template>").count(), 3);
        assert_eq!(page.matches("<!--").count(), 0);
    }

    #[test]
    fn nothing_is_loaded_from_anywhere() {
        let page = String::from_utf8(player(&story("T", "A boat at sea", 4)).bytes).unwrap();
        let without_namespace = page.replace("http://www.w3.org/2000/svg", "");

        assert!(!without_namespace.contains("http:") && !without_namespace.contains("https:"));
        assert!(page.contains("default-src 'none'"));
        assert!(!page.contains(" style=") && !page.contains(" onload="));
    }

    #[test]
    fn frames_share_no_id() {
        let page =
            String::from_utf8(player(&story("T", "Rain on the city, a lighthouse", 3)).bytes)
                .unwrap();
        let mut ids: Vec<&str> = page
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let total = ids.len();
        ids.sort_unstable();
        ids.dedup();

        assert_eq!(ids.len(), total);
    }

    #[test]
    fn two_hundred_scenes_stay_below_four_megabytes() {
        let words =
            "Snow in the pine forest at night, a castle in the mountains, birds, a city, rain. "
                .repeat(20);
        let bytes = player(&story("T", &words, 200)).bytes;

        assert!(bytes.len() < 4_000_000, "{}", bytes.len());
    }

    #[test]
    fn a_story_without_scenes_is_still_a_page() {
        let page = String::from_utf8(player(&story("", "", 0)).bytes).unwrap();

        assert!(page.contains("<title>Untitled story</title>"));
        assert!(page.ends_with("</html>\n"));
    }

    fn player(story: &Story) -> Artifact {
        Player::whole(story).remove(0)
    }

    fn story(title: &str, narration: &str, scenes: usize) -> Story {
        let scene = serde_json::json!({"narration": narration, "imagePrompt": narration});
        let payload = serde_json::json!({
            "script": {"title": title, "scenes": vec![scene; scenes]},
            "videoConfig": {"width": 1280, "height": 720},
        });
        Story::from_json(&payload.to_string()).unwrap()
    }
}
