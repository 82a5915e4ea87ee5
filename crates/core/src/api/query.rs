//! The queries: which jobs of `GET /users/{userId}/jobs` are wanted, which page of `GET /dead-letters`, and whose a mail
//! is. A parameter that a route does not have, or has twice, is refused: what was meant by it would not happen.

use super::problem::{FAULTS_MAX, FieldError};
use crate::{
    dead_letters,
    domain::{JobId, SeriesId, Timestamp, UserId},
    gate::{State, command::JobFilter},
    live::since,
};
use std::collections::BTreeSet;

/// Jobs on a page when the client sets no limit.
const PAGE_DEFAULT: u32 = 50;

/// Most jobs on a page.
const PAGE_MAX: u32 = 100;

const ONE_ADDRESSEE: &str = "Send either userId, or the recipient's address as to.";

/// Whose a mail is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Addressee {
    /// This user's.
    User(UserId),
    /// Of whoever has this address.
    Address(String),
}

/// Reads the query for jobs.
///
/// # Errors
/// All errors at once.
pub fn parse(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String>)>,
) -> Result<JobFilter, Vec<FieldError>> {
    let mut filter = JobFilter {
        state: None,
        series_id: None,
        before: None,
        limit: PAGE_DEFAULT,
        artifacts: false,
    };
    let known = ["status", "seriesId", "limit", "cursor", "expand"];
    read(pairs, &known, |name, value| match name {
        "status" => set(&mut filter.state, State::from_name(&value)).then(|| {
            let known = State::ALL.map(State::name).join(", ");
            format!("Must be one of {known}.")
        }),
        "seriesId" => set(&mut filter.series_id, SeriesId::try_from(value).ok())
            .then(|| "Must be a valid series id.".to_owned()),
        "cursor" => set(&mut filter.before, JobId::try_from(value).ok()).then(wrong_cursor),
        "limit" => {
            filter.limit = value.parse().unwrap_or(0);
            let holds = (1..=PAGE_MAX).contains(&filter.limit);
            (!holds).then(|| format!("Must be a whole number from 1 to {PAGE_MAX}."))
        }
        _ => {
            filter.artifacts = value == "artifacts";
            (!filter.artifacts).then(|| "Must be artifacts.".to_owned())
        }
    })?;
    Ok(filter)
}

/// Reads the query for dead letters: the key of the record after which the page begins, unless it is the first page.
///
/// # Errors
/// A cursor is none of ours, or there are other parameters.
pub fn parse_dead_letters(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String>)>,
) -> Result<Option<String>, Vec<FieldError>> {
    let mut after = None;
    read(pairs, &["cursor"], |_, cursor| {
        set(&mut after, dead_letters::read_cursor(&cursor)).then(wrong_cursor)
    })?;
    Ok(after)
}

/// Reads the query for events: which one was heard last, if any.
///
/// # Errors
/// All errors at once.
pub fn parse_events(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String>)>,
) -> Result<Option<Timestamp>, Vec<FieldError>> {
    let mut heard = None;
    read(pairs, &["since"], |_, value| {
        set(&mut heard, since::read(&value)).then(|| {
            "Must be the id of an event, or a date and time such as 2030-01-31T09:00:00Z."
                .to_owned()
        })
    })?;
    Ok(heard)
}

/// Reads the query of a cancellation: whether what the job made is to be deleted.
///
/// # Errors
/// All errors at once.
pub fn parse_cancel(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String>)>,
) -> Result<bool, Vec<FieldError>> {
    let mut purges = None;
    read(pairs, &["purge"], |_, value| {
        set(&mut purges, value.parse().ok()).then(|| "Must be true or false.".to_owned())
    })?;
    Ok(purges == Some(true))
}

/// Reads the query of a mail: whose it is, and for which series.
///
/// # Errors
/// All errors at once.
pub fn parse_mail(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String>)>,
) -> Result<(Addressee, SeriesId), Vec<FieldError>> {
    let (mut user_id, mut to, mut series_id) = (None, None, None);
    read(pairs, &["userId", "to", "seriesId"], |name, value| {
        match name {
            "userId" => {
                let named = UserId::try_from(value).ok();
                set(&mut user_id, named.filter(|user_id| !user_id.is_nobody()))
            }
            "to" => set(&mut to, Some(value)),
            _ => set(&mut series_id, SeriesId::try_from(value).ok()),
        }
        .then(|| "Must be a valid id.".to_owned())
    })?;
    let addressee = match (user_id, to) {
        (Some(user_id), None) => Addressee::User(user_id),
        (None, Some(to)) => Addressee::Address(to),
        (Some(_), Some(_)) => return Err(vec![FieldError::parameter("to", ONE_ADDRESSEE)]),
        (None, None) => return Err(vec![FieldError::parameter("userId", ONE_ADDRESSEE)]),
    };
    Ok((addressee, series_id.unwrap_or_else(SeriesId::of_mails)))
}

/// Checks the query of a route that has no parameters.
///
/// # Errors
/// There are some.
pub fn parse_none(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String>)>,
) -> Result<(), Vec<FieldError>> {
    read(pairs, &[], |_, _| None)
}

