//! Under which name a browser saves an artifact (RFC 6266): the one that is wished, made harmless, with the artifact's own ending.
//!
//! The ending stays since a link can be passed on with another name in it: what was made here as a text must not be saved
//! as a program.

use super::{fault::FieldError, query, view::encode};

/// The longest name, in characters, without its ending.
const NAME_MAX: usize = 150;

/// Characters that some system gives a meaning in the name of a file.
const RESERVED: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Reads the query of an artifact: the name under which it is to be saved, if it is; empty for its own. What a link says
/// there is checked elsewhere.
///
/// # Errors
/// All errors at once.
pub fn parse(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String>)>,
) -> Result<Option<String>, Vec<FieldError>> {
    let mut wished = None;
    query::read(
        pairs,
        &["download", "expires", "signature"],
        |name, value| {
            if name == "download" {
                wished = Some(value);
            }
            None
        },
    )?;
    Ok(wished)
}

/// The `content-disposition` of an artifact of that name which is to be saved; under its own name, if no other is wished.
#[must_use]
pub fn attachment(artifact: &str, wished: &str) -> String {
    let own = harmless(artifact.rsplit('/').next().unwrap_or_default());
    let ending = own
        .rsplit_once('.')
        .filter(|(stem, _)| !stem.is_empty())
        .map(|(_, ending)| format!(".{ending}"));
    let wished = harmless(wished);
    let mut name = [wished, own]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "artifact".to_owned());
    if let Some(ending) = ending.filter(|ending| !ends_with(&name, ending)) {
        name.push_str(&ending);
    }
    // The first is for programs that know no other characters than those of ASCII.
    let plain: String = name.chars().map(plain).collect();
    format!(
        "attachment; filename=\"{plain}\"; filename*=UTF-8''{}",
        encode(&name)
    )
}

fn ends_with(name: &str, ending: &str) -> bool {
    name.to_lowercase().ends_with(&ending.to_lowercase())
}

/// The name of a file in no folder, which looks like what it is.
fn harmless(name: &str) -> String {
    let shown = name.chars().filter(|char| !is_hidden(*char));
    let shown: String = shown
        .map(|char| if RESERVED.contains(&char) { '_' } else { char })
        .collect();
    let is_edge = |char: char| char == '.' || char.is_whitespace();
    let cut: String = shown.trim_matches(is_edge).chars().take(NAME_MAX).collect();
    cut.trim_end_matches(is_edge).to_owned()
}

/// Whether a character is not seen itself, and may change how others look.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The character, if it means only itself in a quoted string, to every program.
fn plain(char: char) -> char {
    let is_plain = char == ' ' || (char.is_ascii_graphic() && !matches!(char, '"' | '\\' | '%'));
    if is_plain { char } else { '_' }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_artifact_is_saved_only_if_that_is_said() {
        let link = [("expires", "1"), ("signature", "x")];
        assert_eq!(parse(link.into_iter()), Ok(None));
        for name in ["", "film.mp4"] {
            let query = link.into_iter().chain([("download", name)]);
            assert_eq!(parse(query), Ok(Some(name.to_owned())));
        }
        let query = link.into_iter().chain(link).chain([("Download", "")]);
        let named: Vec<_> = parse(query).unwrap_err();
        let named: Vec<_> = named.iter().flat_map(|error| &error.parameter).collect();
        assert_eq!(named, ["expires", "signature", "Download"]);
    }

    #[test]
    fn a_file_is_saved_under_its_own_name_or_the_one_that_is_wished() {
        for (artifact, wished, plain, encoded) in [
            ("player.html", "", "player.html", "player.html"),
            ("frames/001.svg", "", "001.svg", "001.svg"),
            (
                "film.mp4",
                "The Tide Clock.mp4",
                "The Tide Clock.mp4",
                "The%20Tide%20Clock.mp4",
            ),
            ("film.mp4", "film.MP4", "film.MP4", "film.MP4"),
            ("film.mp4", "Küste", "K_ste.mp4", "K%C3%BCste.mp4"),
            ("film.mp4", "100%", "100_.mp4", "100%25.mp4"),
            (
                "film.mp4",
                "a;b,c='d'",
                "a;b,c='d'.mp4",
                "a%3Bb%2Cc%3D%27d%27.mp4",
            ),
            ("notes", "list.txt", "list.txt", "list.txt"),
            (".hidden", "", "hidden", "hidden"),
        ] {
            let expected = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
            assert_eq!(attachment(artifact, wished), expected);
        }
    }

    #[test]
    fn no_name_leads_elsewhere_hides_what_it_is_or_has_another_ending() {
        for (artifact, wished, name) in [
            ("page.html", "../../etc/passwd", "_.._etc_passwd.html"),
            ("page.html", "C:\\run.bat", "C__run.bat.html"),
            ("page.html", "run.exe", "run.exe.html"),
            ("page.html", "htm.\u{202e}exe.html", "htm.exe.html"),
            (
                "page.html",
                "a\"; filename=\"b.exe",
                "a_; filename=_b.exe.html",
            ),
            ("page.html", "a\r\nset-cookie: x", "aset-cookie_ x.html"),
            ("page.html", " .\t. ", "page.html"),
            ("page.html", "page.html . ", "page.html"),
            ("a/", "", "artifact"),
            ("..", "", "artifact"),
        ] {
            let header = attachment(artifact, wished);
            let found = header.split('"').nth(1).unwrap();
            assert_eq!(found, name, "{header}");
        }
        let long = attachment("page.html", &"é".repeat(10_000));
        assert!(
            long.ends_with("%C3%A9.html") && long.len() < 1_200,
            "{}",
            long.len()
        );
    }

    proptest! {
        #[test]
        fn nothing_in_a_name_breaks_the_header(artifact in ".*", wished in ".*") {
            let header = attachment(&artifact, &wished);
            prop_assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{header}");
            let rest = header.strip_prefix("attachment; filename=\"").unwrap();
            let (plain, encoded) = rest.split_once("\"; filename*=UTF-8''").unwrap();
            prop_assert!(!plain.is_empty() && !plain.contains(['"', '\\', '/', '%']), "{header}");
            let is_value = |byte: u8| byte.is_ascii_alphanumeric() || b"%-._~".contains(&byte);
            prop_assert!(encoded.bytes().all(is_value), "{header}");
        }
    }
}
