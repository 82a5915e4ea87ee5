//! The body of an episode: refused with a bounded list of reasons, or a small payload with the text apart from it.

use crate::request_body::refused;
use queue_core::{
    api::{
        episode::{Body, Rules, parse},
        mail::Mail,
        problem::FieldError,
        source::Part,
        submit::Submission,
    },
    domain::{
        JobId, Kinds, SeriesId, Timestamp, UserId,
        source::{Episode, Source},
    },
};

/// Longest payload, in bytes: of an address of 2,048 characters that JSON escapes, and a title.
const PAYLOAD_MAX: usize = 16 * 1024;

/// Reads the input as JSON, as the file of a form, and as a mail of which all is its `Message-ID`, its sender and its subject, too.
pub fn check(input: &[u8]) {
    let id = String::from_utf8_lossy(input);
    for message_id in [None, Some(&*id)] {
        let mail = Mail {
            raw: input,
            message_id,
            from: message_id,
            subject: &id,
            chars: input.len(),
        };
        let user_id = UserId::try_from("u".to_owned()).expect("a letter is an id");
        let whose = (&user_id, SeriesId::of_mails());
        let submission = mail.submission(whose, job_id(), &Kinds::default());
        let submission = submission.expect("any mail can be submitted");
        accepted(&submission, Some(input));
        let key = submission.job.idempotency.expect("a mail has a key").key;
        assert!(key.len() <= 255 && key.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    match read(Body::Json(input.to_vec())) {
        Ok((submission, text)) => accepted(&submission, text.as_deref()),
        Err(errors) => refused(errors),
    }
    match read(Body::Form(form(input))) {
        Ok((submission, text)) => {
            accepted(&submission, text.as_deref());
            assert_eq!(text.as_deref(), Some(input), "a file is taken as it is");
        }
        Err(errors) => refused(errors),
    }
}

fn job_id() -> JobId {
    JobId::new(Timestamp::from_millis(0), &[0; 10])
}

fn read(body: Body) -> Result<(Submission, Option<Vec<u8>>), Vec<FieldError>> {
    let rules = Rules {
        key: Some("key".to_owned()),
        job_id: job_id(),
        kinds: &Kinds::default(),
        fetchable: &|url| article::address::fetchable(url).map_err(|why| why.to_string()),
    };
    parse(body, rules)
}

fn form(input: &[u8]) -> Vec<(String, Part)> {
    let text = |text: &str| Part::Text(text.to_owned());
    let file = Part::File {
        name: String::from_utf8_lossy(input).chars().take(300).collect(),
        content_type: "text/plain".to_owned(),
        bytes: input.to_vec(),
    };
    let named = [
        ("userId", text("u")),
        ("seriesId", text("s")),
        ("file", file),
    ];
    named.map(|(name, part)| (name.to_owned(), part)).into()
}

fn accepted(submission: &Submission, text: Option<&[u8]>) {
    let payload = &submission.job.payload;
    assert!(payload.len() <= PAYLOAD_MAX, "{}", payload.len());
    let Episode { source } = serde_json::from_str(payload).expect("the generator reads it");
    let bytes = match &source {
        Source::Url { url } => {
            let again = article::address::fetchable(url);
            assert_eq!(again.as_ref(), Ok(url), "what is accepted is fetched");
            None
        }
        Source::Paste { bytes, .. }
        | Source::Extension { bytes, .. }
        | Source::File { bytes, .. }
        | Source::Email { bytes } => Some(*bytes),
    };
    assert_eq!(bytes, text.map(<[u8]>::len));
}
