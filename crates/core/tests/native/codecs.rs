//! Everything that is written can be read back, whatever its values; damaged data is refused, never a panic.

use crate::arbitrary::{
    Damage, call, cases, count, damage, damaged, job, job_id, millis, moment, pool_command,
    pool_reply, rank, reply, series_id, ticket, user_id,
};
use proptest::prelude::*;
use queue_core::{
    domain::{JobId, Rank, Ticket, Timestamp, ticket::TICKET_MAX_BYTES},
    gate::{Job, Reply, command::Call},
};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
}

/// Reads damaged bytes; what is still readable must be as good as any other value.
fn survives<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, wounds: &[Damage]) {
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
    fn a_call_is_read_as_it_was_written(call in call()) {
        reads_back(&call);
    }

    #[test]
    fn pool_calls_and_replies_are_read_as_they_were_written(
        command in pool_command(), reply in pool_reply(), wounds in damage(),
    ) {
        reads_back(&command);
        survives(&command, &wounds);
        reads_back(&reply);
        survives(&reply, &wounds);
    }

    #[test]
    fn a_reply_is_read_as_it_was_written(reply in reply()) {
        reads_back(&reply);
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

    #[test]
    fn a_damaged_call_is_refused_or_read_as_another(call in call(), wounds in damage()) {
        survives::<Call>(&call, &wounds);
    }

    #[test]
    fn a_damaged_reply_is_refused_or_read_as_another(reply in reply(), wounds in damage()) {
        survives::<Reply>(&reply, &wounds);
    }

    #[test]
    fn a_damaged_record_of_a_job_is_refused_or_read_as_another(job in job(), wounds in damage()) {
        survives::<Job>(&job, &wounds);
    }
}
