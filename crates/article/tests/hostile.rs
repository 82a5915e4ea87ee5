//! Inputs that were written to be hard: no panic, no deep stack, and a bounded time. Five megabytes each in a release
//! build, 32 KB in a debug build.
//!
//! `cargo test --release -p article --test hostile -- --nocapture` prints the times.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]
#![cfg(feature = "sources")]

use article::{Article, Mail, captions, page, text_md};
use std::time::Duration;
use testkit::growth::time;

const BYTES: usize = if cfg!(debug_assertions) {
    32 * 1024
} else {
    5 * 1024 * 1024
};
const TAGS: [&str; 48] = [
    "<div>",
    "<div>x",
    "<p>",
    "<b>",
    "<p><b>",
    "<a>",
    "<a href=x>word </a>",
    "<table>",
    "<table><tr><td>",
    "<td>",
    "<li>",
    "<ul><li>",
    "<blockquote>",
    "<svg>",
    "<script>",
    "<!--",
    "<!",
    "<",
    "<a ='",
    "<a =\"'>",
    "</div>",
    "</",
    "&",
    "&amp;",
    "&#x",
    "<pre>",
    "<h1>",
    "<br>",
    "<br>x",
    "<select><option>",
    "<template>",
    "<p>word word word, </p>",
    "<form><input>",
    "<span hidden>",
    "<h2>x</h2>",
    "<p>one, two</p><h2>x</h2>",
    "<img>",
    "<noscript><img>",
    "\u{feff}",
    "x",
    "x ",
    "<x y>",
    "<p",
    "<div class=article><p>a, b, c, d, e</p></div>",
    "<dl><dt>x<dd>",
    "<sup><a>1</a></sup>",
    "<ol><li>x</ol>",
    "<frameset>",
];
/// Of the thread. What grows with the square of its input takes minutes.
const TIME_MAX: Duration = Duration::from_secs(10);

fn repeated(unit: &str) -> String {
    unit.repeat(BYTES / unit.len())
}

fn numbered(unit: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(BYTES + 64);
    for number in 0.. {
        if text.len() >= BYTES {
            break;
        }
        text.push_str(&unit(number));
    }
    text
}

fn timed<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let mut value = None;
    let took = time(|| value = Some(work()));
    println!("{:>6} ms  {name}", took.as_millis());
    assert!(took < TIME_MAX, "{name}: {took:?}");
    value.unwrap()
}

#[test]
fn tags_are_read_in_bounded_time_and_depth() {
    for unit in TAGS {
        let html = repeated(unit);
        let result = timed(unit, || {
            Article::from_html(html.as_bytes(), Some("text/html"), None)
        });
        if let Ok(article) = result {
            let made = [text_md(&article), captions(&article), page(&article)];
            assert!(
                made.iter()
                    .all(|artifact| artifact.bytes.len() < 20 * BYTES)
            );
        }
    }
}

#[test]
fn elements_that_differ_are_read_in_bounded_time() {
    type Unit = fn(usize) -> String;
    let units: [(&str, Unit); 7] = [
        ("fonts in paragraphs", |n| {
            format!("<p><font size={n}>word ")
        }),
        ("links in paragraphs", |n| format!("<p><a href={n}>word ")),
        ("paragraphs", |n| {
            format!("<p>The {n}th word, of many, that are here, and stay.</p>")
        }),
        ("headings", |n| {
            format!("<h2>Number {n}</h2><p>word, word, word</p>")
        }),
        ("nested", |n| {
            format!("<div id=n{n}><p>one, two, three, four</p>")
        }),
        ("attributes", |n| format!("<div a{n}=b{n} c{n}='d'>x")),
        ("an attribute", |n| {
            if n == 0 {
                "<div class=\"".to_owned()
            } else {
                format!("c{n} ")
            }
        }),
    ];
    for (name, unit) in units {
        let html = numbered(unit);
        let _ = timed(name, || Article::from_html(html.as_bytes(), None, None));
    }
}

#[test]
fn mails_are_read_in_bounded_time_and_depth() {
    let head = "From: a@example.com\r\nSubject: S\r\n";
    let units = [
        "Content-Type: message/rfc822\r\n\r\n",
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        "--b\r\n",
        "x --b x\r\n\r\n",
        "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n",
        "--b\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n",
        "x --b\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n",
        "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        "Content-Type: message\r\n /rfc822\r\n\r\n",
        "message(",
        "a*1=b;",
        "=?aa?q?",
        "a\n\n",
        "To: <a@b.c>, ",
        "a@b.example, ",
        "=?utf-8?q?=41?= ",
        "> ",
        "\r\n",
        "-- \r\nx\r\n",
        "On a b wrote:\r\n",
        "=41",
        "X: y\r\n",
        "word ",
        ">",
        "(",
        "Re: ",
        "---------- Forwarded message ---------\r\n",
        "From: x Sent: y Subject: z\r\n",
        "http://example.com/ ",
    ];
    for unit in units {
        for between in [
            "",
            "\r\n",
            "To: ",
            "Subject: ",
            "Content-Type: a/b; ",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
        ] {
            let mail = format!("{head}{between}{}", repeated(unit));
            let name = format!("{between:?} {unit:?}");
            timed(&name, || {
                if let Ok(mail) = Mail::read(mail.as_bytes()) {
                    let _ = mail.article();
                }
            });
        }
    }
}

#[test]
fn mails_just_below_the_bounds_are_read_in_bounded_time() {
    let mixed =
        |boundary: &str| format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n");
    let (met, unmet) = (mixed("b"), mixed("z"));
    let dashes = "-".repeat(90);
    let starts = [
        [met.as_str(), &format!("x --b\r\n{unmet}").repeat(48)].concat(),
        format!("--b\r\n{met}").repeat(48),
        mixed(&format!("{dashes}z")),
        [
            met.as_str(),
            &format!("--b\r\n{}", mixed(&format!("{dashes}z"))).repeat(48),
        ]
        .concat(),
        "Content-Type: message/rfc822\r\n\r\n".repeat(20) + &unmet,
        format!(
            "{}--b\r\n",
            ["Content-Type: a/b; ", &"a*1=b;".repeat(6_000), "\r\n"].concat()
        ),
    ];
    for start in starts {
        for unit in ["word ", "-", "a-b", "--b", "\t"] {
            let mail = format!("From: a@example.com\r\n{start}{}", repeated(unit));
            timed(&format!("{} {unit:?}", &start[..60]), || {
                if let Ok(mail) = Mail::read(&mail.as_bytes()[..mail.len().min(BYTES)]) {
                    let _ = mail.article();
                }
            });
        }
    }
}

#[test]
fn text_and_markdown_are_read_in_bounded_time() {
    for unit in [
        "#",
        "# x\n",
        "> ",
        "- ",
        "[",
        "![",
        "`",
        "*",
        "_a",
        "|",
        "| a ",
        "<div>",
        "&",
        "x\n",
        "1. ",
        "\\",
        "[^a]: x\n",
        "word. ",
        "---\n",
        "日",
    ] {
        let text = repeated(unit);
        let markdown = timed(&format!("Markdown {unit:?}"), || {
            Article::from_markdown(&text, None)
        });
        let plain = timed(&format!("text {unit:?}"), || {
            Article::from_text(&text, None, None)
        });
        for article in [markdown, plain].into_iter().flatten() {
            timed("  its text.md", || text_md(&article));
            timed("  its captions", || captions(&article));
            timed("  its page", || page(&article));
        }
    }
}
