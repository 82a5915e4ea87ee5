//! Reads which source a request for an episode names, and its text, from a JSON object or from the fields of a form.

use super::form::Form;
use crate::domain::source::{SOURCE_MAX_BYTES, Source};
use serde_json::{Map, Value};

const URL_MAX: usize = 2_048;
const TITLE_MAX: usize = 300;
const NAME_MAX: usize = 255;
const CONTENT_TYPE_MAX: usize = 127;

/// What is said of an episode beside its source.
pub(super) const FIELDS: [&str; 5] = ["userId", "seriesId", "userTier", "notBefore", "startBy"];

/// The members of an object.
pub(super) type Fields = Map<String, Value>;

/// A source and its text, if it brings one; `None` if a fault was found.
pub(super) type Read = Option<(Source, Option<Vec<u8>>)>;

/// The value of a field of a form.
#[derive(Debug)]
pub enum Part {
    /// A text.
    Text(String),
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its media type; may be empty.
        content_type: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
}

/// The source in a JSON body.
pub(super) fn of_json(
    form: &mut Form,
    value: Option<&Value>,
    fetchable: &dyn Fn(&str) -> Result<String, String>,
) -> Read {
    let fields = form.object("/source", value)?;
    let known: &[&str] = match fields.get("type").and_then(Value::as_str) {
        Some("url") => &["type", "url"],
        Some("paste") => &["type", "title", "text"],
        Some("extension") => &["type", "url", "html", "title"],
        Some("file") => &["type", "name", "contentType", "text"],
        _ => {
            let detail = "Must be one of url, paste, extension, file.";
            form.fault("/source/type", detail);
            return None;
        }
    };
    form.known("/source", fields, known);
    match known {
        [_, "url"] => {
            let url = text(form, fields, "url", URL_MAX)?;
            let url = fetchable(&url).map_err(|why| form.fault("/source/url", &why));
            let url = url.ok()?;
            Some((Source::Url { url }, None))
        }
        [_, "title", _] => {
            let title = optional(form, fields, "title", TITLE_MAX);
            let text = long_text(form, fields, "text")?;
            let bytes = text.len();
            Some((Source::Paste { title, bytes }, Some(text)))
        }
        [_, "url", ..] => {
            let url = address(form, fields);
            let title = optional(form, fields, "title", TITLE_MAX);
            let html = long_text(form, fields, "html");
            let (url, html) = (url?, html?);
            let bytes = html.len();
            Some((Source::Extension { url, title, bytes }, Some(html)))
        }
        _ => {
            let name = text(form, fields, "name", NAME_MAX);
            let content_type = optional(form, fields, "contentType", CONTENT_TYPE_MAX);
            let text = long_text(form, fields, "text");
            Some(file(name?, content_type, text?))
        }
    }
}

fn file(name: String, content_type: Option<String>, text: Vec<u8>) -> (Source, Option<Vec<u8>>) {
    let bytes = text.len();
    let source = Source::File {
        name,
        content_type,
        bytes,
    };
    (source, Some(text))
}

/// The address of a page that is not fetched: it may be one that only its reader can open.
fn address(form: &mut Form, fields: &Fields) -> Option<String> {
    let url = text(form, fields, "url", URL_MAX)?;
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if matches!(scheme, Some("http" | "https")) {
        return Some(url);
    }
    form.fault("/source/url", "Must begin with http:// or https://.");
    None
}

fn text(form: &mut Form, fields: &Fields, name: &str, most: usize) -> Option<String> {
    let at = format!("/source/{name}");
    form.required_text(&at, fields.get(name), 1..=most)
        .map(str::to_owned)
}

fn optional(form: &mut Form, fields: &Fields, name: &str, most: usize) -> Option<String> {
    fields.get(name).filter(|value| !value.is_null())?;
    text(form, fields, name, most)
}

fn long_text(form: &mut Form, fields: &Fields, name: &str) -> Option<Vec<u8>> {
    let text = text(form, fields, name, usize::MAX)?.into_bytes();
    is_bounded(form, &format!("/source/{name}"), &text).then_some(text)
}

fn is_bounded(form: &mut Form, at: &str, text: &[u8]) -> bool {
    let found = text.len();
    if found > SOURCE_MAX_BYTES {
        let detail = format!("Has {found} bytes; must have at most {SOURCE_MAX_BYTES}.");
        form.fault(at, &detail);
    }
    found <= SOURCE_MAX_BYTES
}

/// The fields of a form beside its file, and that as the source.
pub(super) fn of_form(form: &mut Form, parts: Vec<(String, Part)>) -> (Fields, Read) {
    let (mut fields, mut source, mut is_sent) = (Fields::new(), None, false);
    for (name, part) in parts {
        let at = format!("/{name}");
        match part {
            Part::File {
                name: file_name,
                content_type,
                bytes,
            } if name == "file" && !is_sent => {
                is_sent = true;
                source = uploaded(form, file_name, content_type, bytes);
            }
            Part::Text(text) if name != "file" && !fields.contains_key(&name) => {
                fields.insert(name, Value::String(text));
            }
            Part::File { .. } if name != "file" => form.fault(&at, "Must be a text, not a file."),
            Part::Text(_) if name == "file" => {
                is_sent = true;
                form.fault(&at, "Must be a file, with a name.");
            }
            Part::File { .. } | Part::Text(_) => {
                form.fault(&at, "This field appears twice. Send it once.");
            }
        }
    }
    form.known("", &fields, &FIELDS);
    if !is_sent {
        form.fault("/file", "Required file.");
    }
    (fields, source)
}

fn uploaded(form: &mut Form, name: String, content_type: String, bytes: Vec<u8>) -> Read {
    let errors = form.errors.len();
    if bytes.is_empty() {
        form.fault("/file", "Must not be empty.");
    }
    is_bounded(form, "/file", &bytes);
    for (what, text, most) in [
        ("name", &name, NAME_MAX),
        ("type", &content_type, CONTENT_TYPE_MAX),
    ] {
        if text.chars().count() > most {
            let detail = format!("Its {what} must have at most {most} characters.");
            form.fault("/file", &detail);
        }
    }
    let content_type = Some(content_type).filter(|text| !text.is_empty());
    (form.errors.len() == errors).then(|| file(name, content_type, bytes))
}
