//! The listening page: one HTML file with everything in it, which the browser's own voices read aloud.

use crate::{Article, Artifact, Block, Source, address::is_web_address};
use storyboard::{escape, page::Template};

const TEMPLATE: Template = Template {
    page: include_str!("page/page.html"),
    style: include_str!("page/page.css"),
    script: include_str!("page/page.js"),
};

/// `page.html`, which loads nothing and runs only its own scripts.
#[must_use]
pub fn page(article: &Article) -> Artifact {
    let page = TEMPLATE.fill(|name, page| match name {
        "title" => page.push_str(&escape(article.title())),
        "facts" => page.push_str(&facts(article)),
        "chapters" => chapters(article, page),
        _ => {}
    });
    Artifact {
        name: "page.html".into(),
        content_type: "text/html; charset=utf-8",
        bytes: page.into_bytes(),
    }
}

/// Who wrote it, where it is from, and how long it is.
fn facts(article: &Article) -> String {
    let mut facts: Vec<String> = article.author().into_iter().map(escape).collect();
    facts.extend(article.source().map(|source| match source {
        Source::Address(address) if is_web_address(address) => {
            let address = escape(address);
            let shown = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
            let site = shown.split(['/', '?']).next().unwrap_or(shown);
            format!("<a href=\"{address}\" rel=\"noopener noreferrer nofollow\" target=\"_blank\">{site}</a>")
        }
        Source::Address(text) | Source::Mail(text) | Source::File(text) => escape(text),
    }));
    let (words, minutes) = (article.words(), article.minutes());
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    facts.push(format!("{words} words, {minutes} {unit} to read"));
    facts.join(" · ")
}

fn chapters(article: &Article, page: &mut String) {
    for (index, chapter) in article.chapters().into_iter().enumerate() {
        // The first chapter often has the article's own title, which is shown above.
        let is_own = index == 0 && chapter.title == article.title();
        let class = if is_own { " class=\"unseen\"" } else { "" };
        let number = (index + 1).to_string();
        let title = escape(&chapter.title);
        page.extend(["<section aria-labelledby=\"chapter-", &number, "\">\n"]);
        page.extend([
            "<h2 id=\"chapter-",
            &number,
            "\" dir=\"auto\"",
            class,
            ">",
            &title,
            "</h2>\n",
        ]);
        for block in chapter.blocks {
            match block {
                Block::Heading { text, .. } => {
                    page.extend(["<h3 dir=\"auto\">", &escape(text), "</h3>\n"]);
                }
                Block::Paragraph(text) => {
                    page.extend(["<p dir=\"auto\">", &escape(text), "</p>\n"]);
                }
                Block::Code(text) => {
                    let lines: Vec<String> = text.lines().map(escape).collect();
                    page.extend([
                        "<pre tabindex=\"0\" aria-label=\"Code, not read aloud\">",
                        &lines.join("\n"),
                        "</pre>\n",
                    ]);
                }
            }
        }
        page.push_str("</section>\n");
    }
}
