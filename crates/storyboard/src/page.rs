//! Pages with everything in them: a template is filled, and its policy names the scripts that may run.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

/// What a page that speaks runs before its own script: the sentences of a text, and the browser's voices.
const SPEECH: &str = concat!(
    include_str!("speech/sentences.js"),
    include_str!("speech/voice.js")
);
/// Where a visitor chooses how fast, and with which voice.
const SPEECH_BOXES: &str = include_str!("speech/boxes.html");

/// A page that speaks, before it has a text.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// The page. Its policy has `{{speech-hash}}`, `{{script-hash}}` and `{{style-hash}}`.
    pub page: &'static str,
    /// Its style.
    pub style: &'static str,
    /// Its own script.
    pub script: &'static str,
}

impl Template {
    /// The page with its style and scripts; what else it names is what `write` writes.
    pub fn fill(self, mut write: impl FnMut(&str, &mut String)) -> String {
        fill(self.page, |name, page| match name {
            "style" => page.push_str(self.style),
            "script" => page.push_str(self.script),
            "speech" => page.push_str(SPEECH),
            "speech-boxes" => page.push_str(SPEECH_BOXES),
            "style-hash" => page.push_str(&source_hash(self.style)),
            "script-hash" => page.push_str(&source_hash(self.script)),
            "speech-hash" => page.push_str(&source_hash(SPEECH)),
            _ => write(name, page),
        })
    }
}

/// Where a template says what belongs there: `{{name}}`.
const MARK: (&str, &str) = ("{{", "}}");

/// The template with each mark replaced by what `write` writes for its name. What is put in is never searched for marks,
/// so no text can place a part.
fn fill(template: &str, mut write: impl FnMut(&str, &mut String)) -> String {
    let mut page = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once(MARK.0) {
        let (name, behind) = after.split_once(MARK.1).unwrap_or((after, ""));
        page.push_str(before);
        write(name, &mut page);
        rest = behind;
    }
    page.push_str(rest);
    page
}

/// How a page's policy names exactly this script or style, so that it allows no other (CSP level 3).
fn source_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("sha256-{}", Base64::encode_string(&digest))
}

#[cfg(test)]
mod tests {
    use super::{SPEECH, Template, fill, source_hash};

    #[test]
    fn what_is_put_in_is_not_a_template() {
        let write = |name: &str, page: &mut String| page.extend(["{{", name, "}}"]);
        assert_eq!(fill("<{{a}}>{{b}}", write), "<{{a}}>{{b}}");
    }

    #[test]
    fn a_policy_names_the_scripts_and_no_other() {
        let template = Template {
            page: "{{speech-hash}} {{script-hash}} {{style-hash}} {{own}}",
            style: "a",
            script: "b",
        };
        let hashes = [SPEECH, "b", "a"].map(source_hash).join(" ");
        let page = template.fill(|name, page| page.push_str(name));
        assert_eq!(page, format!("{hashes} own"));
    }

    #[test]
    fn a_hash_is_that_of_the_standard() {
        // FIPS 180-4's own example, in base64.
        assert_eq!(
            source_hash("abc"),
            "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
    }
}
