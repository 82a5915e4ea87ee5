//! Which addresses the Worker may fetch for somebody: those of the public web, and no door into a private network.
//!
//! The address that a public name leads to is not known here, since a Worker cannot look it up and keep it. That is left
//! to Cloudflare, whose Workers reach public addresses alone.

use std::net::{Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Longer addresses are data in disguise; browsers and servers agree on about so much.
pub const BYTES_MAX: usize = 2_048;

/// Names that never lead to the public web: reserved ones (RFC 2606, 6761, 6762, 8375, 9476), and what networks call
/// their own.
const PRIVATE_NAMES: [&str; 17] = [
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "arpa",
    "test",
    "example",
    "invalid",
    "onion",
    "alt",
    "kubernetes.default.svc",
];

/// Networks of IPv4 that are no part of the public internet: first address and length of the prefix (IANA's registry of
/// special-purpose addresses).
const PRIVATE_V4: [([u8; 4], u32); 15] = [
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// The only part of IPv6 that is given out, and what within it leads elsewhere: Teredo and other protocols, 6to4, and
/// two networks for documentation.
const PUBLIC_V6: (u16, u16) = (0x2000, 0xe000);
const PRIVATE_V6: [([u16; 2], u32); 4] = [
    ([0x2001, 0x0000], 23),
    ([0x2001, 0x0db8], 32),
    ([0x2002, 0x0000], 16),
    ([0x3fff, 0x0000], 20),
];

/// Why an address is not fetched.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Forbidden {
    /// It cannot be read as an address.
    #[error(
        "This is not a web address. Copy it from your browser; it begins with http:// or https://."
    )]
    NotAnAddress,
    /// It is of another kind, such as `ftp:` or `file:`.
    #[error("Only addresses that begin with http:// or https:// can be fetched.")]
    Scheme,
    /// It has a user name or a password in it, which would be stored with the job and shown.
    #[error(
        "This address has a user name or password in it. Remove it; pages behind a password cannot be fetched."
    )]
    Credentials,
    /// It names another port than 80 and 443, where other programs than web sites listen.
    #[error(
        "This address names a port. Only the usual ports of web sites, 80 and 443, are fetched."
    )]
    Port,
    /// It names this machine or a private network.
    #[error(
        "This address is not on the public web. Open it in your browser, and send it with the extension or paste its text."
    )]
    Private,
}

/// The address in its usual form, without a fragment, if it may be fetched.
///
/// # Errors
/// When it may not.
pub fn fetchable(text: &str) -> Result<String, Forbidden> {
    checked(bounded(text).and_then(|text| Url::parse(text).ok()))
}

/// Where a redirect from that address leads, if that may be fetched.
///
/// # Errors
/// When it may not.
pub fn redirected(from: &str, location: &str) -> Result<String, Forbidden> {
    let from = Url::parse(from).ok();
    checked(from.and_then(|from| from.join(bounded(location)?).ok()))
}

/// Whether a text begins as the address of a page does.
pub(crate) fn is_web_address(text: &str) -> bool {
    text.split_once("://")
        .is_some_and(|(scheme, _)| is_web(scheme))
}

fn is_web(scheme: &str) -> bool {
    ["http", "https"].contains(&scheme)
}

fn bounded(text: &str) -> Option<&str> {
    Some(text).filter(|text| text.len() <= BYTES_MAX)
}

fn checked(url: Option<Url>) -> Result<String, Forbidden> {
    let mut url = url.ok_or(Forbidden::NotAnAddress)?;
    if !is_web(url.scheme()) {
        return Err(Forbidden::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Forbidden::Credentials);
    }
    if url.port().is_some_and(|port| ![80, 443].contains(&port)) {
        return Err(Forbidden::Port);
    }
    // The parser has read every notation of a number, and every way to write a letter.
    let name = match url.host() {
        Some(Host::Ipv4(address)) if is_public_v4(address) => None,
        Some(Host::Ipv6(address)) if is_public_v6(address) => None,
        Some(Host::Domain(name)) => Some(public_name(name).ok_or(Forbidden::Private)?.to_owned()),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(Forbidden::Private),
        None => return Err(Forbidden::NotAnAddress),
    };
    if let Some(name) = name {
        url.set_host(Some(&name))
            .map_err(|_| Forbidden::NotAnAddress)?;
    }
    url.set_fragment(None);
    Ok(url.into())
}

/// The name without the dot of the root, if it can be one of the public web: it has two labels, and is not reserved.
fn public_name(name: &str) -> Option<&str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_within = |private: &str| {
        name.strip_suffix(private)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let is_name = name.contains('.') && name.split('.').all(|label| !label.is_empty());
    (is_name && !PRIVATE_NAMES.iter().any(|private| is_within(private))).then_some(name)
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let within = |(network, prefix): &([u8; 4], u32)| {
        let mask = u32::MAX << (32 - prefix);
        u32::from(address) & mask == u32::from_be_bytes(*network)
    };
    !PRIVATE_V4.iter().any(within)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let start = (u32::from(first) << 16) | u32::from(second);
    let within = |(network, prefix): &([u16; 2], u32)| {
        let mask = u32::MAX << (32 - prefix);
        start & mask == (u32::from(network[0]) << 16) | u32::from(network[1])
    };
    first & PUBLIC_V6.1 == PUBLIC_V6.0 && !PRIVATE_V6.iter().any(within)
}
