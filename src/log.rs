//! Writes events to the console, where `wrangler tail` and Workers Logs read them.

use queue_core::{config::LogFormat, events::Event};
use worker::{console_error, console_log};

/// Logs an event; as an error, if an operator should look at it.
pub(crate) fn log(format: LogFormat, event: &Event) {
    let lines = match format {
        LogFormat::Text => event.lines(),
        LogFormat::Json => vec![event.json()],
    };
    let is_fault = matches!(
        event,
        Event::Fault { .. } | Event::Buried { .. } | Event::Failed { .. }
    );
    for line in lines {
        if is_fault {
            console_error!("{line}");
        } else {
            console_log!("{line}");
        }
    }
}
