//! Numbers on the wire and in rows: every number of the golden shapes is put through the table.

use Kind::{Count, Large, Moment, Span};
use queue_core::{
    domain::{Ticket, TicketError},
    failures,
    gate::{Reply, command::Call},
    pool,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeSet;

/// It is read, and written again digit by digit.
const SAME: &str = "the same";
/// It must be a number of another size.
const VALUE: &str = "invalid value: integer";
/// It is no whole number.
const TYPE: &str = "invalid type: ";
/// JavaScript would round it.
const ROUNDED: &str = "is outside ±9007199254740991";
/// JSON has no such number.
const RANGE: &str = "number out of range";

/// What kind of number a field holds; the column of [`EDGES`].
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// `u32`.
    Count,
    /// `u64`, and `usize` where these tests run.
    Large,
    /// A moment or a rank: an `i64` that JavaScript keeps.
    Moment,
    /// `i64`.
    Span,
}

/// What is sent, and what it is read as, or why it is not, for each [`Kind`].
const EDGES: [(&str, [&str; 4]); 24] = [
    ("-1", [VALUE, VALUE, SAME, SAME]),
    ("0", [SAME; 4]),
    ("1", [SAME; 4]),
    // To JSON a floating-point number: integers have no negative zero.
    ("-0", [TYPE; 4]),
    ("4294967295", [SAME; 4]),
    ("4294967296", [VALUE, SAME, SAME, SAME]),
    ("9007199254740991", [VALUE, SAME, SAME, SAME]),
    ("9007199254740992", [VALUE, SAME, ROUNDED, SAME]),
    ("9007199254740993", [VALUE, SAME, ROUNDED, SAME]),
    ("-9007199254740991", [VALUE, VALUE, SAME, SAME]),
    ("-9007199254740992", [VALUE, VALUE, ROUNDED, SAME]),
    ("9223372036854775807", [VALUE, SAME, ROUNDED, SAME]),
    ("-9223372036854775808", [VALUE, VALUE, ROUNDED, SAME]),
    ("9223372036854775808", [VALUE, SAME, VALUE, VALUE]),
    ("18446744073709551615", [VALUE, SAME, VALUE, VALUE]),
    ("1e308", [TYPE; 4]),
    ("1e400", [RANGE; 4]),
    ("1.5", [TYPE; 4]),
    ("5.0", [TYPE; 4]),
    ("5e0", [TYPE; 4]),
    ("\"5\"", [TYPE; 4]),
    ("\"\"", [TYPE; 4]),
    ("true", [TYPE; 4]),
    ("[]", [TYPE; 4]),
];

