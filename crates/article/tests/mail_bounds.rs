//! Which mails are refused before they cost much, and which that look like them are read. What they cost is in `hostile`.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]
#![cfg(feature = "sources")]

use article::{Mail, Refusal};

fn read(rest: &str) -> Result<Mail, Refusal> {
    Mail::read(format!("From: a@example.com\r\nSubject: S\r\n{rest}").as_bytes())
}

#[test]
fn mails_that_nest_deep_or_are_looked_through_too_often_are_not_parsed() {
    let unreadable = |rest: &str| {
        let refused = read(rest).map(drop);
        let start: String = rest.chars().take(80).collect();
        assert_eq!(refused, Err(Refusal::UnreadableMail), "{start}");
    };
    for kind in [
        "message/rfc822",
        "MESSAGE/Global",
        "message /rfc822",
        "message\r\n /rfc822",
        "message(a (b) \\)/ (c) \"rfc822\"",
    ] {
        unreadable(&format!("Content-Type: {kind}\r\n\r\n").repeat(21));
        let part = format!("Content-Type: {kind}\r\n");
        for encoding in [
            "Content-Transfer-Encoding: base64\r\n",
            "content-transfer-encoding:Quoted-Printable\r\n",
            "Con tent-Transfer-\tEncoding : base64\r\n",
            "Content-Transfer-Encoding:\r\n =?utf-8?q?base=36=34?=\r\n",
        ] {
            let mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n";
            for header in [[&part, encoding], [encoding, &part]].map(|both| both.concat()) {
                unreadable(&format!("{header}\r\nRnJvbTogYQ==\r\n"));
                unreadable(&format!(
                    "{mixed}X: y\r\n{header}\r\nRnJvbTogYQ==\r\n--b--\r\n"
                ));
            }
        }
    }
    for kind in ["multipart/digest", "Multipart / (x) \"DIGEST\""] {
        unreadable(&format!(
            "Content-Type: {kind}; boundary=b\r\n\r\n--b\r\n\r\nx"
        ));
    }
    let mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for dashes in ["--b\r\n", "x --b\r\n\r\n", "---b"] {
        unreadable(&[mixed, &dashes.repeat(20_001)].concat());
    }
    let unmet = "x --b\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n".repeat(60);
    unreadable(&[mixed, &unmet, &"word ".repeat(1_000_000)].concat());
    let dashes = "-".repeat(1_000);
    unreadable(&format!(
        "Content-Type: multipart/mixed;\r\n boundary=\"{dashes}x\"\r\n\r\n{dashes}"
    ));
    for field in ["Content-Type: a/b; ", "Subject: "] {
        unreadable(&[field, &"a*1=b;".repeat(50_000)].concat());
        unreadable(&[field, &"=?aa?q?".repeat(50_000)].concat());
    }
}

#[test]
fn mails_that_only_write_of_such_things_are_read() {
    let words = "Some words of a letter that is long enough to be read. ".repeat(10);
    for (text, times) in [
        ("A boundary is drawn.\r\n", 500),
        ("See https://example.com/message/1 there.\r\n", 500),
        ("A message (a short one) came.\r\n", 500),
        ("- -- --- ----------------------------\r\n", 500),
        ("2 * 3 * 4 *\r\n", 2_000),
    ] {
        let text = text.repeat(times);
        let mail = read(&format!("\r\n{words}\r\n\r\n{text}")).unwrap();
        assert!(mail.article().is_ok(), "{}", &text[..20]);
    }
    let part = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
    let inner = format!("From: b@example.com\r\nSubject: T\r\n\r\n{words}");
    let mail = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{part}{inner}\r\n--b--\r\n"
    );
    assert!(read(&mail).unwrap().article().is_ok());
}

#[test]
fn the_lines_of_a_mail_are_counted_once_for_all_its_parts() {
    let words = "Some words of a letter that is long enough to be read. ".repeat(10);
    let text = |lines: usize| format!("{words}\n{}", "a\n\n".repeat(lines / 2));
    let article = |rest: &str| read(rest)?.article().map(drop);
    assert_eq!(article(&format!("\n{}", text(30_000))), Ok(()));
    assert_eq!(
        article(&format!("\n{}", text(60_000))),
        Err(Refusal::TooManyLines)
    );
    assert_eq!(
        article(&format!("\n{}", text(300_000))),
        Err(Refusal::TooManyLines)
    );
    let part = format!("--b\n\n{}", text(30_000));
    let two = format!("Content-Type: multipart/mixed; boundary=b\n\n{part}{part}--b--\n");
    assert_eq!(article(&two), Err(Refusal::TooManyLines));
}
