//! Mails as a source: whose they are, which ones are the same, and what their sender is told.

use queue_core::{
    api::{
        mail::{Mail, is_from_program, rejection},
        problem::{ApiError, FieldError},
        query::{Addressee, parse_mail},
        quota::QuotaProblem,
    },
    config::access::Access,
    domain::{
        JobId, Kinds, SeriesId, Tier, Timestamp, UserId,
        source::{Episode, SOURCE_MAX_BYTES, Source},
    },
    gate::command::{Exceeded, NewJob, Quota},
};

const RAW: &[u8] = b"From: a@example.com\n\nThe text.";

fn user(name: &str) -> UserId {
    UserId::try_from(name.to_owned()).unwrap()
}

fn submitted(raw: &[u8], message_id: Option<&str>) -> NewJob {
    submitted_as(raw, message_id, ("a@example.com", "S"))
}

fn submitted_as(raw: &[u8], message_id: Option<&str>, (from, subject): (&str, &str)) -> NewJob {
    let mail = Mail {
        raw,
        message_id,
        from: Some(from),
        subject,
        chars: 9,
    };
    let job_id = JobId::new(Timestamp::from_millis(0), &[0; 10]);
    let whose = (&user("mara"), SeriesId::of_mails());
    let submission = mail.submission(whose, job_id, &Kinds::default()).unwrap();
    assert_eq!(submission.user_id, user("mara"));
    submission.job
}

#[test]
fn a_mail_is_an_episode_with_a_small_payload() {
    let job = submitted(RAW, Some("1@example.com"));
    assert_eq!((job.kind.as_str(), job.chars), ("episode", 9));
    assert_eq!(job.series_id.as_str(), "mail");
    let Episode { source } = serde_json::from_str(&job.payload).unwrap();
    assert_eq!(source, Source::Email { bytes: RAW.len() });
}

#[test]
fn a_mail_that_comes_again_is_the_same_by_its_message_id_or_else_by_what_follows_its_header() {
    let again = [b"Received: by b.example\n for c@example.com\n", RAW].concat();
    let key = |raw, id| submitted(raw, id).idempotency.unwrap();
    let known = key(RAW, Some("1@example.com"));
    assert_eq!(known, key(b"another way", Some("1@example.com")));
    assert_ne!(known.key, key(RAW, Some("2@example.com")).key);
    for none in [None, Some("")] {
        assert_eq!(key(RAW, none), key(RAW, None));
        assert_ne!(key(RAW, none).key, key(b"From: a\n\nAnother.", none).key);
        assert_eq!(key(RAW, none), key(&again, none));
    }
    let same =
        |id, whose| submitted_as(RAW, id, whose).idempotency == submitted(RAW, id).idempotency;
    for id in [None, Some("1@example.com")] {
        assert!(same(id, ("a@example.com", "S")));
        for other in [
            ("b@example.com", "S"),
            ("a@example.com", "T"),
            ("", "a@example.comS"),
        ] {
            assert!(!same(id, other), "{id:?} {other:?}");
        }
    }
    let long = "x".repeat(100_000);
    for id in ["<\"\\\n>", "é", &long] {
        let key = key(RAW, Some(id)).key;
        assert!(key.len() <= 255 && key.bytes().all(|byte| byte.is_ascii_graphic()));
    }
}

#[test]
fn where_no_episodes_are_made_a_mail_is_refused() {
    let mail = Mail {
        raw: RAW,
        message_id: None,
        from: None,
        subject: "",
        chars: 9,
    };
    let job_id = JobId::new(Timestamp::from_millis(0), &[0; 10]);
    let whose = (&user("mara"), SeriesId::of_mails());
    let refused = mail.submission(whose, job_id, &Kinds::new([].into()));
    assert!(matches!(refused, Err(ApiError::Invalid(_))), "{refused:?}");
}

