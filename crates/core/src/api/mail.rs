//! A mail as a source: what it is submitted as, and what its sender is told if it is refused.

use super::{
    draft::{Submission, digest},
    episode::job,
    form::Form,
    problem::ApiError,
};
use crate::{
    domain::{
        JobId, Kind, Kinds, SeriesId, UserId,
        source::{SOURCE_MAX_BYTES, Source},
    },
    gate::command::{IdempotencyKey, NewJob},
};
use serde_json::Value;

/// A mail that was read, and has a text.
#[derive(Clone, Copy, Debug)]
pub struct Mail<'a> {
    /// All of it.
    pub raw: &'a [u8],
    /// Its `Message-ID`.
    pub message_id: Option<&'a str>,
    /// The address of its sender.
    pub from: Option<&'a str>,
    /// Its subject.
    pub subject: &'a str,
    /// The characters of its text.
    pub chars: usize,
}

impl Mail<'_> {
    /// What is submitted. The mail is known by its `Message-ID`, or without one by what follows its header, whichever servers
    /// bring it again; and by its sender and subject, since some programs give many mails the same `Message-ID`.
    ///
    /// # Errors
    /// This deployment makes no episodes of users.
    pub fn submission(
        &self,
        (user_id, series_id): (&UserId, SeriesId),
        job_id: JobId,
        kinds: &Kinds,
    ) -> Result<Submission, ApiError> {
        let mut form = Form::default();
        let kind = form.kind(Kind::episode().as_str(), kinds);
        let named = Value::String(user_id.to_string());
        let owner = form.owner(kind.as_ref().map(|(_, rules)| *rules), Some(&named));
        let (Some((kind, rules)), Some(user_id), true) = (kind, owner, form.errors.is_empty())
        else {
            return Err(ApiError::Invalid(form.errors));
        };
        let source = Source::Email {
            bytes: self.raw.len(),
        };
        let (how, what) = match self.message_id.filter(|id| !id.is_empty()) {
            Some(id) => ("id", id.as_bytes()),
            None => ("mail", behind_header(self.raw)),
        };
        let from = self.from.unwrap_or_default();
        let start = [how, from, self.subject].map(|part| format!("{}:{part}", part.len()));
        let fingerprint = digest(&[start.concat().as_bytes(), what]);
        let key = format!("mail-{fingerprint}");
        let job = NewJob {
            chars: u32::try_from(self.chars).unwrap_or(u32::MAX),
            idempotency: Some(IdempotencyKey { key, fingerprint }),
            ..job((job_id, kind, rules), series_id, &source, Some(self.raw))
        };
        Ok(Submission { user_id, job })
    }
}

/// What follows the header, to which each server adds a line.
fn behind_header(raw: &[u8]) -> &[u8] {
    let lines = raw.split_inclusive(|byte| *byte == b'\n');
    let header = lines.take_while(|line| !line.trim_ascii().is_empty());
    &raw[header.map(<[u8]>::len).sum()..]
}

/// Whether a mail, by who hands it over, comes from a program: a bounce has no sender, and who sends from our own domain is
/// a mail of ours that comes back. Neither is answered, so that no two programs write to each other.
#[must_use]
pub fn is_from_program(from: &str, domain: Option<&str>) -> bool {
    let from = from.trim_matches(['<', '>', ' ']);
    let of = from.rsplit_once('@').map(|(_, of)| of);
    from.is_empty()
        || domain
            .zip(of)
            .is_some_and(|(own, of)| own.eq_ignore_ascii_case(of))
}

/// What the sender is told, for good, in words that a person understands, without anything of the mail or of its user.
/// `None`: it may pass, so the sender's server shall try again.
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "most may pass")]
pub fn rejection(error: &ApiError) -> Option<String> {
    let text = match error {
        ApiError::NoSuchMailbox | ApiError::UserBeingDeleted => "There is no such address here.",
        ApiError::EmailNotConfigured => "No mail is taken here.",
        ApiError::NoText(why) => return Some(why.clone()),
        ApiError::BodyTooLarge(_) => return Some(too_large()),
        ApiError::QuotaExceeded(_) | ApiError::TierNotEntitled(_) => {
            "The quota of this address leaves no room for this mail: it is used up, or the text is too long for it."
        }
        ApiError::KeyReused(_) => "A mail with this Message-ID has come before.",
        ApiError::Invalid(_) => "No episodes are made of mails here.",
        _ => return None,
    };
    Some(text.to_owned())
}

fn too_large() -> String {
    let most = SOURCE_MAX_BYTES / 1024 / 1024;
    format!("This mail has more than {most} MiB. Send it without attachments, or only its text.")
}
