//! What a request's headers decide: which bodies are read, and whether the client has the answer already.

use queue_core::{
    api::{
        content::{self, MediaType, of_episode},
        problem::ApiError,
        validator,
    },
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

#[test]
fn a_client_has_an_artifact_if_it_names_its_tag() {
    let tag = |epoch, bytes| {
        validator::etag(&ArtifactRecord {
            name: "player.html".to_owned(),
            content_type: "text/html".to_owned(),
            offset: 0,
            bytes,
            epoch,
        })
    };
    let ours = tag(3, 1_024);
    assert_eq!(ours, "\"3-1024\"");
    assert_ne!(ours, tag(4, 1_024));
    assert_ne!(ours, tag(3, 1_025));
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
        assert_eq!(validator::is_held(header, &ours), is_held, "{header:?}");
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
