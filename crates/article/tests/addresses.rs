//! Which addresses are fetched: a table of ways to name a private machine, and of addresses that look like it but are not.

#![allow(
    clippy::unwrap_used,
    reason = "`allow-unwrap-in-tests` does not reach helper functions"
)]

use article::address::{BYTES_MAX, Forbidden, fetchable, redirected};

const FETCHED: [(&str, &str); 24] = [
    ("https://example.com", "https://example.com/"),
    ("http://example.com/", "http://example.com/"),
    ("  https://example.com/a b\n", "https://example.com/a%20b"),
    ("HTTPS://EXAMPLE.COM/A", "https://example.com/A"),
    ("https://example.com./a", "https://example.com/a"),
    ("https://example.com/a#part", "https://example.com/a"),
    ("https://example.com:443/", "https://example.com/"),
    ("http://example.com:80/", "http://example.com/"),
    ("http://example.com:443/", "http://example.com:443/"),
    ("https://example.com/../a?b=c", "https://example.com/a?b=c"),
    ("https:example.com", "https://example.com/"),
    ("https:\\\\example.com\\a", "https://example.com/a"),
    (
        "https://bücher.example.com/",
        "https://xn--bcher-kva.example.com/",
    ),
    ("https://ｅｘａｍｐｌｅ.com/", "https://example.com/"),
    ("https://8.8.8.8/", "https://8.8.8.8/"),
    ("https://0x08080808/", "https://8.8.8.8/"),
    ("https://172.32.0.1/", "https://172.32.0.1/"),
    ("https://100.128.0.1/", "https://100.128.0.1/"),
    ("https://192.169.0.1/", "https://192.169.0.1/"),
    ("https://[2606:4700::1111]/", "https://[2606:4700::1111]/"),
    (
        "https://localhost.example.com/",
        "https://localhost.example.com/",
    ),
    ("https://mylocal.com/", "https://mylocal.com/"),
    ("https://notinternal.org/", "https://notinternal.org/"),
    (
        "https://example.com/@user:pass@x",
        "https://example.com/@user:pass@x",
    ),
];

const PRIVATE: [&str; 75] = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://127.0.0.1./",
    "http://127.0.0.1%2e/",
    "http://%31%32%37.0.0.1/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://①②⑦.0.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://0xa000001/",
    "http://012.0.0.1/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://169.254.169.254/",
    "http://169.254.43518/",
    "http://2852039166/",
    "http://0xA9FEA9FE/latest/meta-data",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.8/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://192.168.0.1/",
    "http://192.168.257/",
    "http://198.18.0.1/",
    "http://198.19.255.255/",
    "http://198.51.100.7/",
    "http://203.0.113.9/",
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:8.8.8.8]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001::1]/",
    "http://[2001:db8::1]/",
    "http://[3fff::1]/",
    "http://[fc00::1]/",
    "http://[fd12:3456::1]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://a.localhost/",
    "http://ｌｏｃａｌｈｏｓｔ/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://router.home.arpa/",
    "http://router.lan/",
    "http://x.corp/",
    "http://intranet/",
    "http://a.test/",
    "http://a.example/",
    "http://a.invalid/",
    "http://a.onion/",
    "http://1.0.0.127.in-addr.arpa/",
    "http://kubernetes.default.svc/",
];

const OTHERS: [(&str, Forbidden); 25] = [
    ("", Forbidden::NotAnAddress),
    ("example.com", Forbidden::NotAnAddress),
    ("//example.com/", Forbidden::NotAnAddress),
    ("http://", Forbidden::NotAnAddress),
    ("http:///", Forbidden::NotAnAddress),
    ("http://exa mple.com/", Forbidden::NotAnAddress),
    ("http://256.256.256.256/", Forbidden::NotAnAddress),
    ("http://1.2.3.4.5/", Forbidden::NotAnAddress),
    ("http://[::1/", Forbidden::NotAnAddress),
    ("http://[fe80::1%25eth0]/", Forbidden::NotAnAddress),
    ("http://example.com:99999/", Forbidden::NotAnAddress),
    ("ftp://example.com/", Forbidden::Scheme),
    ("file:///etc/passwd", Forbidden::Scheme),
    ("javascript:alert(1)", Forbidden::Scheme),
    ("data:text/html,x", Forbidden::Scheme),
    ("gopher://example.com/", Forbidden::Scheme),
    ("blob:https://example.com/x", Forbidden::Scheme),
    ("https://user@example.com/", Forbidden::Credentials),
    ("https://user:pass@example.com/", Forbidden::Credentials),
    ("https://example.com@127.0.0.1/", Forbidden::Credentials),
    ("https://:pass@example.com/", Forbidden::Credentials),
    ("https://example.com:8080/", Forbidden::Port),
    ("https://example.com:22/", Forbidden::Port),
    ("http://127.0.0.1:25/", Forbidden::Port),
    ("http://example..com/", Forbidden::Private),
];

#[test]
fn only_addresses_of_the_public_web_are_fetched() {
    for (text, normal) in FETCHED {
        assert_eq!(fetchable(text).as_deref(), Ok(normal), "{text}");
        assert_eq!(fetchable(normal).as_deref(), Ok(normal), "{text}");
    }
    for text in PRIVATE {
        assert_eq!(fetchable(text), Err(Forbidden::Private), "{text}");
    }
    for (text, reason) in OTHERS {
        assert_eq!(fetchable(text), Err(reason), "{text}");
    }
}

#[test]
fn a_redirect_leads_only_where_an_address_may() {
    let from = "https://example.com/a/b?c";
    assert_eq!(
        redirected(from, "../d#e").as_deref(),
        Ok("https://example.com/d")
    );
    assert_eq!(
        redirected(from, "//example.org/").as_deref(),
        Ok("https://example.org/")
    );
    for text in PRIVATE {
        assert_eq!(redirected(from, text), Err(Forbidden::Private), "{text}");
    }
    assert_eq!(redirected(from, "//127.1/"), Err(Forbidden::Private));
    assert_eq!(redirected(from, "javascript:x"), Err(Forbidden::Scheme));
}

#[test]
fn a_longer_address_than_any_is_refused() {
    let long = |bytes: usize| format!("https://example.com/{}", "a".repeat(bytes - 20));
    assert!(fetchable(&long(BYTES_MAX)).is_ok());
    assert_eq!(
        fetchable(&long(BYTES_MAX + 1)),
        Err(Forbidden::NotAnAddress)
    );
}
