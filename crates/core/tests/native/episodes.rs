//! The bodies of `POST /create-episode`: what is accepted, and every field that is wrong.

use queue_core::{
    api::{
        episode::{BODY_MAX_BYTES, Body, Rules, parse},
        problem::FieldError,
        source::Part,
        submit::Submission,
    },
    domain::{
        JobId, Kinds, Stage, Tier, Timestamp,
        source::{Episode, SOURCE_MAX_BYTES, Source},
    },
};
use serde_json::{Value, json};

type Read = Result<(Submission, Option<Vec<u8>>), Vec<FieldError>>;

fn read(body: Body, key: Option<&str>) -> Read {
    let fetchable = |url: &str| match url {
        "https://private.example/" => Err("This address is not on the public web.".to_owned()),
        _ => Ok(url.to_lowercase()),
    };
    let rules = Rules {
        key: key.map(str::to_owned),
        job_id: JobId::new(Timestamp::from_millis(0), &[0; 10]),
        kinds: &Kinds::default(),
        fetchable: &fetchable,
    };
    parse(body, rules)
}

fn sent(body: &Value) -> Read {
    read(Body::Json(body.to_string().into_bytes()), Some("k"))
}

fn with(source: &Value) -> Value {
    json!({"userId": "u", "seriesId": "s", "source": source})
}

fn source_of(read: Read) -> (Source, Option<Vec<u8>>) {
    let (submission, text) = read.unwrap();
    let Episode { source } = serde_json::from_str(&submission.job.payload).unwrap();
    (source, text)
}

fn pointers(read: Read) -> Vec<String> {
    let errors = read.unwrap_err().into_iter();
    errors
        .map(|error| {
            error
                .pointer
                .unwrap_or_else(|| error.header.unwrap().to_owned())
        })
        .collect()
}

fn text(of: &str) -> Part {
    Part::Text(of.to_owned())
}

fn file(bytes: &[u8]) -> Part {
    Part::File {
        name: "a.md".to_owned(),
        content_type: "text/markdown".to_owned(),
        bytes: bytes.to_vec(),
    }
}

fn form(parts: Vec<(&str, Part)>) -> Body {
    let named = parts
        .into_iter()
        .map(|(name, part)| (name.to_owned(), part));
    Body::Form(named.collect())
}

#[test]
fn each_source_has_a_small_payload_and_its_text_apart() {
    let url = |url: &str| Source::Url {
        url: url.to_owned(),
    };
    let (source, text) = source_of(sent(&with(
        &json!({"type":"url","url":"HTTPS://A.example"}),
    )));
    assert_eq!((source, text), (url("https://a.example"), None));

    let paste = json!({"type":"paste","title":"T","text":"é x"});
    let expected = Source::Paste {
        title: Some("T".to_owned()),
        bytes: 4,
    };
    let read = sent(&with(&paste)).unwrap();
    assert_eq!(read.0.job.chars, 3);
    let (source, text) = source_of(Ok(read));
    assert_eq!((source, text), (expected, Some("é x".into())));

    let page = json!({"type":"extension","url":"http://intra/","title":null,"html":"<p>x"});
    let expected = Source::Extension {
        url: "http://intra/".to_owned(),
        title: None,
        bytes: 4,
    };
    assert_eq!(source_of(sent(&with(&page))).0, expected);

    let upload = json!({"type":"file","name":"a.md","contentType":"text/markdown","text":"# x"});
    let expected = Source::File {
        name: "a.md".to_owned(),
        content_type: Some("text/markdown".to_owned()),
        bytes: 3,
    };
    assert_eq!(
        source_of(sent(&with(&upload))),
        (expected, Some("# x".into()))
    );
}

#[test]
fn a_form_says_the_same_as_json() {
    let body = json!({"userId":"u","seriesId":"s","userTier":"tier2",
        "source":{"type":"file","name":"a.md","contentType":"text/markdown","text":"# x"}});
    let named = vec![
        ("userId", text("u")),
        ("file", file(b"# x")),
        ("userTier", text("tier2")),
        ("seriesId", text("s")),
    ];
    let by_form = read(form(named), Some("k")).unwrap();
    assert_eq!(by_form, sent(&body).unwrap());
    let job = by_form.0.job;
    assert_eq!(job.stated_tier, Some(Tier::Tier2));
    assert_eq!(
        (job.kind.as_str(), job.stages),
        ("episode", vec![Stage::Process, Stage::Audio])
    );
}

