//! Pages that are no article: they ask for a password, for money or for scripts, or they say that something is wrong.

use super::{WORDS_SHORT, nesting::Page};
use crate::{Block, Refusal, WORDS_MIN, article::words};

const LOGIN: [&str; 10] = [
    "sign in to continue",
    "log in to continue",
    "please log in",
    "please sign in",
    "you must be logged in",
    "sign in to your account",
    "log in to your account",
    "bitte melden sie sich an",
    "melden sie sich an, um",
    "connectez-vous pour",
];
const PAYWALL: [&str; 14] = [
    "subscribe to continue",
    "subscribe to read",
    "subscribers only",
    "this article is for subscribers",
    "for paid subscribers",
    "this post is for paying",
    "to continue reading",
    "become a member to read",
    "member-only story",
    "already a subscriber",
    "nur für abonnenten",
    "jetzt weiterlesen mit",
    "réservé aux abonnés",
    "この記事は有料",
];
const SCRIPTS: [&str; 7] = [
    "enable javascript",
    "javascript is required",
    "javascript is disabled",
    "requires javascript",
    "turn on javascript",
    "javascript aktivieren",
    "javascriptを有効",
];
const ERRORS: [&str; 18] = [
    "page not found",
    "404 not found",
    "error 404",
    "404 error",
    "403 forbidden",
    "access denied",
    "500 internal server error",
    "502 bad gateway",
    "503 service",
    "service unavailable",
    "504 gateway",
    "too many requests",
    "verify you are human",
    "checking your browser",
    "are you a robot",
    "seite nicht gefunden",
    "page introuvable",
    "ページが見つかりません",
];

/// Why a page with so few words in its text is not an article, if it says so.
pub(super) fn refusal(
    page: &Page<'_>,
    title: &str,
    blocks: &[Block],
    found: usize,
) -> Option<Refusal> {
    if found >= WORDS_SHORT {
        return None;
    }
    let said: Vec<&str> = blocks.iter().map(Block::spoken).collect();
    let said = format!("{title}\n{}", said.join("\n")).to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| said.contains(phrase));
    let without_scripts = page.without_scripts.to_lowercase();
    let is_stub = found < WORDS_MIN;
    if says(&PAYWALL) {
        return Some(Refusal::Paywall);
    }
    if page.passwords > 0 || says(&LOGIN) {
        return Some(Refusal::Login);
    }
    if (is_stub || title_says(title, &ERRORS)) && says(&ERRORS) {
        return Some(Refusal::ErrorPage);
    }
    let needs_scripts = says(&SCRIPTS)
        || SCRIPTS
            .iter()
            .any(|phrase| without_scripts.contains(phrase));
    if is_stub && (needs_scripts || (words(blocks) == 0 && !page.without_scripts.is_empty())) {
        return Some(Refusal::NeedsJavaScript);
    }
    (words(blocks) == 0).then_some(Refusal::NoText)
}

fn title_says(title: &str, phrases: &[&str]) -> bool {
    let title = title.to_lowercase();
    phrases.iter().any(|phrase| title.contains(phrase))
}
