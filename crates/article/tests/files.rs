//! What is made of an article: `text.md`, which is read back as the same, chapters, captions and the listening page.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]

use article::{Article, Artifact, Block, Source, captions, page, text_md};
use proptest::{collection::vec, option, prelude::*};

const HOSTILE: &str = r#"]]></p></section></template><script>alert(1)</script>{{script}}<!--<script> " onload='x' javascript:"#;

/// Signs that mean something to Markdown, YAML or HTML, between words.
fn text() -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        "[a-z]{1,8}",
        "[ -~]{1,6}",
        "\\PC{1,4}",
        prop::sample::select(vec![
            "#",
            "##",
            "- ",
            "* ",
            "+ ",
            "1. ",
            "2) ",
            "> ",
            "```",
            "~~~",
            "    ",
            "---",
            "===",
            "***",
            "| a |",
            "[x]: y",
            "[^1]: z",
            "![i](u)",
            "<b>",
            "&amp;",
            "\\",
            "\n",
            "\t",
            "_a_",
            "**",
            "~~s~~",
            "http://x.y",
            "<http://x.y>",
            ": d",
            "\u{a0}",
            "\u{200b}",
            "{#id}",
            "$x$",
            "[ ] t",
            "\u{85}",
        ])
        .prop_map(str::to_owned),
    ];
    vec(sign, 0..12).prop_map(|signs| signs.join(" "))
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        (0..9_u8, text()).prop_map(|(level, text)| Block::Heading { level, text }),
        text().prop_map(Block::Paragraph),
        vec(text(), 0..5).prop_map(|lines| Block::Code(lines.join("\n"))),
    ]
}

fn written(artifact: Artifact) -> String {
    String::from_utf8(artifact.bytes).unwrap()
}

fn article(title: &str, mut blocks: Vec<Block>) -> Article {
    blocks.push(Block::Paragraph("word ".repeat(50)));
    Article::new(title, None, None, blocks).unwrap()
}

fn paragraph(words: usize) -> Block {
    Block::Paragraph("word ".repeat(words))
}

fn heading(level: u8, text: &str) -> Block {
    let text = text.to_owned();
    Block::Heading { level, text }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn text_md_is_read_back_as_the_same_article(
        title in text(), author in option::of(text()), source in option::of(text()), mut blocks in vec(block(), 0..12)
    ) {
        blocks.push(paragraph(50));
        let source = source.filter(|source| !source.trim().is_empty()).map(|source| Source::of(&source));
        let article = Article::new(&title, author.as_deref(), source, blocks).unwrap();
        let text = written(text_md(&article));
        let again = Article::from_markdown(&text, None).unwrap();
        prop_assert_eq!(&again, &article, "{}", text);
        prop_assert_eq!(written(text_md(&again)), text);
    }

    #[test]
    fn chapters_hold_every_block_once(blocks in vec(block(), 0..30)) {
        let article = article("T", blocks);
        let chapters = article.chapters();
        let held: Vec<&Block> = chapters.iter().flat_map(|chapter| chapter.blocks).collect();
        let mut rest = article.blocks().iter().filter(|block| !held.contains(block));
        let only_headings = rest.all(|block| matches!(block, Block::Heading { .. }));
        prop_assert!(only_headings);
        let is_filled = chapters.iter().all(|chapter| !chapter.blocks.is_empty());
        prop_assert!(is_filled && !chapters.is_empty());
    }
}

#[test]
fn chapters_are_by_heading_and_by_length_where_there_are_none() {
    let titles = |blocks: Vec<Block>| -> Vec<String> {
        let article = Article::new("T", None, None, blocks).unwrap();
        article
            .chapters()
            .into_iter()
            .map(|chapter| chapter.title)
            .collect()
    };
    assert_eq!(titles(vec![paragraph(60)]), ["T"]);
    let by_heading = vec![
        paragraph(60),
        heading(2, "A"),
        paragraph(9),
        heading(3, "a"),
        paragraph(9),
        heading(2, "B"),
        paragraph(9),
    ];
    assert_eq!(titles(by_heading), ["T", "A", "B"]);
    let below_one = vec![
        heading(1, "Whole"),
        paragraph(60),
        heading(2, "A"),
        paragraph(9),
        heading(2, "B"),
        paragraph(9),
    ];
    assert_eq!(titles(below_one), ["Whole", "A", "B"]);
    assert_eq!(
        titles(vec![paragraph(100); 13]),
        ["T (1)", "T (2)", "T (3)"]
    );
    let many = (0..100)
        .flat_map(|number| [heading(2, &format!("H{number}")), paragraph(2)])
        .collect();
    assert_eq!(titles(many), ["T"]);
}

#[test]
fn an_article_without_a_title_takes_its_first_words() {
    let long = Article::from_text(
        &"many more words than a title should ever have. ".repeat(9),
        None,
        None,
    )
    .unwrap();
    assert_eq!(
        long.title(),
        "many more words than a title should ever have. many more …"
    );
    let short = Article::from_text(
        &format!("A short line\n\n{}", "word ".repeat(50)),
        None,
        None,
    )
    .unwrap();
    assert_eq!((short.title(), short.blocks().len()), ("A short line", 1));
}

#[test]
fn reading_takes_a_minute_for_238_words() {
    assert_eq!(
        Article::new("T", None, None, vec![paragraph(238)])
            .unwrap()
            .minutes(),
        1
    );
    assert_eq!(
        Article::new("T", None, None, vec![paragraph(239)])
            .unwrap()
            .minutes(),
        2
    );
}

#[test]
fn captions_tell_the_title_and_every_block_but_code() {
    let article = article(
        "The title",
        vec![
            heading(2, "A part"),
            Block::Code("let x = 1;".to_owned()),
            Block::Paragraph("It goes on.".to_owned()),
        ],
    );
    let text = written(captions(&article));
    let start = "WEBVTT\n\n1-1\n00:00:00.000 --> 00:00:02.500\nThe title\n\n2-1\n00:00:02.500 --> 00:00:05.000\nA part\n\n3-1\n";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("It goes on.") && !text.contains("let x"));
}

#[test]
fn no_text_becomes_markup_of_the_page() {
    let blocks = vec![
        heading(2, HOSTILE),
        Block::Paragraph(HOSTILE.to_owned()),
        Block::Code(HOSTILE.to_owned()),
        paragraph(50),
    ];
    let source = Some(Source::Address("javascript:alert(1)".to_owned()));
    let article = Article::new(HOSTILE, Some(HOSTILE), source, blocks).unwrap();
    let page = written(page(&article));
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    assert_eq!(page.matches("<!--").count(), 0);
    assert_eq!(
        page.matches("</section>").count(),
        page.matches("<section").count()
    );
    assert!(!page.contains("href="));
}

#[test]
fn the_page_loads_nothing_and_runs_only_its_own_script() {
    let page = written(page(&article("T", vec![heading(2, "A")])));
    assert!(!page.contains("http:") && !page.contains("https:"));
    assert!(page.contains("default-src 'none'; script-src 'sha256-"));
    assert!(!page.contains(" style=") && !page.contains(" onload=") && !page.contains("src="));
    assert!(page.ends_with("</html>\n"));
}
