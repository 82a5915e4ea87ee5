//! Stories as they are accepted: the embedded generator makes each of them, within the estimate of its memory.

use crate::request_body::read;
use storyboard::{Artifact, Captions, Player, Render, frame, story::Story};

/// Frames that are drawn of one story; more of them only take longer.
const FRAMES_MAX: usize = 3;

/// A page without its scenes, in bytes, which the estimate leaves out: of a full batch, not 2 MB of 128.
const PAGE_ALONE_MAX: usize = 16 * 1024;

/// Draws the story that the input submits, if it is one.
pub fn check(input: &[u8]) {
    let Ok(submission) = read(input) else {
        return;
    };
    let story = Story::from_json(&submission.job.payload).expect("what is accepted is read");
    for scene in 0..story.script.scenes.len().min(FRAMES_MAX) {
        let drawn = frame(&story, scene);
        assert_eq!(drawn, frame(&story, scene), "the same story, drawn twice");
        let svg = text(&drawn);
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
        assert!(
            !svg.contains("NaN") || said(&story).contains("NaN"),
            "{svg}"
        );
        well_formed(&svg);
    }
    assert!(text(&Captions::whole(&story)[0]).starts_with("WEBVTT"));
    let page = &Player::whole(&story)[0];
    text(page);
    let weight = usize::try_from(submission.job.weight).expect("it has 64 bits");
    assert!(
        page.bytes.len() <= weight + PAGE_ALONE_MAX,
        "{} bytes, estimated {weight}",
        page.bytes.len()
    );
}

fn text(artifact: &Artifact) -> String {
    let name = &artifact.name;
    String::from_utf8(artifact.bytes.clone()).unwrap_or_else(|_| panic!("{name} is not UTF-8"))
}

/// All words of a story.
fn said(story: &Story) -> String {
    serde_json::to_string(story).expect("a story can be written")
}

/// Every tag is closed, nothing stands in a text or an attribute that XML forbids there, and nothing can run.
fn well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        let (words, tag) = rest.split_at(start);
        references(words);
        let end = tag.find('>').expect("a tag ends");
        let inside = &tag[1..end];
        rest = &tag[end + 1..];
        assert!(!inside.contains('<'), "<{inside}>");
        references(inside);
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in another order");
        } else if !inside.ends_with('/') {
            open.push(inside.split_whitespace().next().unwrap_or_default());
        }
        assert!(!inside.starts_with("script"), "<{inside}>");
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    let forbidden = |character: char| character < ' ' && !"\t\n\r".contains(character);
    assert!(!svg.contains(forbidden), "a control character");
    assert!(!svg.contains(['\u{fffe}', '\u{ffff}']), "not a character");
}

/// Every `&` begins a reference that XML knows by itself.
fn references(text: &str) {
    for (at, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#"];
        assert!(
            known.iter().any(|name| text[at..].starts_with(name)),
            "{text}"
        );
    }
}
