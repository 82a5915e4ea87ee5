//! Why there is no article, in words for the person who sent it.

/// Words below which nothing is worth an episode: twenty seconds of listening.
pub const WORDS_MIN: usize = 50;

/// Most lines of a text.
pub const LINES_MAX: usize = 50_000;

/// What was sent has no article. Its sentence says what was found and what to do.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// An image, a PDF, a sound or another binary file.
    #[error(
        "This is {0}, which has no text to read. Send a web page, a text file, Markdown or HTML."
    )]
    NotText(&'static str),
    /// Text was expected, and there is none.
    #[error(
        "There is no text here, only pictures or an empty page. Paste the text itself instead."
    )]
    NoText,
    /// Some words, but no article.
    #[error(
        "There are only {words} words here; an episode needs at least {WORDS_MIN}. Send the whole article, or paste its text."
    )]
    TooFewWords {
        /// How many there are.
        words: usize,
    },
    /// Each line may become a paragraph, which takes many times its bytes.
    #[error("This text has more than {LINES_MAX} lines. Send a part of it.")]
    TooManyLines,
    /// The page asks who is there.
    #[error(
        "This page asks you to sign in, so we cannot see the article. Open it in your browser, and send it with the extension or paste its text."
    )]
    Login,
    /// The page shows the beginning to those who have not paid.
    #[error(
        "This page shows only the beginning to readers without a subscription. If you have one, send the open page with the extension or paste its text."
    )]
    Paywall,
    /// The page is made by scripts, which are not run here.
    #[error(
        "This page shows its text only to a browser that runs scripts. Open it in your browser, and send it with the extension or paste its text."
    )]
    NeedsJavaScript,
    /// The page says that something went wrong, or that robots are not welcome.
    #[error(
        "This address shows an error page instead of an article. Check the address in your browser, then try again."
    )]
    ErrorPage,
    /// Not a mail, or one that is damaged or encrypted.
    #[error(
        "This mail cannot be read. Forward it again as plain text or HTML, without encryption."
    )]
    UnreadableMail,
    /// The text uses characters that were not recognised.
    #[error("The characters of this text cannot be read. Save it as UTF-8 and send it again.")]
    UnreadableCharacters,
    /// This deployment was built without the cargo feature `sources`.
    #[error("This service was built without reading {0}. Send plain text or Markdown instead.")]
    NotBuilt(&'static str),
}
