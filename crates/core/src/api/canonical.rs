//! The canonical form of JSON, in one pass: what is said the same way has one spelling, whatever the layout.

use serde::de::Error as _;
use serde_json::{Deserializer, Error, value::RawValue};
use std::{borrow::Cow, collections::BTreeMap};

/// JSON in canonical form: no white space, sorted keys, strings with the same escapes, and numbers exactly as
/// written (a parsed number could lose digits).
///
/// # Errors
/// When a string in the text is not Unicode.
pub fn canonical(text: &RawValue) -> Result<String, Error> {
    let mut out = String::new();
    Reader(text.get()).value()?.write(&mut out)?;
    Ok(out)
}

enum Node<'t> {
    Leaf(Cow<'t, str>),
    List(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

impl Node<'_> {
    fn write(&self, out: &mut String) -> Result<(), Error> {
        match self {
            Self::Leaf(text) => out.push_str(text),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    item.write(out)?;
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (key, value)) in members.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    out.push_str(&serde_json::to_string(key)?);
                    out.push(':');
                    value.write(out)?;
                }
                out.push('}');
            }
        }
        Ok(())
    }
}

/// What is still to be read of a text that is known to be JSON.
struct Reader<'t>(&'t str);

impl<'t> Reader<'t> {
    fn value(&mut self) -> Result<Node<'t>, Error> {
        if self.takes('[') {
            let mut items = Vec::new();
            while !self.takes(']') {
                items.push(self.value()?);
                self.takes(',');
            }
            return Ok(Node::List(items));
        }
        if self.takes('{') {
            let mut members = BTreeMap::new();
            while !self.takes('}') {
                let key = serde_json::from_str(self.leaf()?)?;
                self.takes(':');
                members.insert(key, self.value()?);
                self.takes(',');
            }
            return Ok(Node::Object(members));
        }
        let leaf = self.leaf()?;
        Ok(Node::Leaf(if leaf.contains('\\') {
            serde_json::to_string(&serde_json::from_str::<String>(leaf)?)?.into()
        } else {
            leaf.into()
        }))
    }

    /// Whether that sign is next; then it is read.
    fn takes(&mut self, sign: char) -> bool {
        self.0 = self.0.trim_ascii_start();
        let rest = self.0.strip_prefix(sign);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// The next string, number or word, as it is written.
    fn leaf(&mut self) -> Result<&'t str, Error> {
        let mut values = Deserializer::from_str(self.0).into_iter::<&RawValue>();
        let leaf = values
            .next()
            .ok_or_else(|| Error::custom("the text ends"))??;
        self.0 = &self.0[values.byte_offset()..];
        Ok(leaf.get())
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn equal_json_has_one_canonical_form() {
        let spelling = |text: &str| canonical(serde_json::from_str(text).unwrap()).unwrap();
        let expected = r#"{"a":[1.50,"é",{}],"b":12345678901234567890123}"#;
        let other = "{ \"b\" : 12345678901234567890123,\n \"a\": [1.50, \"\\u00e9\", { }] }";
        assert_eq!(spelling(expected), expected);
        assert_eq!(spelling(other), expected);
    }
}
