//! Writes events to the console, where `wrangler tail` and Workers Logs read them.

use queue_core::{
    config::LogFormat,
    events::{Event, Level},
};
use worker::{console_error, console_log};

/// Logs an event at its level.
pub(crate) fn log(format: LogFormat, event: &Event) {
    log_of(format, event, None);
}

/// The same, with the id of the request that it happened in.
pub(crate) fn log_of(format: LogFormat, event: &Event, request_id: Option<&str>) {
    let lines = match format {
        LogFormat::Text => event.lines(),
        LogFormat::Json => vec![event.json_of(request_id)],
    };
    for line in lines {
        match event.level() {
            Level::Log => console_log!("{line}"),
            Level::Error => console_error!("{line}"),
        }
    }
}
