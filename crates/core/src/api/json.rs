//! Reads JSON strictly: a repeated key is an error, not a silent choice.

use super::fault::{FAULTS_MAX, FieldError, POINTER_MAX};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value, value::RawValue};
use std::{cell::RefCell, collections::BTreeMap, fmt};

/// A key that `serde_json` uses internally for JSON within JSON. If a client's object had it, reading that object as a
/// [`Value`] would parse the string under it.
const RESERVED: &str = "$serde_json::private::RawValue";

/// Parses a body, and reports every key that an object has twice or must not have.
///
/// # Errors
/// A sentence that says what is wrong, and where, if the body is not JSON.
pub fn parse(bytes: &[u8]) -> Result<(Value, Vec<FieldError>), String> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("starts with a byte order mark; send plain UTF-8 without one".to_owned());
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("is not valid UTF-8 from byte {}", error.valid_up_to()))?;
    let faults = RefCell::new(Vec::new());
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let seed = Strict {
        path: None,
        faults: &faults,
    };
    let value = seed
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| format!("is not valid JSON: {error}"))?;
    Ok((value, faults.into_inner()))
}

/// The object that a text from outside is, if no key in it is repeated or reserved.
#[must_use]
pub fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    let (value, faults) = parse(bytes).ok()?;
    let Value::Object(object) = value else {
        return None;
    };
    faults.is_empty().then_some(object)
}

/// One step of a JSON pointer, escaped; of a long key as much as a pointer shows.
#[must_use]
pub fn escape(key: &str) -> String {
    let shown: String = key.chars().take(POINTER_MAX).collect();
    shown.replace('~', "~0").replace('/', "~1")
}

/// A place in the body: a list towards the root, so that descending costs nothing, however long the keys are.
#[derive(Clone, Copy)]
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl Path<'_> {
    /// The JSON pointer; what follows the part that is shown may be missing.
    fn pointer(&self) -> String {
        let mut text = self.parent.map_or_else(String::new, Path::pointer);
        if text.chars().count() < POINTER_MAX {
            text.push('/');
            match self.step {
                Step::Key(key) => text.push_str(&escape(key)),
                Step::Index(index) => text.push_str(&index.to_string()),
            }
        }
        text
    }
}

/// Builds the value at a place and collects what is wrong with the keys below it.
struct Strict<'a> {
    path: Option<&'a Path<'a>>,
    faults: &'a RefCell<Vec<FieldError>>,
}

impl Strict<'_> {
    fn fault(&self, at: Path<'_>, detail: &str) {
        let mut faults = self.faults.borrow_mut();
        if faults.len() < FAULTS_MAX {
            faults.push(FieldError::at(&at.pointer(), detail));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("the number is not finite"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let path = Path {
                parent: self.path,
                step: Step::Index(list.len()),
            };
            let seed = Strict {
                path: Some(&path),
                faults: self.faults,
            };
            let Some(item) = items.next_element_seed(seed)? else {
                return Ok(Value::Array(list));
            };
            list.push(item);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let path = Path {
                parent: self.path,
                step: Step::Key(&key),
            };
            let seed = Strict {
                path: Some(&path),
                faults: self.faults,
            };
            let value = entries.next_value_seed(seed)?;
            if map.contains_key(&key) {
                self.fault(path, "This key appears twice. Send it once.");
            }
            if key == RESERVED {
                self.fault(path, "This key is reserved. Use another.");
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// The members of an object, each exactly as sent; `None` for anything else, or if a key is repeated.
#[must_use]
pub fn members(text: &[u8]) -> Option<BTreeMap<String, &RawValue>> {
    serde_json::from_slice(text)
        .ok()
        .map(|Members(members)| members)
}

/// The items of a list, each exactly as sent; `None` for anything else.
#[must_use]
pub fn items(text: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(text.get()).ok()
}

struct Members<'t>(BTreeMap<String, &'t RawValue>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut entries: A,
            ) -> Result<Members<'de>, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((key, value)) = entries.next_entry()? {
                    if members.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key is repeated"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointers(body: &[u8]) -> Vec<String> {
        let (_, faults) = parse(body).unwrap();
        let pointer = |fault: FieldError| fault.pointer.unwrap();
        faults.into_iter().map(pointer).collect()
    }

    #[test]
    fn every_repeated_key_is_reported_with_its_place() {
        let body = br#"{"a":1,"b":[{"x/y":1,"x/y":2}],"a":3}"#;
        assert_eq!(parse(body).unwrap().0["a"], 3);
        assert_eq!(pointers(body), ["/b/0/x~1y", "/a"]);
    }

    #[test]
    fn the_reserved_key_of_the_json_library_is_refused() {
        let body = br#"{"a":[{"$serde_json::private::RawValue":"[1"}]}"#;
        assert_eq!(pointers(body), ["/a/0/$serde_json::private::RawValue"]);
        // The reason: read as a value, it does not give what was sent.
        assert!(serde_json::from_slice::<Value>(body).is_err());
    }

    #[test]
    fn long_keys_and_many_errors_cost_no_more_than_the_body() {
        let key = "k".repeat(130_000);
        let body = format!(r#"{{"{key}":{{{}"a":0}}}}"#, r#""a":0,"#.repeat(20_000));
        let pointers = pointers(body.as_bytes());
        assert_eq!(pointers.len(), FAULTS_MAX);
        assert!(pointers.iter().all(|pointer| pointer.len() <= POINTER_MAX));
    }

    #[test]
    fn plain_json_reads_as_serde_reads_it() {
        let text = r#"{"a":[1,-2,1.5,true,null,"\u00e9"],"b":{"c":{}},"n":18446744073709551615}"#;
        let (value, faults) = parse(text.as_bytes()).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(text).unwrap());
        assert!(faults.is_empty());
    }

    #[test]
    fn hostile_bodies_are_refused_with_a_reason() {
        let deep = "[".repeat(10_000);
        for (body, reason) in [
            (&b"\xef\xbb\xbf{}"[..], "byte order mark"),
            (b"{\"a\":\"\xff\"}", "not valid UTF-8 from byte 6"),
            (b"", "EOF"),
            (b"{} {}", "trailing characters"),
            (b"{\"a\":1e999}", "out of range"),
            (b"{'a':1}", "key must be a string"),
            (b"NaN", "expected"),
            (deep.as_bytes(), "recursion limit"),
        ] {
            let error = parse(body).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
    }
}
