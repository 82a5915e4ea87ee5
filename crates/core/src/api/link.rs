//! Links to an artifact that need no credential until a time: for players, back ends and friends.
//!
//! Such a link is signed: HMAC-SHA256 over whose artifact it is, of which job, its name, and until when, under
//! `LINK_SECRET`. What the text begins with keeps it apart from everything else that a key may sign. The method is not in
//! it, since only `GET` and `HEAD` are ever asked whether they come by a link.

use super::{
    fault::FieldError,
    form::{Form, present},
    mac::{has_mac_of, mac_of},
};
use crate::{
    config::secret::Secret,
    domain::{JobId, Timestamp, UserId, integer::whole},
};
use base64ct::{Base64UrlUnpadded, Encoding};
use thiserror::Error;

/// Longest body that asks for a link, in bytes.
pub const BODY_MAX_BYTES: usize = 1_024;

/// For how many seconds a link holds, if nothing else is asked for.
const SECONDS_DEFAULT: i64 = 3_600;

const SECONDS_MIN: i64 = 60;

/// Seven days.
const SECONDS_MAX: i64 = 604_800;

/// What a signed text begins with.
const PURPOSE: &str = "story-queue link to an artifact, 1";

const SET_SECRET: &str = "Set the secret LINK_SECRET to 32 characters or more that nobody can guess, such as openssl rand -hex 32 makes.";

/// What a link leads to.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Whose it is.
    pub user_id: &'a UserId,
    /// The job that made it.
    pub job_id: &'a JobId,
    /// Its name within the job.
    pub name: &'a str,
}

impl<'a> Target<'a> {
    /// That artifact.
    #[must_use]
    pub const fn new(user_id: &'a UserId, job_id: &'a JobId, name: &'a str) -> Self {
        Self {
            user_id,
            job_id,
            name,
        }
    }
}

/// Why a link leads nowhere, or cannot be made.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum LinkFault {
    /// Not one that was made here for this artifact.
    #[error("the link was changed, belongs to another artifact, or was signed with another secret")]
    Invalid,
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
    /// There is nothing to sign it with.
    #[error("no secret for links is set")]
    NoSecret,
}

impl LinkFault {
    /// The status of its problem, the type and the title.
    pub(super) const fn class(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Invalid => (403, "invalid-link", "Invalid link"),
            Self::Expired => (403, "link-expired", "The link has expired"),
            Self::NoSecret => (404, "links-not-configured", "Links are not configured"),
        }
    }

    /// What happened, and how to fix it.
    pub(super) fn detail(self) -> String {
        match self {
            Self::Invalid | Self::Expired => {
                format!("This cannot be opened: {self}. Ask for another link.")
            }
            Self::NoSecret => SET_SECRET.to_owned(),
        }
    }
}

/// What the query of a link says. Texts: nothing in it can be trusted before it is checked.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Claim {
    expires: String,
    signature: String,
}

impl Claim {
    /// The claim in a query; `None` if there is no trace of one, and what is asked for takes a credential.
    #[must_use]
    pub fn of(pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String>)>) -> Option<Self> {
        let mut found = None;
        for (name, value) in pairs {
            match name.as_ref() {
                "expires" => found.get_or_insert_with(Self::default).expires = value.into(),
                "signature" => found.get_or_insert_with(Self::default).signature = value.into(),
                _ => {}
            }
        }
        found
    }

    /// Checks that it was made here for that artifact, under one of the secrets, and that its time is not over. All secrets
    /// are tried, whichever matches.
    ///
    /// # Errors
    /// Why not. That its time is over is told only of one that was good.
    pub fn check(
        &self,
        now: Timestamp,
        secrets: &[Secret],
        target: &Target<'_>,
    ) -> Result<(), LinkFault> {
        let expires = seconds(&self.expires).ok_or(LinkFault::Invalid)?;
        let signature = Base64UrlUnpadded::decode_vec(&self.signature);
        let signature = [signature.map_err(|_| LinkFault::Invalid)?];
        let text = canonical(target, &self.expires);
        let is_ours = secrets.iter().fold(false, |found, secret| {
            has_mac_of(secret.as_bytes(), &[text.as_bytes()], &signature) | found
        });
        if !is_ours {
            Err(LinkFault::Invalid)
        } else if now < Timestamp::from_millis(expires.saturating_mul(1_000)) {
            Ok(())
        } else {
            Err(LinkFault::Expired)
        }
    }
}

/// A time in seconds: only digits, and few enough for any number type.
fn seconds(text: &str) -> Option<i64> {
    let is_number =
        (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// What is signed. No line but the last can have a line break in it, so that no two links have one text.
fn canonical(target: &Target<'_>, expires: &str) -> String {
    let Target {
        user_id,
        job_id,
        name,
    } = target;
    format!("{PURPOSE}\n{user_id}\n{job_id}\n{expires}\n{name}")
}

/// Reads `{expiresInSeconds?}`; a body is optional.
///
/// # Errors
/// Every fault, each with its place.
pub fn parse(body: &[u8]) -> Result<i64, Vec<FieldError>> {
    if body.is_empty() {
        return Ok(SECONDS_DEFAULT);
    }
    let mut form = Form::default();
    let Some(fields) = form.body(body) else {
        return Err(form.errors);
    };
    form.known("", &fields, &["expiresInSeconds"]);
    let wanted = present(fields.get("expiresInSeconds"));
    if let Some(value) = wanted {
        form.whole("/expiresInSeconds", value, SECONDS_MIN..=SECONDS_MAX);
    }
    if form.errors.is_empty() {
        Ok(wanted.and_then(whole).unwrap_or(SECONDS_DEFAULT))
    } else {
        Err(form.errors)
    }
}

/// What makes a link of the address of an artifact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Signed {
    /// Its query.
    pub query: String,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

/// Signs a link that holds from now for so many seconds, with that secret.
#[must_use]
pub fn sign(now: Timestamp, secret: &Secret, target: &Target<'_>, seconds: i64) -> Signed {
    let expires = now.as_millis() / 1_000 + seconds;
    let text = canonical(target, &expires.to_string());
    let signature = mac_of(secret.as_bytes(), &[text.as_bytes()]);
    let signature = Base64UrlUnpadded::encode_string(&signature);
    Signed {
        query: format!("expires={expires}&signature={signature}"),
        expires_at: Timestamp::from_millis(expires.saturating_mul(1_000)),
    }
}
