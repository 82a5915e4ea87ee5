//! What a request's headers decide: which bodies are read, and whether the client has the answer already.

use queue_core::{
    api::{
        content::{self, MediaType, of_episode},
        problem::ApiError,
        validator::{self, Version},
    },
    domain::Timestamp,
    gate::job::ArtifactRecord,
};

#[test]
fn only_json_is_read() {
    for good in [
        "application/json",
        "Application/JSON; charset=utf-8",
        " application/json ",
    ] {
        assert_eq!(content::require_json(Some(good)), Ok(()), "{good}");
    }
    let refused = |header, shown: &str| {
        let error = ApiError::UnsupportedMediaType(shown.to_owned(), "application/json");
        assert_eq!(content::require_json(header), Err(error));
    };
    refused(None, "");
    refused(Some("text/plain; charset=utf-8"), "text/plain");
    refused(Some("application/jsonp"), "application/jsonp");
    refused(Some(&"x".repeat(5_000)), &"x".repeat(100));
}

#[test]
fn a_body_with_a_content_coding_is_refused() {
    for plain in [None, Some(""), Some("identity"), Some("Identity, identity")] {
        assert_eq!(content::require_plain(plain), Ok(()), "{plain:?}");
    }
    for coded in ["gzip", "x-gzip", "br", "deflate", "zstd", "identity, GZIP"] {
        let error = ApiError::UnsupportedCoding(coded.to_owned());
        assert_eq!(content::require_plain(Some(coded)), Err(error.clone()));
        assert_eq!(error.header(), Some(("accept-encoding", "identity")));
        assert_eq!(error.problem().status, 415);
    }
}

/// A version with the tag `"3-1024"`, of 22:13:20.007 on that day.
fn version() -> Version {
    let tag = |epoch, bytes| {
        validator::etag(&ArtifactRecord {
            name: "player.html".to_owned(),
            content_type: "text/html".to_owned(),
            offset: 0,
            bytes,
            epoch,
        })
    };
    let etag = tag(3, 1_024);
    assert_ne!(etag, tag(4, 1_024));
    assert_ne!(etag, tag(3, 1_025));
    let made_at = Some(Timestamp::from_millis(1_700_000_000_007));
    Version { etag, made_at }
}

const BEFORE: &str = "Tue, 14 Nov 2023 22:13:19 GMT";
const THEN: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const AFTER: &str = "Tue, 14 Nov 2023 22:13:21 GMT";

#[test]
fn a_client_has_an_artifact_if_it_names_its_tag() {
    assert_eq!(version().etag, "\"3-1024\"");
    for (header, is_held) in [
        (None, false),
        (Some(""), false),
        (Some("*"), true),
        (Some("\"3-1024\""), true),
        (Some("W/\"3-1024\""), true),
        (Some("\"x\", W/\"y\" ,\"3-1024\""), true),
        (Some("\"4-1024\""), false),
        (Some("3-1024"), false),
        (Some("w/\"3-1024\""), false),
        (Some("W/W/\"3-1024\""), false),
        (Some("\"3-1024"), false),
    ] {
        assert_eq!(version().is_held(header, None), is_held, "{header:?}");
        // A tag says more than a date.
        let held = version().is_held(header, Some(AFTER));
        assert_eq!(held, is_held || header.is_none(), "{header:?}");
    }
}

#[test]
fn a_client_has_an_artifact_if_it_was_made_no_later_than_the_clients_date() {
    assert_eq!(version().last_modified().as_deref(), Some(THEN));
    for (date, is_held) in [
        (BEFORE, false),
        (THEN, true),
        (AFTER, true),
        ("Tue, 14 Nov 2023 22:13:20", false),
        ("2023-11-14T22:13:20Z", false),
        ("", false),
    ] {
        assert_eq!(version().is_held(None, Some(date)), is_held, "{date}");
    }
    let undated = Version {
        made_at: None,
        ..version()
    };
    assert!(!undated.is_held(None, Some(AFTER)));
    assert_eq!(undated.last_modified(), None);
}

#[test]
fn a_part_fits_only_what_is_the_same_to_the_byte() {
    for (header, is_same) in [
        (None, true),
        (Some("\"3-1024\""), true),
        (Some(" \"3-1024\" "), true),
        (Some(THEN), true),
        (Some("W/\"3-1024\""), false),
        (Some("\"4-1024\""), false),
        (Some("\"3-1024\", \"4-1024\""), false),
        (Some("*"), false),
        (Some(BEFORE), false),
        (Some(AFTER), false),
        (Some(""), false),
    ] {
        assert_eq!(version().is_same(header), is_same, "{header:?}");
    }
}

#[test]
fn the_body_of_an_episode_is_json_a_form_or_a_mail() {
    for (header, expected) in [
        ("application/json", MediaType::Json),
        ("Application/JSON; charset=utf-8", MediaType::Json),
        ("multipart/form-data; boundary=x", MediaType::Form),
        ("message/rfc822", MediaType::Mail),
    ] {
        assert_eq!(of_episode(header), Ok(expected));
    }
    for header in ["", "text/html", "application/x-www-form-urlencoded"] {
        let error = of_episode(header).unwrap_err();
        assert_eq!(error.problem().status, 415);
        let (_, accepted) = error.header().unwrap();
        assert_eq!(
            accepted,
            "application/json, multipart/form-data, message/rfc822"
        );
    }
}
