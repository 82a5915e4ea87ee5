//! Articles of mails (`message/rfc822`): who sent it, to whom, whether a program did, and what it says.

mod body;
mod forward;
mod guard;
mod origin;
mod trim;

use crate::{
    Article, Automatic, Refusal, Source, WORDS_MIN,
    article::{one_line, words},
    kind::binary_kind,
};
use mail_parser::{Address, Message, MessageParser};

/// What a mail program puts in front of a subject.
const PREFIXES: [&str; 11] = [
    "re", "aw", "sv", "antw", "fwd", "fw", "wg", "tr", "rv", "vs", "i",
];

/// A mail that was read. Its article is made when it is asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mail {
    /// With sender and subject, what makes it the same mail when it comes twice; without angle brackets.
    pub message_id: Option<String>,
    /// The title, without `Fwd:`.
    pub subject: String,
    /// The name of who says to have sent it; anybody can say so.
    pub from_name: Option<String>,
    /// The address of who says to have sent it, in lower case.
    pub from_address: Option<String>,
    /// The addresses that it was sent to, in lower case, as far as it says.
    pub recipients: Vec<String>,
    /// Why it must not be answered, and makes no episode.
    pub automatic: Option<Automatic>,
    body: Result<Vec<crate::html::Piece>, Refusal>,
    is_encrypted: bool,
}

impl Mail {
    /// Reads a raw mail.
    ///
    /// # Errors
    /// When it is no mail, or one that was made to be hard to read. One without an article is read; [`Mail::article`] then
    /// says what is missing.
    pub fn read(raw: &[u8]) -> Result<Self, Refusal> {
        if binary_kind(raw).is_some() {
            return Err(Refusal::UnreadableMail);
        }
        guard::check(raw)?;
        let message = MessageParser::default()
            .parse(raw)
            .ok_or(Refusal::UnreadableMail)?;
        let has_sender = message.from().is_some() || message.header_raw("Received").is_some();
        if !has_sender && message.subject().is_none() {
            return Err(Refusal::UnreadableMail);
        }
        let from = message.from().and_then(Address::first);
        Ok(Self {
            message_id: message.message_id().map(one_line),
            subject: untagged(&message, &subject(message.subject().unwrap_or_default())),
            from_name: from.and_then(|from| from.name()).map(one_line),
            from_address: from
                .and_then(|from| from.address())
                .map(|address| one_line(address).to_lowercase()),
            recipients: recipients(&message),
            automatic: origin::automatic(&message),
            body: body::pieces(&message),
            is_encrypted: message
                .header_raw("Content-Type")
                .is_some_and(|kind| kind.contains("encrypted")),
        })
    }

    /// The article that it brings: its own text, or the one that it forwards.
    ///
    /// # Errors
    /// When it has too few words or too many lines, or is encrypted.
    pub fn article(&self) -> Result<Article, Refusal> {
        if self.is_encrypted {
            return Err(Refusal::UnreadableMail);
        }
        let source = |address: &Option<String>| address.clone().map(Source::Mail);
        let body = self.body.as_ref().map_err(Clone::clone)?;
        let own = trim::own(body);
        if words(&own) < WORDS_MIN
            && let Some(forward) = forward::forwarded(body)
            && words(&forward.blocks) >= WORDS_MIN
        {
            let title = forward.subject.unwrap_or_else(|| self.subject.clone());
            let author = forward.from_name.or_else(|| self.from_name.clone());
            return Article::new(
                &title,
                author.as_deref(),
                source(&forward.from_address),
                forward.blocks,
            );
        }
        let author = self.from_name.as_deref();
        Article::new(&self.subject, author, source(&self.from_address), own)
    }
}

/// The subject without the words that mail programs put in front.
pub(crate) fn subject(text: &str) -> String {
    let line = one_line(text);
    let mut rest = line.as_str();
    while let Some((word, behind)) = rest.split_once(':') {
        if !PREFIXES.contains(&word.trim().to_lowercase().as_str()) {
            break;
        }
        rest = behind.trim_start();
    }
    rest.to_owned()
}

/// The subject without the name that a mailing list puts in front, in brackets.
fn untagged(message: &Message<'_>, subject: &str) -> String {
    let tag = message
        .header_raw("List-Id")
        .and_then(|_| subject.strip_prefix('[')?.split_once(']'));
    let behind = tag
        .map(|(_, behind)| behind.trim())
        .filter(|behind| !behind.is_empty());
    self::subject(behind.unwrap_or(subject))
}

fn recipients(message: &Message<'_>) -> Vec<String> {
    let named = [message.to(), message.cc()]
        .into_iter()
        .flatten()
        .flat_map(Address::iter);
    let named = named
        .filter_map(|address| address.address())
        .map(str::to_owned);
    let delivered = ["Delivered-To", "X-Original-To", "Envelope-To"]
        .iter()
        .filter_map(|name| message.header_raw(*name));
    let delivered = delivered.map(|text| text.trim().trim_matches(['<', '>']).to_owned());
    let mut all: Vec<String> = Vec::new();
    for address in named.chain(delivered) {
        let address = one_line(&address).to_lowercase();
        if address.contains('@') && !all.contains(&address) && all.len() < RECIPIENTS_MAX {
            all.push(address);
        }
    }
    all
}

/// Recipients that are looked at.
const RECIPIENTS_MAX: usize = 100;
