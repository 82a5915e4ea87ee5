//! Everything that is written can be read back, whatever its values; damaged data is refused, never a panic.

use crate::arbitrary::{
    Damage, call, cases, count, damage, damaged, job_id, millis, moment, pool_command, pool_reply,
    rank, reply, series_id, ticket, user_id,
};
use proptest::prelude::*;
use queue_core::domain::{JobId, Rank, Ticket, Timestamp, ticket::TICKET_MAX_BYTES};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

pub fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

/// Reads it whole, and damaged; what is still readable then must be as good as any other value.
fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, wounds: &[Damage]) {
    reads_back(value);
    let text = serde_json::to_string(value).unwrap();
    if let Ok(read) = serde_json::from_slice::<T>(&damaged(&text, wounds)) {
        reads_back(&read);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_ticket_is_read_as_it_was_written_and_is_short_enough(ticket in ticket()) {
        let text = ticket.to_text();
        prop_assert!(text.len() < 500 && text.len() < TICKET_MAX_BYTES, "{}", text.len());
        prop_assert_eq!(Ticket::parse(&text), Ok(ticket));
    }

    #[test]
    fn calls_and_replies_are_read_as_they_were_written_and_damaged_ones_as_others_or_not(
        calls in (call(), pool_command()), replies in (reply(), pool_reply()), wounds in damage(),
    ) {
        round_trip(&calls.0, &wounds);
        round_trip(&calls.1, &wounds);
        round_trip(&replies.0, &wounds);
        round_trip(&replies.1, &wounds);
    }

    #[test]
    fn ids_times_and_ranks_are_read_as_they_were_written(
        ids in (user_id(), series_id(), job_id()), moment in moment(), rank in rank(),
    ) {
        reads_back(&ids);
        reads_back(&(moment, rank));
        prop_assert_eq!(JobId::try_from(ids.2.to_string()), Ok(ids.2));
    }

    #[test]
    fn times_and_ranks_from_any_number_are_read_as_they_were_written(millis in millis(), wide in any::<u64>(), priority in count()) {
        let moment = Timestamp::from_millis(millis);
        let span = std::time::Duration::from_millis(wide);
        reads_back(&[moment, moment.after(span), moment.after(std::time::Duration::MAX)]);
        reads_back(&Rank::new(moment, priority, span));
    }

    #[test]
    fn a_damaged_ticket_is_refused_or_read_as_another(ticket in ticket(), wounds in damage()) {
        let bytes = damaged(&ticket.to_text(), &wounds);
        if let Ok(Ok(read)) = std::str::from_utf8(&bytes).map(Ticket::parse) {
            prop_assert_eq!(Ticket::parse(&read.to_text()), Ok(read));
        }
    }

}
