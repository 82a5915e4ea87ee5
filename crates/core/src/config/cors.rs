//! `CORS_ORIGINS`: whose pages may ask from a browser.

use super::reader::Reader;

const MOST: usize = 20;

/// Pages that nobody can change on the way, and extensions of browsers.
const SCHEMES: [&str; 4] = [
    "https",
    "chrome-extension",
    "moz-extension",
    "safari-web-extension",
];

/// The origins, each as browsers write it.
pub(super) fn read(reader: &mut Reader) -> Vec<String> {
    reader.listed("CORS_ORIGINS", "origin", MOST, |text| {
        if is_origin(text) {
            return Ok(text.to_owned());
        }
        Err(format!(
            "is {text:?}, must be an origin as browsers write it, such as https://app.example.com or chrome-extension://…: lowercase, without a path, a * or the port 443"
        ))
    })
}

fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else {
        return false;
    };
    let (name, port) = host
        .split_once(':')
        .map_or((host, None), |(name, port)| (name, Some(port)));
    let is_name = !name.is_empty()
        && name.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)
        });
    let is_port = port.is_none_or(|port| {
        port.parse::<u16>()
            .is_ok_and(|number| number != 443 && number.to_string() == port)
    });
    SCHEMES.contains(&scheme) && is_name && is_port && (scheme == "https" || port.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_as_browsers_write_it() {
        for text in [
            "https://app.example.com",
            "https://app.example.com:8443",
            "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
            "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
        ] {
            assert!(is_origin(text), "{text}");
        }
        for text in [
            "*",
            "null",
            "https://*.example.com",
            "http://app.example.com",
            "http://localhost:8787",
            "https://app.example.com/",
            "https://app.example.com:443",
            "https://app.example.com:0443",
            "https://App.example.com",
            "https://",
            "https://:80",
            "https://a@b.example",
            "app.example.com",
            "file://x",
            "chrome-extension://",
            "chrome-extension://abc:1",
        ] {
            assert!(!is_origin(text), "{text}");
        }
    }
}
