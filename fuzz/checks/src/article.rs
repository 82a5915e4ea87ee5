//! Pages and mails as somebody sends them: each becomes an article with all its files, or a refusal.

use article::{Article, Artifact, Mail, Refusal, Source, WORDS_MIN, captions, page, text_md};

/// Reads the input as a page.
pub fn html(input: &[u8]) {
    let source = Source::Address("http://example.com/".to_owned());
    let article = Article::from_html(input, None, Some(source.clone()));
    if let Some(article) = read(article) {
        assert_eq!(article.source(), Some(&source));
    }
    let markdown = Article::from_markdown(&String::from_utf8_lossy(input), None);
    read(markdown);
}

/// Reads the input as a raw mail.
pub fn mail(input: &[u8]) {
    let Ok(mail) = Mail::read(input) else {
        return;
    };
    let said = [
        mail.message_id.as_ref(),
        Some(&mail.subject),
        mail.from_name.as_ref(),
        mail.from_address.as_ref(),
    ];
    for text in said.into_iter().flatten().chain(&mail.recipients) {
        assert!(!text.contains(char::is_control), "{text:?}");
    }
    read(mail.article());
}

/// What holds for every article.
fn read(article: Result<Article, Refusal>) -> Option<Article> {
    let article = match article {
        Ok(article) => article,
        Err(refusal) => {
            assert!(refusal.to_string().ends_with('.'));
            return None;
        }
    };
    assert!(article.words() >= WORDS_MIN && article.minutes() >= 1 && !article.title().is_empty());
    let written = text(text_md(&article));
    let again = Article::from_markdown(&written, None).expect("what was written is read");
    assert_eq!(again, article, "{written}");
    assert!(text(captions(&article)).starts_with("WEBVTT\n\n1-1\n"));
    let page = text(page(&article));
    // What speaks, and the page around it.
    assert_eq!(page.matches("<script").count(), 2, "{page}");
    assert_eq!(page.matches("</section>").count(), article.chapters().len());
    Some(article)
}

fn text(artifact: Artifact) -> String {
    String::from_utf8(artifact.bytes).expect("files are UTF-8")
}