#[test]
fn every_fault_of_a_json_body_is_named_at_once() {
    let cases = [
        (json!({}), vec!["/source", "/userId", "/seriesId"]),
        (json!([]), vec![""]),
        (
            json!({"userId":"a b","seriesId":5,"userTier":"gold","x":1,"source":7}),
            vec!["/x", "/source", "/userId", "/seriesId", "/userTier"],
        ),
        (with(&json!({})), vec!["/source/type"]),
        (with(&json!({"type":"email"})), vec!["/source/type"]),
        (with(&json!({"type":"url"})), vec!["/source/url"]),
        (
            with(&json!({"type":"url","url":"https://private.example/","text":"x"})),
            vec!["/source/text", "/source/url"],
        ),
        (
            with(&json!({"type":"url","url":"x".repeat(2_049)})),
            vec!["/source/url"],
        ),
        (
            with(&json!({"type":"paste","text":" \n"})),
            vec!["/source/text"],
        ),
        (
            with(&json!({"type":"paste","title":"x".repeat(301)})),
            vec!["/source/title", "/source/text"],
        ),
        (
            with(&json!({"type":"paste","text":["x"]})),
            vec!["/source/text"],
        ),
        (
            with(&json!({"type":"extension","url":"file:///etc","html":""})),
            vec!["/source/url", "/source/html"],
        ),
        (
            with(&json!({"type":"file","name":"","contentType":5})),
            vec!["/source/name", "/source/contentType", "/source/text"],
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(pointers(sent(&body)), expected, "{body}");
    }
    let body = with(&json!({"type":"paste","text":"x"})).to_string();
    let spaced = read(Body::Json(body.into_bytes()), Some("two words"));
    assert_eq!(pointers(spaced), ["Idempotency-Key"]);
}

#[test]
fn every_fault_of_a_form_is_named_at_once() {
    let and = |parts: Vec<(&'static str, Part)>| {
        let named = [("userId", text("u")), ("seriesId", text("s"))];
        pointers(read(form(named.into_iter().chain(parts).collect()), None))
    };
    assert_eq!(
        pointers(read(form(Vec::new()), None)),
        ["/file", "/userId", "/seriesId"]
    );
    assert_eq!(and(vec![]), ["/file"]);
    assert_eq!(and(vec![("file", text("x"))]), ["/file"]);
    assert_eq!(and(vec![("file", file(b""))]), ["/file"]);
    assert_eq!(
        and(vec![("file", file(b"x")), ("file", file(b"x"))]),
        ["/file"]
    );
    assert_eq!(
        and(vec![("file", file(b"x")), ("userId", text("u"))]),
        ["/userId"]
    );
    assert_eq!(
        and(vec![("file", file(b"x")), ("userTier", file(b"x"))]),
        ["/userTier"]
    );
    assert_eq!(
        and(vec![("file", file(b"x")), ("a/b", text("x"))]),
        ["/a~1b"]
    );
    let long = Part::File {
        name: "n".repeat(256),
        content_type: "t".repeat(128),
        bytes: vec![b'x'; SOURCE_MAX_BYTES + 1],
    };
    assert_eq!(and(vec![("file", long)]), ["/file", "/file", "/file"]);
}

#[test]
fn a_text_may_have_five_mebibytes_and_the_body_room_for_it() {
    let paste = |bytes: usize| with(&json!({"type":"paste","text":"x".repeat(bytes)}));
    let most = paste(SOURCE_MAX_BYTES);
    assert!(most.to_string().len() < BODY_MAX_BYTES);
    assert!(sent(&most).is_ok());
    assert_eq!(
        pointers(sent(&paste(SOURCE_MAX_BYTES + 1))),
        ["/source/text"]
    );
    let wide = with(&json!({"type":"paste","text":"é".repeat(SOURCE_MAX_BYTES / 2 + 1)}));
    assert_eq!(pointers(sent(&wide)), ["/source/text"]);
}

#[test]
fn a_body_of_millions_of_values_is_refused_before_it_is_parsed() {
    for filler in ["[1", "{\"a\":1"] {
        let body = format!("{{\"x\":[{}]}}", [filler; 600].join(",")).into_bytes();
        let errors = read(Body::Json(body), None).unwrap_err();
        assert!(
            errors[0].detail.contains("more than 1000 values"),
            "{errors:?}"
        );
    }
    let told = json!({"type":"paste","text":"\\\",[{".repeat(10_000)});
    assert!(sent(&with(&told)).is_ok());
}

#[test]
fn a_key_stands_for_one_content() {
    let print = |body: &Value| sent(body).unwrap().0.job.idempotency.unwrap().fingerprint;
    let good = with(&json!({"type":"paste","title":"T","text":"one"}));
    let first = print(&good);
    let spaced = serde_json::to_string_pretty(&good).unwrap().into_bytes();
    let again = read(Body::Json(spaced), Some("k")).unwrap().0.job;
    assert_eq!(again.idempotency.unwrap().fingerprint, first);
    for (at, value) in [
        ("/userId", "v"),
        ("/seriesId", "t"),
        ("/source/title", "U"),
        ("/source/text", "two"),
    ] {
        let mut other = good.clone();
        *other.pointer_mut(at).unwrap() = value.into();
        assert_ne!(print(&other), first, "{at}");
    }
}

#[test]
fn a_kind_that_the_service_does_not_have_is_a_fault() {
    let rules = Rules {
        key: None,
        job_id: JobId::new(Timestamp::from_millis(0), &[0; 10]),
        kinds: &Kinds::new([].into()),
        fetchable: &|url| Ok(url.to_owned()),
    };
    let body = with(&json!({"type":"url","url":"https://a.example/"}));
    let body = Body::Json(body.to_string().into_bytes());
    assert_eq!(pointers(parse(body, rules)), ["/kind"]);
}