/// A field, what it holds, and whether `null` stands for none.
type Field = (&'static str, Kind, bool);

const TICKET: [Field; 5] = [
    ("agedFrom", Moment, true),
    ("priority", Count, false),
    ("submittedAt", Moment, false),
    ("epoch", Count, true),
    ("weight", Count, true),
];

const CALL: [Field; 17] = [
    ("notBefore", Moment, true),
    ("startBy", Moment, true),
    ("until", Moment, true),
    ("audio", Moment, false),
    ("epoch", Count, false),
    ("endedAt", Moment, true),
    ("offset", Large, false),
    ("entropy", Count, false),
    ("pauseMs", Count, true),
    ("limit", Count, false),
    ("bytes", Large, false),
    ("chars", Count, false),
    ("weight", Count, false),
    ("since", Moment, false),
    ("created", Moment, false),
    ("began", Moment, true),
    ("askedAt", Moment, false),
];

/// Answers, and with them the record of a job, which is also its row.
const REPLY: [Field; 59] = [
    ("agedFrom", Moment, true),
    ("sweeping", Moment, true),
    ("beganAt", Moment, true),
    ("endedAt", Moment, false),
    ("number", Count, false),
    ("dropped", Count, false),
    ("replays", Count, false),
    ("startBy", Moment, true),
    ("scheduled", Count, false),
    ("times", Count, false),
    ("offset", Large, false),
    ("ticket/epoch", Count, true),
    ("ticket/weight", Count, true),
    ("priority", Count, false),
    ("rank", Moment, false),
    ("roomAt", Moment, true),
    ("changedAt", Moment, true),
    ("submittedAt", Moment, false),
    ("stage", Large, false),
    ("epoch", Count, false),
    ("reported", Count, false),
    ("weight", Count, false),
    ("due", Moment, true),
    ("sends", Count, false),
    ("grantedAt", Moment, true),
    ("grantedEpoch", Count, false),
    ("startedAt", Moment, true),
    ("finishedAt", Moment, true),
    ("countedIn", Moment, true),
    ("purges", Count, false),
    ("timesParked", Count, false),
    ("maxChars", Count, false),
    ("at", Moment, false),
    ("failures", Count, false),
    ("bytes", Large, false),
    ("attempt", Count, false),
    ("waitMs", Span, true),
    ("active", Count, false),
    ("limit", Count, false),
    ("position", Count, true),
    ("retryAt", Moment, true),
    ("parked", Count, false),
    ("queued", Count, false),
    ("retrying", Count, false),
    ("count", Count, false),
    ("notBefore", Moment, true),
    ("held", Count, false),
    ("above", Count, false),
    ("startsAt", Moment, false),
    ("from", Moment, false),
    ("estimate/until", Moment, false),
    ("ended", Count, false),
    ("ahead", Count, false),
    ("used", Count, false),
    ("resetsAt", Moment, true),
    ("endsAt", Moment, false),
    ("since", Moment, false),
    ("until", Moment, true),
    ("running", Count, false),
];

const POOL_CALL: [Field; 18] = [
    ("agedFrom", Moment, true),
    ("until", Moment, true),
    ("since", Moment, false),
    ("most", Count, false),
    ("priority", Count, false),
    ("submittedAt", Moment, false),
    ("epoch", Count, false),
    ("ticket/epoch", Count, true),
    ("ticket/weight", Count, true),
    ("rank", Moment, false),
    ("began", Moment, false),
    ("call", Count, false),
    ("places", Count, false),
    ("room", Moment, false),
    ("count", Count, false),
    ("notBefore", Moment, true),
    ("held", Count, false),
    ("above", Count, false),
];

const POOL_REPLY: [Field; 18] = [
    ("agedFrom", Moment, true),
    ("until", Moment, true),
    ("since", Moment, false),
    ("audio", Moment, false),
    ("waiting", Count, false),
    ("priority", Count, false),
    ("submittedAt", Moment, false),
    ("ticket/epoch", Count, true),
    ("ticket/weight", Count, true),
    ("rank", Moment, false),
    ("position", Count, true),
    ("active", Count, false),
    ("capacity", Count, false),
    ("startsAt", Moment, false),
    ("from", Moment, false),
    ("estimate/until", Moment, false),
    ("ended", Count, false),
    ("ahead", Count, false),
];

const LIST_CALL: [Field; 6] = [
    ("epoch", Count, false),
    ("at", Moment, false),
    ("failedAfter", Moment, true),
    ("failedBefore", Moment, true),
    ("rate", Count, false),
    ("0", Count, false),
];

const LIST_REPLY: [Field; 17] = [
    ("matched", Count, false),
    ("epoch", Count, false),
    ("at", Moment, false),
    ("failedAfter", Moment, true),
    ("failedBefore", Moment, true),
    ("rate", Count, false),
    ("beganAt", Moment, false),
    ("endedAt", Moment, true),
    ("replayed", Count, false),
    ("quota", Count, false),
    ("not_failed_any_more", Count, false),
    ("until", Count, false),
    ("cursor", Count, false),
    ("number", Count, false),
    ("nextAt", Moment, false),
    ("againAt", Moment, false),
    ("due", Moment, true),
];

/// The places of all numbers in a value.
fn numbers(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(at.to_owned()),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                numbers(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                numbers(member, &format!("{at}/{key}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// The line with that literal in place of the number there.
fn replaced(line: &Value, pointer: &str, literal: &str) -> String {
    let mut line = line.clone();
    *line.pointer_mut(pointer).unwrap() = "@".into();
    line.to_string().replace("\"@\"", literal)
}

/// Puts every number of the golden lines through the table; `again` reads a text and writes it again.
fn put_through(golden: &str, fields: &[Field], again: impl Fn(&str) -> Result<String, String>) {
    let mut met = BTreeSet::new();
    for line in golden.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let mut found = Vec::new();
        numbers(&line, "", &mut found);
        for pointer in found.iter().filter(|pointer| *pointer != "/v") {
            // By its name, or, where that means two things, by that of its place, too.
            let named = |field: &&Field| pointer.ends_with(&format!("/{}", field.0));
            let field = fields
                .iter()
                .filter(named)
                .max_by_key(|field| field.0.len());
            let (name, kind, optional) = field.unwrap_or_else(|| panic!("no row for {pointer}"));
            met.insert((*name).to_owned());
            let null = ["null", if *optional { SAME } else { TYPE }];
            let rows = EDGES.map(|(literal, outcomes)| [literal, outcomes[*kind as usize]]);
            for [literal, outcome] in rows.into_iter().chain([null]) {
                let read = again(&replaced(&line, pointer, literal));
                let is = match &read {
                    Ok(text) => {
                        let read: Value = serde_json::from_str(text).unwrap();
                        // What is not there is as good as null.
                        let value = read.pointer(pointer).unwrap_or(&Value::Null);
                        outcome == SAME && format!("{value}") == literal
                    }
                    Err(error) => outcome != SAME && error.contains(outcome),
                };
                assert!(is, "{literal} at {pointer}: {read:?}, not {outcome:?}");
            }
        }
    }
    let listed: BTreeSet<String> = fields.iter().map(|field| field.0.to_owned()).collect();
    assert_eq!(met, listed, "the golden lines hold every number there is");
}

fn again<T: Serialize + DeserializeOwned>(text: &str) -> Result<String, String> {
    let read: T = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(serde_json::to_string(&read).unwrap())
}

#[test]
fn every_number_of_a_ticket_is_read_exactly_or_refused() {
    put_through(
        include_str!("../../golden/ticket.v1.jsonl"),
        &TICKET,
        |text| match Ticket::parse(text) {
            Ok(ticket) => Ok(ticket.to_text()),
            Err(error) => Err(error.to_string()),
        },
    );
}

#[test]
fn every_number_of_a_call_is_read_exactly_or_refused() {
    put_through(
        include_str!("../../golden/gate-calls.v1.jsonl"),
        &CALL,
        again::<Call>,
    );
}

#[test]
fn every_number_of_an_answer_or_a_row_is_read_exactly_or_refused() {
    put_through(
        include_str!("../../golden/gate-replies.v1.jsonl"),
        &REPLY,
        again::<Reply>,
    );
}

#[test]
fn every_number_of_a_pool_call_or_reply_is_read_exactly_or_refused() {
    put_through(
        include_str!("../../golden/pool-calls.v1.jsonl"),
        &POOL_CALL,
        again::<pool::Command>,
    );
    put_through(
        include_str!("../../golden/pool-replies.v1.jsonl"),
        &POOL_REPLY,
        again::<pool::Reply>,
    );
}

#[test]
fn every_number_of_a_call_or_reply_of_the_list_is_read_exactly_or_refused() {
    put_through(
        include_str!("../../golden/failures-calls.v1.jsonl"),
        &LIST_CALL,
        again::<failures::Command>,
    );
    put_through(
        include_str!("../../golden/failures-replies.v1.jsonl"),
        &LIST_REPLY,
        again::<failures::Reply>,
    );
}

#[test]
fn a_ticket_of_another_version_is_reported_or_refused() {
    let golden = include_str!("../../golden/ticket.v1.jsonl");
    let line: Value = serde_json::from_str(golden.lines().next().unwrap()).unwrap();
    let null = ("null", [TYPE; 4]);
    for (literal, outcomes) in EDGES.into_iter().chain([null]) {
        let outcome = outcomes[Large as usize];
        match Ticket::parse(&replaced(&line, "/v", literal)) {
            Ok(_) => assert_eq!(literal, "1"),
            Err(TicketError::UnknownVersion(version)) => {
                assert_eq!((version.to_string().as_str(), SAME), (literal, outcome));
            }
            Err(TicketError::NotATicket(error)) => {
                assert!(error.contains(outcome), "{literal}: {error}");
            }
        }
    }
}
