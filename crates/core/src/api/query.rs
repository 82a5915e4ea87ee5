//! The queries: which jobs of `GET /users/{userId}/jobs` are wanted, and which page of `GET /dead-letters`. Parameters
//! that are not known are ignored.

use super::problem::{FAULTS_MAX, FieldError};
use crate::{
    dead_letters,
    domain::{JobId, SeriesId},
    gate::{State, command::JobFilter},
};

/// Jobs on a page when the client sets no limit.
const PAGE_DEFAULT: u32 = 50;

/// Most jobs on a page.
const PAGE_MAX: u32 = 100;

/// Reads the query for jobs.
///
/// # Errors
/// All errors at once.
pub fn parse<'q>(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl Into<String> + AsRef<str> + 'q)>,
) -> Result<JobFilter, Vec<FieldError>> {
    let mut filter = JobFilter {
        state: None,
        series_id: None,
        before: None,
        limit: PAGE_DEFAULT,
    };
    let mut errors = Vec::new();
    for (name, value) in pairs {
        let fault = match name.as_ref() {
            "status" => set(&mut filter.state, State::from_name(value.as_ref())).then(|| {
                let known = State::ALL.map(State::name).join(", ");
                FieldError::parameter("status", format!("Must be one of {known}."))
            }),
            "seriesId" => set(&mut filter.series_id, SeriesId::try_from(value.into()).ok())
                .then(|| FieldError::parameter("seriesId", "Must be a valid series id.")),
            "cursor" => {
                set(&mut filter.before, JobId::try_from(value.into()).ok()).then(wrong_cursor)
            }
            "limit" => {
                let limit = value.as_ref().parse().ok();
                let limit = limit.filter(|limit| (1..=PAGE_MAX).contains(limit));
                filter.limit = limit.unwrap_or(PAGE_DEFAULT);
                let detail = format!("Must be a whole number from 1 to {PAGE_MAX}.");
                limit
                    .is_none()
                    .then(|| FieldError::parameter("limit", detail))
            }
            _ => None,
        };
        // A URL has room for thousands.
        errors.extend(fault.filter(|_| errors.len() < FAULTS_MAX));
    }
    if errors.is_empty() {
        Ok(filter)
    } else {
        Err(errors)
    }
}

/// Reads the query for dead letters: the key of the record after which the page begins, unless it is the first page.
///
/// # Errors
/// A cursor is none of ours.
pub fn parse_dead_letters(
    pairs: impl Iterator<Item = (impl AsRef<str>, impl AsRef<str>)>,
) -> Result<Option<String>, Vec<FieldError>> {
    let mut after = None;
    for (_, cursor) in pairs.filter(|(name, _)| name.as_ref() == "cursor") {
        if set(&mut after, dead_letters::read_cursor(cursor.as_ref())) {
            return Err(vec![wrong_cursor()]);
        }
    }
    Ok(after)
}

fn wrong_cursor() -> FieldError {
    FieldError::parameter("cursor", "Must be the nextCursor of an earlier response.")
}

/// Sets what could be read, and says whether nothing could.
fn set<T>(target: &mut Option<T>, value: Option<T>) -> bool {
    *target = value;
    target.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_query_means_the_first_page_of_all_jobs() {
        let filter = parse([("utm_source", "x")].into_iter()).unwrap();
        let all = JobFilter {
            state: None,
            series_id: None,
            before: None,
            limit: 50,
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
        ];
        let filter = parse(query.into_iter()).unwrap();
        assert_eq!(filter.state, Some(State::Parked));
        assert_eq!(filter.series_id.unwrap().as_str(), "s");
        assert_eq!(filter.before.unwrap().as_str(), id);
        assert_eq!(filter.limit, 100);
    }

    #[test]
    fn the_number_of_reported_errors_is_bounded() {
        let query = vec![("limit", "x"); FAULTS_MAX + 1];
        assert_eq!(parse(query.into_iter()).unwrap_err().len(), FAULTS_MAX);
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let query = [
            ("status", "Parked"),
            ("seriesId", "a/b"),
            ("cursor", "1"),
            ("limit", "0"),
        ];
        let errors = parse(query.into_iter()).unwrap_err();
        let named: Vec<_> = errors
            .iter()
            .map(|error| error.parameter.unwrap())
            .collect();
        assert_eq!(named, ["status", "seriesId", "cursor", "limit"]);
    }

    #[test]
    fn a_page_of_dead_letters_begins_where_an_earlier_one_ended() {
        let key = "dead-letters/0000000000005-id";
        let cursor = dead_letters::cursor(key);
        let query = [("cursor", cursor.as_str()), ("utm_source", "x")];
        let after = parse_dead_letters(query.into_iter()).unwrap();
        assert_eq!(after.as_deref(), Some(key));
        assert_eq!(parse_dead_letters([("q", "x")].into_iter()), Ok(None));
    }

    #[test]
    fn a_cursor_that_is_none_of_ours_is_refused() {
        let ours = dead_letters::cursor("dead-letters/x");
        let elsewhere = dead_letters::cursor("stories/x");
        for wrong in ["garbage", "", &elsewhere] {
            let query = [("cursor", wrong), ("cursor", &ours)];
            let refused = Err(vec![wrong_cursor()]);
            assert_eq!(parse_dead_letters(query.into_iter()), refused);
            assert_eq!(parse_dead_letters(query.into_iter().rev()), refused);
        }
    }
}
