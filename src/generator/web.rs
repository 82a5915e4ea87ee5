//! Fetches the page that an episode is made of.

use super::{GeneratorError, lines::Lines};
use crate::body::bounded;
use article::address::{self, Forbidden};
use futures_util::future::{Either, select};
use queue_core::domain::{UserId, source::SOURCE_MAX_BYTES};
use std::{pin::pin, time::Duration};
use worker::{
    AbortController, AbortSignal, Delay, Fetch, Headers, Request, RequestInit, RequestRedirect,
    Response, Url,
};

/// From the first request to the last byte, all redirects included.
const WITHIN: Duration = Duration::from_secs(10);

const REDIRECTS_MAX: u32 = 5;

/// What was found at an address.
pub(super) struct Page {
    /// Where it was found: the address after all redirects.
    pub(super) url: String,
    /// Its media type, if the site said one.
    pub(super) content_type: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// The address in its usual form, if it may be fetched. `local` adds those on this machine, for tests.
///
/// # Errors
/// When it may not.
pub(crate) fn fetchable(text: &str, local: bool) -> Result<String, Forbidden> {
    address::fetchable(text).or_else(|why| on_this_machine(Url::parse(text).ok(), local).ok_or(why))
}

fn redirected(from: &str, location: &str, local: bool) -> Result<String, Forbidden> {
    let joined = || Url::parse(from).ok()?.join(location).ok();
    address::redirected(from, location).or_else(|why| on_this_machine(joined(), local).ok_or(why))
}

fn on_this_machine(url: Option<Url>, local: bool) -> Option<String> {
    let is_here = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        url.scheme() == "http" && ["localhost", "127.0.0.1", "[::1]"].contains(&host)
    };
    url.filter(|url| local && is_here(url)).map(String::from)
}

/// The page at that address.
///
/// # Errors
/// Transient where the site may answer another time; else a sentence for the person who sent the address.
pub(super) async fn fetch(
    url: &str,
    local: bool,
    (lines, user_id): (&Lines, &UserId),
) -> Result<Page, GeneratorError> {
    let site = Url::parse(url).ok();
    let host = site.as_ref().and_then(Url::host_str).unwrap_or_default();
    let _place = lines.place(user_id, host).await;
    let controller = AbortController::default();
    let signal = controller.signal();
    let fetched = match select(pin!(follow(url, local, &signal)), Delay::from(WITHIN)).await {
        Either::Left((fetched, _)) => fetched,
        Either::Right(((), _)) => {
            let seconds = WITHIN.as_secs();
            Err(later(format!(
                "The site did not send the page within {seconds} seconds."
            )))
        }
    };
    // Whatever was not read is not wanted.
    controller.abort();
    fetched
}

async fn follow(url: &str, local: bool, signal: &AbortSignal) -> Result<Page, GeneratorError> {
    let forbidden = |why: Forbidden| never("address_refused", why.to_string());
    let mut url = fetchable(url, local).map_err(forbidden)?;
    for _ in 0..=REDIRECTS_MAX {
        let mut response = get(&url, signal).await.map_err(unanswered)?;
        match response.status_code() {
            300..400 => {
                let location = header(&response, "location");
                let location = location.ok_or_else(|| refused(response.status_code()))?;
                url = redirected(&url, &location, local).map_err(forbidden)?;
            }
            200 => return read(url, &mut response).await,
            status => return Err(refused(status)),
        }
    }
    let what = format!(
        "This address leads on more than {REDIRECTS_MAX} times. Open it in your browser, and send the address that it ends at."
    );
    Err(never("too_many_redirects", what))
}

async fn get(url: &str, signal: &AbortSignal) -> worker::Result<Response> {
    let headers = Headers::new();
    headers.set("accept", "text/html, application/xhtml+xml, text/*;q=0.8")?;
    headers.set(
        "user-agent",
        "story-queue (one page, for the person who sent its address)",
    )?;
    let mut init = RequestInit::new();
    init.with_redirect(RequestRedirect::Manual)
        .with_headers(headers);
    let request = Request::new_with_init(url, &init)?;
    Fetch::Request(request).send_with_signal(signal).await
}

async fn read(url: String, response: &mut Response) -> Result<Page, GeneratorError> {
    let content_type = header(response, "content-type");
    let media_type = content_type
        .as_deref()
        .unwrap_or_default()
        .split(';')
        .next();
    let media_type = media_type.unwrap_or_default().trim().to_ascii_lowercase();
    let is_text = media_type.is_empty()
        || media_type.starts_with("text/")
        || media_type == "application/xhtml+xml";
    if !is_text {
        let shown: String = media_type.chars().take(100).collect();
        let what = format!(
            "This address leads to a file of the type {shown}, which has no text to read. Send the address of a web page."
        );
        return Err(never("no_text", what));
    }
    let stream = response.stream().map_err(unanswered)?;
    let bytes = bounded(stream, SOURCE_MAX_BYTES)
        .await
        .map_err(unanswered)?;
    let too_large = || {
        let what = "This page has more than 5 MiB. Open it in your browser, and paste its text.";
        never("page_too_large", what.to_owned())
    };
    let bytes = bytes.ok_or_else(too_large)?;
    Ok(Page {
        url,
        content_type,
        bytes,
    })
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
fn unanswered(error: worker::Error) -> GeneratorError {
    later(format!("The site could not be reached: {error}"))
}

/// What a status without a page means.
fn refused(status: u16) -> GeneratorError {
    let what = match status {
        408 | 425 | 429 | 500.. => {
            return later(format!(
                "The site answers that it has trouble (status {status})."
            ));
        }
        401..=403 | 407 => {
            "The site does not show this page to us. Open it in your browser, and send it with the extension or paste its text."
        }
        404 | 410 => "The site has no page at this address. Check it in your browser.",
        _ => "The site does not answer with a page. Check the address in your browser.",
    };
    never("page_refused", format!("{what} (Status {status}.)"))
}

fn later(message: String) -> GeneratorError {
    GeneratorError::Transient {
        code: "page_unavailable",
        message,
    }
}

const fn never(code: &'static str, message: String) -> GeneratorError {
    GeneratorError::Permanent { code, message }
}
