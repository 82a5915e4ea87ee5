//! Nothing that comes from outside takes longer to read than its length says. A binary of its own, because it counts
//! what is allocated.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]

use base64ct::{Base64UrlUnpadded, Encoding};
use queue_core::{
    api::{
        auth::{jwks::KeySet, presented, token::Token},
        canonical::canonical,
        json, plan, query,
        routes::route,
        stripe::{Claim, Envelope, StripeEvent},
        submit,
    },
    config::{
        access::TokenKey,
        secret::{Secret, StripeSecret},
    },
    domain::{JobId, Kinds, Ticket, Timestamp, UserId},
};
use testkit::growth::{Counting, UNITS, assert_linear, pairs, repeated};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes that a reader may allocate for one byte: a list of digits takes 32 bytes for each two, in a list that grows by
/// doubling, and some readers build two such lists.
const PER_BYTE: usize = 300;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// As deep as the parser allows inside a story, and less where there are fewer bytes.
fn depth(bytes: usize) -> usize {
    (bytes / 16).clamp(1, 100)
}

type Shape = fn(usize) -> String;

/// JSON of about so many bytes.
const SHAPES: [(&str, Shape); 10] = [
    ("a long text in lists", |bytes| {
        let depth = depth(bytes);
        let text = "x".repeat(bytes);
        format!("{}\"{text}\"{}", "[".repeat(depth), "]".repeat(depth))
    }),
    ("a long text in objects", |bytes| {
        let depth = depth(bytes);
        let text = "x".repeat(bytes);
        format!(
            "{}\"{text}\"{}",
            r#"{"a":"#.repeat(depth),
            "}".repeat(depth)
        )
    }),
    ("texts at every depth", |bytes| {
        let depth = depth(bytes);
        let text = "\\n".repeat(bytes / depth / 2);
        format!(
            "{}0{}",
            format!("[\"{text}\",").repeat(depth),
            "]".repeat(depth)
        )
    }),
    ("one key many times below a long one", |bytes| {
        let (depth, key) = (depth(bytes), "/".repeat(bytes / 2));
        let many = repeated("\"a\":0,", bytes / 2);
        let (open, close) = (r#"{"b":"#.repeat(depth), "}".repeat(depth));
        format!(r#"{{"{key}":{open}{{{many}"a":0}}{close}}}"#)
    }),
    ("many long keys that begin alike", |bytes| {
        let length = bytes.isqrt();
        let key = |index| format!(r#""{}{index:05}":0"#, "k".repeat(length));
        let keys: Vec<String> = (0..bytes / (length + 10)).map(key).collect();
        format!("{{{}}}", keys.join(","))
    }),
    ("many short keys", |bytes| {
        let keys: Vec<String> = (0..bytes / 8)
            .map(|index| format!("\"{index:x}\":0"))
            .collect();
        format!("{{{}}}", keys.join(","))
    }),
    ("digits", |bytes| format!("[{}0]", repeated("0,", bytes))),
    ("empty lists", |bytes| {
        format!("[{}[]]", repeated("[],", bytes))
    }),
    ("a long number", |bytes| {
        format!("[0.{}]", "1".repeat(bytes))
    }),
    ("escapes", |bytes| {
        format!("[\"{}\"]", repeated("\\u0061\\\"", bytes))
    }),
];

/// All shapes, and every unit as a text and as a key.
fn documents() -> impl Iterator<Item = (String, Box<dyn Fn(usize) -> String>)> {
    let texts = UNITS.into_iter().map(|unit| {
        let document = move |bytes: usize| {
            let text = repeated(unit, bytes / 2);
            serde_json::json!({ text.as_str(): text }).to_string()
        };
        (
            format!("{unit:?}"),
            Box::new(document) as Box<dyn Fn(usize) -> String>,
        )
    });
    let shapes = SHAPES.into_iter();
    texts.chain(shapes.map(|(name, shape)| (name.to_owned(), Box::new(shape) as _)))
}

fn submitted(extra: &str) -> String {
    format!(
        r#"{{"userId":"u","seriesId":"s","videoConfig":{{"width":640,"height":360}},
        "script":{{"title":"T","scenes":[{{"narration":"N"}}],"extra":{extra}}}}}"#
    )
}

fn secret(prefix: &str) -> Secret {
    Secret::try_from(format!("{prefix}{}", "0".repeat(32)).as_str()).unwrap()
}

fn submit(body: &str) -> bool {
    let job_id = JobId::new(NOW, &[0; 10]);
    submit::parse(body.as_bytes(), Some("key"), job_id, &Kinds::default()).is_ok()
}

#[test]
fn bodies_are_read_in_linear_time() {
    for (name, document) in documents() {
        let body = |bytes| submitted(&document(bytes));
        assert_linear(&format!("{name}: parse"), PER_BYTE, &document, |text| {
            json::parse(text.as_bytes())
        });
        assert_linear(&format!("{name}: canonical"), PER_BYTE, &document, |text| {
            canonical(serde_json::from_str(text).unwrap())
        });
        assert_linear(&format!("{name}: story"), PER_BYTE, body, |body| {
            submit(body)
        });
        assert_linear(&format!("{name}: wrong"), PER_BYTE, &document, |body| {
            submit(body)
        });
        assert_linear(&format!("{name}: plan"), PER_BYTE, &document, |body| {
            plan::parse(body.as_bytes(), NOW)
        });
    }
}

#[test]
fn events_of_stripe_are_read_in_linear_time() {
    for (name, document) in documents() {
        let event = |bytes| {
            let extra = document(bytes);
            format!(
                r#"{{"id":"evt","type":"customer.subscription.created","created":1,"data":{{"object":{{"id":"sub_1","status":"active","metadata":{extra}}}}}}}"#
            )
        };
        assert_linear(&name, PER_BYTE, event, |body| {
            StripeEvent::read(Timestamp::from_millis(0), body.as_bytes())
        });
        // Nothing is kept of what it is about.
        assert_linear(&name, 1, event, |body| Envelope::read(body.as_bytes()));
    }
}

#[test]
fn keys_of_a_provider_are_read_in_linear_time() {
    for (name, document) in documents() {
        let set = |bytes| format!(r#"{{"keys":[{{"x5c":{}}}]}}"#, document(bytes));
        assert_linear(&name, PER_BYTE, set, |body| KeySet::read(body.as_bytes()));
    }
}

#[test]
fn signatures_are_checked_in_linear_time() {
    let secret = StripeSecret::new(secret("whsec_")).unwrap();
    let valid = format!("v1={},", "0".repeat(64));
    for unit in UNITS.into_iter().chain([valid.as_str()]) {
        // As long as the header may be, with a body that grows; and both together.
        let request = |bytes| {
            (
                format!("t=1700000000,{}", repeated(unit, bytes / 2)),
                repeated(unit, bytes),
            )
        };
        assert_linear(unit, PER_BYTE, request, |(header, body)| {
            Claim::read(NOW, Some(header)).map(|claim| {
                claim.check(&secret).map(|mut check| {
                    check.update(body.as_bytes());
                    check.holds()
                })
            })
        });
    }
}

#[test]
fn headers_paths_and_queries_are_read_in_linear_time() {
    let key = TokenKey::Hs256(vec![secret("")]);
    for unit in UNITS.map(str::to_owned).into_iter().chain(pairs()) {
        let text = |bytes| repeated(&unit, bytes);
        let check = |name: &str, work: &dyn Fn(&str)| {
            let name = format!("{name} of {unit:?}");
            assert_linear(&name, PER_BYTE, text, |text| work(text));
        };
        check("path", &|text| {
            let path = format!("/users/u/jobs/{text}");
            drop(route("GET", &path));
        });
        check("query", &|text| {
            let pairs = || {
                text.split('&')
                    .map(|pair| pair.split_once('=').unwrap_or((pair, pair)))
            };
            drop(query::parse(pairs()));
            drop(query::parse_dead_letters([("cursor", text)].into_iter()));
        });
        assert_linear(&format!("credential of {unit:?}"), PER_BYTE, text, |text| {
            presented(Some(text)).is_ok()
        });
        check("token", &|text| {
            drop(Token::parse(text, &key));
            let header = Base64UrlUnpadded::encode_string(text.as_bytes());
            drop(Token::parse(&format!("{header}.{header}.{header}"), &key));
        });
        check("ticket", &|text| drop(Ticket::parse(text)));
        check("id", &|text| {
            drop(UserId::try_from(text.to_owned()));
            drop(JobId::try_from(text.to_owned()));
        });
        check("key", &|text| {
            let job_id = JobId::new(NOW, &[0; 10]);
            drop(submit::parse(b"{}", Some(text), job_id, &Kinds::default()));
        });
    }
}
