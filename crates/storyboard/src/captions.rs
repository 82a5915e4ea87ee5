//! Captions: when each scene and each of its lines is shown.

use super::Artifact;
use super::escape::escape;
use super::lines::{Cursor, in_columns, wrap};
use super::number::whole;
use super::sentences::sentences;
use super::text::{Break, Cluster, clusters, spoken_words};
use crate::{
    render::Render,
    story::{Scene, Story},
};

/// Columns of a line that viewers read at a glance.
const COLUMNS: f64 = 42.0;
/// Lines of a cue that they do.
const LINES: usize = 2;
/// 150 words per minute, the pace of an audio book.
const MS_PER_WORD: f64 = 400.0;
/// A breath before the next scene.
const PAUSE_MS: f64 = 600.0;
/// Bounds of a scene that says how long it is, in seconds.
const SECONDS: (f64, f64) = (0.5, 600.0);
/// Bounds of a scene that does not, in milliseconds.
const SPOKEN_MS: (f64, f64) = (2_500.0, 3_600_000.0);

/// A few lines and when they are shown, in milliseconds from the start of the story.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Cue {
    /// When they appear.
    pub(super) start: u64,
    /// When they disappear; always later.
    pub(super) end: u64,
    /// The lines; none is empty.
    pub(super) lines: Vec<String>,
}

/// A scene in time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Span {
    /// When it begins.
    pub(super) start: u64,
    /// When it ends.
    pub(super) end: u64,
    /// Its captions, in order.
    pub(super) cues: Vec<Cue>,
}

/// The captions of a story, as `WebVTT`.
#[derive(Debug, Default)]
pub struct Captions {
    text: String,
    /// When the next scene begins.
    now: u64,
}

impl Render for Captions {
    fn scene(&mut self, story: &Story, scene: usize) -> usize {
        let before = self.text.len();
        let span = span(story, scene, self.now);
        for (part, cue) in span.cues.iter().enumerate() {
            let (from, to) = (timestamp(cue.start), timestamp(cue.end));
            let id = format!("{}-{}", scene + 1, part + 1);
            self.text
                .extend(["\n", &id, "\n", &from, " --> ", &to, "\n"]);
            for line in &cue.lines {
                self.text.extend([&entities(line), "\n"]);
            }
        }
        self.now = span.end;
        self.text.len() - before
    }

    fn finish(self, _story: &Story) -> Vec<Artifact> {
        vec![Artifact {
            name: "captions.vtt".into(),
            content_type: "text/vtt; charset=utf-8",
            bytes: format!("WEBVTT\n{}", self.text).into_bytes(),
        }]
    }
}

/// A scene that begins then; one that does not exist takes no time.
pub(super) fn span(story: &Story, scene: usize, start: u64) -> Span {
    let scene = story.script.scenes.get(scene);
    let end = start + scene.map_or(0, duration_ms);
    Span {
        start,
        end,
        cues: scene.map_or_else(Vec::new, |scene| cues(&scene.narration, start, end)),
    }
}

fn duration_ms(scene: &Scene) -> u64 {
    let ms = match scene.duration_seconds {
        Some(seconds) => seconds.clamp(SECONDS.0, SECONDS.1) * 1_000.0,
        None => (spoken_words(&scene.narration) * MS_PER_WORD + PAUSE_MS)
            .clamp(SPOKEN_MS.0, SPOKEN_MS.1),
    };
    whole(ms).unsigned_abs()
}

/// Cues that fill a scene without a gap, each as long as its share of the text.
fn cues(narration: &str, start: u64, end: u64) -> Vec<Cue> {
    let mut blocks = blocks(narration);
    let total_ms = end.saturating_sub(start);
    // A millisecond each, so that every cue ends after it starts.
    blocks.truncate(usize::try_from(total_ms).unwrap_or(usize::MAX));
    let length = |lines: &Vec<String>| {
        lines
            .iter()
            .map(|line| line.chars().count() as u64)
            .sum::<u64>()
    };
    let total: u64 = blocks.iter().map(length).sum::<u64>().max(1);
    let spare = total_ms.saturating_sub(blocks.len() as u64);
    let (mut cues, mut shown) = (Vec::with_capacity(blocks.len()), 0);
    let mut from = start;
    for (index, lines) in blocks.into_iter().enumerate() {
        shown += length(&lines);
        let to = start + index as u64 + 1 + spare * shown / total;
        cues.push(Cue {
            start: from,
            end: to,
            lines,
        });
        from = to;
    }
    cues
}

