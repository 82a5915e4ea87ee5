//! Whether a program sent a mail by itself.

use crate::automatic::{Automatic, LOOP_MARK};
use mail_parser::Message;

/// Why this mail counts as automatic. A newsletter, which has a `List-Id`, is welcome.
pub(super) fn automatic(message: &Message<'_>) -> Option<Automatic> {
    let header = |name: &'static str| {
        let value = message
            .header_raw(name)
            .map(|value| value.trim().to_ascii_lowercase());
        value.unwrap_or_default()
    };
    let is_list = !header("List-Id").is_empty() || !header("List-Unsubscribe").is_empty();
    let submitted = header("Auto-Submitted");
    let submitted = submitted.split([';', ' ', '(']).next().unwrap_or_default();
    let precedence = header("Precedence");
    let is_answer = ["X-Autoreply", "X-Autorespond", "X-Autoresponder"]
        .iter()
        .any(|name| !header(name).is_empty());
    let is_loop = header("X-Loop").contains(LOOP_MARK);
    let is_bounce =
        header("Return-Path") == "<>" || header("Content-Type").starts_with("multipart/report");
    let is_submitted = match submitted {
        "" | "no" => false,
        "auto-generated" => !is_list,
        _ => true,
    };
    let is_bulk = matches!(precedence.as_str(), "bulk" | "junk") && !is_list;
    [
        (is_loop, Automatic::Loop),
        (is_bounce, Automatic::Bounce),
        (
            is_submitted || is_answer || precedence == "auto_reply",
            Automatic::AutoSubmitted,
        ),
        (is_bulk, Automatic::Bulk),
    ]
    .into_iter()
    .find_map(|(holds, reason)| holds.then_some(reason))
}
