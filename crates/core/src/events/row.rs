//! What a row of the table of events becomes: a variant of the enum, its lines, and its place in the documentation.

/// How loudly an event is logged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Level {
    /// For the record.
    Log,
    /// An operator should look at it.
    Error,
}

/// A row of the table, as the documentation shows it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The name of the variant.
    pub event: &'static str,
    /// What happened.
    pub means: &'static str,
    /// The names of its fields; `job` stands for those of [`super::JobFacts`].
    pub fields: &'static [&'static str],
    /// How loudly it is logged.
    pub level: Level,
    /// Its lines, with the names of fields in braces.
    pub lines: &'static [&'static str],
}

/// Makes the enum of events from the table of events. In the table, `(job)` says that an event is about a job,
/// whose facts its lines may name; `where` gives the words that a line shows in place of a field.
macro_rules! events {
    (
        JobFacts $facts:tt
        $(
            #[doc = $means:literal]
            $event:ident $(($job:ident))? { $($field:ident: $type:ty),* }
            $level:ident $($line:literal),+ $(where $shown:ident = $words:expr)?;
        )+
    ) => {
        /// Something that happened.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "event")]
        #[expect(missing_docs, reason = "the lines say what the fields are")]
        pub enum Event {
            $(
                #[doc = $means]
                $event { $($job: JobFacts,)? $($field: $type),* },
            )+
        }

        impl Event {
            /// The table of all events.
            pub const TABLE: &[Row] = &[$(Row {
                event: stringify!($event),
                means: $means,
                fields: &[$(stringify!($job),)? $(stringify!($field)),*],
                level: Level::$level,
                lines: &[$($line),+],
            }),+];

            /// How loudly it is logged.
            #[must_use]
            pub const fn level(&self) -> Level {
                match self {
                    $(Self::$event { .. } => Level::$level,)+
                }
            }

            /// The lines for people.
            #[must_use]
            #[expect(unused_variables, reason = "only JSON has all fields")]
            pub fn lines(&self) -> Vec<String> {
                match self {
                    $(Self::$event { $($job,)? $($field),* } => {
                        $(let JobFacts $facts = $job;)?
                        $(let $shown = $words;)?
                        vec![$(printable(&format!($line))),+]
                    })+
                }
            }
        }
    };
}

pub(super) use events;

/// Text on one line: control characters are escaped, so that what comes from outside cannot forge a line.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
            let plain = (!escaped).then_some(character);
            plain
                .into_iter()
                .chain(character.escape_unicode().filter(move |_| escaped))
        })
        .collect()
}
