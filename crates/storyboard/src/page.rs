//! Pages with everything in them: a template is filled, and its policy names the one script that may run.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

/// Where a template says what belongs there: `{{name}}`.
const MARK: (&str, &str) = ("{{", "}}");

/// The template with each mark replaced by what `write` writes for its name. What is put in is never searched for marks,
/// so no text can place a part.
pub fn fill(template: &str, mut write: impl FnMut(&str, &mut String)) -> String {
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
#[must_use]
pub fn source_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("sha256-{}", Base64::encode_string(&digest))
}

#[cfg(test)]
mod tests {
    use super::{fill, source_hash};

    #[test]
    fn what_is_put_in_is_not_a_template() {
        let write = |name: &str, page: &mut String| page.extend(["{{", name, "}}"]);
        assert_eq!(fill("<{{a}}>{{b}}", write), "<{{a}}>{{b}}");
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
