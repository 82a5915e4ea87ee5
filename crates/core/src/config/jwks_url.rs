//! `JWT_JWKS_URL`: where an identity provider publishes its keys.

/// Longest address, in bytes.
const MAX_LENGTH: usize = 1_024;

/// An address whose answer cannot be changed on the way: https, or http on the same machine, for tests.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct JwksUrl(String);

impl JwksUrl {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let url = Self(text.to_owned());
        let is_plain = text.len() <= MAX_LENGTH
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && !text.contains(['\\', '#', '@']);
        let has_host = !url.host().is_empty();
        let is_safe = url.scheme() == "https" || url.is_local();
        (is_plain && has_host && is_safe).then_some(url).ok_or(
            "must be an https address of at most 1,024 characters, without user, password and #; \
             http is only for localhost, 127.0.0.1 and [::1]",
        )
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is http on the same machine: for tests, since a deployed Worker has no such machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let host = self.host();
        let name = host.rsplit_once(':').map_or(host, |(name, port)| {
            let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            if is_port { name } else { host }
        });
        self.scheme() == "http" && ["localhost", "127.0.0.1", "[::1]"].contains(&name)
    }

    fn scheme(&self) -> &str {
        self.0.split_once("://").map_or("", |(scheme, _)| scheme)
    }

    /// The host and its port, as they stand there.
    fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_on_the_same_machine() {
        for (text, is_local) in [
            ("https://id.example/.well-known/jwks.json", false),
            ("https://id.example:8443/keys?v=1&of=a", false),
            ("https://localhost/keys", false),
            ("http://localhost:9000/keys", true),
            ("http://127.0.0.1/keys", true),
            ("http://[::1]:9000", true),
            ("http://[::1]/keys", true),
        ] {
            let url = JwksUrl::read(text).unwrap();
            assert_eq!((url.as_str(), url.is_local()), (text, is_local));
        }
        let long = format!("https://id.example/{}", "k".repeat(1_024));
        for text in [
            "",
            "id.example/keys",
            "https://",
            "https:///keys",
            "HTTPS://id.example/keys",
            "http://id.example/keys",
            "http://localhost.example/keys",
            "http://localhost:x/keys",
            "http://127.0.0.1.example",
            "http://127.0.0.1:80@id.example/keys",
            "http://localhost\\@id.example/keys",
            "http://127.0.0.1#@id.example/",
            "https://user:secret@id.example/keys",
            "https://id.example/ keys",
            "https://id.example/é",
            "file:///etc/keys",
            &long,
        ] {
            assert!(JwksUrl::read(text).is_err(), "{text}");
        }
    }
}