#[test]
fn a_mail_by_http_says_whose_it_is_once() {
    let read = |pairs: &[(&str, &str)]| {
        let read = parse_mail(pairs.iter().map(|(name, value)| (*name, *value)));
        read.map_err(|errors| {
            errors
                .into_iter()
                .filter_map(|error| error.parameter)
                .collect::<Vec<_>>()
        })
    };
    let series = |name: &str| SeriesId::try_from(name.to_owned()).unwrap();
    let mara = Addressee::User(user("mara"));
    assert_eq!(
        read(&[("userId", "mara")]),
        Ok((mara.clone(), series("mail")))
    );
    let named = read(&[("userId", "mara"), ("seriesId", "s")]);
    assert_eq!(named, Ok((mara, series("s"))));
    let to = "x@mail.example";
    assert_eq!(
        read(&[("to", to)]),
        Ok((Addressee::Address(to.to_owned()), series("mail")))
    );
    for (pairs, parameter) in [
        (&[][..], "userId"),
        (&[("userId", "mara"), ("to", to)], "to"),
        (&[("userId", "~nobody")], "userId"),
        (&[("userId", "a b")], "userId"),
        (&[("to", to), ("seriesId", "")], "seriesId"),
        (&[("to", to), ("to", to)], "to"),
        (&[("to", to), ("from", to)], "from"),
    ] {
        assert_eq!(read(pairs), Err(vec![parameter.to_owned()]), "{pairs:?}");
    }
}

#[test]
fn a_bounce_and_a_mail_of_ours_come_from_a_program() {
    let own = Some("mail.example");
    for from in ["", "<>", " <> ", "x@mail.example", "<x@MAIL.example>"] {
        assert!(is_from_program(from, own), "{from:?}");
    }
    for from in ["x@example", "x@other.mail.example", "mail.example", "x"] {
        assert!(!is_from_program(from, own), "{from:?}");
    }
    assert!(!is_from_program("x@mail.example", None));
}

#[test]
fn a_sender_is_told_what_is_for_good_and_tries_again_what_may_pass() {
    let exceeded = |quota| {
        let exceeded = Exceeded {
            quota,
            tier: Tier::Tier1,
            limit: 1,
            used: 1,
            resets_at: None,
        };
        let at = Timestamp::from_millis(0);
        ApiError::QuotaExceeded(QuotaProblem { exceeded, at })
    };
    let fault = FieldError::at("/kind", "Secret workings.");
    for (error, says) in [
        (ApiError::NoSuchMailbox, "no such address"),
        (ApiError::UserBeingDeleted, "no such address"),
        (ApiError::EmailNotConfigured, "No mail"),
        (ApiError::NoText("Only 12 words.".to_owned()), "12 words"),
        (ApiError::BodyTooLarge(SOURCE_MAX_BYTES), "5 MiB"),
        (exceeded(Quota::JobsPerMonth), "quota"),
        (exceeded(Quota::MaxChars), "quota"),
        (ApiError::TierNotEntitled(Tier::Tier1), "quota"),
        (ApiError::KeyReused("018b".to_owned()), "Message-ID"),
        (ApiError::Invalid(vec![fault]), "No episodes"),
    ] {
        let text = rejection(&error).unwrap_or_default();
        assert!(text.contains(says), "{text:?} of {error:?}");
        // One line of SMTP, of at most 512 bytes.
        assert!(text.len() < 400 && text.is_ascii() && !text.contains(['\r', '\n']));
    }
    for passing in [
        ApiError::Unavailable,
        ApiError::RateLimited,
        ApiError::BacklogFull,
        ApiError::BodiesFull,
        ApiError::BodyTooSlow,
        ApiError::Misconfigured,
    ] {
        assert_eq!(rejection(&passing), None, "{passing:?}");
    }
}

#[test]
fn the_domain_of_mails_is_checked_like_every_setting() {
    let read = |domain: &str| {
        Access::from_vars(&|name| (name == "EMAIL_DOMAIN").then(|| domain.to_owned()))
    };
    let domain = read("mail.example.com").unwrap().email_domain;
    assert_eq!(domain.as_deref(), Some("mail.example.com"));
    assert_eq!(Access::from_vars(&|_| None).unwrap().email_domain, None);
    for wrong in ["", "localhost", "Mail.Example.com", "x@example.com"] {
        let error = read(wrong).unwrap_err().to_string();
        assert!(error.contains("EMAIL_DOMAIN: is "), "{error}");
    }
}
