//! Reads when a job may start, and says what is wrong with that.

use super::{
    form::{Form, present},
    problem::FieldError,
};
use crate::domain::{
    Timestamp, Window,
    window::{NOT_BEFORE_MAX, START_BY_MAX, Untimely},
};
use serde_json::{Map, Value};
use std::time::Duration;

const NOT_BEFORE: &str = "/notBefore";
const START_BY: &str = "/startBy";

/// The window among the members of a body. Whether its times lie ahead shows when the job is recorded: a submission that is
/// repeated later gets its first answer.
pub(super) fn read(form: &mut Form, fields: &Map<String, Value>) -> Window {
    let mut moment = |at: &str, name: &str| {
        let value = present(fields.get(name))?;
        let moment = value.as_str().and_then(Timestamp::from_rfc3339);
        if moment.is_none() {
            form.fault(
                at,
                "Must be a date and time as in RFC 3339, such as 2030-01-31T09:00:00Z.",
            );
        }
        moment
    };
    let window = Window {
        not_before: moment(NOT_BEFORE, "notBefore"),
        start_by: moment(START_BY, "startBy"),
    };
    let both = window.not_before.zip(window.start_by);
    if both.is_some_and(|(not_before, start_by)| start_by <= not_before) {
        form.fault(START_BY, "Must be later than notBefore.");
    }
    window
}

/// What a gate found wrong with the times of a job.
#[must_use]
pub fn faults(untimely: &[Untimely]) -> Vec<FieldError> {
    let ahead = |most: Duration| {
        let days = most.as_secs() / (24 * 3_600);
        format!("Must be at most {days} days from now.")
    };
    let fault = |fault: &Untimely| match fault {
        Untimely::NotBeforeTooLate => FieldError::at(NOT_BEFORE, ahead(NOT_BEFORE_MAX)),
        Untimely::StartByPassed => FieldError::at(START_BY, "Must lie in the future."),
        Untimely::StartByTooLate => FieldError::at(START_BY, ahead(START_BY_MAX)),
    };
    untimely.iter().map(fault).collect()
}