/// Lines in blocks: sentences that fit are kept together, longer ones are split.
fn blocks(narration: &str) -> Vec<Vec<String>> {
    let mut blocks: Vec<Vec<String>> = Vec::new();
    let mut pending: Vec<Cluster> = Vec::new();
    let mut end = Cursor::default();
    for sentence in sentences(narration) {
        let spaced = sentence.starts_with(char::is_whitespace);
        let mut sentence = clusters(sentence);
        if let Some(first) = sentence.first_mut() {
            first.breaks = if spaced {
                Break::Space
            } else if first.is_ideograph() {
                Break::Anywhere
            } else {
                Break::Within
            };
        }
        let joined = set(end, &sentence);
        if joined.lines() <= LINES {
            end = joined;
        } else {
            blocks.extend(wrapped(&pending).chunks(LINES).map(<[String]>::to_vec));
            pending.clear();
            end = set(Cursor::default(), &sentence);
        }
        pending.append(&mut sentence);
    }
    blocks.extend(wrapped(&pending).chunks(LINES).map(<[String]>::to_vec));
    blocks
}

/// Where a text ends that is set from there on.
fn set(from: Cursor, text: &[Cluster]) -> Cursor {
    from.set(text, COLUMNS, in_columns, |_, _| ())
}

fn wrapped(text: &[Cluster]) -> Vec<String> {
    wrap(text, COLUMNS, in_columns)
}

/// What `WebVTT` gives a meaning to; quotation marks are not among it.
fn entities(line: &str) -> String {
    escape(line).replace("&quot;", "\"").replace("&#39;", "'")
}

fn timestamp(ms: u64) -> String {
    let (seconds, minutes, hours) = (ms / 1_000, ms / 60_000, ms / 3_600_000);
    format!(
        "{hours:02}:{:02}:{:02}.{:03}",
        minutes % 60,
        seconds % 60,
        ms % 1_000
    )
}

#[cfg(test)]
mod tests {
    use super::{Captions, Span, span};
    use crate::{render::Render, story::Story};

    #[test]
    fn a_story_becomes_timed_cues() {
        let story = story(&[
            ("Pi is 3.14. “No?” she said. 行く。海。", Some(2.0)),
            ("The end.", None),
        ]);

        let text = text(&story);

        let expected = "WEBVTT\n\n1-1\n00:00:00.000 --> 00:00:02.000\nPi is 3.14. “No?” she said. 行く。海。\n\n\
                        2-1\n00:00:02.000 --> 00:00:04.500\nThe end.\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn long_narrations_become_several_cues_of_two_short_lines() {
        let words =
            "The quick brown fox jumps over the lazy dog and runs on through the night. ".repeat(9);
        let spans = timeline(&story(&[(&words, None)]));

        assert!(spans[0].cues.len() > 5);
        assert!(spans[0].cues.iter().all(|cue| cue.lines.len() <= 2));
        assert!(
            spans[0]
                .cues
                .iter()
                .flat_map(|cue| &cue.lines)
                .all(|line| line.chars().count() <= 42)
        );
    }

    #[test]
    fn cues_follow_each_other_and_stay_in_their_scene() {
        let long = "word ".repeat(900);
        let nasty = "昔々 ".repeat(300);
        let story = story(&[
            (&long, Some(0.5)),
            ("", None),
            (&nasty, Some(1e300)),
            ("x", Some(-4.0)),
            (&long, None),
        ]);
        let mut now = 0;
        for span in timeline(&story) {
            assert_eq!(span.start, now);
            let mut shown = span.start;
            for cue in &span.cues {
                assert!(
                    cue.start >= shown && cue.start < cue.end && cue.end <= span.end,
                    "{cue:?}"
                );
                shown = cue.end;
            }
            now = span.end;
        }
    }

    #[test]
    fn no_text_becomes_a_cue_or_a_tag() {
        let story = story(&[(
            "a --> b\n\n00:00.000 --> 99:00.000\n<b>&amp;\r\nNOTE x",
            Some(9.0),
        )]);

        let text = text(&story);

        assert_eq!(text.matches("-->").count(), text.matches("\n1-").count());
        assert!(!text.contains("<b>") && text.contains("&lt;b&gt;&amp;amp;"));
        assert!(!text.contains("\n\n\n"));
    }

    #[test]
    fn speech_takes_its_time_when_nothing_else_is_said() {
        let spans = timeline(&story(&[(&"word ".repeat(150), None)]));

        assert_eq!(spans[0].end, 60_600);
    }

    fn text(story: &Story) -> String {
        let captions = Captions::whole(story).remove(0);
        String::from_utf8(captions.bytes).unwrap()
    }

    fn timeline(story: &Story) -> Vec<Span> {
        let mut now = 0;
        let scenes = 0..story.script.scenes.len();
        let spans = scenes.map(|scene| {
            let span = span(story, scene, now);
            now = span.end;
            span
        });
        spans.collect()
    }

    fn story(scenes: &[(&str, Option<f64>)]) -> Story {
        let scenes: Vec<_> = scenes
            .iter()
            .map(|(narration, seconds)| serde_json::json!({"narration": narration, "durationSeconds": seconds}))
            .collect();
        let payload = serde_json::json!({
            "script": {"title": "T", "scenes": scenes},
            "videoConfig": {"width": 640, "height": 360},
        });
        Story::from_json(&payload.to_string()).unwrap()
    }
}