/// Has each known parameter taken, once, by what says whether it is wrong.
pub(super) fn read(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String>)>,
    known: &[&str],
    mut take: impl FnMut(&str, String) -> Option<String>,
) -> Result<(), Vec<FieldError>> {
    let mut seen = BTreeSet::new();
    let mut errors = Vec::new();
    for (name, value) in pairs {
        let name = name.as_ref();
        let fault = if !seen.insert(name.to_owned()) {
            Some("This parameter appears twice. Send it once.".to_owned())
        } else if known.contains(&name) {
            take(name, value.into())
        } else if known.is_empty() {
            Some("Unknown parameter. This route has none.".to_owned())
        } else {
            let known = known.join(", ");
            Some(format!("Unknown parameter. Allowed parameters: {known}."))
        };
        let fault = fault.map(|detail| FieldError::parameter(name, detail));
        // A URL has room for thousands.
        errors.extend(fault.filter(|fault| errors.len() < FAULTS_MAX && !errors.contains(fault)));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

fn wrong_cursor() -> String {
    "Must be the nextCursor of an earlier response.".to_owned()
}

/// Sets what could be read, and says whether nothing could.
fn set<T>(target: &mut Option<T>, value: Option<T>) -> bool {
    *target = value;
    target.is_none()
}

#[cfg(test)]
mod tests {
    use super::{super::problem::POINTER_MAX, *};

    /// Which parameters are named as wrong.
    fn named<T: std::fmt::Debug>(read: Result<T, Vec<FieldError>>) -> Vec<String> {
        let name = |error: FieldError| error.parameter.unwrap();
        read.unwrap_err().into_iter().map(name).collect()
    }

    #[test]
    fn an_empty_query_means_the_first_page_of_all_jobs() {
        let filter = parse([("", ""); 0].into_iter()).unwrap();
        let all = JobFilter {
            state: None,
            series_id: None,
            before: None,
            limit: 50,
            artifacts: false,
        };
        assert_eq!(filter, all);
    }

    #[test]
    fn every_parameter_is_read() {
        let id = "018bcfe5-6800-7000-8000-000000000000";
        let query = [
            ("status", "parked"),
            ("seriesId", "s"),
            ("cursor", id),
            ("limit", "100"),
            ("expand", "artifacts"),
        ];
        let filter = parse(query.into_iter()).unwrap();
        assert_eq!(filter.state, Some(State::Parked));
        assert_eq!(filter.series_id.unwrap().as_str(), "s");
        assert_eq!(filter.before.unwrap().as_str(), id);
        assert_eq!((filter.limit, filter.artifacts), (100, true));
    }

    #[test]
    fn the_number_of_reported_errors_is_bounded() {
        let names: Vec<_> = (0..=FAULTS_MAX)
            .map(|number| format!("n{number}"))
            .collect();
        let query = names.iter().map(|name| (name, "x"));
        assert_eq!(parse(query).unwrap_err().len(), FAULTS_MAX);
        let query = vec![("limit", "x"); FAULTS_MAX];
        assert_eq!(named(parse(query.into_iter())), ["limit", "limit"]);
        let long = "n".repeat(10_000);
        assert_eq!(
            named(parse([(&long, "")].into_iter()))[0].len(),
            POINTER_MAX
        );
    }

    #[test]
    fn unknown_and_repeated_parameters_are_refused_by_name() {
        let query = [("limit", "1"), ("Limit", "2"), ("limit", "1"), ("", "")];
        assert_eq!(named(parse(query.into_iter())), ["Limit", "limit", ""]);
        let query = [("cursor", ""), ("x", ""), ("x", "")];
        let letters = parse_dead_letters(query.into_iter());
        assert_eq!(named(letters), ["cursor", "x", "x"]);
        let none = parse_none(query.into_iter());
        assert_eq!(named(none), ["cursor", "x", "x"]);
        assert_eq!(parse_none([("", ""); 0].into_iter()), Ok(()));
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let query = [
            ("status", "Parked"),
            ("seriesId", "a/b"),
            ("cursor", "1"),
            ("limit", "0"),
            ("expand", "stages"),
        ];
        let expected = ["status", "seriesId", "cursor", "limit", "expand"];
        assert_eq!(named(parse(query.into_iter())), expected);
    }

    #[test]
    fn a_cancellation_purges_only_if_that_is_said() {
        let read = |value| parse_cancel([("purge", value)].into_iter());
        assert_eq!((read("true"), read("false")), (Ok(true), Ok(false)));
        assert_eq!(parse_cancel([("", ""); 0].into_iter()), Ok(false));
        for wrong in ["", "1", "True", "yes"] {
            assert_eq!(named(read(wrong)), ["purge"]);
        }
    }

    #[test]
    fn a_page_of_dead_letters_begins_where_an_earlier_one_ended() {
        let key = "dead-letters/0000000000005-id";
        let cursor = dead_letters::cursor(key);
        let query = [("cursor", cursor.as_str())];
        let after = parse_dead_letters(query.into_iter()).unwrap();
        assert_eq!(after.as_deref(), Some(key));
        assert_eq!(parse_dead_letters([("", ""); 0].into_iter()), Ok(None));
    }

    #[test]
    fn a_cursor_that_is_none_of_ours_is_refused() {
        let elsewhere = dead_letters::cursor("stories/x");
        for wrong in ["garbage", "", &elsewhere] {
            let query = [("cursor", wrong)];
            assert_eq!(named(parse_dead_letters(query.into_iter())), ["cursor"]);
        }
    }
}
