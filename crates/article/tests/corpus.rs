//! Pages and mails of different makers, written for this purpose, each with the text that is right beside it.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]
#![cfg(feature = "sources")]

use article::{Article, Automatic, LINES_MAX, Mail, Refusal, Source, text_md};
use std::{
    fs,
    path::{Path, PathBuf},
};
use testkit::golden::assert_golden;

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|ending| ending != "md" && ending != "txt")
    });
    files.sort();
    files
}

fn mail(name: &str) -> Mail {
    let file = files("mails")
        .into_iter()
        .find(|file| file.ends_with(name))
        .unwrap();
    Mail::read(&fs::read(file).unwrap()).unwrap()
}

fn written(article: &Article) -> String {
    String::from_utf8(text_md(article).bytes).unwrap()
}

#[test]
fn each_page_becomes_the_text_beside_it() {
    let pages = files("pages");
    assert!(pages.len() >= 12);
    for file in pages {
        let address = format!(
            "https://example.com/{}",
            file.file_stem().unwrap().to_str().unwrap()
        );
        let source = Some(Source::Address(address));
        let article = Article::from_html(&fs::read(&file).unwrap(), Some("text/html"), source);
        let article = article.unwrap_or_else(|refusal| panic!("{}: {refusal}", file.display()));
        assert_golden(&file.with_extension("md"), &written(&article));
    }
}

#[test]
fn each_mail_becomes_the_text_beside_it() {
    let mails = files("mails");
    assert!(mails.len() >= 8);
    for file in mails {
        let mail = Mail::read(&fs::read(&file).unwrap()).unwrap();
        let article = mail
            .article()
            .unwrap_or_else(|refusal| panic!("{}: {refusal}", file.display()));
        assert_golden(&file.with_extension("md"), &written(&article));
    }
}

#[test]
fn what_is_no_article_is_refused_in_words() {
    for file in files("refused") {
        let name = file.file_name().unwrap().to_str().unwrap();
        let refusal = Article::from_file(&fs::read(&file).unwrap(), None, Some(name)).unwrap_err();
        assert_golden(&file.with_extension("txt"), &format!("{refusal}\n"));
    }
    assert_eq!(
        Article::from_text(
            "twelve words are not enough for an episode, whatever they may say",
            None,
            None
        ),
        Err(Refusal::TooFewWords { words: 12 })
    );
}

#[test]
fn a_text_may_have_many_lines_but_not_any_number() {
    let line = |number: usize| format!("Line {number} has a few words.\n");
    let text = |lines: usize| (0..lines).map(line).collect::<String>();
    for name in ["a.txt", "a.md"] {
        let read = |lines| Article::from_file(text(lines).as_bytes(), None, Some(name));
        assert_eq!(read(LINES_MAX).map(drop), Ok(()), "{name}");
        assert_eq!(read(LINES_MAX + 1), Err(Refusal::TooManyLines), "{name}");
    }
    let pasted = Article::from_text(&text(LINES_MAX + 1), None, None);
    assert_eq!(pasted, Err(Refusal::TooManyLines));
}

#[test]
fn only_what_a_program_sent_by_itself_is_automatic() {
    for file in files("mails") {
        let is_automatic = Mail::read(&fs::read(&file).unwrap())
            .unwrap()
            .automatic
            .is_some();
        assert_eq!(
            is_automatic,
            file.ends_with("auto-reply.eml"),
            "{}",
            file.display()
        );
    }
    let with = |header: &str| {
        let raw = format!("From: a@example.com\r\nSubject: S\r\n{header}\r\n\r\nHello.\r\n");
        Mail::read(raw.as_bytes()).unwrap().automatic
    };
    assert_eq!(
        with("Auto-Submitted: auto-replied"),
        Some(Automatic::AutoSubmitted)
    );
    assert_eq!(with("Auto-Submitted: no"), None);
    assert_eq!(with("Precedence: bulk"), Some(Automatic::Bulk));
    assert_eq!(with("Precedence: junk"), Some(Automatic::Bulk));
    assert_eq!(
        with("Precedence: bulk\r\nList-Id: <news.example.com>"),
        None
    );
    assert_eq!(
        with("Precedence: auto_reply\r\nList-Id: <news.example.com>"),
        Some(Automatic::AutoSubmitted)
    );
    assert_eq!(with("Return-Path: <>"), Some(Automatic::Bounce));
    assert_eq!(
        with("Content-Type: multipart/report; boundary=b"),
        Some(Automatic::Bounce)
    );
    assert_eq!(with("X-Loop: story-queue"), Some(Automatic::Loop));
    assert_eq!(with("X-Autoreply: yes"), Some(Automatic::AutoSubmitted));
}

#[test]
fn a_mail_says_who_sent_it_to_whom_and_which_it_is() {
    let forward = mail("forward.eml");
    assert_eq!(
        forward.message_id.as_deref(),
        Some("CAF00=forward@mail.example.org")
    );
    assert_eq!(forward.from_address.as_deref(), Some("ravi@example.org"));
    assert_eq!(forward.recipients, ["u-4f9a2c@in.example.net"]);
    let all = mail("base64-html.eml").recipients;
    assert_eq!(
        all,
        [
            "u-4f9a2c@in.example.net",
            "other@corp.example",
            "third@corp.example"
        ]
    );
    let list = mail("mailing-list.eml").recipients;
    assert_eq!(
        list,
        ["weather@lists.example.org", "u-4f9a2c@in.example.net"]
    );
}
